"""Placing by hand at the window: mouse, keys and numbers; every gesture one edit that is undone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent

from core.domain import Placement, Reconciliation
from core.edits import Initiator, Origin, SetReconciliation
from core.jobs.answers import BatchReport
from core.jobs.context import JobContext
from core.jobs.specs import LoadPicture, ReconcilePairs, Spec
from core.store.memory import MemoryStore
from gui.actions import Scope
from gui.canvas.linking import Side
from gui.canvas.superposed import CompareMode
from gui.tools import placement_handles as handles
from tests.gui.conftest import Gate, Key
from tests.gui.tools.conftest import ALT, CTRL, FOUND, NO, SHIFT, SIZE, Hands, picture, send, stays


@pytest.mark.parametrize("mode", list(CompareMode))
def test_a_drag_moves_in_every_mode_as_one_step(hands: Hands, mode: CompareMode) -> None:
    driver = hands.driver
    driver.window.commands[f"compare_{mode.name.lower()}"].trigger()
    assert driver.window.placing.active
    assert not hands.pane(Side.DESIGNER).isVisible()
    # beside the swipe's line, which lies through the middle
    x, y = handles.middle_of(FOUND, SIZE)
    steps = hands.steps
    hands.drag((x - 6, y + 4), (x - 3, y + 2))
    assert stays(hands.place, handles.moved(FOUND, 3.0, -2.0))
    assert hands.steps == steps + 1, "one gesture is one edit"
    driver.key(Key.Key_Z, CTRL)
    assert hands.place == FOUND
    driver.key(Key.Key_Z, CTRL | SHIFT)
    assert stays(hands.place, handles.moved(FOUND, 3.0, -2.0))


def test_knob_and_corner_turn_and_scale(hands: Hands) -> None:
    driver = hands.driver
    driver.key(Key.Key_V)
    zoom = driver.workspace.view._views.original.scale
    middle, knob = handles.middle_of(FOUND, SIZE), handles.knob_of(FOUND, SIZE, 1 / zoom)
    hands.drag(knob, (middle[0] + (middle[1] - knob[1]), middle[1] + (knob[0] - middle[0])))
    assert hands.place.rotation_deg == pytest.approx(95.0)
    assert handles.middle_of(hands.place, SIZE) == pytest.approx(middle)
    before = hands.place
    corner, kept = (handles.corners_of(before, SIZE)[at] for at in (2, 0))
    hands.drag(corner, (corner[0] + (corner[0] - kept[0]) / 5, corner[1] + (corner[1] - kept[1]) / 5))
    assert hands.place.scale == pytest.approx(before.scale * 1.2)
    driver.key(Key.Key_Z, CTRL)
    driver.key(Key.Key_Z, CTRL)
    assert hands.place == FOUND


def test_r_turns_within_and_reconciles_outside(hands: Hands, gate: Gate) -> None:
    driver = hands.driver
    driver.key(Key.Key_V)
    driver.key(Key.Key_R)
    x, y = handles.middle_of(FOUND, SIZE)
    hands.drag((x + 6, y), (x, y + 6))
    assert hands.place.rotation_deg == pytest.approx(95.0)
    assert not any(isinstance(job, ReconcilePairs) for job in gate.order)
    driver.key(Key.Key_Escape)
    driver.key(Key.Key_R)
    driver.qtbot.waitUntil(lambda: any(isinstance(job, ReconcilePairs) for job in gate.order))


def test_keys_that_rest_are_one_step(hands: Hands) -> None:
    driver = hands.driver
    driver.key(Key.Key_V)
    first = hands.pair.id
    for _ in range(3):
        driver.key(Key.Key_Right)
    driver.key(Key.Key_Down, SHIFT)
    driver.key(Key.Key_Right, ALT)
    driver.key(Key.Key_Up, CTRL)
    assert hands.place == FOUND, "nothing is written before they rest"
    hands.rest()
    wanted = handles.scaled(handles.turned(handles.moved(FOUND, 3.0, 10.0), SIZE, 0.1), SIZE, 1.001)
    assert stays(hands.place, wanted)
    assert hands.pair.id == first
    driver.key(Key.Key_Z, CTRL)
    assert hands.place == FOUND


def test_undo_and_leaving_write_what_is_on_the_move_first(hands: Hands) -> None:
    driver = hands.driver
    driver.key(Key.Key_V)
    driver.key(Key.Key_Left)
    driver.key(Key.Key_Z, CTRL)
    assert hands.place == FOUND
    driver.key(Key.Key_Left)
    driver.key(Key.Key_Escape)
    assert stays(hands.place, handles.moved(FOUND, -1.0, 0.0))
    assert not driver.window.placing.active
    assert hands.pane(Side.DESIGNER).isVisible()


def test_another_pair_writes_the_move_and_stays_in_the_mode(hands: Hands) -> None:
    driver = hands.driver
    driver.key(Key.Key_V)
    first = hands.pair.id
    driver.key(Key.Key_Left)
    driver.key(Key.Key_D)
    assert hands.pair.id != first
    assert hands.place == FOUND
    assert driver.window.placing.active
    (was,) = driver.workspace.session.store.pairs([first])
    assert was.placement is not None
    assert stays(was.placement, handles.moved(FOUND, -1.0, 0.0))


def test_mirror_and_typed_numbers(hands: Hands) -> None:
    driver = hands.driver
    driver.key(Key.Key_V)
    driver.key(Key.Key_M, SHIFT)
    hands.rest()
    assert stays(hands.place, handles.mirrored(FOUND, SIZE))
    driver.key(Key.Key_Z, CTRL)
    bar = driver.window.placing.bar
    assert bar is not None
    field = bar.field("turn")
    field.setFocus()
    field.selectAll()
    driver.qtbot.keyClicks(field, "12.5")
    driver.qtbot.keyClick(field, Key.Key_Return)
    assert hands.place.rotation_deg == 12.5
    assert hands.place.scale == FOUND.scale
    assert handles.middle_of(hands.place, SIZE) == pytest.approx(handles.middle_of(FOUND, SIZE))
    bar.field("x").setValue(33.0)
    assert handles.middle_of(hands.place, SIZE)[0] == pytest.approx(33.0)
    assert hands.place.rotation_deg == 12.5
    bar._mirrored.click()
    assert hands.place.mirrored


def test_landmarks_left_right_left_right_then_take(hands: Hands) -> None:
    driver = hands.driver
    truth = Placement(0.4, 12.0, False, 14.0, 9.0)
    driver.key(Key.Key_V)
    driver.key(Key.Key_L)
    assert hands.pane(Side.DESIGNER).isVisible()
    for number, spot in enumerate(((10.0, 8.0), (50.0, 9.0), (30.0, 32.0))):
        hands.click(Side.ORIGINAL, truth.apply(*spot), double=number == 1)
        hands.click(Side.DESIGNER, spot)
    points = driver.window.placing.points
    assert points is not None
    assert len(points.points) == 3
    assert hands.place == FOUND, "nothing is written yet"
    driver.key(Key.Key_Z, CTRL)
    assert len(points.points) == 2
    driver.key(Key.Key_Z, CTRL | SHIFT)
    assert len(points.points) == 3
    driver.key(Key.Key_Return)
    assert stays(hands.place, truth, 0.02)
    assert driver.window.placing.active
    assert driver.window.placing.points is None
    (change,) = driver.workspace.session.store.journal(pair_id=hands.pair.id, newest=1)
    assert change.initiator.label == "Landmarks"
    driver.key(Key.Key_Z, CTRL)
    assert hands.place == FOUND
    driver.key(Key.Key_L)
    assert driver.window.placing.points is points, "the points are there again"


def test_landmarks_in_one_view_and_dragged(hands: Hands) -> None:
    driver = hands.driver
    driver.key(Key.Key_V)
    driver.key(Key.Key_L)
    driver.key(Key.Key_M)
    assert not hands.pane(Side.DESIGNER).isVisible()
    hands.click(Side.ORIGINAL, (20.0, 12.0))
    hands.click(Side.ORIGINAL, (27.0, 19.0))
    points = driver.window.placing.points
    assert points is not None
    assert points.points[0][2:] == pytest.approx((20.0, 12.0), abs=0.05)
    assert FOUND.apply(*points.points[0][:2]) == pytest.approx((27.0, 19.0), abs=0.05)
    hands.drag((20.0, 12.0), (25.0, 15.0))
    assert points.points[0][2:] == pytest.approx((25.0, 15.0), abs=0.1)
    driver.key(Key.Key_Delete)
    assert points.points == ()
    for _ in range(4):
        driver.key(Key.Key_M)
    assert hands.pane(Side.DESIGNER).isVisible(), "after all ways to compare come the two panes again"


def test_m_cycles_the_modes_and_keys_go_back_when_left(hands: Hands) -> None:
    driver = hands.driver
    commands = driver.window.commands
    driver.key(Key.Key_M)
    seen = []
    for _ in CompareMode:
        seen.append(next(mode for mode in CompareMode if commands[f"compare_{mode.name.lower()}"].isChecked()))
        driver.key(Key.Key_M)
    assert seen == list(CompareMode)
    assert commands["turn_tool"].isEnabled()
    driver.key(Key.Key_Escape)
    assert not commands["turn_tool"].isEnabled()
    link = commands["link"].isChecked()
    driver.key(Key.Key_L)
    assert commands["link"].isChecked() != link


def test_a_swipes_line_is_dragged_and_writes_nothing(hands: Hands) -> None:
    driver = hands.driver
    driver.key(Key.Key_V)
    scenes = driver.window.placing._room
    assert scenes is not None
    pane, steps = hands.pane(Side.ORIGINAL), hands.steps
    x, y = scenes.scenes.split * pane.width(), pane.height() - 20.0
    send(pane, QEvent.Type.MouseButtonPress, (x, y), True, NO)
    send(pane, QEvent.Type.MouseMove, (40.0, y), True, NO)
    send(pane, QEvent.Type.MouseButtonRelease, (40.0, y), False, NO)
    assert scenes.scenes.split == pytest.approx(40.0 / pane.width())
    assert hands.steps == steps


def test_the_middle_moves_the_picture_though_the_swipes_line_runs_through_it(hands: Hands) -> None:
    hands.driver.key(Key.Key_V)
    room = hands.driver.window.placing._room
    assert room is not None
    split, middle = room.scenes.split, handles.middle_of(FOUND, (60, 40))
    assert hands.seen(middle)[0] == pytest.approx(split * hands.pane(Side.ORIGINAL).width(), abs=1)
    hands.drag(middle, (middle[0] + 4, middle[1] + 2))
    assert room.scenes.split == split
    assert handles.middle_of(hands.place, (60, 40)) == pytest.approx((middle[0] + 4, middle[1] + 2), abs=0.1)


def test_with_landmarks_the_swipes_line_is_dragged_and_a_click_on_it_sets_a_point(hands: Hands) -> None:
    driver = hands.driver
    for key in (Key.Key_V, Key.Key_L, Key.Key_M):
        driver.key(key)
    room, points = driver.window.placing._room, driver.window.placing.points
    assert room is not None
    assert points is not None
    assert room.scenes.over is not None
    assert room.scenes.mode is CompareMode.SWIPE
    pane = hands.pane(Side.ORIGINAL)
    x, y = room.scenes.split * pane.width(), hands.seen((20.0, 12.0))[1]
    send(pane, QEvent.Type.MouseButtonPress, (x, y), True, NO)
    send(pane, QEvent.Type.MouseMove, (x + 60.0, y), True, NO)
    send(pane, QEvent.Type.MouseButtonRelease, (x + 60.0, y), False, NO)
    assert room.scenes.split == pytest.approx((x + 60.0) / pane.width())
    assert (points.points, points.half) == ((), None)
    send(pane, QEvent.Type.MouseButtonPress, (x + 60.0, y), True, NO)
    send(pane, QEvent.Type.MouseButtonRelease, (x + 60.0, y), False, NO)
    assert points.half is not None
    assert points.half[0] is Side.ORIGINAL


@pytest.mark.parametrize("mode", list(CompareMode))
def test_landmarks_are_set_and_dragged_in_every_mode(hands: Hands, mode: CompareMode) -> None:
    driver = hands.driver
    driver.key(Key.Key_V)
    driver.key(Key.Key_L)
    driver.window.commands[f"compare_{mode.name.lower()}"].trigger()
    room, points = driver.window.placing._room, driver.window.placing.points
    assert room is not None
    assert points is not None, "another way to compare leaves the points"
    assert room.scenes.over is not None
    assert room.scenes.over.mode is mode
    room.scenes.split = 0.02  # out of the way
    for point in ((14.0, 10.0), (33.0, 12.0), (18.0, 24.0)):
        hands.click(Side.ORIGINAL, point)
        hands.click(Side.ORIGINAL, point)  # the same spot in both: the placement is right
    assert len(points.points) == 3
    assert points.fit is not None
    assert stays(points.fit.placement, FOUND, 1e-3)
    hands.drag((33.0, 12.0), (36.0, 12.0))
    assert points.points[1][2:] == pytest.approx((36.0, 12.0), abs=0.1)
    designer = points.points[1][:2]
    at = room.scenes.over.placement.apply(*designer)
    hands.drag(at, (at[0] - 6.0, at[1]))
    assert points.points[1][:2] != designer, "a designer image's point is taken where it lies over the original"


def test_a_drag_outside_of_the_frame_pans(hands: Hands) -> None:
    driver = hands.driver
    driver.key(Key.Key_V)
    before, steps = hands.seen((0.0, 0.0)), hands.steps
    pane = hands.pane(Side.ORIGINAL)
    send(pane, QEvent.Type.MouseButtonPress, (5.0, 5.0), True, NO)
    send(pane, QEvent.Type.MouseMove, (25.0, 15.0), True, NO)
    send(pane, QEvent.Type.MouseButtonRelease, (25.0, 15.0), False, NO)
    assert hands.seen((0.0, 0.0)) == pytest.approx((before[0] + 20, before[1] + 10))
    assert hands.steps == steps


def test_solve_from_here_says_what_it_changed(hands: Hands, gate: Gate, placed: MemoryStore) -> None:
    driver = hands.driver
    asked: list[ReconcilePairs] = []

    def work(spec: Spec, ctx: JobContext) -> object:
        if isinstance(spec, ReconcilePairs):
            asked.append(spec)
            (pair,) = placed.pairs(spec.pair_ids)
            assert pair.placement is not None
            found = Reconciliation("pawtrait", handles.moved(pair.placement, 3.0, 4.0), 0.91, "Clear.", 0.5)
            edit = SetReconciliation(pair.id, pair.reconciliation, found)
            ctx.partial(placed.apply([edit], Initiator(spec.who, Origin.USER, label="Solve from here")))
            return BatchReport(1, 1, 1)
        return picture(spec) if isinstance(spec, LoadPicture) else None

    gate.do = work
    driver.key(Key.Key_V)
    driver.key(Key.Key_Return, CTRL)
    driver.qtbot.waitUntil(lambda: any("confidence 91" in words for words in hands.told))
    assert any("moved 5.0 px" in words for words in hands.told)
    driver.key(Key.Key_L)
    for spot in ((10.0, 8.0), (50.0, 9.0)):
        hands.click(Side.ORIGINAL, FOUND.apply(*spot))
        hands.click(Side.DESIGNER, spot)
    driver.key(Key.Key_Return, CTRL)
    driver.qtbot.waitUntil(lambda: len(asked) == 2)
    assert type(asked[0].priors[0][1]).__name__ == "PlacementPrior"
    assert type(asked[1].priors[0][1]).__name__ == "LandmarkPrior"
    driver.qtbot.waitUntil(lambda: driver.window.placing.points is None)


def test_keys_of_the_mode_are_in_menu_palette_and_sheet(hands: Hands) -> None:
    commands = hands.driver.window.commands
    for spec, action in commands:
        if spec.scope in (Scope.PLACEMENT, Scope.LANDMARKS):
            assert spec.menu == "Pla&cement"
            assert not action.isEnabled()
    hands.driver.key(Key.Key_V)
    assert all(action.isEnabled() for spec, action in commands if spec.scope is Scope.PLACEMENT)


def test_undo_waits_for_a_move_and_says_what_it_took_back(hands: Hands) -> None:
    undo = hands.driver.window.commands["undo"]
    hands.driver.key(Key.Key_V)
    assert not undo.isEnabled()
    hands.driver.key(Key.Key_Right)
    assert undo.isEnabled(), "also before it is written"
    hands.driver.key(Key.Key_Z, CTRL)
    assert hands.place == FOUND
    assert hands.driver.window.foot.told.whole.startswith("Taken back: ")
    assert not undo.isEnabled()


def test_undo_of_landmarks(hands: Hands) -> None:
    undo = hands.driver.window.commands["undo"]
    hands.driver.key(Key.Key_V)
    hands.driver.key(Key.Key_L)
    assert not undo.isEnabled()
    hands.click(Side.ORIGINAL, (20.0, 15.0))
    assert undo.isEnabled()
    hands.driver.key(Key.Key_Z, CTRL)
    assert not undo.isEnabled()
    assert hands.driver.window.commands["redo"].isEnabled()


def test_a_release_that_went_elsewhere_lets_go(hands: Hands) -> None:
    driver = hands.driver
    driver.key(Key.Key_V)
    pane, (x, y) = hands.pane(Side.ORIGINAL), hands.seen(handles.middle_of(FOUND, SIZE))
    send(pane, QEvent.Type.MouseButtonPress, (x, y), True, NO)
    send(pane, QEvent.Type.MouseMove, (x + 20.0, y), True, NO)
    send(pane, QEvent.Type.MouseMove, (x + 90.0, y), False, NO)
    moved = hands.place
    assert moved != FOUND
    send(pane, QEvent.Type.MouseMove, (x - 90.0, y), False, NO)
    assert hands.place == moved
    assert not driver.window.placing.draft.moving


def test_a_move_under_way_is_written_when_the_project_is_closed(hands: Hands) -> None:
    driver = hands.driver
    journal: list[int] = []
    driver.workspace.session.changed.connect(lambda change: journal.append(change.revision))
    driver.key(Key.Key_V)
    driver.key(Key.Key_Left)
    assert driver.window.placing.draft.moving
    driver.window.desk.close_project()
    assert journal
