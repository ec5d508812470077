"""A brush: what a moving pointer covers, as a plane of alpha that grows stroke by stroke, box by box."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.domain import Box
from core.maths.patches import Mark, Plane8, clipped, union

_LARGE = 1 << 17
"""From so many pixels on it pays to look for those that can still change."""
_ROWS = 48
"""Rows that are worked on at once there, and the shortest run of columns that is left out."""


@dataclass(frozen=True, slots=True)
class Brush:
    """How a brush paints.

    ``hardness`` is the share of the radius that is covered wholly; from there the edge falls off smoothly, and at
    ``size`` / 2 lies its middle where the brush is hard. ``pressure`` says how much a pen that is hardly pressed
    shrinks it: 0 not at all, 1 to nothing.
    """

    size: float = 40.0
    """Diameter, pixels of the original."""
    hardness: float = 0.8
    opacity: float = 1.0
    pressure: float = 0.0
    spacing: float = 0.1
    """Shortest way between two points of the pointer that are joined, as a share of the radius."""
    smoothing: float = 0.0
    """0 follows the pointer; towards 1 the brush lags behind and draws calmer lines."""

    def radius(self, pressed: float) -> float:
        """Return the radius at a pen's pressure, 0 to 1 (a mouse has 1)."""
        share = 1 - self.pressure * (1 - min(max(pressed, 0.0), 1.0))
        return max(self.size / 2 * share, 0.25)

    def shrunk(self, step: int) -> Brush:
        """Return the brush for a picture that is so many times smaller."""
        return replace(self, size=self.size / step)


@dataclass(frozen=True, slots=True)
class Way:
    """Where a pointer went with a brush: all that a stroke is made of, before it is drawn at full size."""

    brush: Brush
    points: tuple[tuple[float, float, float], ...]
    """x, y and pressure, in the order in which they came."""
    adds: bool

    def mark(self, width: int, height: int) -> Mark | None:
        """Return what it paints on a picture of a size; None if it misses it."""
        stroke = BrushStroke(self.brush, width, height)
        for point in self.points:
            stroke.move_to(*point)
        stroke.finish()
        return None if stroke.box is None else Mark(stroke.box, stroke.alpha_in(stroke.box), self.adds)


