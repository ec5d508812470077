"""Placing by hand at the window: mouse, keys and numbers; every gesture one edit that is undone and kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from core.domain import MaskSource, Pair, Placement, Recipe, Reconciliation, Stroke
from core.edits import AddPair, AddStroke, Initiator, Origin, SetRecipe, SetReconciliation
from core.images.io import encode_mask
from core.jobs.answers import BatchReport, DisplayPicture, MaskLayer, OpenedMask, Rederived
from core.jobs.context import JobContext
from core.jobs.hands import DeriveMask, OpenMask
from core.jobs.specs import LoadMask, LoadPicture, ReconcilePairs, Spec
from core.maths.patches import PaintedLayer
from core.store.memory import MemoryStore
from core.store.opening import create_project, open_project
from gui.actions import Scope
from gui.canvas.linking import Side
from gui.canvas.pane import Pane
from gui.canvas.superposed import CompareMode
from gui.jobs.runner import Runner
from gui.tools import placement_handles as handles
from tests.gui.conftest import WHO, Driver, Gate, Key, bare_pair

NO, SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
FOUND = Placement(0.5, 5.0, False, 11.0, 7.0)


def send(target: QWidget, kind: QEvent.Type, at: tuple[float, float], down: bool, keys: Qt.KeyboardModifier) -> None:
    button = NONE if kind is QEvent.Type.MouseMove else LEFT
    here = QPointF(*at)
    event = QMouseEvent(kind, here, target.mapToGlobal(here), button, LEFT if down else NONE, keys)
    QApplication.sendEvent(target, event)


class Hands:
    """A person with a mouse."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.told: list[str] = []
        driver.window.desk.told.connect(self.told.append)

    @property
    def pair(self) -> Pair:
        pair = self.driver.workspace.presenter.pair
        assert pair is not None
        return pair

    @property
    def place(self) -> Placement:
        assert self.pair.placement is not None
        return self.pair.placement

    @property
    def steps(self) -> int:
        """How often the pair has been changed."""
        return len(self.driver.workspace.session.store.journal(pair_id=self.pair.id, newest=60))

    def pane(self, side: Side) -> Pane:
        return self.driver.workspace.view._panes[side]

    def seen(self, point: tuple[float, float], side: Side = Side.ORIGINAL) -> tuple[float, float]:
        return self.driver.workspace.view._views.view(side).to_view(point)

    def drag(self, start: tuple[float, float], end: tuple[float, float], keys: Qt.KeyboardModifier = NO) -> None:
        """Drag from one point of the original to another."""
        pane, (x0, y0), (x1, y1) = self.pane(Side.ORIGINAL), self.seen(start), self.seen(end)
        send(pane, QEvent.Type.MouseMove, (x0, y0), False, keys)
        send(pane, QEvent.Type.MouseButtonPress, (x0, y0), True, keys)
        for step in (0.3, 0.7, 1.0):
            send(pane, QEvent.Type.MouseMove, (x0 + (x1 - x0) * step, y0 + (y1 - y0) * step), True, keys)
        send(pane, QEvent.Type.MouseButtonRelease, (x1, y1), False, keys)

    def click(self, side: Side, point: tuple[float, float], double: bool = False) -> None:
        pane, at = self.pane(side), self.seen(point, side)
        kind = QEvent.Type.MouseButtonDblClick if double else QEvent.Type.MouseButtonPress
        send(pane, kind, at, True, NO)
        send(pane, QEvent.Type.MouseButtonRelease, at, False, NO)

    def rest(self) -> None:
        """Let keys rest until they are written."""
        self.driver.qtbot.waitUntil(lambda: not self.driver.window.placing.draft._rest.isActive())


@pytest.fixture
def placed(store: MemoryStore) -> MemoryStore:
    """Pairs that lie somewhere in the middle of their originals."""
    for pair in store.pairs(range(1, 7)):
        found = Reconciliation("pawtrait", FOUND, 0.4 + pair.id / 100, "Because.", 0.5)
        store.apply([SetReconciliation(pair.id, pair.reconciliation, found)], Initiator("job", Origin.JOB))
    return store


def picture(spec: LoadPicture) -> DisplayPicture:
    pixels = np.full((spec.ref.height, spec.ref.width, 4), 255, np.uint8)
    pixels[10:20, 10:30, :3] = 60 if "o" in spec.ref.sha256 else 90
    return DisplayPicture((pixels,), True, spec.ref.width, spec.ref.height)


