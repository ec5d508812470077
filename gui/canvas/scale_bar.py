"""The legend of the heat map: its colours from 0 to 100 %, and where the map is cut."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPolygonF

from gui.assets import Theme
from gui.canvas.colour_maps import heat_colours
from gui.canvas.viewport import Size

_WIDTH, _HEIGHT, _STOPS = 150.0, 8.0, 16


def paint_scale_bar(painter: QPainter, extent: Size, cut: float, theme: Theme) -> None:
    """Paint the legend on a card in the lower left corner of a pane of ``extent`` view pixels."""
    gap = theme.gap
    metrics = painter.fontMetrics()
    line = metrics.height()
    low, high = "0%", "100%"
    side = metrics.horizontalAdvance(high)
    width = min(_WIDTH, extent[0] - 2 * side - 6.0 * gap)
    if width < 60:
        return
    card = QRectF(gap, 0, width + 2 * side + 4 * gap, 2 * line + 2.5 * gap)
    card.moveBottom(extent[1] - gap)
    card = QRectF(card.toRect()).adjusted(0.5, 0.5, -0.5, -0.5)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(theme.line))
    painter.setBrush(QColor(theme.base))
    painter.drawRoundedRect(card, theme.radius, theme.radius)
    bar = QRectF(card.left() + gap + side + gap, card.top() + 0.75 * gap + line + 4, width, _HEIGHT)
    colours = QLinearGradient(bar.topLeft(), bar.topRight())
    table = heat_colours()
    for stop in range(_STOPS + 1):
        colours.setColorAt(stop / _STOPS, QColor(*(int(part) for part in table[round(stop / _STOPS * 255)])))
    painter.fillRect(bar, colours)
    painter.setPen(QColor(theme.text))
    middle = Qt.AlignmentFlag.AlignVCenter
    at_bar = QRectF(card.left() + gap, bar.center().y() - line / 2, side, line)
    painter.drawText(at_bar, middle | Qt.AlignmentFlag.AlignRight, low)
    painter.drawText(at_bar.translated(side + width + 2 * gap, 0), middle | Qt.AlignmentFlag.AlignLeft, high)
    head = QRectF(card.left() + gap, card.top() + 0.5 * gap, card.width() - 2 * gap, line)
    painter.drawText(head, middle | Qt.AlignmentFlag.AlignLeft, "Probability")
    painter.setPen(QColor(theme.muted))
    painter.drawText(head, middle | Qt.AlignmentFlag.AlignRight, f"cut at {cut:.0%}")
    x = bar.left() + min(max(cut, 0.0), 1.0) * width
    mark = QPolygonF([QPointF(x, bar.bottom() + 1), QPointF(x - 4, bar.bottom() + 7), QPointF(x + 4, bar.bottom() + 7)])
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.text))
    painter.drawPolygon(mark)
    painter.restore()
