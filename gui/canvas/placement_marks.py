"""What is drawn over the pictures while a placement is set by hand: frame and handles, numbered points, the split."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPolygonF

from gui.canvas.layers import CASING, FOOTPRINT_CORE, FOOTPRINT_EDGE, LIGHT_CORE, pen_of
from gui.canvas.viewport import Point, Size, Viewport

KNOB = 30.0
"""View pixels from the frame's upper edge to the knob that turns it."""
HANDLE = 9.0
"""Side of a corner's handle, view pixels."""
FITS, NEARLY, OFF, WAITING = QColor("#56b4e9"), QColor("#f0e442"), QColor("#e8601c"), QColor("#ffffff")
"""Of points, by what is left at each: apart for every kind of sight; the number beside says the same."""
NEARLY_FROM, OFF_FROM = 2.0, 5.0
"""Residuals in original pixels."""


@dataclass(frozen=True, slots=True)
class PointMark:
    """A numbered point of one picture."""

    number: int
    at: Point
    """In its picture's pixels."""
    wanted: Point | None = None
    """Where the placement would have it."""
    left: float | None = None
    """Original pixels between the two; None while there is no placement by points."""
    tells: bool = True
    """The number says what is left, too."""
    selected: bool = False
    doubtful: bool = False
    """The others agree better without it."""
    waiting: bool = False

    @property
    def colour(self) -> QColor:
        """By what is left."""
        if self.left is None or self.waiting:
            return WAITING
        return FITS if self.left < NEARLY_FROM else NEARLY if self.left < OFF_FROM else OFF

    @property
    def words(self) -> str:
        """Number, what is left, and whether it is in doubt."""
        words = str(self.number) if self.left is None or not self.tells else f"{self.number} · {self.left:.1f} px"
        return f"{words} ?" if self.doubtful else words


@dataclass(frozen=True, slots=True)
class FrameMarks:
    """The designer image's frame with its handles, in original pixels."""

    corners: tuple[Point, Point, Point, Point]
    middle: Point
    handles: bool = True


@dataclass(frozen=True, slots=True)
class Marks:
    """All that lies over one pane."""

    frame: FrameMarks | None = None
    points: tuple[PointMark, ...] = ()
    split: float | None = None
    """Share of the pane's width at which a swipe is parted."""

    def paint(self, painter: QPainter, view: Viewport, extent: Size) -> None:
        """Paint them."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.split is not None:
            _paint_split(painter, extent[0] * self.split, extent[1])
        if self.frame is not None:
            _paint_frame(painter, view, self.frame)
        # on top, where they lie close, what is asked about
        for point in sorted(self.points, key=lambda mark: (mark.doubtful, mark.selected)):
            _paint_point(painter, view, point)
        painter.restore()


def _paint_split(painter: QPainter, x: float, height: float) -> None:
    for colour, width in ((CASING, 3.0), (LIGHT_CORE, 1.5)):
        painter.setPen(pen_of(colour, width))
        painter.drawLine(QPointF(x, 0), QPointF(x, height))
    painter.setPen(pen_of(CASING, 1.5))
    painter.setBrush(LIGHT_CORE)
    y = height - 28
    painter.drawEllipse(QPointF(x, y), 11, 11)
    for way in (-1, 1):
        tip = QPointF(x + 7 * way, y)
        painter.drawPolyline([tip + QPointF(-3 * way, -4), tip, tip + QPointF(-3 * way, 4)])


def _paint_frame(painter: QPainter, view: Viewport, frame: FrameMarks) -> None:
    corners = [QPointF(*view.to_view(corner)) for corner in frame.corners]
    middle = QPointF(*view.to_view(frame.middle))
    top = (corners[0] + corners[1]) / 2
    up = top - middle
    knob = top + up * (KNOB / max(math.hypot(up.x(), up.y()), 1e-9))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in FOOTPRINT_EDGE.pens():
        painter.setPen(pen)
        painter.drawPolygon(QPolygonF(corners))
    if not frame.handles:
        return
    for colour, width in ((CASING, 3.0), (FOOTPRINT_CORE, 1.5)):
        painter.setPen(pen_of(colour, width))
        painter.drawLine(top, knob)
        for dx, dy in ((6, 0), (0, 6)):
            painter.drawLine(middle - QPointF(dx, dy), middle + QPointF(dx, dy))
    painter.setPen(pen_of(CASING, 1.5))
    painter.setBrush(FOOTPRINT_CORE)
    painter.drawEllipse(knob, HANDLE / 2 + 1, HANDLE / 2 + 1)
    for corner in corners:
        painter.drawRect(QRectF(corner.x() - HANDLE / 2, corner.y() - HANDLE / 2, HANDLE, HANDLE))


def _paint_point(painter: QPainter, view: Viewport, mark: PointMark) -> None:
    at = QPointF(*view.to_view(mark.at))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if mark.wanted is not None:
        there = QPointF(*view.to_view(mark.wanted))
        for colour, width in ((CASING, 4.0), (mark.colour, 2.0)):
            painter.setPen(pen_of(colour, width))
            painter.drawLine(at, there)
    for colour, width in ((CASING, 4.0), (mark.colour, 2.0)):
        painter.setPen(pen_of(colour, width))
        painter.drawEllipse(at, 6, 6)
        if mark.selected:
            painter.drawEllipse(at, 10, 10)
    painter.setPen(pen_of(CASING, 3.0))
    painter.drawPoint(at)
    font = QFont(painter.font())
    font.setBold(True)
    painter.setFont(font)
    room = painter.fontMetrics().boundingRect(mark.words)
    card = QRectF(at.x() + 11, at.y() - room.height() - 8, room.width() + 12, room.height() + 4)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(CASING)
    painter.drawRoundedRect(card, 4, 4)
    painter.setPen(mark.colour)
    painter.drawText(card, Qt.AlignmentFlag.AlignCenter, mark.words)
