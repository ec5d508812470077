"""The threshold and whose mask it is, in the whole window: the mouse on the slider, keys, the bar."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.domain import Decision, MaskSource
from core.edits import SetThreshold
from core.store.memory import MemoryStore
from gui.canvas.scene import MapLook
from tests.gui.conftest import Driver, Key
from tests.gui.predicting import show, wait_for_map

SHIFT = Qt.KeyboardModifier.ShiftModifier
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton


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
