"""Mouse and pen over a pane as a tool wants them: points of the image, pressure, and which way round it is held."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPointingDevice, QTabletEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QWidget

from gui.actions import takes_text
from gui.canvas.pane import Pane
from gui.canvas.viewport import Point
from gui.current_keys import current_keys, is_key_of


class PointerKind(Enum):
    """What the pointer did."""

    PRESS = "press"
    MOVE = "move"
    """With the button down."""
    HOVER = "hover"
    RELEASE = "release"
    DOUBLE = "double"
    """The second click of two, in place of a press."""
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Pointer:
    """One thing that the pointer did."""

    kind: PointerKind
    at: Point = (0.0, 0.0)
    """In the pane, view pixels."""
    pressed: float = 1.0
    """0 to 1; a mouse has 1."""
    flipped: bool = False
    """Alt (or the key in its place) is held, or the pen's eraser end is down."""


class Hand(QObject):
    """Takes the left button and the pen from a pane while it is on; the middle button and Space still pan."""

    moved = Signal(object)
    """A ``Pointer``."""

    def __init__(self, pane: Pane, view: QWidget) -> None:
        """``view`` has the keyboard while the pane is worked on."""
        super().__init__(pane)
        self._pane = pane
        self._view = view
        self._on = False
        self._down = False
        self._by_pen = False
        """It is the pen that is down."""
        self._space = False
        self._flip = False
        """The key that turns a tool round is down; modifiers are read from each event instead."""
        self._last = Pointer(PointerKind.LEAVE)

    @property
    def on(self) -> bool:
        """Whether the pane is a tool's."""
        return self._on

    def set_on(self, on: bool) -> None:
        """Take the pane, or give it back."""
        app = QCoreApplication.instance()
        if on == self._on or app is None:
            return
        self._on = on
        if on:
            app.installEventFilter(self)  # Alt and Space count wherever the keyboard is
        else:
            app.removeEventFilter(self)
            self._set_space(False)
            self._down = self._flip = False
            self._pane.set_tool_cursor(None)

    def hide_cursor(self) -> None:
        """A tool shows in its place where it is, as long as the pane is a tool's."""
        if self._on:
            self._pane.set_tool_cursor(Qt.CursorShape.BlankCursor)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what is a tool's; all else goes its usual way."""
        if isinstance(event, QKeyEvent):
            return self._on_key(event)
        if watched is not self._pane:
            if event.type() is QEvent.Type.ApplicationDeactivate:
                self._set_space(False)
                self._flip = False
            return False
        if isinstance(event, QTabletEvent):
            return self._on_pen(event)
        if isinstance(event, QMouseEvent):
            return self._on_mouse(event)
        if event.type() is QEvent.Type.Leave:
            self._say(PointerKind.LEAVE, QPointF(*self._last.at), 1.0, False)
        return False

    def _on_mouse(self, event: QMouseEvent) -> bool:
        kind, left = event.type(), event.button() is Qt.MouseButton.LeftButton
        flipped = self._turned_round(event.modifiers())
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            if not left or self._space or self._down:
                return self._down  # a second button does not disturb a stroke
            double = kind is QEvent.Type.MouseButtonDblClick
            self._down, self._by_pen = True, False
            self._say(PointerKind.DOUBLE if double else PointerKind.PRESS, event.position(), 1.0, flipped)
            return True
        if kind is QEvent.Type.MouseMove:
            if self._down and not self._by_pen and not event.buttons() & Qt.MouseButton.LeftButton:
                self._let_go()  # a dialog or a popup has had the release
            if self._down:
                self._say(PointerKind.MOVE, event.position(), 1.0, flipped)
                self._pane.pointer_moved.emit((event.position().x(), event.position().y()))
                return True
            self._say(PointerKind.HOVER, event.position(), 1.0, flipped)
            return False
        if kind is QEvent.Type.MouseButtonRelease and self._down:
            if left:
                self._down = False
                self._say(PointerKind.RELEASE, event.position(), 1.0, flipped)
            return True
        return False

    def _on_pen(self, event: QTabletEvent) -> bool:
        if self._space:
            return False
        turned = event.pointerType() is QPointingDevice.PointerType.Eraser
        flipped = turned != self._turned_round(event.modifiers())
        kind, at, pressed = event.type(), event.position(), float(event.pressure())
        event.accept()  # else the same comes again as a mouse
        if kind is QEvent.Type.TabletMove and self._down and not event.buttons() & Qt.MouseButton.LeftButton:
            self._let_go()
        if kind is QEvent.Type.TabletPress and event.button() is Qt.MouseButton.LeftButton:
            self._view.setFocus(Qt.FocusReason.MouseFocusReason)  # as a click does
            self._down, self._by_pen = True, True
            self._say(PointerKind.PRESS, at, pressed, flipped)
        elif kind is QEvent.Type.TabletMove:
            self._say(PointerKind.MOVE if self._down else PointerKind.HOVER, at, pressed, flipped)
            self._pane.pointer_moved.emit((at.x(), at.y()))
        elif kind is QEvent.Type.TabletRelease and self._down:
            self._down = False
            self._say(PointerKind.RELEASE, at, pressed, flipped)
        return True

    def _let_go(self) -> None:
        """End a stroke where it was seen last: its release has gone elsewhere."""
        self._down = False
        last = self._last
        self._say(PointerKind.RELEASE, QPointF(*last.at), last.pressed, last.flipped)

    def _say(self, kind: PointerKind, at: QPointF, pressed: float, flipped: bool) -> None:
        self._last = Pointer(kind, (at.x(), at.y()), pressed, flipped)
        self.moved.emit(self._last)

    def _on_key(self, event: QKeyEvent) -> bool:
        if event.type() not in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            return False
        pans, flips = is_key_of("pan_held", event), is_key_of("flip_held", event)
        if event.isAutoRepeat():
            return (pans and self._space) or (flips and self._flip)
        down = event.type() is QEvent.Type.KeyPress
        if flips and not (down and takes_text(QApplication.focusWidget())):
            self._flip = down
            if not self._down and self._last.kind is not PointerKind.LEAVE:
                self._say(PointerKind.HOVER, QPointF(*self._last.at), 1.0, down)
        if pans and (self._is_ours() if down else self._space):
            self._set_space(down)
            return True
        return False

    def _is_ours(self) -> bool:
        """Return whether nobody else wants Space: no dialog, no popup, no button that the keyboard stands on."""
        app, focus = QApplication, QApplication.focusWidget()
        here = app.activeWindow() is self._pane.window() and app.activePopupWidget() is None
        return here and not takes_text(focus) and not isinstance(focus, (QAbstractButton, QComboBox))

    def _turned_round(self, modifiers: Qt.KeyboardModifier) -> bool:
        """Return whether the key is down; what modifiers are down is best known by the event itself."""
        keys = current_keys().keys("flip_held")
        known = [_MODIFIERS[key] for key in keys if key in _MODIFIERS]
        return any(modifiers & modifier for modifier in known) or (self._flip and len(known) < len(keys))

    def _set_space(self, on: bool) -> None:
        if on != self._space:
            self._space = on
            self._pane.set_space_pan(on)
            self._say(PointerKind.LEAVE if on else PointerKind.HOVER, QPointF(*self._last.at), 1.0, False)


_MODIFIERS = {
    "Alt": Qt.KeyboardModifier.AltModifier,
    "Ctrl": Qt.KeyboardModifier.ControlModifier,
    "Meta": Qt.KeyboardModifier.MetaModifier,
    "Shift": Qt.KeyboardModifier.ShiftModifier,
}
