"""The model's part of the desk in the whole window: keys, the mouse on the slider, jobs, the comparison."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from core.domain import Decision, MaskSource
from core.edits import SetThreshold
from core.errors import DeviceProblem
from core.jobs.context import JobContext
from core.jobs.specs import LoadMap, PredictPairs, ReconcilePairs, Spec, TryModel
from core.store.memory import MemoryStore
from gui.canvas.scene import MapLook
from gui.dialogs import questions
from gui.jobs.runner import Runner
from gui.review.comparison import OWN_MAP
from tests.gui.conftest import Driver, Gate, Key, bare_pair, fill, tiny_picture
from tests.gui.predicting import model_work, photo_alone, predicted_pair

SHIFT = Qt.KeyboardModifier.ShiftModifier
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton


@pytest.fixture
def store() -> MemoryStore:
    """Two photos alone, a pair with both masks, one without a prediction."""
    made = MemoryStore("predicted")
    pets = ((0, 0, 9, 9), (20, 0, 30, 9))
    fill(made, [photo_alone(1), photo_alone(2, portraits=pets), predicted_pair(3), bare_pair(4, 0.8)])
    return made


@pytest.fixture
def desk(make: Callable[[Runner], Driver], runner: Runner, gate: Gate, store: MemoryStore) -> Driver:
    gate.do = model_work(store)
    driver = make(runner)
    driver.window.desk.use(store)
    return driver


def show(driver: Driver, name: str) -> None:
    pairs = driver.workspace.session.store.pairs(driver.workspace.session.store.pair_ids())
    driver.workspace.presenter.show(next(pair.id for pair in pairs if pair.name.endswith(name)))


def thresholds(store: MemoryStore) -> list[SetThreshold]:
    return [edit for change in store.journal() for edit in change.edits if isinstance(edit, SetThreshold)]


def mouse(driver: Driver, kind: QEvent.Type, per_cent: float, held: bool) -> None:
    slider = driver.workspace.predicting.bar.slider
    at = QPointF(slider._x(per_cent / 100), 20)
    button = NONE if kind is QEvent.Type.MouseMove else LEFT
    event = QMouseEvent(
        kind, at, slider.mapToGlobal(at), button, LEFT if held else NONE, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(slider, event)


def wait_for_map(driver: Driver) -> None:
    driver.qtbot.waitUntil(lambda: driver.scene().prediction is not None)
    driver.qtbot.waitUntil(lambda: driver.workspace.predicting.bar._map is not None)


# --- the threshold --------------------------------------------------------------------------------------------------


def test_a_drag_on_the_slider_is_followed_and_is_one_step(desk: Driver, store: MemoryStore) -> None:
    show(desk, "1")
    wait_for_map(desk)
    bar = desk.workspace.predicting.bar
    assert bar.words == "Cut at 43%, learned · Expected overlap 91%"
    mouse(desk, QEvent.Type.MouseButtonPress, 50, True)
    for at in (55, 60, 70):
        mouse(desk, QEvent.Type.MouseMove, at, True)
        assert desk.scene().prediction.cut == at / 100  # type: ignore[union-attr]
    assert "Cut at 70% (learned 43%)" in bar.words
    assert "91%" not in bar.words, "what the cut is worth follows the finger"
    assert thresholds(store) == []
    mouse(desk, QEvent.Type.MouseButtonRelease, 70, False)
    assert thresholds(store) == [SetThreshold(desk.at, None, 0.7)]
    desk.key(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert bar.slider.value() == 43
    assert desk.scene().prediction.cut == 0.43  # type: ignore[union-attr]


def test_inspector_and_bar_say_the_same_of_a_threshold_on_the_move(desk: Driver) -> None:
    said = desk.workspace.inspector._prediction
    threshold = next(value for name, value in said._rows if name.text() == "Threshold")
    assert threshold.whole.endswith(", learned")
    desk.key(Key.Key_Comma)
    moved = f"{desk.workspace.predicting.bar.slider.value()}%"
    assert threshold.whole == f"{moved}, yours"
    desk.key(Key.Key_T)
    assert threshold.whole.endswith(", learned")


def test_the_next_pair_in_mid_drag_takes_the_slider_from_the_hand(desk: Driver, store: MemoryStore) -> None:
    show(desk, "1")
    wait_for_map(desk)
    first = desk.at
    mouse(desk, QEvent.Type.MouseButtonPress, 50, True)
    mouse(desk, QEvent.Type.MouseMove, 66, True)
    desk.key(Key.Key_D)
    assert desk.at != first
    assert thresholds(store) == [SetThreshold(first, None, 0.66)]
    mouse(desk, QEvent.Type.MouseMove, 90, True)
    mouse(desk, QEvent.Type.MouseButtonRelease, 90, False)
    assert len(thresholds(store)) == 1, "the other pair's threshold stays where it was"
    assert desk.workspace.predicting.bar.slider.value() == 43


def test_its_keys(desk: Driver, store: MemoryStore, qtbot: QtBot) -> None:
    show(desk, "1")
    wait_for_map(desk)
    desk.key(Key.Key_Period)
    desk.key(Key.Key_Period, SHIFT)
    desk.key(Key.Key_Comma)
    assert desk.scene().prediction.cut == pytest.approx(0.48)  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: len(thresholds(store)) == 1, timeout=20_000)
    desk.key(Key.Key_Comma, SHIFT)
    desk.key(Key.Key_T)
    assert thresholds(store)[-1].after is None
    slider = desk.workspace.predicting.bar.slider
    slider.setFocus()
    qtbot.keyClick(slider, Key.Key_Right)
    assert (slider.value(), desk.scene().prediction.cut) == (44, 0.44)  # type: ignore[union-attr]
    desk.workspace.finish()
    assert thresholds(store)[-1].after == 0.44, "closing the project loses nothing"


def test_a_threshold_outlives_the_desk(desk: Driver, store: MemoryStore) -> None:
    show(desk, "1")
    first = desk.at
    desk.key(Key.Key_Period, SHIFT)
    show(desk, "2")
    show(desk, "1")
    assert desk.at == first
    wait_for_map(desk)
    assert desk.scene().prediction.cut == pytest.approx(0.48)  # type: ignore[union-attr]
    assert "learned 43%" in desk.workspace.predicting.bar.words


# --- whose mask -----------------------------------------------------------------------------------------------------


def test_what_is_seen_is_what_is_accepted(desk: Driver, store: MemoryStore) -> None:
    show(desk, "3")
    pair_id = desk.at
    assert not desk.scene().shows_prediction
    assert "K switches" in desk.workspace.predicting.bar.words
    desk.key(Key.Key_K)
    assert desk.scene().shows_prediction
    desk.key(Key.Key_P)
    assert desk.review(pair_id).source is MaskSource.PREDICTION
    desk.workspace.presenter.show(pair_id)
    assert desk.scene().shows_prediction
    desk.key(Key.Key_K)
    assert "was accepted with the prediction's mask" in desk.workspace.predicting.note.message
    desk.key(Key.Key_P)
    assert desk.review(pair_id).source is MaskSource.RECONCILIATION


def test_the_bars_buttons_choose_it_too(desk: Driver) -> None:
    show(desk, "3")
    buttons = desk.workspace.predicting.bar._buttons
    assert buttons[MaskSource.RECONCILIATION].isChecked()
    buttons[MaskSource.PREDICTION].click()
    assert desk.scene().shows_prediction
    show(desk, "4")
    assert not any(button.isEnabled() for button in buttons.values())
    assert "Shift+P predicts it" in desk.workspace.predicting.bar.words


def test_a_photo_alone_is_accepted_by_its_prediction(desk: Driver) -> None:
    show(desk, "1")
    pair_id = desk.at
    assert desk.scene().shows_prediction
    assert not desk.window.commands["reconcile"].isEnabled()
    assert desk.workspace.inspector._sure.text() == "Good mask, 91% overlap expected"
    desk.key(Key.Key_P)
    review = desk.review(pair_id)
    assert (review.decision, review.source) == (Decision.ACCEPTED, MaskSource.PREDICTION)


def test_looks_in_turn_and_by_name(desk: Driver) -> None:
    show(desk, "1")
    looks = []
    for _ in range(3):
        desk.key(Key.Key_H, SHIFT)
        looks.append(desk.scene().style.look)
    assert looks == [MapLook.HEAT, MapLook.OUTLINE, MapLook.MASK]
    desk.window.commands["look_heat_map"].trigger()
    assert desk.scene().style.look is MapLook.HEAT
    assert desk.window.commands["look_heat_map"].isChecked()
    assert not desk.window.commands["look_mask"].isChecked()


# --- jobs -----------------------------------------------------------------------------------------------------------


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
    assert "Undecide it first (U)" in desk.window.foot.told.text()
    assert asked(gate) == []


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
    assert "No second portrait" in desk.window.foot.told.text()


def test_all_that_wait(desk: Driver, gate: Gate, store: MemoryStore) -> None:
    desk.window.commands["predict_all"].trigger()
    desk.qtbot.waitUntil(lambda: not desk.window.desk.busy_jobs)
    (spec,) = asked(gate)
    assert (len(spec.pair_ids), spec.as_user) == (1, False)
    assert all(pair.prediction is not None for pair in store.pairs(store.pair_ids()))
    desk.window.commands["predict_all"].trigger()
    assert "Every photo has been predicted" in desk.window.foot.told.text()
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
    assert "Every pair has been reconciled" in desk.window.foot.told.text()
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
    waiting.qtbot.waitUntil(lambda: "ahead any more. The model's file" in waiting.window.foot.told.text())
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


# --- side by side ---------------------------------------------------------------------------------------------------


def test_another_model_stands_beside_the_original_from_pair_to_pair(desk: Driver, gate: Gate) -> None:
    show(desk, "1")
    desk.key(Key.Key_Y, SHIFT)
    desk.qtbot.waitUntil(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    names = [action.text() for action in menu.actions() if not action.isSeparator()]
    assert names[:2] == ["The designer image", "The prediction's probability map"]
    assert names[-1] == "DeepGaze II on VGG-16 (in use) · 77% on held-out photos"
    menu.actions()[-1].trigger()
    menu.close()
    desk.qtbot.waitUntil(lambda: desk.scene().compared is not None)
    assert desk.scene().compared.name == "deepgaze2-vgg16 · 80% overlap expected"  # type: ignore[union-attr]
    show(desk, "2")
    assert desk.scene().message_compared, "what was said of another photo is gone at once"
    desk.qtbot.waitUntil(lambda: desk.scene().compared is not None)
    tries = [spec for spec in gate.order if isinstance(spec, TryModel)]
    assert len({spec.ref for spec in tries}) == 2
    show(desk, "1")
    assert desk.scene().compared is not None, "it is remembered"
    desk.workspace.predicting.comparison.choose("")
    assert (desk.scene().compared, desk.scene().comparing) == (None, False)


def test_the_predictions_own_map_beside_it(desk: Driver) -> None:
    show(desk, "1")
    wait_for_map(desk)
    desk.workspace.predicting.comparison.choose(OWN_MAP)
    compared = desk.scene().compared
    assert compared is not None
    assert (compared.look, compared.name.startswith("Probability")) == (MapLook.HEAT, True)
    desk.key(Key.Key_Period)
    assert desk.scene().compared.cut == 0.44  # type: ignore[union-attr]
    show(desk, "4")
    assert "not been predicted" in desk.scene().message_compared


def test_the_view_ends_with_the_last_scene_not_with_one_from_on_the_way(desk: Driver) -> None:
    show(desk, "4")
    desk.workspace.predicting.comparison.choose(OWN_MAP)
    show(desk, "1")
    wait_for_map(desk)
    assert desk.scene().compared is not None
    assert desk.workspace.view._scene is desk.scene()


def test_a_comparison_that_fails_says_so_in_its_pane(desk: Driver, gate: Gate) -> None:
    usual = gate.do

    def broken(spec: Spec, ctx: JobContext) -> object:
        if isinstance(spec, TryModel):
            raise DeviceProblem("Its weights are missing.", "Give a file in the settings.")
        return usual(spec, ctx)

    gate.do = broken
    show(desk, "1")
    desk.workspace.predicting.comparison.choose("deepgaze2-vgg16")
    desk.qtbot.waitUntil(lambda: "weights are missing" in desk.scene().message_compared)
