"""The hand that edits in the whole desk: whose the keyboard is, releases that never come, brushes changed meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QSpinBox, QToolButton

from core.domain import CleanUpKind
from gui.canvas.edit_layer import EditView
from gui.tools.base import ToolName
from tests.gui.conftest import Driver, Key
from tests.gui.editing import CTRL, LEFT, NONE, drag, edit_first, mask, mouse, pane, pen, place, recipe, strokes, tools


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


def test_a_mask_that_comes_during_a_stroke_waits_for_its_end(editing: Driver) -> None:
    before = tools(editing).editor.layer
    tools(editing).room.clean(CleanUpKind.SHRINK, 2.0)
    mouse(editing, QEvent.Type.MouseButtonPress, (50, 34))
    mouse(editing, QEvent.Type.MouseMove, (54, 34))
    editing.qtbot.waitUntil(lambda: tools(editing).room._arrived is not None)
    assert tools(editing).editor.layer is before
    mouse(editing, QEvent.Type.MouseButtonRelease, (54, 34))
    assert tools(editing).editor.layer is not before
    assert strokes(editing) == ["brush"]
    assert mask(editing)[34, 52] == 255
    made = recipe(editing)
    assert made is not None
    assert len(made.steps) == 1


def test_a_brush_that_is_set_during_a_stroke_paints_the_next_one(editing: Driver) -> None:
    mouse(editing, QEvent.Type.MouseButtonPress, (48, 34))
    for _ in range(8):
        editing.key(Key.Key_BracketRight)
    mouse(editing, QEvent.Type.MouseButtonRelease, (48, 34))
    assert mask(editing)[28, 48] == 0
    drag(editing, (56, 34))
    assert mask(editing)[28, 56] == 255


def test_corners_of_a_polygon_are_taken_back(editing: Driver) -> None:
    editing.key(Key.Key_L, Qt.KeyboardModifier.ShiftModifier)
    for corner in ((46, 31), (57, 31), (57, 5), (46, 5)):
        drag(editing, corner)
    editing.key(Key.Key_Backspace)
    editing.key(Key.Key_Z, CTRL)
    drag(editing, (57, 38))
    editing.key(Key.Key_Return)
    assert strokes(editing) == ["polygon"]
    assert mask(editing)[33, 55] == 255
    assert mask(editing)[20, 55] == 0
    editing.key(Key.Key_Backspace)
    assert tools(editing).room.on, "no decision is taken back"
    drag(editing, (46, 31))
    editing.key(Key.Key_Z, CTRL)
    assert not tools(editing).editor.busy
    assert strokes(editing) == ["polygon"]
    editing.key(Key.Key_Z, CTRL)
    assert strokes(editing) == []


def test_what_a_person_has_set_stays_for_the_next_photo(editing: Driver) -> None:
    bar, view = tools(editing).bar, editing.workspace.view
    offered = bar.amount_of(CleanUpKind.GROW)
    bar._kind.setCurrentIndex(bar._kind.findData(CleanUpKind.SHRINK))
    bar._amount.setValue(7.5)
    bar._fur_radius.setValue(33)
    editing.key(Key.Key_Q)
    bar.show_size(12_000)
    assert (bar.amount_of(CleanUpKind.SHRINK), bar.fur_radius) == (7.5, 33)
    assert bar.amount_of(CleanUpKind.GROW) > offered, "what nobody has set still suits the photo"
    editing.key(Key.Key_Escape)
    editing.key(Key.Key_E)
    assert view.surface.look.view is EditView.MONO


def test_f6_goes_through_the_bars_too(editing: Driver) -> None:
    workspace, bar = editing.workspace, tools(editing).bar
    workspace.panel.search.setFocus()
    visited = []
    for _ in range(4):
        editing.key(Key.Key_F6)
        focus = editing.window.focusWidget()
        parts = {"bar": bar, "view": workspace.view, "inspector": workspace.inspector, "queue": workspace.panel}
        visited += [name for name, part in parts.items() if part is focus or part.isAncestorOf(focus)]
    assert visited == ["bar", "view", "inspector", "queue"]


def test_of_a_photo_that_cannot_be_read_the_wand_says_so(editing: Driver) -> None:
    loader = editing.workspace.loader
    loader._put(replace(loader.scene, original=None, message_original="The file cat.png is gone."))
    editing.key(Key.Key_W)
    drag(editing, (55, 30))
    assert editing.window.foot.told.whole == "The file cat.png is gone."