class BrushStroke:
    """One stroke while it is drawn: takes pointer positions, gives the boxes that have changed.

    The stroke is the union of what the brush covers on its way (its strongest alpha at each pixel), so that a pixel
    is not covered twice where the pointer turns. Positions are pixels of the picture, pixel centres at integers.
    """

    def __init__(self, brush: Brush, width: int, height: int, alpha: Plane8 | None = None) -> None:
        """Start a stroke on a picture of a size; ``alpha`` is a plane of zeros to work on, made if none is given."""
        self.brush = brush
        self.alpha: Plane8 = np.zeros((height, width), np.uint8) if alpha is None else alpha
        """(height, width) uint8: what the stroke covers so far."""
        self.box: Box | None = None
        """Around all of it."""
        self._last: tuple[float, float, float] | None = None
        self._smooth: tuple[float, float] | None = None
        self._pointer: tuple[float, float, float] | None = None

    def move_to(self, x: float, y: float, pressed: float = 1.0) -> Box | None:
        """Go on to a position of the pointer; return the box that has changed, None if none has."""
        self._pointer = x, y, pressed
        if self._smooth is None:
            self._smooth = x, y
        else:
            share = 1 - min(max(self.brush.smoothing, 0.0), 0.95)
            self._smooth = (
                self._smooth[0] + share * (x - self._smooth[0]),
                self._smooth[1] + share * (y - self._smooth[1]),
            )
        return self._draw_to(*self._smooth, pressed, at_least=self.brush.spacing * self.brush.radius(pressed))

    def finish(self) -> Box | None:
        """Draw up to where the pointer is, which smoothing and spacing may have left out; return what has changed."""
        return None if self._pointer is None else self._draw_to(*self._pointer, at_least=0.0)

    def alpha_in(self, box: Box) -> Plane8:
        """Return the part of the alpha in a box."""
        left, top, right, bottom = box
        return self.alpha[top:bottom, left:right]

    def forget(self) -> None:
        """Make the plane empty again, for the next stroke; only what was touched is written."""
        if self.box is not None:
            self.alpha_in(self.box)[:] = 0
        self.box = self._last = self._smooth = self._pointer = None

    def _draw_to(self, x: float, y: float, pressed: float, at_least: float) -> Box | None:
        here = x, y, self.brush.radius(pressed)
        start = here if self._last is None else self._last
        way = math.hypot(here[0] - start[0], here[1] - start[1])
        if self._last is not None and way <= at_least and here[2] <= start[2]:
            return None
        self._last = here
        height, width = self.alpha.shape
        changed: Box | None = None
        # A fast pointer leaves long, slanting ways, whose boxes are mostly empty: they are drawn in pieces.
        pieces = max(math.ceil(way / (3 * max(start[2], here[2]) + 32)), 1)
        for piece in range(pieces):
            one, other = (_between(start, here, at / pieces) for at in (piece, piece + 1))
            reach = max(one[2], other[2]) + 1.5
            around = (
                math.floor(min(one[0], other[0]) - reach),
                math.floor(min(one[1], other[1]) - reach),
                math.ceil(max(one[0], other[0]) + reach) + 1,
                math.ceil(max(one[1], other[1]) + reach) + 1,
            )
            box = clipped(around, width, height)
            if box is not None:
                for open_box in self._open_parts(box):
                    part = self.alpha_in(open_box)
                    np.maximum(part, swept(open_box, one, other, self.brush.hardness, self.brush.opacity), out=part)
                changed = union(changed, box)
        self.box = union(self.box, changed)
        return changed

    def _open_parts(self, box: Box) -> list[Box]:
        """Return the parts of a box that are not covered wholly yet: of a large brush the lesser part, and few rows."""
        left, top, right, bottom = box
        if (right - left) * (bottom - top) <= _LARGE:
            return [box]
        whole = int(255 * self.brush.opacity + 0.5)
        found = []
        for y in range(top, bottom, _ROWS):
            low = min(y + _ROWS, bottom)
            columns = np.flatnonzero((self.alpha[y:low, left:right] < whole).any(axis=0))
            runs = np.split(columns, np.flatnonzero(np.diff(columns) > _ROWS) + 1)
            found += [(left + int(run[0]), y, left + int(run[-1]) + 1, low) for run in runs if len(run)]
        return found


def _between(
    one: tuple[float, float, float], other: tuple[float, float, float], share: float
) -> tuple[float, float, float]:
    x, y, r = (a + share * (b - a) for a, b in zip(one, other, strict=True))
    return x, y, r


def swept(
    box: Box,
    one: tuple[float, float, float],
    other: tuple[float, float, float],
    hardness: float,
    opacity: float = 1.0,
) -> Plane8:
    """Return what a round brush covers on the straight way between two places, each x, y and radius, in a box.

    The alpha falls from 255 to 0 along a cubic from ``hardness`` times the radius outwards, at least over one pixel,
    with its middle at the radius for a hard brush. The radius changes evenly on the way.
    """
    left, top, right, bottom = box
    x = np.arange(left, right, dtype=np.float32)[None, :] - np.float32(one[0])
    y = np.arange(top, bottom, dtype=np.float32)[:, None] - np.float32(one[1])
    dx, dy = other[0] - one[0], other[1] - one[1]
    length2 = dx * dx + dy * dy
    radius: NDArray[np.float32] | float
    if length2 < 1e-6:
        distance = x * x + y * y
        radius = max(one[2], other[2])
    else:
        along = x * np.float32(dx / length2) + y * np.float32(dy / length2)
        np.clip(along, 0, 1, out=along)
        away_x, away_y = x - along * np.float32(dx), y - along * np.float32(dy)
        distance = away_x * away_x
        distance += away_y * away_y
        varies = abs(other[2] - one[2]) > 1e-3
        radius = one[2] + along * np.float32(other[2] - one[2]) if varies else max(one[2], other[2])
    np.sqrt(distance, out=distance)
    soft = radius * np.float32(1 - min(max(hardness, 0.0), 1.0))
    width = np.maximum(soft, np.float32(1))
    outer = radius + np.maximum(np.float32(0.5) - soft / 2, 0)
    share = (outer - distance) / width
    np.clip(share, 0, 1, out=share)
    smooth = share * share
    smooth *= np.float32(3) - 2 * share
    smooth *= np.float32(255 * opacity)
    smooth += np.float32(0.5)
    alpha: Plane8 = smooth.astype(np.uint8)
    return alpha
