"""The navigator: the whole original, small, in a corner of its pane; the part that is seen can be dragged about."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from gui.assets import current_theme
from gui.canvas.layers import MASK_EDGE, Glass, PictureLayer
from gui.canvas.viewport import Point, Viewport, fit, frame

_LONGEST = 180.0
_SHARE = 0.3
"""Of the pane's sides, at most."""


class Navigator(QWidget):
    """There only while it is shown: hidden, nobody follows anything and nothing is kept."""

    centre_chosen = Signal(object)
    """The point of the original that the hand wants in the middle of the pane."""

    def __init__(self, pane: QWidget) -> None:
        super().__init__(pane)
        self._picture: PictureLayer | None = None
        self._size = (1, 1)
        self._small: QPixmap | None = None
        self._seen = QRectF()
        self._view = Viewport()
        self.setAccessibleName("Navigator")
        self.setAccessibleDescription("The whole original; drag to move what is seen of it")
        self.setToolTip("Drag to move what is seen of the original")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def follow(self, picture: PictureLayer | None, size: tuple[int, int] | None, view: Viewport, pane: QRect) -> None:
        """Show a picture of ``size``, of which ``pane`` sees a part through ``view``."""
        if size is None:
            self.hide()
            return
        scale = min(_LONGEST / max(size), _SHARE * pane.width() / size[0], _SHARE * pane.height() / size[1])
        place = QRect(0, 0, max(round(size[0] * scale), 8), max(round(size[1] * scale), 8))
        gap = current_theme().gap
        place.moveBottomRight(pane.bottomRight() - QPointF(gap, gap).toPoint())
        if picture is not self._picture or size != self._size or place.size() != self.size():
            self._picture, self._size, self._small = picture, size, None
            self._view = fit(size, (place.width(), place.height()))
            self.update()
        self.setGeometry(place)
        corners = [self._view.to_view(view.to_image(point)) for point in ((0, 0), (pane.width(), pane.height()))]
        seen = QRectF(QPointF(*corners[0]), QPointF(*corners[1])).intersected(QRectF(self.rect()))
        if seen != self._seen:
            self._seen = seen
            self.update()
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture, which is made once, and the part that is seen."""
        theme, painter = current_theme(), QPainter(self)
        ratio = self.devicePixelRatio()
        if self._small is None or self._small.devicePixelRatio() != ratio:
            self._small = QPixmap(self.size() * ratio)
            self._small.setDevicePixelRatio(ratio)
            self._small.fill(QColor(theme.surround))
            if self._picture is not None:
                onto = QPainter(self._small)
                self._picture.paint(onto, self._view, Glass((self.width(), self.height()), ratio))
                onto.end()
        painter.drawPixmap(0, 0, self._small)
        seen = self._seen.adjusted(1.5, 1.5, -1.5, -1.5)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for pen in MASK_EDGE.pens():
            painter.setPen(pen)
            painter.drawRect(seen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QColor(theme.line))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        """Another theme: another ground under what is transparent."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._small = None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Bring the point under the mouse into the middle."""
        self._choose(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on as long as the button is down."""
        self._choose(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Two clicks are two clicks: the pane below does not hear of them."""
        self._choose(event)

    def _choose(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            x, y = self._view.to_image((event.position().x(), event.position().y()))
            (left, top), _, (right, bottom), _ = frame(self._size)
            point: Point = (min(max(x, left), right), min(max(y, top), bottom))
            self.centre_chosen.emit(point)
        event.accept()
