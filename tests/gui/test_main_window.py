"""The whole desk in one window, by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from core.domain import Decision, RejectReason, Review
from core.edits import Initiator, Origin, SetReconciliation
from core.errors import StorageProblem
from core.settings import Settings
from core.store.memory import MemoryStore
from gui.dialogs.keys import KeySheet
from gui.jobs.runner import Runner
from gui.review.reasons import ReasonPopup
from tests.gui.conftest import Driver, Key, choose_decision

# --- without a project --------------------------------------------------------------------------------------------


def test_the_empty_desk_offers_what_can_be_done(make: Callable[[Runner], Driver], runner: Runner) -> None:
    driver = make(runner)
    commands = driver.window.commands
    assert driver.window.windowTitle() == "Pawtrait"
    assert [name for name in ("new", "open", "settings", "keys") if not commands[name].isEnabled()] == []
    assert [name for name in ("accept", "import", "export", "undo", "close") if commands[name].isEnabled()] == []
    driver.key(Key.Key_P)
    driver.key(Key.Key_F1)
    sheets = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, KeySheet)]
    assert len(sheets) == 1
    sheets[0].close()


# --- reviewing by keyboard ----------------------------------------------------------------------------------------


def test_a_round_of_review_by_keyboard(six: Driver, store: MemoryStore) -> None:
    ids = store.pair_ids()
    assert six.at == ids[0]
    six.key(Key.Key_P)
    six.key(Key.Key_Return)
    six.key(Key.Key_S)
    six.key(Key.Key_F)
    six.key(Key.Key_3)
    six.key(Key.Key_D)
    assert six.at == ids[5]
    six.key(Key.Key_A)
    six.key(Key.Key_P)
    decisions = [six.review(pair_id).decision for pair_id in ids]
    assert decisions == [
        Decision.ACCEPTED,
        Decision.ACCEPTED,
        Decision.SKIPPED,
        Decision.SECOND_REVIEW,
        Decision.ACCEPTED,
        Decision.UNDECIDED,
    ]
    assert six.review(ids[4]).quality == 3
    six.key(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert six.at == ids[4]
    six.key(Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert six.review(ids[4]).decision is Decision.ACCEPTED
    six.key(Key.Key_Backspace)
    assert six.review(ids[4]).decision is Decision.UNDECIDED
    assert six.review(ids[4]).quality == 3
    six.workspace.presenter.show(ids[0])
    six.key(Key.Key_U)
    assert six.review(ids[0]).decision is Decision.UNDECIDED


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ((Key.Key_1,), RejectReason.WRONG_PHOTO),
        ((Key.Key_6,), RejectReason.OTHER),
        ((Key.Key_M,), RejectReason.BAD_MASK),
        ((Key.Key_Return,), RejectReason.BAD_PLACEMENT),
        ((Key.Key_Down, Key.Key_Return), RejectReason.BAD_MASK),
    ],
)
def test_rejecting_takes_one_more_key(six: Driver, keys: tuple[Key, ...], reason: RejectReason) -> None:
    pair_id = six.at
    six.key(Key.Key_X)
    assert isinstance(QApplication.activePopupWidget(), ReasonPopup)
    for key in keys:
        six.key(key)
    assert six.review(pair_id) == Review(Decision.REJECTED, reason)
    assert six.at != pair_id


def test_escape_leaves_the_pair_as_it_was(six: Driver) -> None:
    pair_id = six.at
    six.key(Key.Key_X)
    six.key(Key.Key_Escape)
    assert QApplication.activePopupWidget() is None
    assert six.review(pair_id) == Review()
    assert six.at == pair_id


def test_keys_are_letters_in_the_comment_and_the_comment_is_kept(six: Driver, qtbot: QtBot) -> None:
    pair_id = six.at
    six.key(Key.Key_C)
    comment = six.workspace.inspector.comment
    assert six.window.focusWidget() is comment
    qtbot.keyClicks(comment, "px12")
    six.key(Key.Key_Backspace)
    six.key(Key.Key_Left)
    assert six.review(pair_id) == Review()
    six.key(Key.Key_Escape)
    assert six.review(pair_id) == Review(comment="px1")
    assert six.window.focusWidget() is six.workspace.panel.list
    six.key(Key.Key_P)
    assert six.review(pair_id) == Review(Decision.ACCEPTED, comment="px1")


def test_a_half_typed_comment_survives_a_change_from_elsewhere_and_the_end(
    six: Driver, store: MemoryStore, qtbot: QtBot
) -> None:
    pair_id = six.at
    six.key(Key.Key_C)
    qtbot.keyClicks(six.workspace.inspector.comment, "the ear")
    before = store.pairs([pair_id])[0].reconciliation
    batch = Initiator("anna", Origin.JOB)
    six.workspace.session.note(store.apply([SetReconciliation(pair_id, before, None)], batch))
    assert six.workspace.inspector.comment.toPlainText() == "the ear"
    six.workspace.finish()
    assert six.review(pair_id).comment == "the ear"


def test_letters_in_the_search_are_no_decisions(six: Driver, store: MemoryStore, qtbot: QtBot) -> None:
    six.key(Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(six.window.focusWidget(), "pair 00003")
    six.key(Key.Key_Return)
    assert six.workspace.queue.rowCount() == 1
    assert six.at == store.pair_ids()[3]
    assert store.counts()[Decision.UNDECIDED] == 6
    assert six.window.focusWidget() is six.workspace.panel.list


def test_the_list_and_the_keys_move_the_same_cursor(six: Driver, store: MemoryStore) -> None:
    ids = store.pair_ids()
    panel = six.workspace.panel
    six.key(Key.Key_Down)
    assert six.at == ids[1]
    six.key(Key.Key_Right)
    assert panel.list.currentIndex().row() == 2
    choose_decision(panel, Decision.UNDECIDED)
    six.key(Key.Key_P)
    assert six.at == ids[3]
    assert panel.list.currentIndex().row() == 2
    six.key(Key.Key_Backspace)
    assert six.at == ids[2]
    assert panel.list.currentIndex().row() == 2
    choose_decision(panel, Decision.ACCEPTED)
    assert panel.list.isHidden()
    assert six.at == ids[2]
    choose_decision(panel, None)
    assert panel.list.currentIndex().row() == 2


def test_caps_lock_switches_going_on(six: Driver, store: MemoryStore) -> None:
    pair_id = six.at
    six.key(Key.Key_CapsLock)
    six.key(Key.Key_P)
    assert six.at == pair_id
    assert not Settings.load().flag("review.auto_advance")
    six.key(Key.Key_CapsLock)
    six.key(Key.Key_P)
    assert six.at == store.pair_ids()[1]
    assert Settings.load().flag("review.auto_advance")


def test_the_original_alone_as_long_as_the_key_is_down(six: Driver) -> None:
    view = six.workspace.view
    target: QWidget = six.window.focusWidget()
    QTest.keyPress(target, Key.Key_Backslash)
    assert view._original_only
    QTest.keyRelease(target, Key.Key_Backslash)
    assert not view._original_only
    QTest.keyPress(target, Key.Key_Backslash)
    six.workspace.finish()
    assert not view._original_only
    QTest.keyRelease(target, Key.Key_Backslash)


def test_panels_layout_and_overlay_by_key(six: Driver) -> None:
    workspace = six.workspace
    six.key(Key.Key_Tab)
    assert workspace.panel.isHidden()
    assert workspace.inspector.isHidden()
    six.window.setFocus()
    six.key(Key.Key_Tab)
    assert not workspace.panel.isHidden()
    six.key(Key.Key_H)
    assert not six.scene().style.visible
    six.key(Key.Key_H)
    assert six.scene().style.visible
    six.key(Key.Key_Y)
    six.key(Key.Key_F6)


@pytest.mark.parametrize(
    ("key", "modifier", "name", "setting"),
    [
        (Key.Key_O, Qt.KeyboardModifier.NoModifier, "outline", "view.overlay_outline"),
        (Key.Key_O, Qt.KeyboardModifier.ShiftModifier, "footprint", "view.footprint"),
        (Key.Key_N, Qt.KeyboardModifier.NoModifier, "painted", "view.painted"),
    ],
)
def test_each_part_of_the_overlay_has_a_key_and_a_button_and_stays_as_it_was_left(
    six: Driver, qtbot: QtBot, key: Key, modifier: Qt.KeyboardModifier, name: str, setting: str
) -> None:
    def shown() -> dict[str, bool]:
        return {part: getattr(six.scene().style, part) for part in ("outline", "footprint", "painted")}

    assert shown() == dict.fromkeys(shown(), True)
    six.key(key, modifier)
    assert shown() == {**dict.fromkeys(shown(), True), name: False}
    qtbot.waitUntil(lambda: not Settings.load().flag(setting))
    action = six.window.commands[name]
    (button,) = [b for b in six.window._overlay.findChildren(QToolButton) if b.defaultAction() is action]
    assert not button.isChecked()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert shown() == dict.fromkeys(shown(), True)
    qtbot.waitUntil(lambda: Settings.load().flag(setting))


def test_the_legend_keeps_its_words_where_there_is_room_and_its_signs_everywhere(six: Driver) -> None:
    overlay = six.window._overlay
    for width, words in ((1500, True), (1000, False), (1500, True)):
        six.window.resize(width, 700)
        QApplication.processEvents()
        styles = {button.toolButtonStyle() for button in overlay._words}
        with_words = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        assert (styles == {with_words}) is words
        assert overlay.isVisible()
        assert all(button.isVisible() for button in overlay._words)
        assert overlay._words[-1].geometry().right() <= overlay.width()


def test_a_change_of_the_overlay_becomes_a_setting_when_the_hand_rests(six: Driver, qtbot: QtBot) -> None:
    overlay = six.window._overlay
    for value in range(46, 81):
        overlay.slider.setValue(value)
    assert six.scene().style.opacity == 0.8
    assert Settings.load().number("view.overlay_opacity") == 0.45
    qtbot.waitUntil(lambda: Settings.load().number("view.overlay_opacity") == 0.8)


def test_one_key_sheet_is_enough(six: Driver) -> None:
    six.key(Key.Key_F1)
    six.window.commands["keys"].trigger()
    sheets = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, KeySheet)]
    assert len(sheets) == 1
    sheets[0].close()


def test_time_away_from_the_desk_does_not_count(six: Driver) -> None:
    watch = six.workspace.presenter.stopwatch
    six.workspace.set_attended(False)
    assert watch._since is None
    six.workspace.set_attended(True)
    assert watch._since is not None


def test_settings_that_cannot_be_saved_are_a_sentence(six: Driver, own_home: Path) -> None:
    (own_home / "settings").write_text("a file where a folder should be")
    six.window.set_setting("review.auto_advance", False)
    assert "cannot be read" in six.window.banner.message
    assert six.window.commands["auto_advance"].isChecked(), "what is shown is what is in force"


def test_both_themes_paint_every_part(real: Driver, qtbot: QtBot) -> None:
    for theme in ("dark", "light"):
        real.window.set_setting("view.theme", theme)
        assert not real.window.grab().isNull()
    real.window.set_setting("view.theme", "light")


def test_the_navigator_comes_and_goes_by_its_key(real: Driver) -> None:
    view = real.workspace.view
    assert view.navigator is None
    real.key(Key.Key_V, Qt.KeyboardModifier.ShiftModifier)
    assert view.navigator is not None
    assert real.window.commands["navigator"].isChecked()
    real.key(Key.Key_V, Qt.KeyboardModifier.ShiftModifier)
    assert view.navigator is None


def test_undo_and_redo_wait_for_something_to_undo_and_redo(six: Driver) -> None:
    undo, redo = six.window.commands["undo"], six.window.commands["redo"]
    assert (undo.isEnabled(), redo.isEnabled()) == (False, False)
    six.key(Key.Key_S)
    assert (undo.isEnabled(), redo.isEnabled()) == (True, False)
    six.key(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert (undo.isEnabled(), redo.isEnabled()) == (False, True)
    six.key(Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert (undo.isEnabled(), redo.isEnabled()) == (True, False)


def test_what_is_said_of_a_pair_goes_with_it(six: Driver) -> None:
    six.window.set_setting("review.auto_advance", False)
    six.key(Key.Key_S)
    six.key(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert six.window.foot.told.whole == "Taken back: Skip"
    six.key(Key.Key_D)
    assert six.window.foot.told.whole == ""


def test_what_cannot_be_written_on_closing_is_told(six: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_given: object, **_named: object) -> None:
        raise StorageProblem("The disk is full.", "Make room.")

    six.window.banner.tell("Something older.")
    monkeypatch.setattr(six.workspace.session.store, "apply", full)
    six.key(Key.Key_C)
    six.qtbot.keyClicks(six.workspace.inspector.comment, "hat")
    six.window.ask_close()
    assert six.window.banner.message == "The disk is full. Make room."


def test_the_bare_original_from_the_menu_ends_when_it_is_chosen_again(six: Driver) -> None:
    action = six.window.commands["original_only"]
    action.trigger()
    assert six.workspace.view._original_only
    action.trigger()
    assert not six.workspace.view._original_only