@pytest.fixture
def hands(make: Callable[[Runner], Driver], runner: Runner, gate: Gate, placed: MemoryStore) -> Hands:
    def work(spec: Spec, ctx: JobContext) -> object:
        if isinstance(spec, LoadPicture):
            return picture(spec)
        if isinstance(spec, DeriveMask):
            return Rederived(None, False, None)
        return gate.wait(ctx)

    gate.do = work
    driver = make(runner)
    driver.window.desk.use(placed)
    made = Hands(driver)
    driver.qtbot.waitUntil(lambda: driver.scene().original is not None and driver.scene().designer is not None)
    return made


def stays(one: Placement, other: Placement, within: float = 1e-6) -> bool:
    return one.mirrored == other.mirrored and all(
        abs(a - b) <= within
        for a, b in (
            (one.scale, other.scale),
            (one.rotation_deg, other.rotation_deg),
            (one.tx, other.tx),
            (one.ty, other.ty),
        )
    )


SIZE = (60, 40)


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


def test_the_mask_follows_a_move_and_its_undo(hands: Hands, gate: Gate) -> None:
    driver = hands.driver
    driver.key(Key.Key_V)
    x, y = handles.middle_of(FOUND, SIZE)
    hands.drag((x - 6, y + 4), (x - 3, y + 2))
    driver.qtbot.waitUntil(lambda: any(isinstance(job, DeriveMask) for job in gate.order))
    job = next(job for job in gate.order if isinstance(job, DeriveMask))
    assert job == DeriveMask(hands.pair.id, driver.workspace.session.who)


def test_a_mask_goes_on_following_its_placement_once_the_pair_is_left(hands: Hands, gate: Gate) -> None:
    def work(spec: Spec, ctx: JobContext) -> object:
        return picture(spec) if isinstance(spec, LoadPicture) else gate.wait(ctx)

    gate.do = work
    driver, moved = hands.driver, hands.pair
    driver.key(Key.Key_V)
    driver.key(Key.Key_Left)
    driver.key(Key.Key_P)
    driver.qtbot.waitUntil(lambda: hands.pair.id != moved.id)
    deriving = [job for job in driver.window.desk.runner.jobs() if isinstance(job.spec, DeriveMask)]
    assert [job.spec for job in deriving] == [DeriveMask(moved.id, driver.workspace.session.who)]
    assert not any(job.stop.is_set() for job in deriving)


def test_a_painted_mask_waits_for_a_word(hands: Hands, gate: Gate, placed: MemoryStore, qtbot: QtBot) -> None:
    driver = hands.driver
    mask = placed.put_mask(encode_mask(np.zeros((40, 60), np.uint8)), *SIZE)
    patch = placed.put_mask(encode_mask(np.zeros((8, 5), np.uint8)), 5, 8)
    pair = hands.pair
    with_mask = Reconciliation("pawtrait", FOUND, 0.4, "Because.", 0.5, mask)
    who = Initiator("anna", Origin.JOB)
    placed.apply([SetReconciliation(pair.id, pair.reconciliation, with_mask)], who)

    def work(spec: Spec, _ctx: JobContext) -> object:
        if isinstance(spec, DeriveMask):
            return Rederived(None, not spec.even_if_painted, None)
        if isinstance(spec, LoadMask):
            return MaskLayer((np.zeros((40, 60), np.uint8),), (), 0)
        return picture(spec) if isinstance(spec, LoadPicture) else None

    gate.do = work
    recipe = Recipe(MaskSource.RECONCILIATION)
    driver.workspace.session.note(
        placed.apply([SetRecipe(pair.id, None, recipe), AddStroke(pair.id, 0, Stroke(3, 4, patch))], who)
    )

    driver.key(Key.Key_V)
    driver.key(Key.Key_Left)
    hands.rest()
    note = driver.workspace.predicting.note
    assert note.isVisible()
    assert "painted on its mask" in note.message
    qtbot.waitUntil(lambda: any("waits for your word" in words for words in hands.told))
    note._button.click()
    qtbot.waitUntil(lambda: any(isinstance(job, DeriveMask) and job.even_if_painted for job in gate.order))


