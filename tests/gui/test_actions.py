"""The table of actions: complete, without clashes, and silent while somebody types."""

from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QLineEdit, QMainWindow, QPlainTextEdit, QSlider, QSpinBox, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.action_table import HELD
from gui.actions import BY_ID, TABLE, TOOL_BAR, Actions, Scope

PROMISED = {
    "accept": "P Return Enter",
    "reject": "X",
    "clear": "U",
    "skip": "S",
    "second_review": "F",
    "comment": "C",
    "take_back": "Backspace",
    "reconcile": "R",
    "reconcile_near": "Shift+R",
    "outline": "O",
    "footprint": "Shift+O",
    "painted": "N",
    "previous": "A Left",
    "next": "D Right",
    "previous_undecided": "Ctrl+Shift+A",
    "next_undecided": "Ctrl+Shift+D",
    "overlay": "H",
    "panels": "Tab",
    "original_only": "\\",
    "layout": "Y",
    "fit": "Ctrl+0",
    "actual": "Ctrl+1",
    "undo": "Ctrl+Z",
    "redo": "Ctrl+Shift+Z Ctrl+Y",
    "keys": "F1",
    "palette": "Ctrl+K",
    "open": "Ctrl+O",
    "new": "Ctrl+N",
    "import": "Ctrl+I",
    "export": "Ctrl+E",
    "auto_advance": "CapsLock",
    **{f"quality_{number}": str(number) for number in range(1, 6)},
}


def test_the_promised_keys_are_there() -> None:
    assert {name: " ".join(BY_ID[name].keys) for name in PROMISED} == PROMISED


def test_no_key_has_two_meanings() -> None:
    lenders = [spec for spec in TABLE if not spec.scope.borrows_keys]
    borrowers = [[spec for spec in TABLE if spec.scope is scope] for scope in Scope if scope.borrows_keys]
    for specs in (lenders, *borrowers):
        keys = Counter(QKeySequence(key).toString() for spec in specs for key in spec.keys)
        assert [key for key, count in keys.items() if count > 1] == []
        assert "" not in keys, "every key is one that Qt knows"


def test_ids_are_unique_and_the_tool_bar_knows_them() -> None:
    assert len(BY_ID) == len(TABLE) + len(HELD)
    assert {name for group in TOOL_BAR for name in group} <= set(BY_ID)


def test_every_action_says_what_it_does() -> None:
    assert [spec.id for spec in TABLE if not spec.tip or spec.tip.endswith(".")] == []


class Window(QMainWindow):
    """A window with all that can take keys."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []
        self.commands = Actions(self, self.heard.append)
        self.fields: dict[str, QWidget] = {
            "line": QLineEdit(),
            "text": QPlainTextEdit(),
            "number": QSpinBox(),
            "slider": QSlider(Qt.Orientation.Horizontal),
            "plain": QWidget(focusPolicy=Qt.FocusPolicy.StrongFocus),
        }
        central = QWidget()
        layout = QVBoxLayout(central)
        for field in self.fields.values():
            layout.addWidget(field)
        self.setCentralWidget(central)


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    made = Window()
    qtbot.addWidget(made)
    with qtbot.waitActive(made):
        made.show()
    return made


def _press_all_single_keys(window: Window, qtbot: QtBot) -> None:
    for spec in TABLE:
        for key in spec.keys:
            combination = QKeySequence(key)[0]
            if combination.keyboardModifiers() is Qt.KeyboardModifier.NoModifier and not key.startswith("F"):
                qtbot.keyClick(window.focusWidget(), combination.key())


@pytest.mark.parametrize("field", ["line", "text", "number"])
def test_single_keys_do_not_fire_while_typing(window: Window, qtbot: QtBot, field: str) -> None:
    window.fields[field].setFocus()
    _press_all_single_keys(window, qtbot)
    assert window.heard == []


@pytest.mark.parametrize("modes", [(), (Scope.PLACEMENT,), (Scope.PLACEMENT, Scope.LANDMARKS), (Scope.EDIT,)])
def test_they_fire_elsewhere_each_for_its_action(window: Window, qtbot: QtBot, modes: tuple[Scope, ...]) -> None:
    window.commands.give_keys(*modes)
    window.fields["plain"].setFocus()
    taken = {key for spec in TABLE if spec.scope in modes for key in spec.keys}
    taken_last = {key for spec in TABLE if modes and spec.scope is modes[-1] for key in spec.keys}
    for spec in TABLE:
        if spec.scope.borrows_keys and spec.scope not in modes:
            continue
        mine = taken_last if spec.scope in modes and spec.scope is not modes[-1] else taken
        for key in spec.keys:
            if key in mine and not (spec.scope in modes and spec.scope is modes[-1]):
                continue
            window.heard.clear()
            combination = QKeySequence(key)[0]
            qtbot.keyClick(window.fields["plain"], combination.key(), combination.keyboardModifiers())
            assert window.heard == [spec.id], key


def test_commands_fire_while_typing_but_undo_is_the_fields_own(window: Window, qtbot: QtBot) -> None:
    field = window.fields["text"]
    assert isinstance(field, QPlainTextEdit)
    field.setFocus()
    qtbot.keyClicks(field, "pax")
    qtbot.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.heard == []
    assert field.toPlainText() == ""
    qtbot.keyClick(field, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(field, Qt.Key.Key_F1)
    assert window.heard == ["palette", "keys"]


def test_arrows_move_a_slider_and_letters_stay_shortcuts(window: Window, qtbot: QtBot) -> None:
    slider = window.fields["slider"]
    assert isinstance(slider, QSlider)
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert slider.value() == 1
    assert window.heard == []
    qtbot.keyClick(slider, Qt.Key.Key_P)
    assert window.heard == ["accept"]


def test_borrowed_keys_are_given_back(window: Window) -> None:
    def keys() -> dict[str, list[str]]:
        return {spec.id: [key.toString() for key in action.shortcuts()] for spec, action in window.commands}

    before = keys()
    assert before["turn_tool"] == []
    window.commands.give_keys(Scope.PLACEMENT, Scope.LANDMARKS)
    assert keys()["turn_tool"] == ["R"]
    assert keys()["reconcile"] == []
    window.commands.give_keys()
    assert before["tool_brush"] == []
    window.commands.give_keys(Scope.EDIT)
    assert keys()["tool_brush"] == ["B"]
    assert keys()["reject"] == []
    assert keys()["accept"] == ["P"]
    window.commands.give_keys()
    assert keys() == before


def test_disabled_scopes_are_silent(window: Window, qtbot: QtBot) -> None:
    window.commands.enable(Scope.REVIEW, False)
    window.fields["plain"].setFocus()
    qtbot.keyClick(window.fields["plain"], Qt.Key.Key_P)
    assert window.heard == []
    qtbot.keyClick(window.fields["plain"], Qt.Key.Key_H)
    assert window.heard == ["overlay"]


def test_menus_hold_every_action_once(window: Window) -> None:
    menus = window.commands.fill(window.menuBar())
    listed = [action.objectName() for menu in menus.values() for action in menu.actions() if not action.isSeparator()]
    assert sorted(listed) == sorted(spec.id for spec in TABLE)
