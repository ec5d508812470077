"""The hand that edits in the whole desk: whose the keyboard is, releases that never come, brushes changed meanwhile."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QSpinBox, QToolButton

from gui.tools.base import ToolName
from tests.gui.conftest import Driver, Key
from tests.gui.editing import CTRL, LEFT, NONE, drag, edit_first, mouse, pane, pen, place, strokes, tools


@pytest.fixture
def editing(real: Driver) -> Driver:
    """The desk with the first pair's mask opened, and a hard brush of 6 pixels."""
    return edit_first(real)


def click(desk: Driver, point: tuple[float, float]) -> None:
    """Click as a person does: Qt gives the keyboard to what was clicked, if it takes it."""
    QTest.mouseClick(pane(desk), LEFT, pos=place(desk, point).toPoint())


def test_a_click_on_the_picture_takes_the_keyboard_from_a_field(editing: Driver) -> None:
    size = tools(editing).bar._size
    QTest.mouseClick(size, LEFT, pos=QPoint(size.width() - 6, 6))
    assert size.hasFocus()
    click(editing, (52, 34))
    assert editing.workspace.view.hasFocus()
    editing.key(Key.Key_E)
    assert tools(editing).editor.name is ToolName.ERASER
    comment = editing.workspace.inspector.comment
    comment.setFocus()
    click(editing, (52, 34))
    editing.key(Key.Key_B)
    assert comment.toPlainText() == ""
    assert tools(editing).editor.name is ToolName.BRUSH


def test_a_pen_on_the_picture_takes_the_keyboard_from_a_field(editing: Driver) -> None:
    tools(editing).bar._size.setFocus()
    pen(editing, QEvent.Type.TabletPress, (52, 34), 1.0)
    pen(editing, QEvent.Type.TabletRelease, (52, 34), 0.0)
    assert editing.workspace.view.hasFocus()


@pytest.mark.parametrize(("leave", "size"), [(Key.Key_Return, 23), (Key.Key_Escape, 6)])
def test_enter_and_esc_leave_a_field_of_the_bar(editing: Driver, leave: Key, size: int) -> None:
    field: QSpinBox = tools(editing).bar._size
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "23")
    editing.key(leave)
    assert editing.workspace.view.hasFocus()
    assert (tools(editing).editor.options.brush.size, field.value()) == (size, size)
    assert tools(editing).room.on


def test_a_release_that_went_elsewhere_ends_the_stroke(editing: Driver) -> None:
    mouse(editing, QEvent.Type.MouseButtonPress, (50, 34))
    mouse(editing, QEvent.Type.MouseMove, (54, 34))
    mouse(editing, QEvent.Type.MouseMove, (20, 4), NONE)
    assert strokes(editing) == ["brush"]
    mouse(editing, QEvent.Type.MouseMove, (24, 4), NONE)
    assert strokes(editing) == ["brush"]
    editing.key(Key.Key_Z, CTRL)
    assert strokes(editing) == []


def test_space_belongs_to_a_button_and_to_a_dialog(editing: Driver) -> None:
    view = editing.workspace.view
    clicked: list[int] = []
    more = next(found for found in editing.window.findChildren(QToolButton) if found.text() == "Overlay")
    more.clicked.connect(lambda: clicked.append(1))
    more.setFocus(Qt.FocusReason.TabFocusReason)
    editing.key(Key.Key_Space)
    assert len(clicked) == 1
    dialog = QDialog(editing.window)
    dialog.show()
    editing.qtbot.waitUntil(dialog.isActiveWindow)
    before = view.surface.view
    QTest.keyPress(dialog, Key.Key_Space)
    drag(editing, (20, 15), (25, 20))
    QTest.keyRelease(dialog, Key.Key_Space)
    assert view.surface.view == before, "nothing is panned from a dialog"
    dialog.close()
