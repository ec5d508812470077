"""The curves of a training: the loss as it falls, and the overlap on the held-out photos as it rises."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.assets import current_theme

_Points = Sequence[tuple[float, float]]


class Curve(QWidget):
    """One quantity over the epochs, in a frame of its own; its last value stands beside its name."""

    def __init__(self, name: str, per_cent: bool = False, parent: QWidget | None = None) -> None:
        """``per_cent``: values are shares of one and the axis goes from 0 to 100 %."""
        super().__init__(parent)
        self._name, self._per_cent = name, per_cent
        self._points: list[tuple[float, float]] = []
        self._end = 1.0
        self._breaks: list[float] = []
        self._base: float | None = None
        self._base_name = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(110)
        self.setAccessibleName(name)

    def show_points(self, points: _Points, end: float, breaks: Sequence[float] = ()) -> None:
        """Show x, y in order; the axis reaches to ``end``, and at each of ``breaks`` something else begins."""
        self._breaks = list(breaks)
        self._points, self._end = list(points), max(end, *(x for x, _ in points), 1e-9)
        self.setAccessibleDescription(f"now {self._said(points[-1][1])}" if points else "nothing yet")
        self.update()

    def show_base(self, value: float | None, name: str = "") -> None:
        """Draw a dashed line to compare with."""
        self._base, self._base_name = value, name
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for a curve."""
        return QSize(280, 140)

    def _said(self, value: float) -> str:
        return f"{value:.1%}" if self._per_cent else f"{value:.3f}"

    def _range(self) -> tuple[float, float]:
        values = [y for _, y in self._points] + ([self._base] if self._base is not None else [])
        low, high = (min(values), max(values)) if values else (0.0, 1.0)
        if not self._per_cent:
            low = min(low, 0.0)
        room = max((high - low) * 0.15, 0.01)
        return (max(low - room, 0.0), min(high + room, 1.0)) if self._per_cent else (low, high + room)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the name, the frame with its limits, the line to compare with, the curve, and its last point."""
        theme, painter = current_theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.fontMetrics().height()
        low, high = self._range()
        labels = [f"{value:.0%}" if self._per_cent else f"{value:.2f}" for value in (high, low)]
        left = max(self.fontMetrics().horizontalAdvance(label) for label in labels) + theme.gap
        frame = QRectF(left, line + 6, self.width() - left - 6, self.height() - line - 12)
        head = QRectF(0, 0, self.width() - 6, line)
        painter.setPen(QColor(theme.text))
        painter.drawText(head, Qt.AlignmentFlag.AlignLeft, self._name)
        if self._points:
            painter.drawText(head, Qt.AlignmentFlag.AlignRight, self._said(self._points[-1][1]))
        painter.setPen(QColor(theme.muted))
        for label, y in zip(labels, (frame.top(), frame.bottom()), strict=True):
            box = QRectF(0, y - line / 2, left - 4, line)
            box.moveTop(min(max(box.top(), 0.0), self.height() - line))
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, label)
        painter.setPen(QColor(theme.line))
        painter.setBrush(QColor(theme.base))
        painter.drawRect(QRectF(frame.toRect()).adjusted(0.5, 0.5, -0.5, -0.5))

        def place(x: float, y: float) -> QPointF:
            share = (y - low) / max(high - low, 1e-9)
            return QPointF(frame.left() + x / self._end * frame.width(), frame.bottom() - share * frame.height())

        painter.setClipRect(frame)
        if self._base is not None:
            painter.setPen(QPen(QColor(theme.muted), 1.5, Qt.PenStyle.DashLine))
            painter.drawLine(place(0, self._base), place(self._end, self._base))
            at = place(0, self._base)
            words = QRectF(frame.left() + 6, at.y() - line - 1, frame.width() - 12, line)
            painter.drawText(words, Qt.AlignmentFlag.AlignRight, self._base_name)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.line), 1))
        for x in self._breaks:
            painter.drawLine(place(x, low), place(x, high))
        painter.setPen(QPen(QColor(theme.accent), 2))
        painter.drawPolyline(QPolygonF([place(x, y) for x, y in self._points]))
        if self._points:
            painter.setBrush(QColor(theme.accent))
            painter.drawEllipse(place(*self._points[-1]), 3, 3)
        elif self._base is None:
            painter.setPen(QColor(theme.muted))
            painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, "comes with the first photos")
        painter.end()
