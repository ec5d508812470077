"""The threshold's slider: a map's histogram, where the model would cut it and how surely, and where it is cut now."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QWidget

from gui.assets import current_theme
from gui.current_keys import set_keyed

STEPS = 100
"""The slider counts in per cent."""
_HISTOGRAM, _TRACK, _MARKS = 22.0, 6.0, 10.0
"""Heights in view pixels, from the top."""
_SIDE = 9.0
"""Room at both ends for half of the knob."""


@dataclass(frozen=True, slots=True, eq=False)
class ThresholdScale:
    """What the slider stands on."""

    histogram: NDArray[np.int64]
    """(256,) pixels by value."""
    learned: float
    """Where the model would cut, 0 to 1."""
    interval: tuple[float, float]
    """Between these the expected mask hardly changes in quality."""


class ThresholdSlider(QAbstractSlider):
    """0 to 100 %. The wheel does nothing: a threshold must not move because somebody scrolls past it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale: ThresholdScale | None = None
        self._bars: list[float] = []
        self._hovered = False
        self.setRange(0, STEPS)
        self.setSingleStep(1)
        self.setPageStep(5)
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(120)
        self.setAccessibleName("Threshold of the prediction, in per cent")

    def show_scale(self, scale: ThresholdScale | None) -> None:
        """Stand on another map; None: there is none."""
        if scale is not self._scale:
            self._scale = scale
            self._bars = _bars(scale.histogram) if scale is not None else []
            self._describe()
            self.update()

    def show_value(self, value: int) -> None:
        """Stand at a value without saying so; a drag ends."""
        self.blockSignals(True)
        self.setSliderDown(False)
        self.setValue(value)
        self.blockSignals(False)
        self.update()

    def _describe(self) -> None:
        scale = self._scale
        words = "No prediction"
        if scale is not None:
            low, high = (f"{edge:.0%}" for edge in scale.interval)
            words = f"Learned: {scale.learned:.0%}; the mask hardly changes between {low} and {high}."
            if scale.learned == 1:
                words = "Nothing was found, so nothing is cut; a lower threshold shows what comes nearest."
        keys = "lower ({lower}), higher ({higher}), the learned one ({learned})"
        set_keyed(self, f"Threshold: where the probability map is cut; {keys}\n{words}")
        self.setAccessibleDescription(words)

    def sizeHint(self) -> QSize:
        """Return room for histogram, track and marks."""
        return QSize(320, round(_HISTOGRAM + _TRACK + _MARKS + 2))

    def minimumSizeHint(self) -> QSize:
        """Return the same height, and less width."""
        return QSize(120, self.sizeHint().height())

    # --- painting ---------------------------------------------------------------------------------------------------

    def _x(self, share: float) -> float:
        return _SIDE + min(max(share, 0.0), 1.0) * (self.width() - 2 * _SIDE)

    def _at(self, x: float) -> int:
        return round((x - _SIDE) / max(self.width() - 2 * _SIDE, 1) * STEPS)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the histogram, the track with the interval on it, the learned threshold's mark, and the knob."""
        theme, painter = current_theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bottom = _HISTOGRAM + 1
        track = QRectF(_SIDE, bottom, self.width() - 2 * _SIDE, _TRACK)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.line))
        painter.drawRoundedRect(track, 3, 3)
        if self._scale is not None and self.isEnabled():
            self._paint_histogram(painter, bottom)
            self._paint_learned(painter, track, self._scale)
            self._paint_knob(painter, track)
        painter.end()

    def _paint_histogram(self, painter: QPainter, bottom: float) -> None:
        theme = current_theme()
        knob = self._x(self.value() / STEPS)
        out, within = QColor(theme.grip), QColor(theme.accent)
        out.setAlphaF(0.7)
        step = (self.width() - 2 * _SIDE) / len(self._bars)
        for at, height in enumerate(self._bars):
            left = _SIDE + at * step
            painter.setBrush(within if left + step / 2 >= knob else out)
            painter.drawRect(QRectF(left, bottom - height * _HISTOGRAM, max(step - 0.5, 1.0), height * _HISTOGRAM))

    def _paint_learned(self, painter: QPainter, track: QRectF, scale: ThresholdScale) -> None:
        theme = current_theme()
        low, high = (self._x(edge) for edge in scale.interval)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.muted))
        painter.drawRoundedRect(QRectF(low, track.top(), max(high - low, 2.0), track.height()), 3, 3)
        x, top = self._x(scale.learned), track.bottom() + 2
        painter.setBrush(QColor(theme.text))
        painter.drawPolygon(QPolygonF([QPointF(x, top), QPointF(x - 4.5, top + 7), QPointF(x + 4.5, top + 7)]))

    def _paint_knob(self, painter: QPainter, track: QRectF) -> None:
        theme = current_theme()
        x = self._x(self.value() / STEPS)
        painter.setPen(QPen(QColor(theme.base), 3))
        painter.drawLine(QPointF(x, 2), QPointF(x, track.bottom()))
        painter.setPen(QPen(QColor(theme.text), 1.5))
        painter.drawLine(QPointF(x, 2), QPointF(x, track.bottom()))
        edge = theme.accent if self.hasFocus() or self.isSliderDown() or self._hovered else theme.text
        painter.setPen(QPen(QColor(edge), 2))
        painter.setBrush(QColor(theme.base))
        painter.drawEllipse(QPointF(x, track.center().y()), 6.5, 6.5)

    # --- the hand ---------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the knob to the mouse, and hold it."""
        if event.button() is not Qt.MouseButton.LeftButton or self._scale is None:
            event.ignore()
            return
        self.setSliderDown(True)
        self.setSliderPosition(self._at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the knob while it is held."""
        if self.isSliderDown():
            self.setSliderPosition(self._at(event.position().x()))
        elif not self._hovered:
            self._hovered = True
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if event.button() is Qt.MouseButton.LeftButton and self.isSliderDown():
            self.setSliderDown(False)
            self.update()

    def leaveEvent(self, event: object) -> None:
        """The mouse is elsewhere."""
        self._hovered = False
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave it to others."""
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move by arrows, Page Up and Page Down, Home and End; the rest is for the window."""
        if self._scale is None:
            event.ignore()
        else:
            super().keyPressEvent(event)


def _bars(histogram: NDArray[np.int64], count: int = 64) -> list[float]:
    """Return heights 0 to 1 of ``count`` bars: the logarithm of the pixels in each."""
    pixels = histogram.reshape(count, -1).sum(axis=1)
    heights = np.log1p(pixels) / max(float(np.log1p(pixels.max())), 1.0)
    return [float(height) for height in heights]
