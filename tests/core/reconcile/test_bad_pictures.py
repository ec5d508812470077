"""Pictures that nobody should hand in: each gets a sentence, none a wrong placement that the program is sure of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest

from core.images.picture import Picture
from core.maths.metrics import relative_corner_error
from core.maths.warp import affine_from_matrix, compose, resize_affine, similarity, warp
from core.reconcile.options import ReconcileOptions
from core.reconcile.pipeline import reconcile
from core.reconcile.result import Result
from tests.core.reconcile.conftest import PORTRAITS, Rgb, Truth, cut_out, make_pair, photo, picture, procedural

OPTIONS = ReconcileOptions(device="cpu", max_rotation_deg=30.0)


def _run(original: Picture, designer: Picture, options: ReconcileOptions = OPTIONS) -> Result:
    """Reconcile, and see that the answer is one that a reviewer can be shown."""
    result = reconcile(original, designer, options, lambda: None)
    assert result.reason.endswith(".")
    assert 0 <= result.confidence <= 1
    assert (result.mask is None) == (result.placement is None)
    if result.mask is not None:
        assert result.mask.shape == (original.height, original.width)
    return result


def _is_wrong(result: Result, pair: Truth) -> bool:
    if result.placement is None:
        return False
    size = (pair.designer.full_width, pair.designer.full_height)
    return relative_corner_error(affine_from_matrix(result.placement.matrix()), pair.affine, size) > 0.01


def _noise(width: int, height: int) -> Rgb:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def _flat(level: int, width: int = 300, height: int = 200) -> Rgb:
    return np.full((height, width, 3), level, np.uint8)


ODD = {
    "one pixel": picture(_flat(0, 1, 1)),
    "smaller than can be compared": picture(_noise(300, 15)),
    "tiny": picture(_noise(17, 16)),
    "black": picture(_flat(0)),
    "one colour": picture(_flat(90)),
    "white": picture(_flat(255)),
    "noise": picture(_noise(200, 180)),
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("side", ["original", "designer"])
@pytest.mark.parametrize("method", ["pawtrait", "paper"])
def test_odd_pictures_are_no_match_with_a_reason(odd: str, side: str, method: str) -> None:
    other = picture(cv2.resize(photo("chelsea"), (180, 120)))  # type: ignore[arg-type]
    pictures = {"original": other, "designer": other, side: ODD[odd]}
    result = _run(pictures["original"], pictures["designer"], replace(OPTIONS, method=method))
    if method == "pawtrait" or odd in ("one pixel", "one colour"):
        assert result.placement is None
        assert result.confidence < 0.5


NOTHING: dict[str, Callable[[], Picture]] = {
    "black": lambda: picture(_flat(0)),
    "one colour": lambda: picture(_flat(90)),
    "white": lambda: picture(_flat(255)),
    "one colour cut out": lambda: picture(_flat(77, 420, 400), make_pair("chelsea", background="alpha").designer.alpha),
}


@pytest.mark.parametrize("device", ["cpu", "torch-cpu"])
@pytest.mark.parametrize("nothing", NOTHING)
def test_where_there_is_nothing_to_compare_it_says_so(nothing: str, device: str) -> None:
    """Rounding leaves a flat picture with traces that normalisation must not make texture of."""
    result = _run(picture(photo("chelsea")), NOTHING[nothing](), replace(OPTIONS, device=device))
    assert result.placement is None
    assert result.reason == "There is nothing in the pictures that could be compared."
    assert result.confidence == 0


@pytest.mark.parametrize("size", [(20_000, 20), (20, 20_000)], ids=str)
def test_a_strip_is_no_match(size: tuple[int, int]) -> None:
    assert _run(picture(photo("chelsea")), picture(_noise(*size))).placement is None
    assert _run(picture(photo("chelsea")), picture(_flat(40, *size))).placement is None
    along = (min(size[0], 4000), min(size[1], 4000))
    assert _run(picture(_noise(*along)), make_pair().designer).placement is None


def test_specks_far_apart_cost_no_memory() -> None:
    rgb = np.full((600, 600, 3), 255, np.uint8)
    rgb[::60, ::60] = 0
    rgb[280:320, 5:595] = 20
    assert _run(picture(photo("chelsea")), picture(rgb)).placement is None


def test_a_full_alpha_counts_as_none() -> None:
    pair = make_pair("chelsea", background="white")
    alpha = np.full(pair.designer.rgb.shape[:2], 255, np.uint8)
    assert pair.error(_run(pair.original, picture(pair.designer.rgb, alpha)).placement) < 0.1


@pytest.mark.parametrize("method", ["pawtrait", "paper"])
@pytest.mark.parametrize("level", [0, 3])
def test_a_transparent_designer_image_is_no_match_whatever_lies_beneath(level: int, method: str) -> None:
    pair = make_pair("chelsea", background="white")
    alpha = np.full(pair.designer.rgb.shape[:2], level, np.uint8)
    result = _run(pair.original, picture(pair.designer.rgb, alpha), replace(OPTIONS, method=method))
    assert (result.placement, result.confidence) == (None, 0)
    assert result.reason == "The designer image is fully transparent."


def test_a_grey_designer_image_is_placed() -> None:
    def grey(rgb: Rgb) -> Rgb:
        return np.repeat(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)

    pair = make_pair("coffee", edit=grey)
    result = _run(pair.original, pair.designer)
    assert pair.error(result.placement) < 0.1
    assert result.confidence > 0.9


@pytest.mark.parametrize("shrink", [2, 3, 8])
@pytest.mark.parametrize("name", ["chelsea", "astronaut", "coffee"])
def test_an_original_smaller_than_the_designer_image(name: str, shrink: int) -> None:
    """Found while the portrait is large enough to be recognised; not found, or found rightly, below that."""
    rgb = photo(name)
    rgb = rgb[: rgb.shape[0] // 24 * 24, : rgb.shape[1] // 24 * 24]
    pair = cut_out(rgb, head=180, scale=0.4, turn=-20.0)
    full = (rgb.shape[1], rgb.shape[0])
    size = (full[0] // shrink, full[1] // shrink)
    assert size[0] < pair.designer.width
    small = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    pair = replace(pair, original=picture(small), affine=compose(resize_affine(full, size), pair.affine))
    result = _run(pair.original, pair.designer)
    if shrink <= 3:
        assert pair.error(result.placement) < 0.1
        assert result.confidence > 0.9
    else:
        assert result.placement is None or pair.error(result.placement) < 1 or result.confidence < 0.9


@pytest.mark.parametrize("name", [*PORTRAITS, "made"])
def test_the_same_picture_twice_is_itself(name: str) -> None:
    rgb = procedural(3) if name == "made" else photo(name)
    result = _run(picture(rgb), picture(rgb))
    same = Truth(picture(rgb), picture(rgb), np.eye(3), np.zeros(rgb.shape[:2], np.uint8))
    assert same.error(result.placement) < 0.1
    assert result.confidence > 0.9


def test_the_same_picture_mirrored_or_halved_is_itself() -> None:
    rgb = procedural(4, (600, 400))
    mirrored = _run(picture(rgb), picture(rgb[:, ::-1])).placement
    assert mirrored is not None
    assert mirrored.mirrored
    assert mirrored.apply(0, 0) == pytest.approx((599, 0), abs=0.1)
    half = np.asarray(cv2.resize(rgb, (300, 200), interpolation=cv2.INTER_AREA), np.uint8)
    halved = _run(picture(rgb), picture(half)).placement
    assert halved is not None
    assert halved.apply(0, 0) == pytest.approx((0.5, 0.5), abs=0.2)
    assert halved.scale == pytest.approx(2, abs=0.002)


def _negative(rgb: Rgb) -> Rgb:
    return 255 - rgb


@pytest.mark.parametrize(
    ("name", "turn"),
    [
        ("chelsea", 75.0),
        ("astronaut", 90.0),
        ("coffee", 180.0),
        ("coffee", 75.0),
    ],
)
def test_a_turn_beyond_the_range_is_never_placed_wrongly_and_surely(name: str, turn: float) -> None:
    """Keypoints may find it all the same; in a negative they find nothing."""
    for edit in (_negative, lambda rgb: rgb):
        pair = make_pair(name, turn=turn, edit=edit, background="flat")
        result = _run(pair.original, pair.designer, replace(OPTIONS, max_rotation_deg=60.0))
        assert not _is_wrong(result, pair) or result.confidence < 0.9


def test_any_turn_is_found_where_the_range_allows_it() -> None:
    for name, turn in (("chelsea", 75.0), ("astronaut", 179.0)):
        pair = make_pair(name, turn=turn, edit=_negative, background="flat")
        result = _run(pair.original, pair.designer, replace(OPTIONS, max_rotation_deg=180.0))
        assert pair.error(result.placement) < 0.1
        assert result.confidence > 0.9


@pytest.mark.parametrize("name", ["chelsea", "astronaut", "rocket", "coffee"])
def test_a_mirrored_image_is_never_placed_wrongly_and_surely_where_mirroring_is_ruled_out(name: str) -> None:
    pair = make_pair(name, mirrored=True)
    result = _run(pair.original, pair.designer, replace(OPTIONS, mirror=False))
    assert result.placement is None or result.confidence < 0.9


def _relit(rgb: Rgb) -> Rgb:
    light = np.linspace(0.6, 1.3, rgb.shape[1])[None, :, None]
    return np.clip(255 * (rgb / 255) ** 0.8 * light * (1.1, 1.0, 0.8), 0, 255).astype(np.uint8)


def _with_a_twin(pair: Truth, name: str, scale: float, turn: float, mirrored: bool) -> Picture:
    """Put the portrait twice onto another photo: as it is, and as the arguments say."""
    rgb = pair.original.rgb
    height, width = rgb.shape[:2]
    size = (2 * width + 60, height + 80)
    behind = cv2.resize(photo("coffee" if name != "coffee" else "chelsea"), size).astype(np.float64)
    (x, y), _ = PORTRAITS[name]
    places = [similarity(1, 0, False, (x, y), (x + 10, y + 20))]
    places.append(similarity(scale, turn, mirrored, (x, y), (width + 60 + width / 2, height / 2 + 30)))
    for place in places:
        share = warp(pair.mask, place, size)[..., None] / 255
        behind = behind * (1 - share) + warp(rgb, place, size) * share
    return picture(behind.astype(np.uint8))


@pytest.mark.parametrize(
    ("name", "scale", "turn", "mirrored"),
    [
        ("chelsea", 1.0, 0.0, False),
        ("astronaut", 1.0, 0.0, True),
        ("rocket", 1.0, 0.0, False),
        ("coffee", 1.0, 0.0, False),
        ("chelsea", 0.8, 25.0, False),
        ("astronaut", 0.7, -30.0, True),
    ],
)
def test_two_equal_animals_are_said_to_fit_equally(name: str, scale: float, turn: float, mirrored: bool) -> None:
    pair = make_pair(name)
    result = _run(_with_a_twin(pair, name, scale, turn, mirrored), pair.designer)
    assert result.placement is None
    assert result.reason.startswith("Two places fit equally")


@pytest.mark.parametrize("name", ["chelsea", "astronaut", "rocket", "coffee"])
def test_of_two_equal_animals_neither_is_sure_though_the_background_was_kept(name: str) -> None:
    """What lies around the animal differs from the designer's, and a little more at one place than at the other."""
    pair = make_pair(name, edit=_relit, background="kept")
    result = _run(_with_a_twin(pair, name, 1.0, 0.0, False), pair.designer)
    assert result.placement is None or result.confidence < 0.9
