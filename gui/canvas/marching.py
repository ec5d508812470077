"""The line along which a map is cut: marching squares over the pixels' centres, all cells at once, then chained."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# For each of the 16 cells, whose bits are top left 1, top right 2, bottom right 4, bottom left 8, the edges that its
# one or two segments lead from and to: top 0, right 1, bottom 2, left 3. The mask is at the left hand. In a saddle
# the mask's corners stay apart.
_SEGMENTS = (
    *((), ((3, 0),), ((0, 1),), ((3, 1),), ((1, 2),), ((3, 0), (1, 2)), ((0, 2),), ((3, 2),)),
    *(((2, 3),), ((2, 0),), ((0, 1), (2, 3)), ((2, 1),), ((1, 3),), ((1, 0),), ((0, 3),), ()),
)
_FIRST = np.array([cell[0] if cell else (0, 0) for cell in _SEGMENTS], np.intp)
_SECOND = np.array([cell[1] if len(cell) > 1 else (0, 0) for cell in _SEGMENTS], np.intp)
_IS_SADDLE = np.array([len(cell) > 1 for cell in _SEGMENTS])

LONGEST = 12_000
"""Cells that a line may cross which is drawn while a hand waits: about 15 ms."""
Rings = tuple[NDArray[np.float32], NDArray[np.bool_]]
"""(n, 2) x, y of closed rings one after another, the first point of each repeated at its end; (n,) where one begins."""


def cut_line(values: NDArray[np.uint8], first: int, most: int | None = None) -> Rings | None:
    """Return the rings around the pixels of at least ``first``, interpolated between pixel centres.

    A ring that meets the picture's edge is closed along the centres of its outermost pixels.

    Args:
        values: (h, w) a map or a part of it.
        first: 1 to 255.
        most: cells that the line may cross.

    Returns:
        Rings in pixels of ``values``, centres at integers; None if it would cross more than ``most`` cells.
    """
    height, width = values.shape
    inside = np.zeros((height + 2, width + 2), np.uint8)
    inside[1:-1, 1:-1] = values >= first
    cells = inside[:-1, :-1] | (inside[:-1, 1:] << 1)
    cells |= inside[1:, 1:] << 2
    cells |= inside[1:, :-1] << 3
    places = np.flatnonzero((cells - np.uint8(1)) < 14)  # neither 0, which wraps around, nor 15
    if most is not None and len(places) > most:
        return None
    if not len(places):
        return np.empty((0, 2), np.float32), np.empty(0, np.bool_)
    rows, columns = np.divmod(places, width + 1)
    kinds = cells[rows, columns]
    saddles = np.flatnonzero(_IS_SADDLE[kinds])
    cell = np.concatenate([np.arange(len(places)), saddles])
    ends = np.concatenate([_FIRST[kinds], _SECOND[kinds[saddles]]])
    rows, columns = rows[cell], columns[cell]
    begin, finish = (_edge_number(rows, columns, ends[:, end], width + 2) for end in (0, 1))
    by_begin = np.argsort(begin)
    following = by_begin[np.searchsorted(begin, finish, sorter=by_begin)]
    order, starts = _chained(following.tolist())
    return _points(values, first, rows[order], columns[order], ends[order, 0]), starts


def line_within(values: NDArray[np.uint8], first: int, most: int) -> Rings:
    """Return what :func:`cut_line` does, of every second, fourth … pixel where the line would be too long.

    Maps that are noise at the cut have lines without end, which nobody could follow anyway.
    """
    step = 1
    while (rings := cut_line(values[::step, ::step], first, most)) is None:
        step *= 2
    points, starts = rings
    return points * np.float32(step), starts


def _edge_number(
    rows: NDArray[np.intp], columns: NDArray[np.intp], edges: NDArray[np.intp], width: int
) -> NDArray[np.intp]:
    """Return a number for an edge of a cell that is the same for its neighbour across that edge."""
    lower, righter = edges == 2, edges == 1
    made: NDArray[np.intp] = 2 * ((rows + lower) * width + columns + righter) + (edges % 2)
    return made


def _chained(following: list[int]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return the segments in the order in which they follow one another, ring by ring, and where rings begin."""
    order: list[int] = []
    begins: list[int] = []
    unseen = bytearray(b"\1") * len(following)
    at = unseen.find(1)
    while at >= 0:
        begins.append(len(order))
        first = at
        while unseen[at]:
            unseen[at] = 0
            order.append(at)
            at = following[at]
        order.append(first)
        at = unseen.find(1, first)
    starts = np.zeros(len(order), np.bool_)
    starts[begins] = True
    return np.array(order, np.intp), starts


def _points(
    values: NDArray[np.uint8], first: int, rows: NDArray[np.intp], columns: NDArray[np.intp], edges: NDArray[np.intp]
) -> NDArray[np.float32]:
    """Return where the line crosses one edge of each cell: (n, 2) x, y."""
    height, width = values.shape
    top, left = rows - 1 + (edges == 2), columns - 1 + (edges == 1)  # the pixel at which the edge begins
    along_x = edges % 2 == 0
    here, there = _at(values, top, left), _at(values, top + ~along_x, left + along_x)
    share = (first - 0.5 - here) / (there - here)
    made = np.stack([left + share * along_x, top + share * ~along_x], axis=1)
    inside: NDArray[np.float32] = np.clip(made, 0, (width - 1, height - 1)).astype(np.float32)
    return inside


def _at(values: NDArray[np.uint8], rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return values at places that may lie one pixel outside, where the map is 0."""
    height, width = values.shape
    out = (rows < 0) | (columns < 0) | (rows >= height) | (columns >= width)
    found = values[np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)].astype(np.float32)
    found[out] = 0.0
    return found
