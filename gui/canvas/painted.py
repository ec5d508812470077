"""What was painted on: stripes in a line of their colour, as wide at any zoom, kept until the view moves."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap

from core.jobs.answers import MaskLayer
from gui.canvas.layers import CASING, Glass, LineLook, paint_pyramid, pen_of
from gui.canvas.outline import OutlineLayer
from gui.canvas.qimages import mask_table, wrap_mask
from gui.canvas.viewport import Point, Viewport, level_matrix, transform

COLOURS = ("#ff2fd0", "#00d26a")
"""Of the stripes; the second where the mask has the first."""
PITCH = 16
"""View pixels from one stripe to the next, along a row."""
STRIPE = 2.5
"""Width of a stripe in view pixels; its dark casing is half as wide again."""


def painted_colour(mask_colour: str) -> str:
    """Return the colour of what was painted on beside a mask of ``mask_colour`` (both #rrggbb)."""
    return COLOURS[1] if QColor(mask_colour) == QColor(COLOURS[0]) else COLOURS[0]


def hatch(colour: str, ratio: float) -> QPixmap:
    """Return the tile that repeats as stripes; ``ratio`` is device pixels for each view pixel."""
    side = round(PITCH * ratio)
    tile = QPixmap(side, side)
    tile.fill(Qt.GlobalColor.transparent)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for pen in (pen_of(CASING, 1.5 * STRIPE * ratio), pen_of(QColor(colour), STRIPE * ratio)):
        painter.setPen(pen)
        for start in (0, side, 2 * side):  # a stripe and its neighbours, whose edges reach into the corners
            painter.drawLine(QLineF(start + side, -side, start - 2 * side, 2 * side))
    painter.end()
    tile.setDevicePixelRatio(ratio)
    return tile


class PaintedOnLayer:
    """Paints what was painted on over one original."""

    def __init__(self, mask: MaskLayer) -> None:
        """Wrap the levels of ``mask``: they say how much of the stripes shows."""
        height, width = mask.levels[0].shape
        self._size = (width, height)
        self._levels = tuple(wrap_mask(level, mask_table("#ffffff", 1.0)) for level in mask.levels)
        self._edge = OutlineLayer(mask)
        self._corners = _corners(mask)
        self._kept: tuple[object, QImage, QPointF] | None = None

    def paint(self, painter: QPainter, view: Viewport, glass: Glass, colour: str) -> None:
        """Paint what can be seen in ``colour`` (#rrggbb)."""
        part = self._part(view, glass)
        if part.isEmpty():
            return
        key = (view, glass, colour)
        if self._kept is None or self._kept[0] != key:
            corner = QPointF(part.topLeft()) / glass.ratio
            self._kept = key, self._striped(part, corner, view, glass, colour), corner
        _, image, at = self._kept
        painter.drawImage(at, image)
        self._edge.paint(painter, view, glass, LineLook(QColor(colour), 1.5))

    def _part(self, view: Viewport, glass: Glass) -> QRect:
        """Return where in the view it lies, in device pixels."""
        xs, ys = zip(*map(view.to_view, self._corners), strict=True)
        width, height = glass.extent
        left, right = max(min(xs), 0.0) * glass.ratio, min(max(xs), width) * glass.ratio
        top, bottom = max(min(ys), 0.0) * glass.ratio, min(max(ys), height) * glass.ratio
        x, y = math.floor(left), math.floor(top)
        return QRect(x, y, math.ceil(right) - x, math.ceil(bottom) - y)

    def _striped(self, part: QRect, corner: QPointF, view: Viewport, glass: Glass, colour: str) -> QImage:
        image = QImage(part.size(), QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        image.setDevicePixelRatio(glass.ratio)
        painter = QPainter(image)
        painter.translate(-corner)
        paint_pyramid(painter, self._levels, self._size, view, glass)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
        # the stripes lie still on the picture while it is moved
        begin = corner - QPointF(*view.to_view((0.0, 0.0)))
        tile = hatch(colour, glass.ratio)
        side = tile.deviceIndependentSize().width()
        area = QRectF(corner, part.size().toSizeF() / glass.ratio)
        painter.drawTiledPixmap(area, tile, QPointF(begin.x() % side, begin.y() % side))
        painter.end()
        return image


def _corners(mask: MaskLayer) -> tuple[Point, ...]:
    """Return the corners, in pixels of the finest level, of a frame around all that is not 0."""
    coarse, fine = mask.levels[-1], mask.levels[0]
    rows, columns = np.flatnonzero(coarse.any(axis=1)), np.flatnonzero(coarse.any(axis=0))
    if not len(rows):
        return ((0.0, 0.0),)
    to_fine = level_matrix((coarse.shape[1], coarse.shape[0]), (fine.shape[1], fine.shape[0]))
    # a value that was rounded to nothing lies at most one pixel of the coarsest level further out
    left, top = transform(to_fine, (columns[0] - 1.5, rows[0] - 1.5))
    right, bottom = transform(to_fine, (columns[-1] + 1.5, rows[-1] + 1.5))
    return (left, top), (right, top), (right, bottom), (left, bottom)
