"""The table of actions as Qt's actions of one window: menus, and keys that leave typing alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QMenu,
    QMenuBar,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from gui.action_spec import ActionSpec, Scope
from gui.action_table import BY_ID, TABLE, TOOL_BAR, WRITING
from gui.current_keys import current_keys, key_text, on_keys_changed, with_keys

__all__ = ["BY_ID", "TABLE", "TOOL_BAR", "ActionSpec", "Actions", "Scope", "key_text", "takes_text"]


class Actions:
    """The table's rows as Qt actions of one window."""

    def __init__(self, window: QWidget, triggered: Callable[[str], None]) -> None:
        """Make them; their keys work wherever the focus is in ``window``, except where text is typed.

        ``triggered`` is called with an action's id. A checkable action has changed its state by then.
        """
        self._actions: dict[str, QAction] = {}
        self.read_only = False
        """The open project is: what writes stays disabled."""
        for spec in TABLE:
            action = QAction(spec.text, window)
            action.setObjectName(spec.id)
            action.setAutoRepeat(spec.repeats)
            action.setCheckable(spec.checkable)
            action.triggered.connect(partial(_call, triggered, spec.id))
            window.addAction(action)
            self._actions[spec.id] = action
        self._modes: tuple[Scope, ...] = ()
        self._guard = _KeyGuard(window, self)
        self.give_keys()

    def __getitem__(self, action_id: str) -> QAction:
        return self._actions[action_id]

    def __iter__(self) -> Iterator[tuple[ActionSpec, QAction]]:
        return ((spec, self._actions[spec.id]) for spec in TABLE)

    def enable(self, scope: Scope, on: bool) -> None:
        """Let the actions of a scope be used, or not."""
        for spec, action in self:
            if spec.scope is scope:
                action.setEnabled(on and not (self.read_only and spec.id in WRITING))

    def give_keys(self, *modes: Scope) -> None:
        """Let the actions of these scopes have their keys, a later scope before an earlier one.

        Scopes that borrow keys have none while they are not named; whose keys are borrowed keeps the others.
        """
        self._modes = modes
        taken: set[str] = set()
        ranks = {scope: rank for rank, scope in enumerate(modes, 1)}
        for spec, action in sorted(self, key=lambda row: -ranks.get(row[0].scope, 0)):
            every = current_keys().keys(spec.id)
            keys = () if spec.scope.borrows_keys and spec.scope not in ranks else every
            action.setShortcuts([QKeySequence(key) for key in keys if key not in taken])
            tip = with_keys(spec.tip)
            action.setToolTip(f"{spec.name} ({key_text(spec)})\n{tip}" if every else tip)
            if spec.scope in ranks:
                taken.update(keys)

    def follow_keys(self) -> None:
        """Other keys are in force."""
        self.give_keys(*self._modes)

    def by_key(self, key: str) -> QAction | None:
        """Return the action that has this key now, if it can be used."""
        with_it = (action for action in self._actions.values() if QKeySequence(key) in action.shortcuts())
        return next((action for action in with_it if action.isEnabled()), None)

    def fill(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Build the menus and return them by name."""
        menus = {name: bar.addMenu(name) for name in dict.fromkeys(spec.menu for spec in TABLE)}
        for menu in menus.values():
            menu.setToolTipsVisible(True)
        for spec, action in self:
            menus[spec.menu].addAction(action)
            if spec.ends_group:
                menus[spec.menu].addSeparator()
        return menus


def _call(triggered: Callable[[str], None], action_id: str, _checked: bool = False) -> None:
    triggered(action_id)


class _KeyGuard(QObject):
    """Keeps single keys with whoever is being typed into, hears Caps Lock, and tells of other keys.

    Qt asks the focused widget before a shortcut fires. Caps Lock can be no shortcut in Qt, as no modifier can; as a
    key that nobody has taken, it comes to the window in the end.
    """

    def __init__(self, window: QWidget, actions: Actions) -> None:
        super().__init__(window)
        self._window = window
        self._actions = actions
        on_keys_changed(self._on_keys_changed)
        window.installEventFilter(self)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_focus_changed)

    def _on_keys_changed(self) -> None:
        self._actions.follow_keys()

    def _on_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        if old is not None and old is not self._window:
            old.removeEventFilter(self)
        if new is not None and (takes_text(new) or isinstance(new, (QAbstractSlider, QComboBox))):
            new.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent):
            return False
        if watched is self._window:
            self._hear(event)
        elif event.type() is QEvent.Type.ShortcutOverride:
            command = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
            if takes_text(watched):
                typed = not event.modifiers() & command and not Qt.Key.Key_F1 <= event.key() <= Qt.Key.Key_F35
                own = (
                    typed
                    or event.matches(QKeySequence.StandardKey.Undo)
                    or event.matches(QKeySequence.StandardKey.Redo)
                )
            else:
                own = event.key() in _ARROWS and not event.modifiers() & command
            if own:
                event.accept()
                return True
        return False

    def _hear(self, event: QKeyEvent) -> None:
        down = event.type() is QEvent.Type.KeyPress and event.key() == Qt.Key.Key_CapsLock
        if down and not event.isAutoRepeat() and not takes_text(self._window.focusWidget()):
            action = self._actions.by_key("CapsLock")
            if action is not None:
                action.trigger()


_ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)


def takes_text(widget: QObject | None) -> bool:
    """Return whether letters are typed into a widget."""
    return isinstance(widget, (QLineEdit, QTextEdit, QPlainTextEdit, QAbstractSpinBox))
