"""The mask on the table: marks become patches, and a preview is what the stroke will be."""

from __future__ import annotations

import numpy as np
import pytest

from core.maths.patches import PaintedLayer
from gui.tools.base import Mark
from gui.tools.sheet import Sheet, tiles


def sheet() -> Sheet:
    """Return a mask of 60 x 40 with a soft left half."""
    base = np.zeros((40, 60), np.uint8)
    base[:, :30] = 200
    return Sheet(base, PaintedLayer(60, 40))


@pytest.mark.parametrize("adds", [True, False])
def test_a_preview_is_what_the_stroke_makes(adds: bool) -> None:
    made = sheet()
    alpha = np.linspace(0, 255, 20 * 40).reshape(20, 40).astype(np.uint8)
    box = (10, 5, 50, 25)
    shown = made.with_alpha(box, alpha, adds)
    patch = made.patch_of(Mark(box, alpha, adds))
    assert patch is not None
    made.apply(patch)
    assert np.abs(made.mask_in(box).astype(int) - shown).max() <= 1
    made.apply(patch)
    assert np.array_equal(made.mask_in((0, 0, 60, 40)), made.base), "a patch takes itself back"


def test_a_long_stroke_is_worked_on_in_squares() -> None:
    base = np.zeros((900, 1200), np.uint8)
    made = Sheet(base, PaintedLayer(1200, 900))
    alpha = np.zeros((800, 1000), np.uint8)
    for step in range(800):
        alpha[step, step : step + 40] = np.arange(40) * 6
    assert len(tiles(alpha)) < 12
    box = (50, 60, 1050, 860)
    whole = made.layer.stroke(box, alpha, 255)
    patch = made.patch_of(Mark(box, alpha, True))
    assert whole is not None
    assert patch is not None
    assert patch.box == whole.box
    assert np.array_equal(patch.planes, whole.planes)
    boxes = made.apply(patch)
    shown = np.zeros_like(base)
    for left, top, right, bottom in boxes:
        shown[top:bottom, left:right] = made.mask_in((left, top, right, bottom))
    assert np.array_equal(shown, made.mask_in((0, 0, 1200, 900)))
    assert made.patch_of(Mark(box, np.zeros_like(alpha), True)) is None


def test_a_proposal_is_taken_as_it_is() -> None:
    made = sheet()
    wanted = np.full((10, 10), 77, np.uint8)
    patch = made.patch_to((25, 10, 35, 20), wanted)
    assert patch is not None
    assert made.apply(patch) == [(25, 10, 35, 20)]
    assert np.array_equal(made.mask_in((25, 10, 35, 20)), wanted)
    assert made.patch_to((25, 10, 35, 20), wanted) is None
    assert made.size == (60, 40)
