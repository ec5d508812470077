"""Masks edited in the whole desk, by raw mouse and pen events and by keys; every gesture one step of undo."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication

from core.domain import CleanUpKind, Decision, MaskSource
from core.images.convert import mask_levels
from core.store.memory import MemoryStore
from gui.canvas.edit_layer import EditLayer, EditView
from gui.canvas.linking import Side
from gui.current_keys import use_keys
from gui.jobs.runner import Runner
from gui.keymap import Keymap
from gui.tools.base import ToolName
from tests.gui.conftest import Driver, Key
from tests.gui.editing import (
    ALT,
    CTRL,
    MIDDLE,
    PLAIN,
    PORTRAIT,
    drag,
    edit_first,
    mask,
    mouse,
    pen,
    recipe,
    strokes,
    tools,
    written,
)


@pytest.fixture
def editing(real: Driver) -> Driver:
    """The desk with the first pair's mask opened, and a hard brush of 6 pixels."""
    return edit_first(real)


def test_a_stroke_is_one_edit_and_one_step_of_undo(editing: Driver) -> None:
    before = mask(editing)
    assert before[PORTRAIT[1], PORTRAIT[0]] == 255
    drag(editing, (50, 34), (54, 34))
    assert strokes(editing) == ["brush"]
    assert mask(editing)[34, 52] == 255
    review = editing.review(editing.at)
    assert editing.workspace.presenter.source is MaskSource.RECIPE
    assert review.decision is Decision.UNDECIDED
    drag(editing, (20, 15), (24, 15), keys=ALT)
    assert mask(editing)[15, 22] == 0
    editing.key(Key.Key_Z, CTRL)
    assert mask(editing)[15, 22] == 255
    assert mask(editing)[34, 52] == 255
    editing.key(Key.Key_Z, CTRL)
    assert np.array_equal(mask(editing), before)
    assert recipe(editing) is None, "nothing is left of it"
    editing.key(Key.Key_Y, CTRL)
    editing.key(Key.Key_Y, CTRL)
    assert mask(editing)[34, 52] == 255
    assert mask(editing)[15, 22] == 0
    assert tools(editing).room.on


def test_undo_at_once_takes_back_the_stroke_whose_patch_is_not_there_yet(editing: Driver) -> None:
    before = mask(editing)
    drag(editing, (50, 34), (54, 34))
    drag(editing, (20, 15), (24, 15), keys=ALT)
    assert tools(editing).room.writing
    editing.key(Key.Key_Z, CTRL)
    assert not tools(editing).room.writing
    assert strokes(editing) == ["brush"]
    assert mask(editing)[34, 52] == 255
    assert mask(editing)[15, 22] == 255
    drag(editing, (20, 15), (24, 15), keys=ALT)
    mouse(editing, QEvent.Type.MouseButtonPress, (30, 15))
    mouse(editing, QEvent.Type.MouseMove, (33, 15))
    editing.key(Key.Key_Z, CTRL)
    editing.key(Key.Key_Z, CTRL)
    mouse(editing, QEvent.Type.MouseButtonRelease, (33, 15))
    assert np.array_equal(mask(editing), before), "what was under way is given up"
    assert strokes(editing) == []


def test_undo_and_redo_wait_for_something_while_a_mask_is_edited(editing: Driver) -> None:
    def offered() -> tuple[bool, bool]:
        return tuple(editing.window.commands[name].isEnabled() for name in ("undo", "redo"))  # type: ignore[return-value]

    assert offered() == (False, False)
    mouse(editing, QEvent.Type.MouseButtonPress, (50, 34))
    assert offered() == (False, False), "a stroke under the hand is none yet"
    mouse(editing, QEvent.Type.MouseButtonRelease, (50, 34))
    assert tools(editing).room.writing
    assert offered() == (True, False), "before it is written"
    editing.key(Key.Key_Z, CTRL)
    assert offered() == (False, True)
    drag(editing, (-20, -20), (-18, -20))
    assert offered() == (True, False)
    written(editing)
    assert strokes(editing) == []
    assert offered() == (False, True), "it has changed nothing"
    editing.key(Key.Key_L, Qt.KeyboardModifier.ShiftModifier)
    for corner in ((46, 8), (52, 8)):
        drag(editing, corner)
    assert offered() == (True, True)
    for _ in range(2):
        editing.key(Key.Key_Z, CTRL)
    assert not tools(editing).editor.busy
    assert offered() == (False, True), "no corner is left"


