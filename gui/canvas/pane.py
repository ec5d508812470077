"""One pane: paints one image with what lies over it, and says what the mouse does. Knows nothing of the other."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QEnterEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.assets import Theme, current_theme
from gui.canvas.kept import Kept
from gui.canvas.layers import (
    FOOTPRINT_EDGE,
    Glass,
    MaskTint,
    PictureLayer,
    checkerboard,
    paint_crosshair,
    paint_footprint,
    paint_frame,
)
from gui.canvas.map_layer import MapPaint, ProbabilityLayer
from gui.canvas.outline import OutlineLayer
from gui.canvas.painted import COLOURS, PaintedOnLayer
from gui.canvas.scale_bar import paint_scale_bar
from gui.canvas.scene import MapLook
from gui.canvas.viewport import Point, Size, Viewport

CROSSHAIR_REACH = 14.0
WHEEL_STEP = 1.2
"""Zoom of one notch of a wheel (120 eighths of a degree)."""
PIXEL_STEP = 1.006
"""Zoom of one pixel on a trackpad."""


@dataclass(frozen=True, slots=True)
class PaneContent:
    """What a pane shows; layers are compared by identity."""

    size: tuple[int, int] | None = None
    """Width and height of the image in full-size pixels; None while there is none."""
    picture: PictureLayer | None = None
    tint: MaskTint | None = None
    tint_colour: tuple[str, float] = ("#000000", 0.0)
    outline: OutlineLayer | None = None
    painted: PaintedOnLayer | None = None
    painted_colour: str = COLOURS[0]
    footprint: OutlineLayer | tuple[Point, ...] = ()
    """Its outline, or the corners of the designer image's frame."""
    message: str = ""
    map: ProbabilityLayer | None = None
    map_paint: MapPaint = field(default_factory=MapPaint)


