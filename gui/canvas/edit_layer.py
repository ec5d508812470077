"""The mask under edit on glass: its pyramid changes box by box, and only what has changed is painted anew."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from core.domain import Box
from core.maths.patches import TILE, over, union
from gui.canvas.edge_colours import EdgeColours
from gui.canvas.layers import CORNERS, MASK_EDGE, NEAREST_FROM, qt_transform
from gui.canvas.marching import LONGEST, line_within
from gui.canvas.qimages import WrappedImage, mask_table, path_of_lines, wrap_mask
from gui.canvas.viewport import PixelRect, Viewport, choose_level, compose, invert, level_matrix, transform

Plane8 = NDArray[np.uint8]
FINE = 1.25
"""Device pixels for each view pixel from which on lines of one pixel are too thin."""
ONION = 0.72
"""How far what lies outside of the mask recedes as an onion skin."""


class EditView(StrEnum):
    """How the mask under edit lies over the photo."""

    OVERLAY = "overlay"
    ONION = "onion skin"
    BLACK = "on black"
    WHITE = "on white"
    BACKDROP = "on a backdrop"
    MONO = "black and white"
    OUTLINE = "outline"


@dataclass(frozen=True, slots=True)
class EditLook:
    """A view with its colours (#rrggbb)."""

    view: EditView = EditView.OVERLAY
    colour: str = "#00b4ff"
    opacity: float = 0.45
    backdrop: str = "#3fa34d"
    surround: str = "#737373"
    outline: bool = True
    """Draw the mask's edge in the overlay too."""

    @property
    def on_backdrop(self) -> bool:
        """Whether a plain colour stands in place of the photo's background."""
        return self.view in (EditView.BLACK, EditView.WHITE, EditView.BACKDROP)

    @property
    def has_line(self) -> bool:
        """Whether the edge is drawn as a line."""
        return self.view is EditView.OUTLINE or (self.view is EditView.OVERLAY and self.outline)

    def table(self) -> list[int]:
        """Return the colours of the mask's 256 values; all views are tables, so that one costs what another does."""
        if self.view is EditView.OVERLAY:
            return mask_table(self.colour, self.opacity)
        if self.view is EditView.OUTLINE:
            return [0] * 256
        if self.view is EditView.MONO:
            return [QColor(value, value, value).rgba() for value in range(256)]
        colour, strength = {
            EditView.BLACK: ("#000000", 1.0),
            EditView.WHITE: ("#ffffff", 1.0),
            EditView.BACKDROP: (self.backdrop, 1.0),
            EditView.ONION: (self.surround, ONION),
        }[self.view]
        return mask_table(colour, strength)[::-1]


class Preview:
    """A stroke under way, drawn in one level alone; what lay beneath is kept in squares, to be shown again."""

    def __init__(self, level: WrappedImage, step: int) -> None:
        """``step`` is pixels of the mask for each of the level's."""
        self.level, self.step = level, step
        self._squares: dict[tuple[int, int], Plane8] = {}

    def draw(self, box: Box, alpha: Plane8, adds: bool) -> Box | None:
        """Show what the stroke covers by now in a box of the level; return the box of the mask that has changed."""
        left, top, right, bottom = box
        changed: Box | None = None
        for y in range(top - top % TILE, bottom, TILE):
            for x in range(left - left % TILE, right, TILE):
                square = self.level.pixels[y : y + TILE, x : x + TILE]
                before = self._squares.get((x, y))
                if before is None:
                    before = self._squares[x, y] = square.copy()
                rows, columns = slice(max(top - y, 0), bottom - y), slice(max(left - x, 0), right - x)
                part = alpha[max(y - top, 0) : y + TILE - top, max(x - left, 0) : x + TILE - left]
                now = over(before[rows, columns], part, part if adds else np.zeros_like(part))
                window = square[rows, columns]
                inner = _differs(window, now)
                if inner is not None:
                    window[:] = now
                    shift = np.array((x + columns.start, y + rows.start) * 2)
                    changed = union(changed, tuple((self.step * (shift + inner)).tolist()))
        return changed

    def take_back(self) -> list[Box]:
        """Show what lay beneath; return the boxes of the mask where it does."""
        for (x, y), before in self._squares.items():
            self.level.pixels[y : y + TILE, x : x + TILE] = before
        return [tuple(self.step * side for side in (x, y, x + TILE, y + TILE)) for x, y in self._squares]  # type: ignore[misc]


def _differs(one: Plane8, other: Plane8) -> Box | None:
    """Return the box around what differs."""
    apart = one != other
    columns, rows = np.flatnonzero(apart.any(axis=0)), np.flatnonzero(apart.any(axis=1))
    return (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1) if len(columns) else None


class EditLayer:
    """A mask's pyramid that can be changed."""

    def __init__(self, levels: Sequence[Plane8]) -> None:
        """Take the levels of a mask over, each half the size of the one before; nobody else may hold on to them."""
        self._levels = tuple(wrap_mask(level, ()) for level in levels)
        self._look: EditLook | None = None
        self.colours: EdgeColours | None = None
        """The portrait's own, in a soft edge."""
        self._pinned: int | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the mask."""
        return self._levels[0].size

    @property
    def mask(self) -> Plane8:
        """The mask as it is shown; not to be written."""
        return self._levels[0].pixels

    def put(self, box: Box, pixels: Plane8) -> None:
        """Change a box of the mask, in every level."""
        left, top, right, bottom = box
        self.mask[top:bottom, left:right] = pixels
        for finer, level in zip(self._levels, self._levels[1:], strict=False):
            left, top, right, bottom = left // 2, top // 2, (right + 1) // 2, (bottom + 1) // 2
            window = finer.pixels[2 * top : 2 * bottom, 2 * left : 2 * right]
            level.pixels[top:bottom, left:right] = _halved(window)

    def level_at(self, scale: float) -> int:
        """Return which level is shown at a scale, device pixels for each pixel of the mask."""
        return choose_level(scale, [item.size[0] for item in self._levels], self.size[0])

    def preview(self, level: int) -> Preview:
        """Begin to draw a stroke in one level, which is shown at any zoom until the stroke is released."""
        self._pinned = level
        return Preview(self._levels[level], 1 << level)

    def release(self) -> None:
        """The stroke is no longer under way."""
        self._pinned = None

    def paint(self, painter: QPainter, view: Viewport, ratio: float, clip: QRectF, look: EditLook) -> None:
        """Paint what lies in ``clip`` (view pixels); ``ratio`` is device pixels for each view pixel."""
        if self.colours is not None and look.on_backdrop:
            self.colours.paint(painter, view, ratio, self.size)
        if look != self._look:
            table = look.table()
            for level in self._levels:
                level.image.setColorTable(table)
            self._look = look
        scale = view.scale * ratio
        level = self._levels[self.level_at(scale) if self._pinned is None else self._pinned]
        of_level = view.after(level_matrix(level.size, self.size))
        if look.view is not EditView.OUTLINE:
            part = _within(of_level, clip, level.size, 2)
            if part is None:
                return
            left, top, right, bottom = part
            painter.save()
            squares = scale >= NEAREST_FROM and level is self._levels[0]
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not squares)
            painter.setTransform(qt_transform(compose(of_level.matrix, CORNERS)), True)
            window = QRectF(left, top, right - left, bottom - top)
            painter.drawImage(window, level.image, window)
            painter.restore()
        if look.has_line:
            _paint_line(painter, of_level, ratio, clip, level, thin=self._pinned is not None and ratio < FINE)

    def seen(self, view: Viewport, ratio: float, clip: QRectF, room: int) -> tuple[Plane8, PixelRect] | None:
        """Return the level that is shown, and its pixels that lie in ``clip`` with some room; None if none do."""
        level = self._levels[choose_level(view.scale * ratio, [item.size[0] for item in self._levels], self.size[0])]
        part = _within(view.after(level_matrix(level.size, self.size)), clip, level.size, room)
        return None if part is None else (level.pixels, part)


def _paint_line(
    painter: QPainter, view: Viewport, ratio: float, clip: QRectF, level: WrappedImage, *, thin: bool = False
) -> None:
    """Paint the edge; ``thin`` lines, of a pixel each, are drawn some ten times as fast as strokes of a wide pen."""
    # what is traced reaches so far beyond the clip that the ends of its rings cannot be seen
    part = _within(view, clip, level.size, 3 + math.ceil(4 / view.scale))
    if part is None:
        return
    left, top, right, bottom = part
    points, starts = line_within(level.pixels[top:bottom, left:right], 128, LONGEST)
    if not len(points):
        return
    path = path_of_lines(points + np.array((left, top), np.float32), starts)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setTransform(qt_transform(view.matrix), True)
    for pen in MASK_EDGE.pens(ratio):
        pen.setCosmetic(True)
        shifts = [(0.0, 0.0)]
        if thin:
            casing, by = pen.color() != MASK_EDGE.core, 1 / (view.scale * ratio)
            # around the core; the core itself twice, as bright as its wider pen
            shifts = [(by, 0.0), (-by, 0.0), (0.0, by), (0.0, -by)] if casing else 2 * shifts
            pen.setWidthF(1.0)
        painter.setPen(pen)
        for shift in shifts:
            painter.drawPath(path.translated(*shift))
    painter.restore()


def _within(view: Viewport, clip: QRectF, size: tuple[int, int], margin: int) -> PixelRect | None:
    """Return the pixels of an image that lie in a part of the view, with a margin; None if none do."""
    back = invert(view.matrix)
    corners = [transform(back, (x, y)) for x in (clip.left(), clip.right()) for y in (clip.top(), clip.bottom())]
    xs, ys = zip(*corners, strict=True)
    left, top = max(math.floor(min(xs)) - margin, 0), max(math.floor(min(ys)) - margin, 0)
    right, bottom = min(math.ceil(max(xs)) + margin + 1, size[0]), min(math.ceil(max(ys)) + margin + 1, size[1])
    return (left, top, right, bottom) if left < right and top < bottom else None


def _halved(pixels: Plane8) -> Plane8:
    """Return means of 2 x 2 pixels; the last row and column stand twice where there is an odd number."""
    height, width = pixels.shape
    if height % 2 or width % 2:
        pixels = np.pad(pixels, [(0, height % 2), (0, width % 2)], mode="edge")
    total = pixels[::2, ::2].astype(np.uint16)
    total += pixels[1::2, ::2]
    total += pixels[::2, 1::2]
    total += pixels[1::2, 1::2]
    total += 2
    total >>= 2
    answer: Plane8 = total.astype(np.uint8)
    return answer
