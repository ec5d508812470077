"""What the photo itself, or a map of the portrait, adds where the designer image does not tell."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.images.picture import Picture
from core.maths.filters import blur
from core.maths.masks import Mask, dilate, erode, iou
from core.maths.warp import invert, warp
from core.reconcile.evidence import Evidence, find_mask
from core.reconcile.foreground import find_foreground
from core.reconcile.options import ReconcileOptions
from core.reconcile.photo_cut import bays
from core.reconcile.pipeline import reconcile
from core.reconcile.prior import MapPrior
from core.reconcile.scene import Scene
from tests.core.reconcile.conftest import Truth, make_pair, picture

OPTIONS = ReconcileOptions(device="cpu", max_rotation_deg=30.0)


def _map(mask: Mask, soft: float = 0.06, off: tuple[float, float] = (0.03, -0.02)) -> NDArray[np.float32]:
    """Return a map as a model might make it: small, soft and not quite in its place (shares of the portrait's size)."""
    extent = float(np.sqrt(np.count_nonzero(mask >= 128)))
    moved = np.roll(mask / 255, (round(off[1] * extent), round(off[0] * extent)), (0, 1)).astype(np.float32)
    return np.asarray(cv2.resize(blur(moved, soft * extent), (96, 80), interpolation=cv2.INTER_AREA), np.float32)


def _evidence(pair: Truth, likely: NDArray[np.float32] | None, designer: Picture | None = None) -> Evidence:
    designer = designer or pair.designer
    return find_mask(pair.original, designer, find_foreground(designer), pair.affine, lambda: None, likely=likely)


@pytest.mark.parametrize("name", ["chelsea", "astronaut", "coffee"])
def test_a_map_makes_the_mask_of_a_kept_background(name: str) -> None:
    pair = make_pair(name, background="kept", turn=6.0)
    guess, told = _evidence(pair, None), _evidence(pair, _map(pair.mask))
    assert guess.background == told.background == "kept"
    assert iou(told.mask, pair.mask) > max(0.8, iou(guess.mask, pair.mask))
    assert (told.footprint == guess.footprint).all()


def test_a_map_given_as_a_prior_reaches_the_mask() -> None:
    pair = make_pair("chelsea", background="kept")
    known = MapPrior(_map(pair.mask))
    result = reconcile(pair.original, pair.designer, OPTIONS, lambda: None, known)
    assert result.mask is not None
    assert pair.error(result.placement) < 0.1
    assert iou(result.mask, pair.mask) > 0.8


@pytest.mark.parametrize("likely", [np.full((9, 7), 0.4, np.float32), np.zeros((1, 1), np.float32)])
def test_a_flat_map_changes_no_mask(likely: NDArray[np.float32]) -> None:
    for background in ("kept", "photo"):
        pair = make_pair("chelsea", background=background)
        assert (_evidence(pair, likely).mask == _evidence(pair, None).mask).all()


def _covered(pair: Truth, draw: Callable[[Mask], object]) -> tuple[Picture, Mask]:
    """Return the designer image with something painted on, and where that lies in the original."""
    layer = np.zeros((pair.designer.height, pair.designer.width), np.uint8)
    draw(layer)
    rgb = np.where(layer[..., None] > 0, np.uint8([200, 40, 160]), pair.designer.rgb)
    return picture(rgb), warp(layer, pair.affine, (pair.original.width, pair.original.height))


def test_before_another_photo_the_mask_goes_on_beneath_a_bar() -> None:
    """A bar from beside the portrait into it leaves a bay; the photo shows that the portrait goes on."""
    pair = make_pair("chelsea", background="photo", turn=9.0)
    designer, bar = _covered(pair, lambda layer: cv2.rectangle(layer, (150, 205), (420, 235), (255,), -1))
    mask = _evidence(pair, None, designer).mask
    inside = np.minimum(erode(bar, 1), erode(pair.mask, 8))
    assert np.count_nonzero(inside) > 500
    assert (mask[inside > 0] >= 128).mean() > 0.9
    beside = np.minimum(bar, 255 - dilate(pair.mask, 8))
    assert (mask[beside > 0] >= 128).mean() < 0.1


def test_a_bay_is_filled_as_far_as_the_photo_shows_the_portrait_there() -> None:
    """Fur that has the background's colour is missing from the first guess; so is a notch that is none of it."""
    rng = np.random.default_rng(1)
    level = np.where(np.hypot(*np.mgrid[-150:150, -200:200]) < 90, 220, 70)
    level[150:190, 250:] = 70  # the notch
    rgb = np.clip(level[..., None] + rng.normal(0, 8, (300, 400, 3)), 0, 255).astype(np.uint8)
    scene = Scene.around(picture(rgb), picture(rgb), np.eye(3), 160.0, 160.0)
    disc = np.zeros((300, 400), np.uint8)
    cv2.circle(disc, (200, 150), 88, (255,), -1)
    guess = disc.copy()
    guess[60:130, 200:] = 0
    guess[150:190, 250:] = 0
    guess = warp(guess, scene.to_frame, scene.size)
    added = warp(bays(scene, guess, np.ones(guess.shape, bool)), invert(scene.to_frame), (400, 300))
    hull = cv2.convexHull(cv2.findNonZero(warp(guess, invert(scene.to_frame), (400, 300))))
    within = cv2.fillConvexPoly(np.zeros_like(disc), hull, (255,))
    lost = erode(np.minimum(disc, within), 4)
    assert (added[75:125, 205:][lost[75:125, 205:] > 0] >= 128).mean() > 0.9
    assert (added[160:180, 262:] >= 128).mean() < 0.1
    assert not bays(scene, guess, np.zeros(guess.shape, bool)).any()
