"""The mask on the table, and patches that are applied in parts."""

from __future__ import annotations

import numpy as np

from core.maths.patches import PaintedLayer
from gui.tools.sheet import Sheet


def test_a_long_stroke_is_applied_in_squares_and_takes_itself_back() -> None:
    base = np.zeros((900, 1200), np.uint8)
    base[:, :600] = 200
    made = Sheet(base, PaintedLayer(1200, 900))
    alpha = np.zeros((800, 1000), np.uint8)
    for step in range(800):
        alpha[step, step : step + 40] = np.arange(40) * 6
    box = (50, 60, 1050, 860)
    patch = made.layer.stroke(box, alpha, 255)
    assert patch is not None
    parts = patch.parts()
    assert len(parts) < 12
    boxes = made.apply(parts)
    shown = base.copy()
    for left, top, right, bottom in boxes:
        shown[top:bottom, left:right] = made.mask_in((left, top, right, bottom))
    assert np.array_equal(shown, made.mask_in((0, 0, 1200, 900)))
    assert not np.array_equal(shown, base)
    made.apply(parts)
    assert np.array_equal(made.mask_in((0, 0, 1200, 900)), base)
    assert made.size == (1200, 900)