def test_what_is_drawn_ahead_gives_way_to_the_strokes_themselves(editing: Driver) -> None:
    """Strokes that follow one another faster than they are written, over one another, and clipped by the frame."""
    for point in ((50, 34), (52, 35), (54, 33), (63, 35), (0, 0)):
        drag(editing, point, (point[0] + 3, point[1]), keys=PLAIN if point[0] != 52 else ALT)
    editor = tools(editing).editor
    shown = mask(editing)
    assert editor.sheet is not None
    assert editor.layer is not None
    assert np.array_equal(shown, editor.sheet.mask_in((0, 0, *editor.sheet.size)))
    whole = EditLayer(mask_levels(shown))
    for level, wanted in zip(editor.layer._levels, whole._levels, strict=True):
        assert np.abs(level.pixels.astype(int) - wanted.pixels).max() <= 1


def test_the_overlay_stays_until_the_mask_is_on_the_table(real: Driver) -> None:
    view, store = real.workspace.view, real.workspace.session.store
    first = next(pair for pair in store.pairs(store.pair_ids()) if pair.placement is not None)
    real.workspace.presenter.show(first.id)
    real.qtbot.waitUntil(lambda: real.scene().mask is not None and real.scene().original is not None)
    real.key(Key.Key_E)
    assert tools(real).room.on
    assert not real.scene().editing
    assert view._panes[Side.ORIGINAL]._content.tint is not None
    real.qtbot.waitUntil(lambda: view.surface.layer is not None)
    assert real.scene().editing
    assert view._panes[Side.ORIGINAL]._content.tint is None


def test_the_eraser_by_key_and_back(editing: Driver) -> None:
    editing.key(Key.Key_E)
    assert tools(editing).editor.name is ToolName.ERASER
    drag(editing, (20, 15), (24, 15))
    assert mask(editing)[15, 22] == 0
    editing.key(Key.Key_X)
    assert tools(editing).editor.name is ToolName.BRUSH
    assert editing.review(editing.at).decision is Decision.UNDECIDED, "X rejects nothing here"


def test_brackets_change_the_brush_and_its_bar(editing: Driver) -> None:
    editor = tools(editing).editor
    size = editor.options.brush.size
    editing.key(Key.Key_BracketRight)
    assert editor.options.brush.size > size
    assert tools(editing).bar._size.value() == round(editor.options.brush.size)
    editing.key(Key.Key_BracketLeft)
    editing.key(Key.Key_BracketLeft)
    assert editor.options.brush.size < size
    hardness = editor.options.brush.hardness
    editing.key(Key.Key_BracketLeft, Qt.KeyboardModifier.ShiftModifier)
    assert editor.options.brush.hardness == pytest.approx(hardness - 0.1)


def test_a_pen_presses_and_its_other_end_erases(editing: Driver) -> None:
    tools(editing).editor.set_brush_size(12.0)
    pen(editing, QEvent.Type.TabletPress, (50, 33), 0.05)
    pen(editing, QEvent.Type.TabletMove, (54, 33), 0.05)
    pen(editing, QEvent.Type.TabletRelease, (54, 33), 0.0)
    light = int(np.count_nonzero(mask(editing)[:, 52] >= 128))
    drag(editing, (50, 33), (54, 33))
    assert 0 < light < np.count_nonzero(mask(editing)[:, 52] >= 128)
    pen(editing, QEvent.Type.TabletPress, (20, 15), 1.0, turned=True)
    pen(editing, QEvent.Type.TabletRelease, (20, 15), 1.0, turned=True)
    assert mask(editing)[15, 20] == 0
    assert strokes(editing) == ["brush", "brush", "brush"]


def test_esc_gives_up_a_stroke_then_leaves(editing: Driver) -> None:
    before = mask(editing)
    mouse(editing, QEvent.Type.MouseButtonPress, (50, 34))
    mouse(editing, QEvent.Type.MouseMove, (54, 34))
    assert mask(editing)[34, 52] == 255, "it is shown while it goes on"
    assert strokes(editing) == []
    editing.key(Key.Key_Escape)
    assert np.array_equal(mask(editing), before)
    mouse(editing, QEvent.Type.MouseButtonRelease, (54, 34))
    assert strokes(editing) == []
    editing.key(Key.Key_Escape)
    assert not tools(editing).room.on
    assert not editing.scene().editing
    editing.key(Key.Key_X)
    popup = QApplication.activePopupWidget()
    assert popup is not None, "X rejects again"
    popup.close()


