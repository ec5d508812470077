"""A prediction's map over the original: cut as a mask, as a heat map, or the cut's line. To move it sets a table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPolygonF

from core.domain import Box
from core.jobs.answers import MapLayer
from gui.canvas.colour_maps import cut_table, cut_value, heat_table
from gui.canvas.layers import MASK_EDGE, Glass, paint_pyramid, qt_transform
from gui.canvas.marching import LONGEST, line_within
from gui.canvas.qimages import path_of_lines, wrap_mask
from gui.canvas.scene import MapLook
from gui.canvas.viewport import PixelRect, Viewport, choose_level, level_matrix, visible

LINE_DETAIL = 0.5
"""Map pixels for each device pixel that the cut's line needs: it is interpolated between them."""


@dataclass(frozen=True, slots=True)
class MapPaint:
    """How a map is painted."""

    cut: float = 0.5
    """Threshold, 0 to 1."""
    look: MapLook = MapLook.MASK
    colour: str = "#00b4ff"
    opacity: float = 0.45
    outline: bool = True
    """Draw the cut's line; the look "outline" draws nothing else."""
    others: tuple[Box, ...] = ()
    """Portraits that the map leaves out, in original pixels."""


class ProbabilityLayer:
    """The pyramid of one map over an original of ``full`` pixels (width, height)."""

    def __init__(self, layer: MapLayer, full: tuple[int, int]) -> None:
        """Wrap the levels of ``layer``."""
        self._full = full
        self._levels = tuple(wrap_mask(level, ()) for level in layer.levels)
        self._table: tuple[object, ...] = ()
        self._line: tuple[tuple[object, ...], QPainterPath] | None = None

    def paint_fill(self, painter: QPainter, view: Viewport, glass: Glass, how: MapPaint) -> None:
        """Paint the mask, or the heat map."""
        if how.look is not MapLook.OUTLINE and how.opacity > 0:
            self._set_table(how)
            paint_pyramid(painter, self._levels, self._full, view, glass)

    def paint_lines(self, painter: QPainter, view: Viewport, glass: Glass, how: MapPaint) -> None:
        """Paint the line of the cut, and frames of other portraits."""
        for box in how.others:
            _paint_box(painter, view, box)
        if how.outline or how.look is MapLook.OUTLINE:
            self._paint_line(painter, view, glass, how.cut)

    def _set_table(self, how: MapPaint) -> None:
        heat = how.look is MapLook.HEAT
        key = (heat, how.opacity) if heat else (heat, how.opacity, how.colour, cut_value(how.cut))
        if key != self._table:
            table = heat_table(how.opacity) if heat else cut_table(how.cut, how.colour, how.opacity)
            for level in self._levels:
                level.image.setColorTable(table)
            self._table = key

    def _paint_line(self, painter: QPainter, view: Viewport, glass: Glass, cut: float) -> None:
        widths = [level.size[0] for level in self._levels]
        at = choose_level(view.scale * glass.ratio * LINE_DETAIL, widths, self._full[0])
        level = self._levels[at]
        of_level = view.after(level_matrix(level.size, self._full))
        part = visible(of_level, glass.extent, level.size)
        if part[2] <= part[0] or part[3] <= part[1]:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setTransform(qt_transform(of_level.matrix), True)
        path = self._path(at, part, cut_value(cut))
        for pen in MASK_EDGE.pens(glass.ratio):
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawPath(path)
        painter.restore()

    def _path(self, at: int, part: PixelRect, first: int) -> QPainterPath:
        key = (at, part, first)
        if self._line is None or self._line[0] != key:
            left, top, right, bottom = part
            points, starts = line_within(self._levels[at].pixels[top:bottom, left:right], first, LONGEST)
            self._line = key, path_of_lines(points + np.array((left, top), np.float32), starts)
        return self._line[1]


def _in_view(view: Viewport, box: Box) -> QRectF:
    """Return a box of original pixels where it lies in an upright view."""
    left, top = view.to_view((box[0] - 0.5, box[1] - 0.5))
    right, bottom = view.to_view((box[2] - 0.5, box[3] - 0.5))
    return QRectF(QPointF(left, top), QPointF(right, bottom))


def _paint_box(painter: QPainter, view: Viewport, box: Box) -> None:
    """Paint the frame of a portrait that the mask is not of."""
    painter.save()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for pen in MASK_EDGE.pens():
        pen.setStyle(Qt.PenStyle.DotLine)
        painter.setPen(pen)
        painter.drawPolygon(QPolygonF(_in_view(view, box)))
    painter.restore()