def test_keys_of_the_mode_are_in_menu_palette_and_sheet(hands: Hands) -> None:
    commands = hands.driver.window.commands
    for spec, action in commands:
        if spec.scope in (Scope.PLACEMENT, Scope.LANDMARKS):
            assert spec.menu == "Pla&cement"
            assert not action.isEnabled()
    hands.driver.key(Key.Key_V)
    assert all(action.isEnabled() for spec, action in commands if spec.scope is Scope.PLACEMENT)


def test_placing_and_editing_a_mask_take_turns(hands: Hands, gate: Gate) -> None:
    driver, before = hands.driver, gate.do

    def work(spec: Spec, ctx: JobContext) -> object:
        if isinstance(spec, OpenMask):
            return OpenedMask(np.zeros((40, 60), np.uint8), PaintedLayer(*SIZE))
        return before(spec, ctx)

    gate.do = work
    tools, commands = driver.window.tools, driver.window.commands
    assert tools is not None
    driver.key(Key.Key_V)
    driver.key(Key.Key_Left)
    driver.key(Key.Key_E)
    driver.qtbot.waitUntil(lambda: tools.masks.room.on)
    assert not driver.window.placing.active
    assert stays(hands.place, handles.moved(FOUND, -1.0, 0.0))
    assert [key.toString() for key in commands["tool_brush"].shortcuts()] == ["B"]
    assert not commands["turn_tool"].shortcuts()
    driver.key(Key.Key_V)
    assert driver.window.placing.active
    assert not tools.masks.room.on
    assert not commands["tool_brush"].shortcuts()
    assert [key.toString() for key in commands["turn_tool"].shortcuts()] == ["R"]


@pytest.fixture
def on_disk(tmp_path: Path) -> Path:
    """A project's folder with one placed pair."""
    store = create_project(tmp_path / "ours", WHO)
    pair = replace(bare_pair(1), reconciliation=Reconciliation("pawtrait", FOUND, 0.4, "Because.", 0.5))
    store.apply([AddPair(pair)], Initiator(WHO, Origin.JOB, label="Import"))
    store.close()
    return tmp_path / "ours"


def test_a_move_and_its_undo_outlast_the_program(
    make: Callable[[Runner], Driver], runner: Runner, gate: Gate, on_disk: Path
) -> None:
    gate.do = lambda spec, _ctx: picture(spec) if isinstance(spec, LoadPicture) else Rederived(None, False, None)
    driver = make(runner)
    driver.window.desk.settings.set("review.reviewer", WHO)
    driver.window.desk.use(open_project(on_disk, WHO))
    hands = Hands(driver)
    driver.key(Key.Key_V)
    driver.key(Key.Key_Left)
    driver.window.ask_close()
    assert not driver.window.placing.active
    assert not driver.window.commands["place"].isEnabled()
    driver.window.desk.use(open_project(on_disk, WHO))
    assert stays(hands.place, handles.moved(FOUND, -1.0, 0.0))
    driver.key(Key.Key_Z, CTRL)
    assert hands.place == FOUND


def test_a_read_only_project_is_compared_and_not_moved(
    make: Callable[[Runner], Driver], runner: Runner, gate: Gate, on_disk: Path
) -> None:
    gate.do = lambda spec, _ctx: picture(spec) if isinstance(spec, LoadPicture) else None
    first = open_project(on_disk, "ben")
    driver = make(runner)
    driver.window.desk.use(open_project(on_disk, WHO))
    hands = Hands(driver)
    driver.key(Key.Key_M)
    assert driver.window.placing.active
    driver.key(Key.Key_Left)
    hands.drag(handles.middle_of(FOUND, SIZE), (5.0, 5.0))
    driver.key(Key.Key_Return, CTRL)
    assert hands.place == FOUND
    assert not any(isinstance(job, (DeriveMask, ReconcilePairs)) for job in gate.order)
    driver.key(Key.Key_Escape)
    assert not driver.window.placing.active
    driver.window.desk.close_project()
    first.close()


def test_undo_waits_for_a_move_and_says_what_it_took_back(hands: Hands) -> None:
    undo = hands.driver.window.commands["undo"]
    hands.driver.key(Key.Key_V)
    assert not undo.isEnabled()
    hands.driver.key(Key.Key_Right)
    assert undo.isEnabled(), "also before it is written"
    hands.driver.key(Key.Key_Z, CTRL)
    assert hands.place == FOUND
    assert hands.driver.window.foot.told.text().startswith("Taken back: ")
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
