"""Every action of the desk in one table; menus, tool bar, key sheet and command palette are made from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
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


class Scope(StrEnum):
    """When an action can be used."""

    EVERYWHERE = "Everywhere"
    PROJECT = "With a project open"
    REVIEW = "With a pair on the screen"


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One row. ``keys`` are Qt's portable names; the first is shown in menus."""

    id: str
    text: str
    keys: tuple[str, ...]
    scope: Scope
    menu: str
    tip: str
    icon: str = ""
    checkable: bool = False
    repeats: bool = False
    """Holding the key does it again and again."""
    ends_group: bool = False
    """A line stands below it in its menu."""

    @property
    def name(self) -> str:
        """The text as it is read outside menus: without marks."""
        return self.text.replace("&", "").removesuffix("…")


_E, _P, _R = Scope.EVERYWHERE, Scope.PROJECT, Scope.REVIEW
TABLE: tuple[ActionSpec, ...] = (
    ActionSpec("new", "&New project…", ("Ctrl+N",), _E, "&File", "Make a project from two folders", "new"),
    ActionSpec("open", "&Open project…", ("Ctrl+O",), _E, "&File", "Open a project's folder", "open"),
    ActionSpec("close", "&Close project", ("Ctrl+W",), _P, "&File", "Close the project", "close", ends_group=True),
    ActionSpec("import", "&Import pairs…", ("Ctrl+I",), _P, "&File", "Add pairs from two folders", "import"),
    ActionSpec(
        "export", "&Export…", ("Ctrl+E",), _P, "&File", "Write masks or cut-outs to a folder", "export", ends_group=True
    ),
    ActionSpec("settings", "&Settings…", ("Ctrl+,",), _E, "&File", "Change the settings", "settings", ends_group=True),
    ActionSpec("quit", "&Quit", ("Ctrl+Q",), _E, "&File", "End the program; everything is saved already"),
    ActionSpec("undo", "&Undo", ("Ctrl+Z",), _P, "&Edit", "Take back your last change", "undo", repeats=True),
    ActionSpec(
        "redo",
        "&Redo",
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        _P,
        "&Edit",
        "Do again what you took back",
        "redo",
        repeats=True,
        ends_group=True,
    ),
    ActionSpec("find", "&Find a pair…", ("Ctrl+F",), _P, "&Edit", "Search the queue by name", "search"),
    ActionSpec("accept", "&Accept", ("P", "Return", "Enter"), _R, "&Review", "Placement and mask are right", "accept"),
    ActionSpec("reject", "Re&ject…", ("X",), _R, "&Review", "Not usable; the next key gives the reason", "reject"),
    ActionSpec("skip", "&Skip", ("S",), _R, "&Review", "Leave it for later", "skip"),
    ActionSpec(
        "second_review", "Second re&view", ("F",), _R, "&Review", "Ask for another person's eyes", "second-review"
    ),
    ActionSpec(
        "clear", "&Undecide", ("U",), _R, "&Review", "Clear the decision of this pair", "undecided", ends_group=True
    ),
    ActionSpec("comment", "&Comment", ("C",), _R, "&Review", "Write a comment on this pair", "comment"),
    *(
        ActionSpec(
            f"quality_{stars}",
            f"Quality &{stars}",
            (str(stars),),
            _R,
            "&Review",
            f"Give quality {stars} of 5" + {1: ": poor", 5: ": excellent"}.get(stars, ""),
            ends_group=stars == 5,
        )
        for stars in range(1, 6)
    ),
    ActionSpec(
        "take_back",
        "&Take back the last decision",
        ("Backspace",),
        _P,
        "&Review",
        "Take back your last decision and return to its pair",
        "undo",
        ends_group=True,
    ),
    ActionSpec("previous", "&Previous pair", ("A", "Left"), _R, "&Review", "Go up the queue", "previous", repeats=True),
    ActionSpec("next", "&Next pair", ("D", "Right"), _R, "&Review", "Go down the queue", "next", repeats=True),
    ActionSpec(
        "previous_undecided",
        "Previous undecided",
        ("Ctrl+Shift+A",),
        _P,
        "&Review",
        "Go to the undecided pair above",
        repeats=True,
    ),
    ActionSpec(
        "next_undecided",
        "Next undecided",
        ("Ctrl+Shift+D",),
        _P,
        "&Review",
        "Go to the undecided pair below",
        repeats=True,
    ),
    ActionSpec(
        "auto_advance",
        "Go on after a decision",
        ("CapsLock",),
        _E,
        "&Review",
        "Show the next undecided pair after each decision",
        checkable=True,
        ends_group=True,
    ),
    ActionSpec(
        "reconcile", "&Reconcile this pair", ("R",), _R, "&Review", "Search the placement of this pair", "reconcile"
    ),
    ActionSpec(
        "reconcile_near",
        "Reconcile near this placement",
        ("Shift+R",),
        _R,
        "&Review",
        "Search again in the neighbourhood of the placement that is shown",
        "reconcile",
    ),
    ActionSpec(
        "reconcile_all",
        "Reconcile all that wait",
        ("Ctrl+R",),
        _P,
        "&Review",
        "Reconcile every pair that has not been yet",
        "reconcile",
    ),
    ActionSpec("fit", "&Fit", ("Ctrl+0",), _R, "&View", "Show the whole original", "fit"),
    ActionSpec("actual", "&Actual size", ("Ctrl+1",), _R, "&View", "Show pixels one to one", "actual-size"),
    ActionSpec("zoom_in", "Zoom &in", ("Ctrl++", "Ctrl+="), _R, "&View", "Magnify", repeats=True),
    ActionSpec("zoom_out", "Zoom &out", ("Ctrl+-",), _R, "&View", "Show more", repeats=True, ends_group=True),
    ActionSpec("overlay", "&Overlay", ("H",), _P, "&View", "Show all that lies over the original", "overlay", True),
    ActionSpec("outline", "Ou&tline", ("O",), _P, "&View", "Draw the mask's edge as a line", checkable=True),
    ActionSpec(
        "footprint",
        "Foot&print",
        ("Shift+O",),
        _P,
        "&View",
        "Draw as a dashed line what the designer image covers of the original",
        checkable=True,
    ),
    ActionSpec(
        "painted",
        "Pai&nted on",
        ("N",),
        _P,
        "&View",
        "Hatch what shows nothing of the original: hats, names, frames",
        checkable=True,
    ),
    ActionSpec(
        "original_only",
        "Original only, while held",
        ("\\",),
        _R,
        "&View",
        "Show the bare original in both panes as long as the key is down",
        ends_group=True,
    ),
    ActionSpec("link", "&Link the views", ("L",), _P, "&View", "Zoom and pan both through the placement", "link", True),
    ActionSpec("layout", "Compare la&yout", ("Y",), _R, "&View", "Side by side or one over the other", "side-by-side"),
    ActionSpec(
        "panels", "Pa&nels", ("Tab",), _P, "&View", "Show or hide queue and inspector", checkable=True, ends_group=True
    ),
    ActionSpec("next_part", "Next part of the window", ("F6",), _P, "&View", "Move the keyboard to the next part"),
    ActionSpec("keys", "&Keys", ("F1",), _E, "&Help", "Show all keys", "keys"),
    ActionSpec("palette", "&Commands…", ("Ctrl+K",), _E, "&Help", "Find an action by name", "search", ends_group=True),
    ActionSpec("about", "&About Pawtrait", (), _E, "&Help", "Version, licence and where things lie", "info"),
)
BY_ID = {spec.id: spec for spec in TABLE}
TOOL_BAR: tuple[tuple[str, ...], ...] = (
    ("undo", "redo"),
    ("previous", "next"),
    ("accept", "reject", "skip", "second_review", "clear"),
    ("fit", "actual", "link", "layout"),
    ("overlay",),
)
"""Groups of the tool bar; the overlay's controls follow."""


