"""Lies over the original's pane while its mask is edited: the mask, the line of a gesture, the pointer's ring."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from core.domain import Box
from gui.assets import current_theme
from gui.canvas.edge_colours import EdgeColours
from gui.canvas.edit_layer import EditLayer, EditLook, Plane8
from gui.canvas.kept import Kept
from gui.canvas.layers import CASING, LIGHT_CORE, LineLook, pen_of
from gui.canvas.viewport import PixelRect, Point, Viewport

_LINE = LineLook(LIGHT_CORE, 1.25, dashed=True)
_SIGN = 4.0
"""Half the length of the plus or minus in the pointer, view pixels."""


@dataclass(frozen=True, slots=True)
class TrailLine:
    """The line of a gesture, in pixels of the original."""

    points: Sequence[Point]
    closed: bool = False
    width: float = 0.0
    """0: a thin line; else a band so many pixels wide."""


@dataclass(frozen=True, slots=True)
class PointerRing:
    """What stands in place of the mouse cursor: circles in pixels of the original around a view point."""

    at: Point
    radius: float = 0.0
    inner: float = 0.0
    adds: bool = True

    def reach(self, scale: float) -> float:
        """Return how far it reaches, view pixels."""
        return max(self.radius * scale, 2 * _SIGN) + 4


class EditSurface(QWidget):
    """Paints; the mouse goes through it to the pane."""

    changed = Signal()
    """Where, what or how it shows is another."""

    def __init__(self, pane: QWidget) -> None:
        super().__init__(pane)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self._view = Viewport()
        self._layer: EditLayer | None = None
        self._look = EditLook()
        self._trail: TrailLine | None = None
        self._ring: PointerRing | None = None
        self._bare = False
        """The mask is hidden; the hand still sees what it does."""
        self._kept = Kept(self, self._paint_layer)
        self.hide()

    @property
    def view(self) -> Viewport:
        """Where the original lies in the pane."""
        return self._view

    @property
    def layer(self) -> EditLayer | None:
        """The mask that is shown."""
        return self._layer

    @property
    def level(self) -> int:
        """Which level of the mask's pyramid is shown."""
        return 0 if self._layer is None else self._layer.level_at(self._view.scale * self.devicePixelRatio())

    @property
    def look(self) -> EditLook:
        """How the mask is shown."""
        return self._look

    def follow(self, view: Viewport, size: tuple[int, int], shown: bool, bare: bool) -> None:
        """Lie over a pane of ``size`` that shows the original through ``view``, or hide; ``bare``: without the mask."""
        self.resize(*size)
        if bare != self._bare:
            self._bare = bare
            self.update()
        if view != self._view:
            self._view = view
            self._all_changed()
        self.setVisible(shown)

    def show_layer(self, layer: EditLayer | None) -> None:
        """Show a mask, or none."""
        self._layer, self._trail = layer, None
        self._all_changed()

    def show_look(self, look: EditLook) -> None:
        """Show it in another way."""
        if look != self._look:
            self._look = look
            self._all_changed()

    def _all_changed(self) -> None:
        self._kept.drop()
        self.update()
        self.changed.emit()

    def touch(self, box: Box) -> None:
        """A box of the mask has changed: paint that."""
        seen = self._in_view(box).toAlignedRect().adjusted(-4, -4, 4, 4)
        self._kept.spoil(seen)
        self.update(seen)
        self.changed.emit()

    def seen(self, room: int) -> tuple[Plane8, PixelRect] | None:
        """Return the level of the mask that is shown, and its pixels in view with some room; None if there are none."""
        if self._layer is None:
            return None
        return self._layer.seen(self._view, self.devicePixelRatio(), QRectF(self.rect()), room)

    def show_colours(self, layer: EditLayer, colours: EdgeColours | None) -> None:
        """Show the portrait's own colours in a mask's soft edge, unless that mask is shown no more."""
        layer.colours = colours
        if layer is self._layer:
            self._kept.drop()
            self.update()

    def show_trail(self, trail: TrailLine | None) -> None:
        """Show the line of a gesture, or none."""
        for one in (self._trail, trail):
            if one is not None and one.points:
                xs, ys = zip(*one.points, strict=True)
                reach = one.width / 2 + 4 / self._view.scale
                low, high = (min(xs) - reach, min(ys) - reach), (max(xs) + reach, max(ys) + reach)
                corners = QRectF(QPointF(*self._view.to_view(low)), QPointF(*self._view.to_view(high)))
                self.update(corners.toAlignedRect())
        self._trail = trail

    def show_ring(self, ring: PointerRing | None) -> None:
        """Show the pointer, or none."""
        for one in (self._ring, ring):
            if one is not None:
                reach = math.ceil(one.reach(self._view.scale))
                self.update(QRect(round(one.at[0]) - reach, round(one.at[1]) - reach, 2 * reach, 2 * reach))
        self._ring = ring

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the mask, then the gesture's line, then the pointer."""
        painter = QPainter(self)
        if self._layer is not None and not self._bare:
            self._kept.paint(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._trail is not None:
            self._paint_trail(painter, self._trail)
        if self._ring is not None:
            self._paint_ring(painter, self._ring)
        painter.end()

    def _paint_layer(self, painter: QPainter, part: QRectF) -> None:
        if self._layer is not None:
            self._layer.paint(painter, self._view, self.devicePixelRatio(), part, self._look)

    def _paint_trail(self, painter: QPainter, trail: TrailLine) -> None:
        line = QPolygonF([QPointF(*self._view.to_view(point)) for point in trail.points])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if trail.width > 0:
            colour = QColor(current_theme().accent)
            colour.setAlphaF(0.5)
            pen = QPen(colour, trail.width * self._view.scale, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            if line.size() == 1:
                painter.drawPoint(line.at(0))
            painter.drawPolyline(line)
            return
        for pen in _LINE.pens():
            painter.setPen(pen)
            if trail.closed:
                painter.drawPolygon(line)
            else:
                painter.drawPolyline(line)
        painter.setPen(pen_of(CASING, 1.0))
        painter.setBrush(LIGHT_CORE)
        painter.drawEllipse(line.at(0), 3.0, 3.0)

    def _paint_ring(self, painter: QPainter, ring: PointerRing) -> None:
        centre, scale = QPointF(*ring.at), self._view.scale
        painter.setBrush(Qt.BrushStyle.NoBrush)
        outer, inner = ring.radius * scale, ring.inner * scale
        # a circle of three thin lines: a wide pen's stroke takes several times as long
        for colour, width, radii in ((CASING, 3.0, (outer - 1, outer + 1)), (LIGHT_CORE, 1.25, (outer,))):
            painter.setPen(pen_of(colour, 1.0))
            if outer >= 1.5:
                for radius in radii:
                    painter.drawEllipse(centre, radius, radius)
            painter.setPen(pen_of(colour, width))
            painter.drawLine(centre - QPointF(_SIGN, 0), centre + QPointF(_SIGN, 0))
            if ring.adds:
                painter.drawLine(centre - QPointF(0, _SIGN), centre + QPointF(0, _SIGN))
        if 3 <= inner <= outer - 2:
            pen = pen_of(LIGHT_CORE, 1.0)
            pen.setDashPattern([2.0, 4.0])
            painter.setPen(pen)
            painter.drawEllipse(centre, inner, inner)

    def _in_view(self, box: Box) -> QRectF:
        left, top = self._view.to_view((box[0] - 0.5, box[1] - 0.5))
        right, bottom = self._view.to_view((box[2] - 0.5, box[3] - 0.5))
        return QRectF(QPointF(left, top), QPointF(right, bottom))
