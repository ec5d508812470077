"""Made pairs: the truth about them is true, they are the same each time, and every family can be made."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from drafting import Draft, Photo, begin, resample
from families import FAMILIES, JUDGE, TUNE, Made, make, negative
from judge_shapes import liquify, tilt
from numpy.typing import NDArray
from skimage import data

from core.maths.warp import Affine, apply, compose, corners, invert, similarity

SIZE = 256


def ellipse(height: int, width: int, x: float, y: float, a: float, b: float) -> NDArray[np.uint8]:
    v, u = np.mgrid[0:height, 0:width]
    return np.where(((u - x) / a) ** 2 + ((v - y) / b) ** 2 <= 1, np.uint8(255), np.uint8(0))


@cache
def cat() -> Photo:
    return data.chelsea(), ellipse(300, 451, 225, 130, 90, 110)


@cache
def others() -> tuple[Photo, ...]:
    return (data.astronaut(), ellipse(512, 512, 225, 110, 60, 85)), (data.coffee(), ellipse(400, 600, 300, 200, 90, 90))


def made(family: str, seed: int = 3) -> Made:
    return make(*cat(), family, seed, others())


def coordinates() -> Photo:
    """A photo whose red is its x and whose green is its y: what a designer image shows tells where it comes from."""
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    return np.stack([x, y, np.full_like(x, 128)], axis=2).astype(np.uint8), ellipse(SIZE, SIZE, 120, 130, 50, 60)


def shown(rgb: NDArray[np.generic], inside: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return designer pixels and where in the photo of coordinates each comes from."""
    y, x = np.nonzero(inside)
    return np.stack([x, y], axis=1).astype(np.float64), rgb[inside][:, :2].astype(np.float64)


def largest_error(truth: Affine, rgb: NDArray[np.generic]) -> float:
    """Return how far, in photo pixels, the truth is from the affine that the colours of a designer image show."""
    h, w = rgb.shape[:2]
    y, x = np.mgrid[0:h, 0:w]
    expected = apply(truth, np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float64)).reshape(h, w, 2)
    inside = np.all((expected > 6) & (expected < SIZE - 7), axis=2)
    here, there = shown(rgb, inside)
    fitted, *_ = np.linalg.lstsq(np.column_stack([here, np.ones(len(here))]), there, rcond=None)
    frame = corners((w, h))
    error = np.column_stack([frame, np.ones(4)]) @ fitted - apply(truth, frame)
    return float(np.hypot(*error.T).max())


@pytest.mark.parametrize("seed", range(8))
def test_the_affine_is_where_the_designer_image_comes_from(seed: int) -> None:
    pair = make(*coordinates(), "plain", seed)
    assert pair.affine is not None
    assert largest_error(pair.affine, pair.designer.rgb) < 0.1


@pytest.mark.parametrize("scale", [0.4, 0.7, 1.0, 3.3])
def test_resampling_moves_nothing(scale: float) -> None:
    photo, _ = coordinates()
    to_designer = similarity(scale, 17.0, True, (128, 128), (60 * scale + 20, 60 * scale + 20))
    size = round(120 * scale + 40), round(120 * scale + 40)
    assert largest_error(invert(to_designer), resample(photo.astype(np.float32), to_designer, size)) < 0.02


@pytest.mark.parametrize("bend", [liquify, tilt])
@pytest.mark.parametrize("mirrored", [False, True])
def test_the_truth_of_a_bent_portrait_is_the_nearest_similarity(bend: object, mirrored: bool) -> None:
    photo, mask = coordinates()
    affine = invert(similarity(2.0, 20.0, mirrored, (120, 130), (200, 200)))
    draft: Draft = begin(
        photo, mask, affine, (400, 400), {"background": "white", "tone": lambda rgb: rgb, "others": ()}
    )
    bend(draft, np.random.default_rng(5))
    here, there = shown(draft.rgb, draft.alpha > 0.5)
    residual = there - apply(draft.affine, here)
    away = here - here.mean(axis=0)
    assert np.abs(residual.mean(axis=0)).max() < 0.05  # nothing left to shift,
    linear = np.linalg.lstsq(away, residual, rcond=None)[0]
    turn = draft.affine[:2, :2] @ np.array([[0, -1], [1, 0]])
    for direction in (draft.affine[:2, :2], turn):  # nor to scale or turn
        assert abs((linear.T * direction).sum()) < 0.002
    assert 0.3 < np.hypot(*residual.T).max() < 0.03 * 110


def test_an_animal_pasted_in_twice_has_two_right_answers() -> None:
    pair = make(*cat(), "twice", 4)
    assert pair.affine is not None
    (second,) = pair.also
    size = pair.original.width, pair.original.height
    moved = compose(pair.affine, invert(second.affine))
    there = resample(pair.original.rgb[..., 1].astype(np.float32), moved, size)
    both = (pair.mask > 0) & (resample(second.mask.astype(np.float32), moved, size) > 250)
    here = pair.original.rgb[..., 1][both].astype(float)
    assert both.sum() > 0.7 * (pair.mask > 0).sum()
    assert np.corrcoef(here, there[both])[0, 1] > 0.98


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_family_can_be_made_and_is_the_same_each_time(family: str) -> None:
    one, two = made(family), made(family)
    assert one.affine is not None and two.affine is not None and one.painted is not None
    assert one.edits == two.edits and one.edits[0] == family
    assert np.array_equal(one.affine, two.affine)
    for side in ("original", "designer"):
        a, b = getattr(one, side), getattr(two, side)
        assert np.array_equal(a.rgb, b.rgb)
        assert (a.alpha is None) == (b.alpha is None)
        assert a.rgb.dtype == np.uint8 and a.rgb.flags.c_contiguous
        assert (a.full_width, a.full_height) == (a.width, a.height)
    assert one.mask.shape == one.painted.shape == one.original.rgb.shape[:2]
    assert set(np.unique(one.mask)) <= {0, 255}
    assert (one.mask > 0).sum() > 0.3 * (cat()[1] > 0).sum()
    linear = one.affine[:2, :2]
    assert np.allclose(linear @ linear.T, abs(np.linalg.det(linear)) * np.eye(2), atol=1e-9)


def test_another_seed_is_another_pair() -> None:
    assert not np.array_equal(made("ordinary", 1).affine, made("ordinary", 2).affine)


@pytest.mark.parametrize("family", ["hidden", "accessories", "frame", "several", "lettering", "costume"])
def test_what_is_painted_on_is_known(family: str) -> None:
    painted = made(family).painted
    assert painted is not None
    assert (painted > 0).sum() > 200


def test_the_sets_share_no_edit() -> None:
    assert not set(TUNE) & set(JUDGE)
    edits = [{family.edit for family in families.values() if family.edit} for families in (TUNE, JUDGE)]
    assert not edits[0] & edits[1]


def test_a_negative_has_no_answer() -> None:
    wrong = negative(made("oil"), others()[0][0])
    assert wrong.affine is None
    assert not wrong.mask.any()
    assert wrong.original.rgb.shape == (512, 512, 3)


def test_several_animals_need_other_photos() -> None:
    with pytest.raises(ValueError, match="other photos"):
        make(*cat(), "several", 1)
