"""What a widget has painted, kept at the screen's size: only what has changed since is painted anew."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QWidget


class Kept:
    """Costs the widget's size in memory, from the first painting until it is dropped."""

    def __init__(self, widget: QWidget, make: Callable[[QPainter, QRectF], None]) -> None:
        """``make`` paints a part of the widget, in its coordinates."""
        self._widget = widget
        self._make = make
        self._pixmap: QPixmap | None = None
        self._stale = QRect()

    def drop(self) -> None:
        """All of it has changed, or is not needed any more."""
        self._pixmap = None

    def spoil(self, part: QRect) -> None:
        """A part has changed."""
        self._stale = self._stale.united(part)

    def paint(self, painter: QPainter) -> None:
        """Paint it where the painter may."""
        ratio = self._widget.devicePixelRatio()
        size = (self._widget.size().toSizeF() * ratio).toSize()
        pixmap = self._pixmap
        if pixmap is None or pixmap.size() != size:
            pixmap = self._pixmap = QPixmap(size)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            self._stale = self._widget.rect()
        stale = self._stale.intersected(self._widget.rect())
        if not stale.isEmpty():
            own = QPainter(pixmap)
            own.setClipRect(stale)
            own.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
            own.fillRect(stale, Qt.GlobalColor.transparent)
            own.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
            self._make(own, QRectF(stale))
            own.end()
        self._stale = QRect()
        painter.drawPixmap(0, 0, pixmap)
