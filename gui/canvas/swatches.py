"""Small pictures of what is drawn over the original: the legend of its overlay, painted as the overlay itself is."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QIcon, QLinearGradient, QPainter, QPainterPath, QPixmap

from gui.canvas.colour_maps import heat_colours
from gui.canvas.layers import FOOTPRINT_EDGE, MASK_EDGE, LineLook
from gui.canvas.painted import hatch

SIDE = 20
"""View pixels; drawn for screens of up to two device pixels for each."""
_RATIO = 2.0
_PHOTO = QColor(128, 128, 128)
_WHOLE = QRectF(0.5, 0.5, SIDE - 1, SIDE - 1)
_INNER = QRectF(4, 4, SIDE - 8, SIDE - 8)


def mask_swatch(colour: str) -> QIcon:
    """Return the mask's colour (#rrggbb)."""
    return _swatch(lambda painter: painter.fillRect(_WHOLE, QColor(colour)))


def outline_swatch() -> QIcon:
    """Return the mask's edge."""
    return _swatch(lambda painter: _line(painter, MASK_EDGE))


def footprint_swatch() -> QIcon:
    """Return the footprint's edge."""
    return _swatch(lambda painter: _line(painter, FOOTPRINT_EDGE))


def heat_swatch() -> QIcon:
    """Return the colours of the heat map, from unlikely to likely."""

    def paint(painter: QPainter) -> None:
        colours = QLinearGradient(_WHOLE.topLeft(), _WHOLE.topRight())
        for value in (0, 64, 128, 192, 255):
            colours.setColorAt(value / 255, QColor(*(int(part) for part in heat_colours()[value])))
        painter.fillRect(_WHOLE, colours)

    return _swatch(paint)


def painted_swatch(colour: str) -> QIcon:
    """Return the stripes over what was painted on (#rrggbb)."""

    def paint(painter: QPainter) -> None:
        painter.drawTiledPixmap(_WHOLE, hatch(colour, _RATIO))

    return _swatch(paint)


def _swatch(paint: Callable[[QPainter], None]) -> QIcon:
    pixmap = QPixmap(round(SIDE * _RATIO), round(SIDE * _RATIO))
    pixmap.setDevicePixelRatio(_RATIO)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    card = QPainterPath()
    card.addRoundedRect(_WHOLE, 4, 4)
    painter.setClipPath(card)
    painter.fillRect(_WHOLE, QBrush(_PHOTO))
    paint(painter)
    painter.end()
    return QIcon(pixmap)


def _line(painter: QPainter, look: LineLook) -> None:
    for pen in look.pens():
        painter.setPen(pen)
        painter.drawRect(_INNER)
