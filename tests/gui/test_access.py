"""The desk by keyboard and by ear: what takes the keyboard has a name, and Tab goes through it in reading order."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QTabBar,
    QTabWidget,
    QToolBar,
    QToolButton,
    QWidget,
)

from core.domain import Decision
from core.settings import Settings
from gui.dialogs.export_dialog import ExportDialog
from gui.dialogs.import_dialog import ImportDialog
from gui.dialogs.key_editor import KeyEditor
from gui.dialogs.keys import KeySheet
from gui.dialogs.new_project import NewProjectDialog
from gui.dialogs.settings_dialog import SettingsDialog
from gui.dialogs.train_dialog import TrainDialog
from tests.gui.conftest import Driver

_WITH_A_FIELD = (QAbstractSpinBox, QComboBox)
LINE = 12
"""Widgets whose middles differ by less stand in one line, pixels."""
MODES = ["review", "edit", "place", "landmarks"]


def by_tab(root: QWidget) -> Iterator[QWidget]:
    """Yield what Tab goes through within ``root``, in its order."""
    widget = root.nextInFocusChain()
    while widget is not None and widget is not root:
        theirs = root.isAncestorOf(widget) and widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        if theirs and not isinstance(widget, QTabWidget) and not isinstance(widget.parent(), _WITH_A_FIELD):
            yield widget
        widget = widget.nextInFocusChain()


def name_of(widget: QWidget) -> str:
    """Return what a screen reader calls a widget."""
    if widget.accessibleName():
        return widget.accessibleName()
    if isinstance(widget, QAbstractButton) and widget.text():
        return widget.text()
    labels = widget.window().findChildren(QLabel)
    return next((label.text() for label in labels if label.buddy() is widget), "")


def nameless(root: QWidget) -> list[str]:
    """Return what has no name; tabs speak for themselves."""
    return [
        f"{type(widget).__name__} in {type(widget.parent()).__name__}"
        for widget in by_tab(root)
        if not name_of(widget) and not isinstance(widget, QTabBar)
    ]


def out_of_order(root: QWidget) -> list[str]:
    """Return the neighbours in the order of Tab that do not follow one another as words in a text do.

    Tab goes round in a circle: once, the end is followed by the beginning.
    """
    places = [(widget.mapTo(root, widget.rect().center()), name_of(widget)) for widget in by_tab(root)]
    back = []
    for (before, last), (at, name) in zip(places, places[1:] + places[:1], strict=True):
        same_line = abs(at.y() - before.y()) < LINE
        if at.x() < before.x() if same_line else at.y() < before.y():
            back.append(f"{name} after {last}")
    return back if len(back) > 1 else []


def enter(desk: Driver, mode: str) -> list[QWidget]:
    """Bring the desk into a mode, and return the parts whose order of Tab is to make sense."""
    desk.workspace.presenter.show(1)
    desk.qtbot.waitUntil(lambda: desk.scene().mask is not None)
    if mode == "edit":
        desk.window.commands["edit"].trigger()
        desk.qtbot.waitUntil(lambda: desk.window.tools is not None and desk.window.tools.masks.editor.sheet is not None)
    elif mode != "review":
        desk.window.commands["place"].trigger()
        if mode == "landmarks":
            desk.window.commands["landmarks"].trigger()
    QApplication.processEvents()
    assert desk.window.tools is not None
    parts: list[QWidget | None] = [desk.workspace.panel, desk.workspace.predicting.bar, desk.workspace.inspector]
    parts += [desk.window.tools.masks.bar, desk.window.placing.bar, desk.window.findChild(QToolBar)]
    return [part for part in parts if part is not None and part.isVisible()]


@pytest.mark.parametrize("mode", MODES)
def test_what_takes_the_keyboard_has_a_name(real: Driver, mode: str) -> None:
    enter(real, mode)
    assert len(list(by_tab(real.window))) > 10
    assert nameless(real.window) == []


@pytest.mark.parametrize("mode", MODES)
def test_tab_goes_through_each_part_in_reading_order(real: Driver, mode: str) -> None:
    parts = enter(real, mode)
    assert {type(part).__name__: wrong for part in parts if (wrong := out_of_order(part))} == {}


@pytest.mark.parametrize("mode", ["edit", "place"])
def test_every_number_can_be_reached_by_tab(real: Driver, mode: str) -> None:
    for part in enter(real, mode):
        reached = set(by_tab(part))
        every = {box for box in part.findChildren(QAbstractSpinBox) if box.isVisible()}
        assert [box.accessibleName() for box in every - reached] == []


def test_every_action_of_the_bar_says_its_name(real: Driver) -> None:
    for button in real.window.findChildren(QToolButton):
        if button.isVisible() and not isinstance(button.parent(), QLineEdit):
            action = button.defaultAction()
            assert button.accessibleName() or button.text() or (action is not None and action.text())


DIALOGS: dict[str, Callable[[Driver], QDialog]] = {
    "settings": lambda desk: SettingsDialog(Settings(), desk.window),
    "key editor": lambda desk: KeyEditor(desk.window),
    "key sheet": lambda desk: KeySheet(desk.window),
    "new project": lambda desk: NewProjectDialog("", "", True, desk.window),
    "import": lambda desk: ImportDialog("", "", desk.window),
    "export": lambda desk: ExportDialog(dict.fromkeys(Decision, 1), desk.window),
    "training": lambda desk: TrainDialog(desk.window.training, desk.window),
}


@pytest.fixture(params=DIALOGS)
def dialog(real: Driver, request: pytest.FixtureRequest) -> Iterator[QDialog]:
    made = DIALOGS[request.param](real)
    made.show()
    QApplication.processEvents()
    yield made
    # ``nextInFocusChain`` has PySide believe that the dialog is its own child's: it would be collected, in any thread
    shiboken6.delete(made)


def test_dialogs_have_names_and_an_order(dialog: QDialog) -> None:
    assert len(list(by_tab(dialog))) > 1
    assert nameless(dialog) == []
    assert out_of_order(dialog) == []
