"""The line over a pane: whose picture it is, what is to say about it, and the zoom."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.assets import current_theme


class Caption(QWidget):
    """The line over a pane: its name, what is to say about it, and the zoom at the right."""

    def __init__(self, name: str, parent: QWidget) -> None:
        """Make a caption that says ``name`` only."""
        super().__init__(parent)
        self._name, self._detail, self._zoom = name, "", ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def say(self, name: str, detail: str, zoom: str) -> None:
        """Change the words."""
        if (name, detail, zoom) != (self._name, self._detail, self._zoom):
            self._name, self._detail, self._zoom = name, detail, zoom
            self.update()

    def sizeHint(self) -> QSize:
        """Return one line of text with room around it."""
        return QSize(120, self.fontMetrics().height() + 2 * current_theme().gap)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the words; what is too long ends in an ellipsis."""
        theme = current_theme()
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(theme.window))
        row = self.rect().adjusted(theme.gap, 0, -theme.gap, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(theme.muted))
        painter.drawText(row, middle | Qt.AlignmentFlag.AlignRight, self._zoom)
        row.setRight(row.right() - self.fontMetrics().horizontalAdvance(self._zoom) - theme.gap)
        bold = painter.font()
        bold.setBold(True)
        measure = QFontMetrics(bold)
        painter.setFont(bold)
        painter.setPen(QColor(theme.text))
        painter.drawText(row, middle, measure.elidedText(self._name, Qt.TextElideMode.ElideRight, row.width()))
        row.setLeft(row.left() + measure.horizontalAdvance(self._name) + theme.gap)
        if row.width() > 3 * theme.gap:
            painter.setFont(self.font())
            painter.setPen(QColor(theme.muted))
            detail = self.fontMetrics().elidedText(self._detail, Qt.TextElideMode.ElideRight, row.width())
            painter.drawText(row, middle, detail)
        painter.end()
