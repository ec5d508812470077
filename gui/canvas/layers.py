"""What lies in a pane, and how each kind is painted: picture, mask, footprint, crosshair."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPixmap, QPolygonF, QTransform

from core.domain import Matrix
from core.jobs.answers import DisplayPicture, MaskLayer
from gui.canvas.qimages import WrappedImage, mask_table, wrap_colour, wrap_mask
from gui.canvas.viewport import Point, Size, Viewport, choose_level, compose, frame, level_matrix, visible

NEAREST_FROM = 2.0
"""Device pixels for each picture pixel from which on pixels are shown as squares: no smoothing may hide an edge."""
CHECKER_SQUARE = 8
CASING = QColor(16, 16, 16)
LIGHT_CORE = QColor(255, 255, 255)
FOOTPRINT_CORE = QColor(255, 206, 64)
DASHES = (6.0, 4.0)
"""Lengths of a dash and of a gap, in widths of the line."""

CORNERS: Matrix = ((1.0, 0.0, -0.5), (0.0, 1.0, -0.5))
"""From Qt's image coordinates, whose zero is the corner of the first pixel, to ours, whose zero is its centre."""


@dataclass(frozen=True, slots=True)
class LineLook:
    """How a line over a picture is drawn: in a dark casing, so that it shows on any picture."""

    core: QColor
    width: float
    """Of the core, in view pixels."""
    dashed: bool = False

    def pens(self, ratio: float = 1.0) -> tuple[QPen, QPen]:
        """Return the casing's pen and the core's; ``ratio`` is pen pixels for each view pixel."""
        casing, core = pen_of(CASING, 3.0 * ratio), pen_of(self.core, self.width * ratio)
        if self.dashed:
            core.setDashPattern(DASHES)
            core.setCapStyle(Qt.PenCapStyle.FlatCap)
        return casing, core


MASK_EDGE = LineLook(LIGHT_CORE, 1.25)
FOOTPRINT_EDGE = LineLook(FOOTPRINT_CORE, 1.5, dashed=True)


@dataclass(frozen=True, slots=True)
class Glass:
    """What is painted on: width and height in view pixels, and device pixels for each of them."""

    extent: Size
    ratio: float


def qt_transform(matrix: Matrix) -> QTransform:
    """Return a 2 x 3 matrix as Qt has it (transposed)."""
    (a, b, c), (d, e, f) = matrix
    return QTransform(a, d, b, e, c, f)


class PictureLayer:
    """A picture's pyramid over the arrays of the answer it came in."""

    def __init__(self, picture: DisplayPicture) -> None:
        """Wrap the levels of ``picture``."""
        self.size = (picture.full_width, picture.full_height)
        self.opaque = picture.opaque
        self._levels = tuple(wrap_colour(level, picture.opaque) for level in picture.levels)

    def paint(self, painter: QPainter, view: Viewport, glass: Glass) -> None:
        """Paint what can be seen."""
        paint_pyramid(painter, self._levels, self.size, view, glass)


class MaskTint:
    """A mask's pyramid; its colour is a table of 256 entries, so that another colour costs nothing."""

    def __init__(self, mask: MaskLayer) -> None:
        """Wrap the levels of ``mask``."""
        height, width = mask.levels[0].shape
        self._size = (width, height)
        self._colour = ("", 0.0)
        self._levels = tuple(wrap_mask(level, ()) for level in mask.levels)

    def paint(self, painter: QPainter, view: Viewport, glass: Glass, colour: tuple[str, float]) -> None:
        """Paint what can be seen in ``colour`` (#rrggbb, opacity 0 to 1)."""
        if colour != self._colour:
            table = mask_table(*colour)
            for level in self._levels:
                level.image.setColorTable(table)
            self._colour = colour
        paint_pyramid(painter, self._levels, self._size, view, glass)


def paint_pyramid(
    painter: QPainter, levels: Sequence[WrappedImage], full: tuple[int, int], view: Viewport, glass: Glass
) -> None:
    """Paint what can be seen of a pyramid over ``full`` pixels, from the level that suits the zoom."""
    scale = view.scale * glass.ratio
    level = levels[choose_level(scale, [item.size[0] for item in levels], full[0])]
    of_level = view.after(level_matrix(level.size, full))
    left, top, right, bottom = visible(of_level, glass.extent, level.size)
    if right <= left or bottom <= top:
        return
    # a preview is smoothed at any zoom: its pixels are not the file's
    squares = scale >= NEAREST_FROM and level.size == full
    (_, skew, _), _ = of_level.matrix
    part = QRectF(left, top, right - left, bottom - top)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not squares)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, abs(skew) > 1e-9)
    painter.setTransform(qt_transform(compose(of_level.matrix, CORNERS)), True)
    painter.drawImage(part, level.image, part)
    painter.restore()


def paint_footprint(painter: QPainter, view: Viewport, corners: Sequence[Point]) -> None:
    """Paint the designer image's frame in the original, dashed; a tick stands on its upper edge.

    ``corners`` are top left, top right, bottom right, bottom left of the designer image, in original pixels.
    """
    seen = [QPointF(*view.to_view(corner)) for corner in corners]
    top, bottom = (seen[0] + seen[1]) / 2, (seen[2] + seen[3]) / 2
    up = top - bottom
    length = math.hypot(up.x(), up.y())
    if length < 1:
        return
    tick = top + up * (min(10.0, length / 4) / length)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    solid = LineLook(FOOTPRINT_EDGE.core, FOOTPRINT_EDGE.width)
    for frame_pen, tick_pen in zip(FOOTPRINT_EDGE.pens(), solid.pens(), strict=True):
        painter.setPen(tick_pen)
        painter.drawLine(top, tick)
        painter.setPen(frame_pen)
        painter.drawPolygon(QPolygonF(seen))
    painter.restore()


def paint_frame(painter: QPainter, view: Viewport, size: tuple[int, int], brush: QBrush) -> None:
    """Fill an image's frame: with a checkerboard under a transparent picture, or plain where one will come."""
    seen = [QPointF(*view.to_view(corner)) for corner in frame(size)]
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrushOrigin(seen[0])
    painter.setBrush(brush)
    painter.drawPolygon(QPolygonF(seen))
    painter.restore()


def checkerboard(colours: tuple[str, str]) -> QBrush:
    """Return the brush that shows through a transparent picture."""
    side = CHECKER_SQUARE
    tile = QPixmap(2 * side, 2 * side)
    tile.fill(QColor(colours[0]))
    painter = QPainter(tile)
    for corner in (0, side):
        painter.fillRect(corner, corner, side, side, QColor(colours[1]))
    painter.end()
    return QBrush(tile)


def paint_crosshair(painter: QPainter, at: Point, reach: float) -> None:
    """Paint the counterpart of the mouse: a cross with a free middle, ``reach`` view pixels long each way."""
    x, y = at
    painter.save()
    for colour, width in ((CASING, 3.0), (LIGHT_CORE, 1.0)):
        painter.setPen(pen_of(colour, width))
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            painter.drawLine(QPointF(x + 3 * dx, y + 3 * dy), QPointF(x + reach * dx, y + reach * dy))
    painter.restore()


def pen_of(colour: QColor, width: float) -> QPen:
    """Return the pen of a line over a picture; ``width`` in view pixels."""
    return QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.BevelJoin)