def test_enter_accepts_what_was_edited_as_corrected(editing: Driver) -> None:
    pair_id = editing.at
    drag(editing, (50, 34), (54, 34))
    editing.key(Key.Key_Return)
    review = editing.review(pair_id)
    assert (review.decision, review.source) == (Decision.CORRECTED, MaskSource.RECIPE)
    assert not tools(editing).room.on
    editing.workspace.presenter.show(pair_id)
    editing.qtbot.waitUntil(lambda: editing.scene().edited is not None)
    assert editing.scene().shows_edited
    edited = editing.scene().edited
    assert edited is not None
    assert edited.levels[0][34, 52] == 255


def test_enter_without_an_edit_accepts(editing: Driver) -> None:
    pair_id = editing.at
    editing.key(Key.Key_Return)
    assert editing.review(pair_id).decision is Decision.ACCEPTED


def test_lasso_and_polygon_by_mouse(editing: Driver) -> None:
    editing.key(Key.Key_L)
    drag(editing, (46, 31), (57, 31), (57, 38), (46, 38))
    assert mask(editing)[34, 52] == 255
    editing.key(Key.Key_L, Qt.KeyboardModifier.ShiftModifier)
    for corner in ((14, 10), (22, 10), (22, 18)):
        drag(editing, corner, keys=ALT)
    assert strokes(editing) == ["lasso"]
    editing.key(Key.Key_Return)
    assert mask(editing)[12, 20] == 0
    assert strokes(editing) == ["lasso", "polygon"]
    assert tools(editing).room.on, "Enter has closed the polygon, and accepted nothing"


def test_wand_fill_and_refine_ask_a_job(editing: Driver) -> None:
    desk = editing
    desk.key(Key.Key_W)
    drag(desk, (55, 30))
    desk.qtbot.waitUntil(lambda: strokes(desk) == ["wand"])
    assert mask(desk)[30, 55] == 255
    desk.key(Key.Key_Z, CTRL)
    desk.key(Key.Key_E)
    drag(desk, (30, 20))
    desk.key(Key.Key_F)
    drag(desk, (30, 20))
    desk.qtbot.waitUntil(lambda: strokes(desk) == ["eraser", "fill"])
    assert mask(desk)[20, 30] == 255
    desk.key(Key.Key_G)
    drag(desk, (14, 28), (40, 29))
    told = desk.window.foot.told
    desk.qtbot.waitUntil(lambda: "refine" in strokes(desk) or "edge" in told.whole)


def test_middle_button_and_space_pan(editing: Driver) -> None:
    view = editing.workspace.view
    before = view.surface.view
    drag(editing, (20, 15), (25, 20), button=MIDDLE)
    moved = view.surface.view
    assert moved != before
    target = editing.window.focusWidget() or editing.window
    editing.qtbot.keyPress(target, Key.Key_Space)
    drag(editing, (20, 15), (25, 20))
    editing.qtbot.keyRelease(target, Key.Key_Space)
    assert view.surface.view != moved
    assert strokes(editing) == []


def test_the_held_keys_can_be_others(editing: Driver) -> None:
    use_keys(Keymap().with_keys("pan_held", ("J",)).with_keys("flip_held", ("Shift", "I")))
    view, target = editing.workspace.view, editing.window.focusWidget() or editing.window
    assert "hold Shift to erase" in editing.window.foot.told.whole
    before = view.surface.view
    editing.qtbot.keyPress(target, Key.Key_J)
    drag(editing, (20, 15), (25, 20))
    editing.qtbot.keyRelease(target, Key.Key_J)
    assert view.surface.view != before
    assert strokes(editing) == []
    drag(editing, (20, 15), (24, 15), keys=ALT)
    assert mask(editing)[15, 22] == 255, "Alt means nothing any more"
    drag(editing, (20, 15), (24, 15), keys=Qt.KeyboardModifier.ShiftModifier)
    assert mask(editing)[15, 22] == 0
    editing.qtbot.keyPress(target, Key.Key_I)
    drag(editing, (30, 20), (34, 20))
    assert mask(editing)[20, 32] == 0
    editing.qtbot.keyRelease(target, Key.Key_I)
    drag(editing, (30, 20), (34, 20))
    assert mask(editing)[20, 32] == 255


