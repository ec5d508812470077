"""A mask's edge as a line: thinned to what a zoom can show, cut into chunks, only the visible ones painted."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPainter, QPainterPath

from core.jobs.answers import MaskLayer
from gui.canvas.layers import MASK_EDGE, Glass, LineLook, qt_transform
from gui.canvas.qimages import path_of_lines
from gui.canvas.viewport import Viewport

CHUNK = 128
"""Points that are painted or left out together."""
BUDGET = 16_000
"""Points painted at once, about 15 ms; where more can be seen (a mask full of holes), they are thinned further."""
ROUGHEST = 2
"""Octaves that they may be thinned further: the line leaves the edge by two device pixels at most."""

Points = NDArray[np.float32]


@dataclass(slots=True)
class _Octave:
    """The edge thinned for one range of zoom."""

    rings: Points
    """(n, 2) closed rings one after another, the first point of each repeated at its end."""
    starts: NDArray[np.bool_]
    """(n,) True at the first point of each ring."""
    boxes: Points
    """(m, 4) of each chunk: low x, low y, high x, high y."""
    paths: dict[int, QPainterPath] = field(default_factory=dict)
    """The chunks that have been painted."""

    def path(self, index: int) -> QPainterPath:
        """Return a chunk with the first point of the next one, as Qt's path."""
        if index not in self.paths:
            part = slice(index * CHUNK, (index + 1) * CHUNK + 1)
            self.paths[index] = path_of_lines(self.rings[part], self.starts[part])
        return self.paths[index]


class OutlineLayer:
    """Paints the outline of one mask."""

    def __init__(self, mask: MaskLayer) -> None:
        """Keep the polygons of ``mask``; they are thinned when a zoom first asks for it."""
        self._points = np.concatenate([*mask.outline, np.empty((0, 2), np.float32)])
        self._counts = np.array([len(ring) for ring in mask.outline], dtype=np.int64)
        self._octaves: dict[int, _Octave] = {}

    def paint(self, painter: QPainter, view: Viewport, glass: Glass, look: LineLook = MASK_EDGE) -> None:
        """Paint the edge."""
        octave, seen = self._choose(view, glass)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setTransform(qt_transform(view.matrix), True)
        for pen in look.pens(glass.ratio):
            pen.setCosmetic(True)  # as wide at every zoom, but then in device pixels
            painter.setPen(pen)
            for index in seen:
                painter.drawPath(octave.path(int(index)))
        painter.restore()

    def _choose(self, view: Viewport, glass: Glass) -> tuple[_Octave, NDArray[np.intp]]:
        """Return the edge for a zoom, and which of its chunks can be seen."""
        corners = np.array([view.to_image((x, y)) for x in (0.0, glass.extent[0]) for y in (0.0, glass.extent[1])])
        # octave 0: at 100 % and above every point counts; octave k: points 2^k pixels apart do
        fine = max(0, math.floor(-math.log2(view.scale * glass.ratio)))
        exponent = fine
        while True:
            octave = self._octave(exponent)
            low, high = corners.min(axis=0) - 2**exponent, corners.max(axis=0) + 2**exponent
            seen = np.flatnonzero(np.all((octave.boxes[:, 2:] >= low) & (octave.boxes[:, :2] <= high), axis=1))
            if len(seen) * CHUNK <= BUDGET or exponent == fine + ROUGHEST:
                return octave, seen
            exponent += 1

    def _octave(self, exponent: int) -> _Octave:
        if exponent not in self._octaves:
            points, counts = thin(self._points, self._counts, exponent)
            ends = np.cumsum(counts)
            firsts = ends - counts
            rings = np.insert(points, ends, points[firsts], axis=0)
            starts = np.zeros(len(rings), np.bool_)
            starts[firsts + np.arange(len(counts))] = True
            cuts = np.arange(0, len(rings), CHUNK)
            # a chunk reaches to the first point of the next one
            reach = np.minimum(cuts + CHUNK, len(rings) - 1)
            low = np.minimum(np.minimum.reduceat(rings, cuts), rings[reach]) if len(cuts) else rings
            high = np.maximum(np.maximum.reduceat(rings, cuts), rings[reach]) if len(cuts) else rings
            self._octaves[exponent] = _Octave(rings, starts, np.hstack([low, high]))
        return self._octaves[exponent]


def thin(points: Points, counts: NDArray[np.int64], exponent: int) -> tuple[Points, NDArray[np.int64]]:
    """Move closed polygons onto a grid of 2^exponent pixels and leave out repeated points.

    Exponent 0 returns them as they are. No point moves by more than half a grid step along an axis. Polygons of
    which a single point is left are left out: they are smaller than a pixel of the screen.

    Args:
        points: (n, 2) x, y of all polygons one after another.
        counts: points of each polygon, each at least 1.
        exponent: 0 or more.

    Returns:
        Points and counts again.
    """
    if exponent == 0 or not len(points):
        return points, counts
    step = np.float32(2**exponent)
    snapped = np.round(points / step) * step
    starts = np.cumsum(counts) - counts
    fresh = np.ones(len(points), np.bool_)
    fresh[1:] = np.any(snapped[1:] != snapped[:-1], axis=1)
    fresh[starts] = True
    left = np.add.reduceat(fresh, starts, dtype=np.int64)
    fresh &= np.repeat(left > 1, counts)
    return snapped[fresh], left[left > 1]