def key_text(spec: ActionSpec) -> str:
    """Return an action's keys as they are printed on this system's keyboards: "P, Return, Enter"."""
    return ", ".join(QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in spec.keys)


class Actions:
    """The table's rows as Qt actions of one window."""

    def __init__(self, window: QWidget, triggered: Callable[[str], None]) -> None:
        """Make them; their keys work wherever the focus is in ``window``, except where text is typed.

        ``triggered`` is called with an action's id. A checkable action has changed its state by then.
        """
        self._actions: dict[str, QAction] = {}
        for spec in TABLE:
            action = QAction(spec.text, window)
            action.setObjectName(spec.id)
            action.setShortcuts([QKeySequence(key) for key in spec.keys])
            action.setAutoRepeat(spec.repeats)
            action.setCheckable(spec.checkable)
            action.setToolTip(f"{spec.name} ({key_text(spec)})\n{spec.tip}" if spec.keys else spec.tip)
            action.triggered.connect(partial(_call, triggered, spec.id))
            window.addAction(action)
            self._actions[spec.id] = action
        self._guard = _KeyGuard(window, self._actions["auto_advance"])

    def __getitem__(self, action_id: str) -> QAction:
        return self._actions[action_id]

    def __iter__(self) -> Iterator[tuple[ActionSpec, QAction]]:
        return ((spec, self._actions[spec.id]) for spec in TABLE)

    def enable(self, scope: Scope, on: bool) -> None:
        """Let the actions of a scope be used, or not."""
        for spec, action in self:
            if spec.scope is scope:
                action.setEnabled(on)

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
    """Keeps single keys with whoever is being typed into, and hears Caps Lock.

    Qt asks the focused widget before a shortcut fires. Caps Lock can be no shortcut in Qt, as no modifier can; as a
    key that nobody has taken, it comes to the window in the end.
    """

    def __init__(self, window: QWidget, caps_lock: QAction) -> None:
        super().__init__(window)
        self._window = window
        self._caps_lock = caps_lock
        window.installEventFilter(self)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_focus_changed)

    def _on_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        if old is not None and old is not self._window:
            old.removeEventFilter(self)
        if new is not None and (_takes_text(new) or isinstance(new, (QAbstractSlider, QComboBox))):
            new.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent):
            return False
        if watched is self._window:
            self._hear(event)
        elif event.type() is QEvent.Type.ShortcutOverride:
            command = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
            if _takes_text(watched):
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
        if down and not event.isAutoRepeat() and not _takes_text(self._window.focusWidget()):
            self._caps_lock.trigger()


_ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)


def _takes_text(widget: QObject) -> bool:
    return isinstance(widget, (QLineEdit, QTextEdit, QPlainTextEdit, QAbstractSpinBox))
