"""Where the evidence is weak a map decides what is the portrait; where it is clear, the map changes nothing."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.images.picture import Picture
from core.maths.filters import blur, unit
from core.maths.masks import Mask, dilate, erode, iou
from core.maths.warp import warp
from core.reconcile.evidence import Evidence, find_mask
from core.reconcile.foreground import find_foreground
from tests.core.reconcile.conftest import Rgb, Truth, make_pair, picture


def _map(mask: Mask) -> NDArray[np.float32]:
    """Return a map as a model might make it: small, its edge soft."""
    extent = float(np.sqrt(np.count_nonzero(mask >= 128)))
    soft = blur(unit(mask), 0.03 * extent)
    return np.asarray(cv2.resize(soft, (128, 96), interpolation=cv2.INTER_AREA), np.float32)


def _evidence(pair: Truth, likely: NDArray[np.float32] | None, designer: Picture | None = None) -> Evidence:
    designer = designer or pair.designer
    return find_mask(pair.original, designer, find_foreground(designer), pair.affine, lambda: None, likely=likely)


def _painted(pair: Truth, draw: Callable[[Mask], object]) -> tuple[Picture, Mask]:
    """Return the designer image with something painted on, and where that lies in the original."""
    layer = np.zeros((pair.designer.height, pair.designer.width), np.uint8)
    draw(layer)
    rgb = np.where(layer[..., None] > 0, np.array([30, 60, 200], np.uint8), pair.designer.rgb)
    alpha = None if pair.designer.alpha is None else np.maximum(pair.designer.alpha, layer)
    return picture(rgb, alpha), warp(layer, pair.affine, (pair.original.width, pair.original.height))


def _robe(layer: Mask) -> None:
    cv2.rectangle(layer, (60, 215), (360, 390), (255,), -1)


@pytest.mark.parametrize("background", ["alpha", "flat", "gradient"])
@pytest.mark.parametrize("name", ["chelsea", "astronaut"])
def test_beneath_what_was_painted_on_the_map_says_where_the_portrait_ends(name: str, background: str) -> None:
    pair = make_pair(name, background=background, turn=9.0)
    designer, robe = _painted(pair, _robe)
    told = _evidence(pair, _map(pair.mask), designer)
    assert iou(told.mask, pair.mask) > 0.96
    assert (told.mask[np.minimum(robe, 255 - dilate(pair.mask, 8)) > 0] >= 128).mean() < 0.02
    assert told.painted is not None
    assert (told.painted[erode(robe, 6) > 0] >= 128).mean() > 0.95
    assert (told.mask <= told.footprint).all()


def _vignette(rgb: Rgb) -> Rgb:
    y, x = np.mgrid[-1 : 1 : rgb.shape[0] * 1j, -1 : 1 : rgb.shape[1] * 1j]
    share = 1 / (1 + np.exp(9 * (np.hypot(x, y) - 0.45)))[..., None]
    return np.asarray(np.rint(8 + (rgb - 8.0) * share).clip(0, 255), np.uint8)


@pytest.mark.parametrize("name", ["chelsea", "coffee"])
def test_a_rim_that_the_designer_faded_is_found_again(name: str) -> None:
    """What was faded is lost in the background, but still agrees with the photo."""
    pair = make_pair(name, background="flat")
    designer = picture(_vignette(pair.designer.rgb))
    guess, told = _evidence(pair, None, designer), _evidence(pair, _map(pair.mask), designer)
    assert iou(guess.mask, pair.mask) < 0.9
    assert iou(told.mask, pair.mask) > iou(guess.mask, pair.mask) + 0.05
    assert (told.mask <= told.footprint).all()


@pytest.mark.parametrize(
    ("background", "grown"),
    [(one, grown) for one in ("alpha", "white", "flat", "gradient") for grown in (-14, 14)] + [("photo", -14)],
)
def test_a_clear_cut_out_is_the_truth_whatever_the_map_says(background: str, grown: int) -> None:
    """A designer may cut more than a model shows, or less; what hides under an alpha of 0 is not looked at."""
    pair = make_pair("chelsea", background=background, turn=9.0)
    other = dilate(pair.mask, grown) if grown > 0 else erode(pair.mask, -grown)
    assert iou(_evidence(pair, _map(other)).mask, pair.mask) > 0.97


@pytest.mark.parametrize("background", ["alpha", "white"])
def test_where_the_map_shows_the_same_the_soft_edge_stays(background: str) -> None:
    pair = make_pair("astronaut", background=background, turn=-12.0)
    told, plain = _evidence(pair, _map(pair.mask)).mask, _evidence(pair, None).mask
    assert (told == plain).mean() > 0.999
