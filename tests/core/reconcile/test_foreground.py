"""The portrait is told from its background by alpha or by border colour, or honestly not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from families import make

from core.errors import Cancelled
from core.images.picture import Picture
from core.maths.filters import blur
from core.maths.masks import Mask, iou
from core.maths.warp import invert, warp
from core.reconcile.foreground import LONG_SIDE, Foreground, find_foreground, separate
from tests.core.reconcile.conftest import Rgb, photo, picture

MakePair = Callable[..., Any]
Ellipse = tuple[int, int, int, int]
"""Centre and half axes."""
FACE: Ellipse = (210, 200, 130, 150)


def _ellipses(width: int, *ellipses: Ellipse) -> Mask:
    mask = np.zeros((400, width), np.uint8)
    for x, y, a, b in ellipses:
        cv2.ellipse(mask, (x, y), (a, b), 0, 0, 360, (255,), -1)
    return mask


def _cut_out(mask: Mask, colour: tuple[int, int, int]) -> Rgb:
    """Return a cat behind a mask, a colour around it."""
    size = (mask.shape[1], mask.shape[0])
    return np.where(mask[..., None] > 0, cv2.resize(photo("chelsea"), size), np.array(colour)).astype(np.uint8)


@pytest.mark.parametrize(
    ("background", "kind"), [("alpha", "alpha"), ("white", "plain"), ("flat", "plain"), ("gradient", "plain")]
)
def test_a_cut_out_is_seen(background: str, kind: str, make_pair: MakePair) -> None:
    pair = make_pair("astronaut", background=background)
    foreground = find_foreground(pair.designer)
    truth = warp(pair.mask, invert(pair.affine), (pair.designer.width, pair.designer.height))
    assert foreground.kind == kind
    assert iou(foreground.mask, truth) > 0.93
    assert (foreground.background is not None) == (kind == "plain")


def test_the_background_colour_is_the_gradients(make_pair: MakePair) -> None:
    designer = make_pair("astronaut", background="gradient").designer
    background = find_foreground(designer).background
    assert background is not None
    assert np.abs(background[5:-5, 5] - designer.rgb[5:-5, 5]).max() < 3
    assert np.abs(background[5, 5:-5] - designer.rgb[5, 5:-5]).max() < 3


@pytest.mark.parametrize("name", ["chelsea", "coffee"])
def test_a_kept_background_is_not_mistaken_for_a_plain_one(name: str, make_pair: MakePair) -> None:
    foreground = find_foreground(make_pair(name, background="kept", scale=0.5).designer)
    assert foreground.kind == "kept"
    assert (foreground.mask == 255).all()


def test_a_plain_picture_has_no_foreground() -> None:
    rgb = np.full((100, 150, 3), 30, np.uint8)
    assert find_foreground(Picture(rgb, None, 150, 100)).kind == "kept"


def test_large_designer_images_are_shrunk() -> None:
    rgb = np.full((40, 3000, 3), 255, np.uint8)
    rgb[10:30, 1000:2000] = 0
    foreground = find_foreground(Picture(rgb, None, 3000, 40))
    assert max(foreground.mask.shape) == LONG_SIDE


# --- what surrounds it ------------------------------------------------------------------------------------------------

COLOURS = pytest.mark.parametrize("colour", [(255, 255, 255), (200, 150, 90), (40, 120, 160)], ids=str)


@COLOURS
@pytest.mark.parametrize("strength", [0.1, 0.3, 0.5])
def test_a_vignette_is_followed_inwards(colour: tuple[int, int, int], strength: float) -> None:
    face = _ellipses(420, FACE)
    y, x = np.mgrid[0:400, 0:420]
    light = 1 - strength * (((x - 210) / 210) ** 2 + ((y - 200) / 200) ** 2) / 2
    rgb = np.rint(_cut_out(face, colour) * light[..., None]).astype(np.uint8)
    foreground = find_foreground(picture(rgb))
    assert foreground.kind == "plain"
    assert not foreground.drawn
    assert iou(foreground.mask, face) > 0.98
    assert foreground.background is not None
    behind = np.abs(foreground.background - light[..., None] * colour)[face == 0]
    assert np.quantile(behind, 0.95) < 4


@COLOURS
@pytest.mark.parametrize("levels", [2.0, 8.0])
def test_noise_around_it_is_background(colour: tuple[int, int, int], levels: float) -> None:
    face = _ellipses(420, FACE)
    noise = np.random.default_rng(0).normal(0, levels, (400, 420, 3))
    rgb = np.clip(_cut_out(face, colour) + noise, 0, 255).astype(np.uint8)
    foreground = find_foreground(picture(rgb))
    assert foreground.kind == "plain"
    assert iou(foreground.mask, face) > 0.98


# --- drawings ---------------------------------------------------------------------------------------------------------


def _hatched() -> Rgb:
    rgb = np.full((400, 420, 3), 255, np.uint8)
    for y in range(40, 370, 14):
        cv2.line(rgb, (60, y), (360, y + 20), (10, 10, 10), 2)
    return np.where(_ellipses(420, FACE)[..., None] > 0, rgb, np.uint8(255))


def test_lines_are_a_drawing_and_the_foreground_is_their_silhouette() -> None:
    foreground = find_foreground(picture(_hatched()))
    assert foreground.drawn
    assert foreground.kind == "plain"
    assert iou(foreground.mask, _ellipses(420, FACE)) > 0.93


def test_an_ink_drawing_is_one() -> None:
    cat = np.zeros((300, 451), np.uint8)
    cv2.ellipse(cat, (225, 130), (95, 95), 0, 0, 360, (255,), -1)
    made = make(photo("chelsea"), cat, "ink", 2, background="white")
    assert made.affine is not None
    foreground = find_foreground(made.designer)
    truth = warp(made.mask, invert(made.affine), (made.designer.width, made.designer.height))
    small = cv2.resize(truth, foreground.mask.shape[::-1], interpolation=cv2.INTER_AREA)
    assert foreground.drawn
    assert iou(foreground.mask, np.asarray(small, np.uint8)) > 0.95


def test_a_closed_outline_is_filled_and_a_solid_face_is_no_drawing() -> None:
    face = _ellipses(420, FACE)
    outline = np.full((400, 420, 3), 255, np.uint8)
    cv2.ellipse(outline, FACE[:2], FACE[2:], 0, 0, 360, (20, 20, 20), 3)
    for rgb, least in ((outline, 0.95), (_cut_out(face, (255, 255, 255)), 0.99)):
        foreground = find_foreground(picture(rgb))
        assert not foreground.drawn
        assert iou(foreground.mask, face) > least


# --- parts ------------------------------------------------------------------------------------------------------------

TWO: tuple[Ellipse, ...] = ((110, 200, 70, 110), (310, 190, 80, 100))


def test_each_large_part_is_a_foreground_of_its_own_largest_first() -> None:
    for designer in (
        picture(_cut_out(_ellipses(420, *TWO), (255, 255, 255))),
        picture(_cut_out(_ellipses(420, *TWO), (0, 0, 0)), _ellipses(420, *TWO)),
    ):
        foreground = find_foreground(designer)
        parts = separate(foreground)
        assert all(part.domain is not None and (part.mask <= part.domain).all() for part in parts)
        assert {part.kind for part in parts} == {foreground.kind}
        for part, ellipse in zip(parts, TWO[::-1], strict=True):
            assert iou(part.mask, _ellipses(420, ellipse)) > 0.99


@pytest.mark.parametrize("sigma", [1.2, 6.0])
def test_a_soft_edge_goes_to_its_part_and_none_of_it_is_lost(sigma: float) -> None:
    soft = np.rint(255 * blur((_ellipses(420, *TWO) / 255).astype(np.float32), sigma)).astype(np.uint8)
    parts = [part.mask for part in separate(Foreground(soft, "alpha"))]
    assert len(parts) == 2
    assert (np.maximum(*parts) == soft).all()
    assert (np.minimum(*parts) == 0).all()
    assert (parts[0][:, :180] == 0).all()
    assert (parts[1][:, 240:] == 0).all()


def test_small_parts_are_none_and_belong_to_none() -> None:
    crumbs: tuple[Ellipse, ...] = ((210, 20, 12, 12), (20, 20, 10, 10))
    assert separate(Foreground(_ellipses(420, TWO[0], *crumbs), "alpha")) == []
    parts = separate(Foreground(_ellipses(420, *TWO, *crumbs), "alpha"))
    assert len(parts) == 2
    for part in parts:
        assert (part.mask[:40] == 0).all()
    three = separate(Foreground(_ellipses(620, *TWO, (510, 190, 80, 100)), "plain"))
    assert len(three) == 3


def test_a_kept_background_and_an_empty_mask_have_no_parts() -> None:
    assert separate(Foreground(_ellipses(420, *TWO), "kept")) == []
    assert separate(Foreground(np.zeros((40, 60), np.uint8), "alpha")) == []
    assert separate(Foreground(np.full((40, 60), 255, np.uint8), "alpha")) == []


# --- what nobody should hand in ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (2, 2), (7, 7), (8, 8), (16, 17)], ids=str)
@pytest.mark.parametrize("level", [None, 0, 255])
def test_tiny_pictures_are_all_foreground(shape: tuple[int, int], level: int | None) -> None:
    alpha = None if level is None else np.full(shape, level, np.uint8)
    noise = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    for rgb in (noise, np.full((*shape, 3), 255, np.uint8)):
        foreground = find_foreground(picture(rgb, alpha))
        assert foreground.kind == "kept"
        assert foreground.mask.shape == shape
        assert (foreground.mask == 255).all()
        assert separate(foreground) == []


@pytest.mark.parametrize("level", [0, 1, 127, 128, 254, 255])
def test_alpha_that_cuts_nothing_out_is_not_believed(level: int) -> None:
    face = _ellipses(420, FACE)
    rgb = _cut_out(face, (255, 255, 255))
    foreground = find_foreground(picture(rgb, np.full(face.shape, level, np.uint8)))
    assert foreground.kind == "plain"
    assert (foreground.mask == find_foreground(picture(rgb)).mask).all()


def test_alpha_goes_before_a_plain_border() -> None:
    face, smaller = _ellipses(420, FACE), _ellipses(420, (210, 200, 90, 100))
    foreground = find_foreground(picture(_cut_out(face, (255, 255, 255)), smaller))
    assert foreground.kind == "alpha"
    assert (foreground.mask == smaller).all()


def test_each_check_can_stop_it() -> None:
    designer = picture(_hatched())
    calls: list[int] = []
    find_foreground(designer, lambda: calls.append(1))
    assert len(calls) >= 4
    for number in range(len(calls)):
        left = iter(range(number))

        def stop(left: Any = left) -> None:
            if next(left, None) is None:
                raise Cancelled

        with pytest.raises(Cancelled):
            find_foreground(designer, stop)
