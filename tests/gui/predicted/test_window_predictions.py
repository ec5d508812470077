"""Predictions in the whole window: by hand, of all, of the next few, and those that come too late."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.errors import DeviceProblem
from core.jobs.context import JobContext
from core.jobs.specs import LoadMap, PredictPairs, ReconcilePairs, Spec
from core.store.memory import MemoryStore
from gui.canvas.scene import MapLook
from gui.dialogs import questions
from gui.dialogs.mask_changes import MaskChanges
from gui.jobs.runner import Runner
from tests.gui.conftest import Driver, Gate, Key, bare_pair, fill, tiny_picture
from tests.gui.predicting import model_work, show, wait_for_map

SHIFT = Qt.KeyboardModifier.ShiftModifier
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton


def asked(gate: Gate) -> list[PredictPairs]:
    return [spec for spec in gate.order if isinstance(spec, PredictPairs)]


def test_predicting_one_photo_by_hand_is_a_step_of_undo(desk: Driver, gate: Gate, store: MemoryStore) -> None:
    show(desk, "4")
    desk.key(Key.Key_P, SHIFT)
    desk.qtbot.waitUntil(lambda: not desk.window.desk.busy_jobs)
    (spec,) = asked(gate)
    assert (spec.pair_ids, spec.as_user, spec.keep_newer) == ((desk.at,), True, False)
    wait_for_map(desk)
    assert "1 photo predicted" in desk.window.strip.words
    assert desk.scene().shows_prediction, "there is no other mask"
    desk.key(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert desk.scene().prediction is None


def test_an_accepted_prediction_is_not_replaced_under_the_decision(desk: Driver, gate: Gate) -> None:
    show(desk, "1")
    pair_id = desk.at
    desk.key(Key.Key_P)
    desk.workspace.presenter.show(pair_id)
    desk.key(Key.Key_P, SHIFT)
    dialog = desk.window.findChild(MaskChanges)
    assert dialog is not None, "what would change is shown first"
    assert asked(gate) == []
    dialog.close()
    desk.key(Key.Key_K, SHIFT)
    assert asked(gate) == [], "nor is the other pet's mask taken"


def test_the_look_outlives_the_settings(desk: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "settings", lambda *_arguments: {})
    desk.window.commands["look_heat_map"].trigger()
    desk.window.commands["settings"].trigger()
    assert desk.scene().style.look is MapLook.HEAT


def test_the_other_pet(desk: Driver, gate: Gate) -> None:
    show(desk, "2")
    note = desk.workspace.predicting.note
    assert note.message.startswith("Two pets found")
    note._button.click()
    desk.qtbot.waitUntil(lambda: "number 2" in note.message)
    assert [spec.options.portrait for spec in asked(gate)] == [1]
    desk.key(Key.Key_K, SHIFT)
    desk.qtbot.waitUntil(lambda: "number 1" in note.message)
    show(desk, "1")
    desk.key(Key.Key_K, SHIFT)
    assert "No second portrait" in desk.window.foot.told.whole


def test_all_that_wait(desk: Driver, gate: Gate, store: MemoryStore) -> None:
    desk.window.commands["predict_all"].trigger()
    desk.qtbot.waitUntil(lambda: not desk.window.desk.busy_jobs)
    (spec,) = asked(gate)
    assert (len(spec.pair_ids), spec.as_user) == (1, False)
    assert all(pair.prediction is not None for pair in store.pairs(store.pair_ids()))
    desk.window.commands["predict_all"].trigger()
    assert "Every photo has been predicted" in desk.window.foot.told.whole
    assert len(asked(gate)) == 1


def test_what_another_version_has_predicted_can_be_predicted_anew(desk: Driver, gate: Gate, store: MemoryStore) -> None:
    show(desk, "1")
    desk.key(Key.Key_P)
    desk.window.commands["predict_again"].trigger()
    desk.qtbot.waitUntil(lambda: not desk.window.desk.busy_jobs)
    (spec,) = asked(gate)
    assert (len(spec.pair_ids), spec.keep_newer, spec.as_user) == (3, True, False), "what is decided stays as it is"


def test_a_photo_alone_is_not_searched_for_a_designer_image(desk: Driver, gate: Gate, store: MemoryStore) -> None:
    desk.window.commands["reconcile_all"].trigger()
    assert "Every pair has been reconciled" in desk.window.foot.told.whole
    assert not any(isinstance(spec, ReconcilePairs) for spec in gate.order)


@pytest.fixture
def waiting(make: Callable[[Runner], Driver], runner: Runner, gate: Gate) -> Driver:
    """The desk with twelve pairs that no model has seen; two are predicted ahead."""
    store = MemoryStore("waiting")
    fill(store, [bare_pair(number, 0.1 + number / 20) for number in range(12)])
    driver = make(runner)
    driver.window.set_setting("review.predict_ahead", 2)
    driver.store = store  # type: ignore[attr-defined]
    gate.do = model_work(store)
    driver.window.desk.use(store)
    return driver


def test_the_next_few_are_predicted_while_one_is_looked_at(waiting: Driver, gate: Gate) -> None:
    store: MemoryStore = waiting.store  # type: ignore[attr-defined]
    ids = store.pair_ids()
    waiting.qtbot.waitUntil(lambda: len(asked(gate)) == 3)
    assert [spec.pair_ids for spec in asked(gate)] == [(pair_id,) for pair_id in ids[:3]]
    assert waiting.window.desk.busy_jobs == [], "nobody need be told"
    waiting.qtbot.waitUntil(lambda: store.pairs(ids[2:3])[0].prediction is not None)
    waiting.qtbot.waitUntil(lambda: waiting.scene().prediction is not None)


def test_what_is_under_way_for_pairs_that_were_left_is_let_go(waiting: Driver, gate: Gate) -> None:
    store: MemoryStore = waiting.store  # type: ignore[attr-defined]
    ids, usual = store.pair_ids(), gate.do

    def slow(spec: Spec, ctx: JobContext) -> object:
        if isinstance(spec, PredictPairs) and spec.pair_ids[0] in ids[:3]:
            gate.wait(ctx)
        return usual(spec, ctx)

    gate.do = slow
    waiting.qtbot.waitUntil(lambda: len(asked(gate)) == 1)
    waiting.workspace.presenter.show(ids[8])
    waiting.qtbot.waitUntil(lambda: store.pairs(ids[10:11])[0].prediction is not None)
    assert all(pair.prediction is None for pair in store.pairs(ids[:3]))


def test_a_model_that_cannot_be_used_is_not_tried_again_and_again(waiting: Driver, gate: Gate) -> None:
    def broken(spec: Spec, _ctx: JobContext) -> object:
        if isinstance(spec, PredictPairs):
            raise DeviceProblem("The model's file is damaged.", "Install Pawtrait again.")
        return tiny_picture()

    gate.do = broken
    waiting.qtbot.waitUntil(lambda: "ahead any more. The model's file" in waiting.window.foot.told.whole)
    waiting.qtbot.waitUntil(lambda: not waiting.window.desk.runner.jobs())  # one more may have begun before
    tried = len(asked(gate))
    waiting.workspace.presenter.step(1)
    waiting.qtbot.wait(700)
    assert len(asked(gate)) == tried
    waiting.key(Key.Key_P, SHIFT)
    waiting.qtbot.waitUntil(lambda: "The model's file is damaged." in waiting.window.strip.words)


def test_a_map_that_comes_too_late_is_not_shown(desk: Driver, gate: Gate, qtbot: QtBot) -> None:
    usual = gate.do
    show(desk, "4")

    def slow(spec: Spec, ctx: JobContext) -> object:
        if isinstance(spec, LoadMap):
            gate.go.wait(5)
        return usual(spec, ctx)

    gate.do = slow
    show(desk, "1")
    qtbot.waitUntil(lambda: any(isinstance(spec, LoadMap) for spec in gate.order))
    show(desk, "4")
    gate.go.set()
    qtbot.wait(100)
    assert desk.scene().prediction is None