class Pane(QWidget):
    """Paints through a view that it is given; gestures leave as signals, in view pixels."""

    pointer_moved = Signal(object)
    """Point in the view, or None when the mouse has left."""
    panned = Signal(object, object, bool)
    """The point of the view where the mouse was, the one where it is now, and True for this pane alone."""
    zoomed = Signal(float, float, float)
    """About x, y, by a factor."""
    fit_requested = Signal()
    resized = Signal()

    def __init__(self, name: str, parent: QWidget) -> None:
        """Make an empty pane; ``name`` is what screen readers call it."""
        super().__init__(parent)
        self._content = PaneContent()
        self._view = Viewport()
        self._crosshair: Point | None = None
        self._drag: QPointF | None = None
        self._space = False
        self._tool_cursor: Qt.CursorShape | None = None
        self._kept = Kept(self, self._paint_content)
        """Used while there is a tool, beneath which parts are painted again and again."""
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 90)

    @property
    def extent(self) -> Size:
        """Width and height in view pixels."""
        return float(self.width()), float(self.height())

    def show_content(self, content: PaneContent, view: Viewport) -> None:
        """Show something, or the same through another view; paints only if anything differs."""
        if content == self._content and view == self._view:
            return
        self._content, self._view = content, view
        self._kept.drop()
        self._choose_cursor()
        self.update()

    def show_crosshair(self, at: Point | None) -> None:
        """Mark a point of the view, or none; paints only around the old and the new place."""
        if at == self._crosshair:
            return
        for place in (self._crosshair, at):
            if place is not None:
                reach = int(CROSSHAIR_REACH) + 3
                self.update(QRect(round(place[0]) - reach, round(place[1]) - reach, 2 * reach, 2 * reach))
        self._crosshair = at

    def set_space_pan(self, on: bool) -> None:
        """Show the hand that says that a drag moves the picture."""
        self._space = on
        self._choose_cursor()

    def set_tool_cursor(self, shape: Qt.CursorShape | None) -> None:
        """Show a tool's mouse cursor, or the pane's own."""
        self._tool_cursor = shape
        self._kept.drop()
        self._choose_cursor()

    @property
    def panning(self) -> bool:
        """True while a drag of the left button moves the picture, whatever tool there is."""
        return self._space or self._drag is not None

    def sizeHint(self) -> QSize:
        """Return a size that shows something; panes grow from there."""
        return QSize(480, 480)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the content, then the crosshair."""
        painter = QPainter(self)
        if self._tool_cursor is None:
            self._paint_content(painter, QRectF(event.rect()))
        else:
            self._kept.paint(painter)
        if self._crosshair is not None:
            paint_crosshair(painter, self._crosshair, CROSSHAIR_REACH)
        painter.end()

    def _paint_content(self, painter: QPainter, part: QRectF) -> None:
        """Paint from the bottom: surround, picture, mask, map, painted on, footprint, outline, message."""
        theme, content, glass = current_theme(), self._content, Glass(self.extent, self.devicePixelRatio())
        painter.fillRect(part, QColor(theme.surround))
        if content.picture is not None:
            if not content.picture.opaque:
                paint_frame(painter, self._view, content.picture.size, checkerboard(theme.checker))
            content.picture.paint(painter, self._view, glass)
        elif content.size is not None:
            paint_frame(painter, self._view, content.size, QBrush(QColor(theme.surround).lighter(110)))
        if content.tint is not None:
            content.tint.paint(painter, self._view, glass, content.tint_colour)
        if content.map is not None:
            content.map.paint_fill(painter, self._view, glass, content.map_paint)
        if content.painted is not None:
            content.painted.paint(painter, self._view, glass, content.painted_colour)
        # below the mask's edge: where the two are one line, it is the mask's
        if isinstance(content.footprint, OutlineLayer):
            content.footprint.paint(painter, self._view, glass, FOOTPRINT_EDGE)
        if content.outline is not None:
            content.outline.paint(painter, self._view, glass)
        if content.map is not None:
            content.map.paint_lines(painter, self._view, glass, content.map_paint)
        if isinstance(content.footprint, tuple) and content.footprint:
            paint_footprint(painter, self._view, content.footprint)
        if content.map is not None and content.map_paint.look is MapLook.HEAT:
            paint_scale_bar(painter, self.extent, content.map_paint.cut, theme)
        if content.message:
            self._paint_message(painter, theme, low=content.picture is not None)

    def _paint_message(self, painter: QPainter, theme: Theme, low: bool) -> None:
        """Paint the message on a card of its own, so that it can be read over anything."""
        gap, text = theme.gap, self._content.message
        option = QTextOption(Qt.AlignmentFlag.AlignCenter)
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)

        def needed(width: float) -> QRectF:
            return painter.boundingRect(QRectF(0, 0, width, self.height()), text, option)

        high = max(min(self.width() - 6.0 * gap, 420.0), 60.0)
        lines, low_width = needed(high).height(), 60.0
        # the narrowest card with as few lines: no last line of a single word
        while high - low_width > 2:
            middle = (low_width + high) / 2
            low_width, high = (middle, high) if needed(middle).height() > lines else (low_width, middle)
        size = needed(high)
        card = QRectF(0, 0, math.ceil(size.width()) + 4 * gap, math.ceil(size.height()) + 2 * gap)
        card.moveCenter(QPointF(self.width() / 2, self.height() / 2))
        if low:
            card.moveBottom(self.height() - 2 * gap)
        # half a pixel in: a line of one pixel is one pixel
        card = QRectF(card.toRect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(theme.line))
        painter.setBrush(QColor(theme.base))
        painter.drawRoundedRect(card, theme.radius + 2, theme.radius + 2)
        painter.setPen(QColor(theme.text))
        painter.drawText(card.adjusted(gap, 0, -gap, 0), text, option)

    def _choose_cursor(self) -> None:
        if self._content.size is None:
            self.unsetCursor()
        elif self._drag is not None:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self._tool_cursor is not None and not self._space:
            self.setCursor(self._tool_cursor)
        else:
            self.setCursor(Qt.CursorShape.OpenHandCursor if self._space else Qt.CursorShape.CrossCursor)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell that the view has another size."""
        super().resizeEvent(event)
        self.resized.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the picture, with the left or the middle button."""
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            event.ignore()
            return
        self._drag = event.position()
        self._choose_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move what is held, or tell where the mouse is."""
        here = event.position()
        if self._drag is None:
            self.pointer_moved.emit((here.x(), here.y()))
            return
        before, self._drag = self._drag, here
        alone = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self.panned.emit((before.x(), before.y()), (here.x(), here.y()), alone)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if not event.buttons():
            self._drag = None
            self._choose_cursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for the whole picture."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.fit_requested.emit()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Tell where the mouse is."""
        self.pointer_moved.emit((event.position().x(), event.position().y()))

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that the mouse is elsewhere."""
        self.pointer_moved.emit(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the mouse."""
        # a trackpad says pixels, a wheel says angles; Alt and Shift turn an angle sideways on some systems
        pixels, angle = event.pixelDelta(), event.angleDelta()
        factor = PIXEL_STEP ** pixels.y() if not pixels.isNull() else WHEEL_STEP ** ((angle.y() or angle.x()) / 120)
        if factor != 1:
            self.zoomed.emit(event.position().x(), event.position().y(), factor)
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Zoom where two fingers pinch; all else goes its usual way."""
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.zoomed.emit(event.position().x(), event.position().y(), max(1 + event.value(), 0.1))
                return True
            return False
        return super().event(event)
