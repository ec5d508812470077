"""Tables of 256 colours for a prediction's map: its cut as a mask, and its probabilities as a heat map."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

_CIVIDIS = (
    *((0, 34, 78), (18, 53, 112), (59, 73, 108), (87, 93, 109), (112, 113, 115)),
    *((138, 134, 120), (165, 156, 116), (195, 179, 105), (225, 204, 85), (254, 232, 56)),
)
"""Cividis at ten even steps (Nunez, Anderton, Renslow 2018): read alike with and without colour-blindness, and its
lightness alone tells the order."""
FADED_BELOW = 48
"""Values from which on the heat map has its whole opacity; below, the photo shows through ever more."""


@cache
def heat_colours() -> NDArray[np.uint8]:
    """Return the heat map's colours: (256, 3) red, green, blue, of probability 0 to 255."""
    knots = np.array(_CIVIDIS, np.float64)
    at = np.linspace(0, len(knots) - 1, 256)
    made = np.stack([np.interp(at, np.arange(len(knots)), knots[:, channel]) for channel in range(3)], axis=1)
    return made.round().astype(np.uint8)


def cut_value(cut: float) -> int:
    """Return the smallest value of 0 to 255 that belongs to the mask when a map is cut at ``cut`` (0 to 1).

    A pixel of probability 0 is never part of it.
    """
    return max(int(np.ceil(cut * 255 - 1e-6)), 1)


def cut_table(cut: float, colour: str, opacity: float) -> list[int]:
    """Return the table that shows a map's cut as a mask in ``colour`` (#rrggbb) at ``opacity`` (0 to 1)."""
    tint = QColor(colour)
    tint.setAlphaF(opacity)
    first = cut_value(cut)
    return [0] * first + [tint.rgba()] * (256 - first)


def heat_table(opacity: float) -> list[int]:
    """Return the table that shows a map as a heat map at ``opacity`` (0 to 1)."""
    values = np.arange(256, dtype=np.uint32)
    alpha = (255 * opacity * np.minimum(values / FADED_BELOW, 1.0)).round().astype(np.uint32)
    red, green, blue = heat_colours().astype(np.uint32).T
    # QImage's tables are not premultiplied
    return [int(entry) for entry in (alpha << 24) | (red << 16) | (green << 8) | blue]
