"""Fills polygons with exact antialiasing: every pixel gets the share of it that lies inside."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain import Box
from core.maths.patches import Mark, Plane8, clipped

Points = NDArray[np.float64]
"""(n, 2) x, y in pixels, pixel centres at integers."""
_BAND = 64
_LEVEL = 1e-9
"""An edge that rises by less is level, and encloses nothing."""


@dataclass(frozen=True, slots=True)
class Around:
    """A closed line whose inside is to be painted."""

    points: tuple[tuple[float, float], ...]
    adds: bool

    def mark(self, width: int, height: int) -> Mark | None:
        """Return what it paints on a picture of a size; None if it goes around nothing."""
        found = fill_polygon(np.array(self.points, np.float64).reshape(-1, 2), width, height)
        return None if found is None else Mark(*found, self.adds)


def fill_polygon(points: Points, width: int, height: int, *, even_odd: bool = False) -> tuple[Box, Plane8] | None:
    """Return the box of a closed polygon within a picture, and its alpha there; None if it covers nothing.

    Signed areas are summed up along the rows, as font rasterisers do (exact for edges; where several edges cross within
    one pixel, that pixel is approximate, and areas of opposite turn cancel there).

    Args:
        points: corners in order; the last is joined to the first.
        width: of the picture.
        height: of the picture.
        even_odd: what is surrounded twice is outside; else it is inside (non-zero).
    """
    if len(points) < 3 or not np.isfinite(points).all():
        return None
    low, high = points.min(axis=0), points.max(axis=0)
    around = math.floor(low[0] + 0.5), math.floor(low[1] + 0.5), math.ceil(high[0] + 0.5), math.ceil(high[1] + 0.5)
    box = clipped(around, width, height)
    if box is None:
        return None
    shape = box[3] - box[1], box[2] - box[0]
    # Corners from here on: pixel (i, j) of the box covers [i, i + 1] x [j, j + 1].
    steps = _steps(points + 0.5 - np.array(box[:2]), shape)
    alpha = np.empty(shape, np.uint8)
    for top in range(0, shape[0], _BAND):
        winding = np.cumsum(steps[top : top + _BAND, : shape[1]], axis=1)
        if even_odd:
            winding -= 2 * np.rint(winding / 2)
        np.abs(winding, out=winding)
        np.minimum(winding, 1, out=winding)
        winding *= 255
        winding += 0.5
        alpha[top : top + _BAND] = winding
    return (box, alpha) if alpha.any() else None


def _steps(corners: Points, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return by how much the winding number grows from one pixel of a row to the next, (h, w + 2).

    What lies left of the box winds around it all the same; what lies right of it does not.
    """
    height, width = shape
    start, end = _pieces(corners, height)
    rises = end[:, 1] - start[:, 1]
    row = np.minimum(((start[:, 1] + end[:, 1]) / 2).astype(np.int64), height - 1)
    middle = np.clip((start[:, 0] + end[:, 0]) / 2, 0, width)
    column = middle.astype(np.int64)
    inside = middle - column
    steps = np.zeros((height, width + 2), np.float32)
    np.add.at(steps, (row, column), (rises * (1 - inside)).astype(np.float32))
    np.add.at(steps, (row, column + 1), (rises * inside).astype(np.float32))
    return steps


def _pieces(corners: Points, height: int) -> tuple[Points, Points]:
    """Cut the edges at the borders of rows and columns; return the starts and ends of the pieces within the rows."""
    one, other = corners, np.roll(corners, -1, axis=0)
    one, other = one[(keep := np.abs(one[:, 1] - other[:, 1]) > _LEVEL)], other[keep]
    one, other = _within_rows(one, other, height)
    edge, share = [np.repeat(np.arange(len(one)), 2)], [np.tile([0.0, 1.0], len(one))]
    for axis in (0, 1):
        a, b = one[:, axis], other[:, axis]
        first = np.floor(np.minimum(a, b)).astype(np.int64) + 1
        count = np.maximum(np.ceil(np.maximum(a, b)).astype(np.int64) - first, 0)
        which = np.repeat(np.arange(len(one)), count)
        at = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + first[which]
        edge.append(which)
        share.append((at - a[which]) / (b - a)[which])
    edges, shares = np.concatenate(edge), np.clip(np.concatenate(share), 0, 1)
    order = np.lexsort((shares, edges))
    edges, shares = edges[order], shares[order]
    same = edges[1:] == edges[:-1]
    which, begin, finish = edges[1:][same], shares[:-1][same, None], shares[1:][same, None]
    way = other[which] - one[which]
    return one[which] + begin * way, one[which] + finish * way


def _within_rows(one: Points, other: Points, height: int) -> tuple[Points, Points]:
    """Return the parts of edges that lie within the rows."""
    rise = (other - one)[:, 1]
    shares = np.sort(np.stack([-one[:, 1] / rise, (height - one[:, 1]) / rise]), axis=0)
    begin, finish = np.maximum(shares[0], 0)[:, None], np.minimum(shares[1], 1)[:, None]
    some = (begin < finish)[:, 0]
    way = (other - one)[some]
    start, end = one[some] + begin[some] * way, one[some] + finish[some] * way
    start[:, 1], end[:, 1] = np.clip(start[:, 1], 0, height), np.clip(end[:, 1], 0, height)
    return start, end