def test_clean_up_stays_beneath_strokes_and_can_be_undone(editing: Driver) -> None:
    drag(editing, (50, 34), (54, 34))
    area = np.count_nonzero(mask(editing) >= 128)
    tools(editing).room.clean(CleanUpKind.SHRINK, 2.0)
    editing.qtbot.waitUntil(lambda: np.count_nonzero(mask(editing) >= 128) < area)
    assert mask(editing)[34, 52] == 255
    made = recipe(editing)
    assert made is not None
    assert [(step.kind, step.amount) for step in made.steps] == [(CleanUpKind.SHRINK, 2.0)]
    editing.key(Key.Key_Z, CTRL)
    editing.qtbot.waitUntil(lambda: np.count_nonzero(mask(editing) >= 128) == area)
    editing.window.commands["start_over"].trigger()
    assert recipe(editing) is None
    editing.key(Key.Key_Z, CTRL)
    assert strokes(editing) == ["brush"]


def test_views_by_key_and_bar(editing: Driver) -> None:
    surface = editing.workspace.view.surface
    editing.key(Key.Key_Q)
    assert surface.look.view is EditView.MONO
    editing.key(Key.Key_Q)
    assert surface.look.view is EditView.OVERLAY
    editing.key(Key.Key_Q, Qt.KeyboardModifier.ShiftModifier)
    assert surface.look.view is EditView.ONION
    for view in EditView:
        editing.window.commands[f"view_{view.value.replace(' ', '_')}"].trigger()
        assert surface.look.view is view
        assert tools(editing).bar._view.currentData() == view
    mouse(editing, QEvent.Type.MouseMove, (20, 30), Qt.MouseButton.NoButton)

    editing.key(Key.Key_H)
    bare = surface.grab().toImage()

    surface.show_ring(None)
    assert bare != surface.grab().toImage(), "the mask is hidden, the pointer is not"
    editing.key(Key.Key_H)
    assert not surface._bare


def test_the_status_line_says_what_a_drag_will_do(editing: Driver) -> None:
    told = editing.window.foot.told
    editing.window.foot._on_rested()
    assert told.whole.startswith("Drag to paint")
    editing.key(Key.Key_W)
    assert "colour" in told.whole
    editing.key(Key.Key_Escape)
    editing.window.foot._on_rested()
    assert told.whole == ""


def test_another_pair_ends_editing(editing: Driver) -> None:
    editing.key(Key.Key_A)
    assert not tools(editing).room.on
    assert editing.window.commands["edit"].isEnabled()
    assert not editing.window.commands["tool_brush"].isEnabled()


def test_strokes_and_their_undo_outlive_the_window(
    make: Callable[[Runner], Driver], editing: Driver, real_store: MemoryStore
) -> None:
    """The store is what is left after a kill: nothing is written when a window closes."""
    pair_id = editing.at
    drag(editing, (50, 34), (54, 34))
    drag(editing, (20, 15), (24, 15), keys=ALT)
    written(editing)
    mouse(editing, QEvent.Type.MouseButtonPress, (40, 34))
    mouse(editing, QEvent.Type.MouseMove, (42, 34))
    runner = editing.window._runner
    again = make(runner)
    again.window.desk.use(real_store)
    again.workspace.presenter.show(pair_id)
    again.qtbot.waitUntil(lambda: again.scene().edited is not None)
    edited = again.scene().edited
    assert edited is not None
    assert edited.levels[0][34, 52] == 255
    assert edited.levels[0][15, 22] == 0
    assert edited.levels[0][34, 41] == 0, "the stroke in hand is lost, and that one only"
    again.key(Key.Key_Z, CTRL)
    assert strokes(again) == ["brush"]
    again.key(Key.Key_Z, CTRL)
    assert recipe(again) is None
    mouse(editing, QEvent.Type.MouseButtonRelease, (42, 34))


def test_nothing_can_be_edited_without_a_pair(make: Callable[[Runner], Driver], runner: Runner) -> None:
    driver = make(runner)
    names = [spec.id for spec, action in driver.window.commands if spec.menu == "M&ask" and action.isEnabled()]
    assert names == []
