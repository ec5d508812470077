"""Keys changed by hand: pressed, in conflict, taken, given back; and the desk follows at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from core.domain import Decision
from core.jobs.specs import LoadPicture
from core.store.memory import MemoryStore
from gui.actions import BY_ID
from gui.current_keys import current_keys, use_keys
from gui.dialogs.key_editor import KeyEditor
from gui.dialogs.keys import KeySheet
from gui.dialogs.palette import Palette
from gui.jobs.runner import Runner
from gui.keymap import Keymap, default_path
from gui.review.reasons import ReasonPopup
from tests.gui.conftest import Driver, Gate, Key, tiny_picture

CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def editor(qtbot: QtBot) -> KeyEditor:
    made = KeyEditor()
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(made)
    made.chosen.connect(use_keys)
    with qtbot.waitActive(made):
        made.show()
    return made


def press(
    editor: KeyEditor, qtbot: QtBot, action: str, key: Key, modifier: Qt.KeyboardModifier = NONE, add: bool = False
) -> None:
    editor.mark(action)
    qtbot.mouseClick(editor.add if add else editor.press, Qt.MouseButton.LeftButton)
    assert editor.recorder.hasFocus()
    qtbot.keyClick(editor.recorder, key, modifier)


def test_every_action_is_listed_with_scope_and_keys(editor: KeyEditor) -> None:
    rows = {
        editor.table.item(row, 0).text(): (editor.table.item(row, 1).text(), editor.table.item(row, 2).text())
        for row in range(editor.table.rowCount())
    }
    assert len(rows) == len({spec.name for spec in BY_ID.values()})
    assert rows["Accept"] == ("With a pair on the screen", "P or Enter")
    assert rows["Take away instead of add, while held"] == ("Editing a mask", "Alt")


def test_a_pressed_key_takes_the_place_of_the_old_ones(editor: KeyEditor, qtbot: QtBot) -> None:
    press(editor, qtbot, "accept", Key.Key_J)
    assert current_keys().own == {"accept": ("J",)}
    assert not editor.recorder.isVisible()
    row = editor.table.currentRow()
    assert [editor.table.item(row, column).text() for column in (0, 2, 3)] == ["Accept", "J", "P or Enter"]
    assert editor.table.item(row, 2).font().bold()


def test_a_key_can_come_beside_the_others(editor: KeyEditor, qtbot: QtBot) -> None:
    press(editor, qtbot, "skip", Key.Key_J, CTRL | SHIFT, add=True)
    assert current_keys().keys("skip") == ("S", "Ctrl+Shift+J")


@pytest.mark.parametrize(
    ("key", "modifier", "found"),
    [
        (Key.Key_Tab, NONE, ("Tab",)),
        (Key.Key_F5, ALT, ("Alt+F5",)),
        (Key.Key_Less, SHIFT, ("<",)),
        (Key.Key_J, SHIFT, ("Shift+J",)),
        (Key.Key_Return, CTRL | ALT, ("Ctrl+Alt+Return", "Ctrl+Alt+Enter")),
        (Key.Key_Space, SHIFT, ("Shift+Space",)),
        (Key.Key_7, Qt.KeyboardModifier.KeypadModifier, ("7",)),
    ],
)
def test_any_key_can_be_pressed(
    editor: KeyEditor, qtbot: QtBot, key: Key, modifier: Qt.KeyboardModifier, found: tuple[str, ...]
) -> None:
    use_keys(Keymap(own=dict.fromkeys(("panels", "lower_5"), ())))
    press(editor, qtbot, "comment", key, modifier)
    assert current_keys().keys("comment") == found


def test_modifiers_alone_wait_for_a_key_and_escape_leaves(editor: KeyEditor, qtbot: QtBot) -> None:
    press(editor, qtbot, "comment", Key.Key_Control)
    assert editor.recorder.hasFocus()
    qtbot.keyClick(editor.recorder, Key.Key_Escape)
    assert not editor.recorder.isVisible()
    assert editor.table.hasFocus()
    assert editor.isVisible(), "Esc left the recorder, not the dialog"
    assert current_keys() == Keymap()


def test_what_is_held_may_be_a_modifier_alone(editor: KeyEditor, qtbot: QtBot) -> None:
    press(editor, qtbot, "flip_held", Key.Key_Shift)
    assert current_keys().keys("flip_held") == ("Shift",)


def test_a_conflict_names_the_other_action_and_can_be_left(editor: KeyEditor, qtbot: QtBot) -> None:
    press(editor, qtbot, "skip", Key.Key_P)
    assert editor.words.text() == "P belongs to “Accept” (with a pair on the screen)."
    assert editor.take.isVisible()
    assert current_keys() == Keymap()
    qtbot.mouseClick(editor.leave, Qt.MouseButton.LeftButton)
    assert (editor.words.text(), editor.take.isVisible()) == ("", False)
    assert current_keys() == Keymap()


def test_a_key_can_be_taken_from_there(editor: KeyEditor, qtbot: QtBot) -> None:
    press(editor, qtbot, "skip", Key.Key_P)
    qtbot.keyClick(editor.take, Key.Key_Space)
    assert current_keys().own == {"skip": ("P",), "accept": ("Return", "Enter")}
    assert not editor.take.isVisible()


def test_what_is_borrowed_is_said(editor: KeyEditor, qtbot: QtBot) -> None:
    press(editor, qtbot, "tool_brush", Key.Key_P)
    assert current_keys().keys("tool_brush") == ("P",)
    assert editor.words.text() == "Editing a mask, the key is taken from “Accept”."


def test_one_or_all_can_be_given_back(editor: KeyEditor, qtbot: QtBot) -> None:
    for action, key in (("skip", Key.Key_J), ("comment", Key.Key_I)):
        press(editor, qtbot, action, key)
    qtbot.mouseClick(editor.reset, Qt.MouseButton.LeftButton)
    assert current_keys().own == {"skip": ("J",)}
    assert not editor.reset.isEnabled()
    qtbot.mouseClick(editor.reset_all, Qt.MouseButton.LeftButton)
    assert current_keys() == Keymap()


def test_giving_back_asks_too_if_the_key_is_somebody_elses_now(editor: KeyEditor, qtbot: QtBot) -> None:
    press(editor, qtbot, "skip", Key.Key_J)
    press(editor, qtbot, "comment", Key.Key_S)
    editor.mark("skip")
    qtbot.mouseClick(editor.reset, Qt.MouseButton.LeftButton)
    assert editor.words.text() == "S belongs to “Comment” (with a pair on the screen)."


def test_a_preset_lets_own_keys_stand_where_they_can_and_says_which_cannot(editor: KeyEditor, qtbot: QtBot) -> None:
    use_keys(Keymap(own={"skip": ("J",), "comment": ("Alt+F6",)}))
    editor.preset.textActivated.emit("Lightroom and Photoshop")
    assert current_keys() == Keymap("Lightroom and Photoshop", {"comment": ("Alt+F6",)})
    assert "“Skip” (J is “" in editor.words.text()
    qtbot.mouseClick(editor.reset_all, Qt.MouseButton.LeftButton)
    assert current_keys() == Keymap("Lightroom and Photoshop")


def test_a_preset_is_chosen_with_the_keyboard(editor: KeyEditor, qtbot: QtBot) -> None:
    editor.preset.setFocus()
    qtbot.keyClicks(editor.preset, "Pr")
    qtbot.keyClick(editor.preset, Key.Key_Down)
    editor.preset.textActivated.emit("Prodigy")
    assert current_keys() == Keymap("Prodigy")
    assert editor.preset.currentText() == "Prodigy"


def test_search_finds_names_and_keys(editor: KeyEditor, qtbot: QtBot) -> None:
    def found(text: str) -> list[str]:
        editor.search.clear()
        qtbot.keyClicks(editor.search, text)
        rows = range(editor.table.rowCount())
        return [editor.table.item(row, 0).text() for row in rows if not editor.table.isRowHidden(row)]

    assert found("smaller b") == ["Smaller brush", "Smaller by 0.1 %"]
    assert found("ctrl+k") == ["Commands"]
    assert found("zzz") == []
    assert not editor.press.isEnabled()


# --- in the desk ----------------------------------------------------------------------------------------------------


def in_desk(desk: Driver) -> KeyEditor:
    desk.window.commands["change_keys"].trigger()
    found = desk.window.findChild(KeyEditor)
    assert isinstance(found, KeyEditor)
    return found


def test_the_desk_follows_at_once(six: Driver, qtbot: QtBot) -> None:
    desk, commands = six, six.window.commands
    sheet_action = commands["keys"]
    sheet_action.trigger()
    sheet = desk.window.findChild(KeySheet)
    assert sheet is not None
    editor = in_desk(desk)
    qtbot.waitUntil(editor.isActiveWindow)
    press(editor, qtbot, "skip", Key.Key_J)
    press(editor, qtbot, "reconcile", Key.Key_I)
    editor.close()
    assert commands["skip"].shortcut() == QKeySequence("J"), "the menu"
    assert "(J)" in commands["skip"].toolTip()
    assert any("<b>J</b>" in label.text() for label in sheet.findChildren(QLabel)), "the sheet"
    sheet.close()
    palette = Palette(commands)
    qtbot.addWidget(palette)
    texts = [palette._list.item(row).text() for row in range(palette._list.count())]
    assert "Skip   (J)" in texts, "the palette"
    at = desk.at
    desk.key(Key.Key_S)
    assert desk.review(at).decision is Decision.UNDECIDED
    desk.key(Key.Key_J)
    assert desk.review(at).decision is Decision.SKIPPED


def test_keys_hold_after_a_restart(make: Callable[[Runner], Driver], runner: Runner, store: MemoryStore) -> None:
    Keymap("Prodigy").with_keys("skip", ("J",)).save()
    desk = make(runner)
    assert current_keys().preset == "Prodigy"
    assert desk.window.commands["skip"].shortcut() == QKeySequence("J")
    assert desk.window.commands["accept"].shortcut() == QKeySequence("A")


def test_what_is_wrong_is_told_when_the_desk_starts(
    make: Callable[[Runner], Driver], runner: Runner, gate: Gate, store: MemoryStore
) -> None:
    gate.do = lambda spec, ctx: tiny_picture() if isinstance(spec, LoadPicture) else gate.wait(ctx)
    default_path().parent.mkdir(parents=True, exist_ok=True)
    default_path().write_text('{"keys": {"skip": ["P"], "comment": ["J"]}}')
    desk = make(runner)
    desk.window.desk.use(store)
    assert "P belongs to “Accept”" in desk.window.banner.message, "also with a project open"
    assert current_keys().own == {"comment": ("J",)}


def test_a_damaged_file_is_told_of_and_never_written_over(
    make: Callable[[Runner], Driver], runner: Runner, qtbot: QtBot
) -> None:
    default_path().parent.mkdir(parents=True, exist_ok=True)
    default_path().write_text("{")
    desk = make(runner)
    assert "damaged" in desk.window.banner.message
    editor = in_desk(desk)
    qtbot.waitUntil(editor.isActiveWindow)
    press(editor, qtbot, "skip", Key.Key_J)
    assert current_keys().keys("skip") == ("J",)
    assert default_path().read_text() == "{"
    assert "until the program ends" in desk.window.banner.message


def test_the_sheet_leads_to_the_editor(six: Driver, qtbot: QtBot) -> None:
    six.key(Key.Key_F1)
    sheet = six.window.findChild(KeySheet)
    assert sheet is not None
    button = next(button for button in sheet.findChildren(QPushButton) if button.text() == "Change keys…")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert six.window.findChild(KeyEditor) is not None


def test_caps_lock_is_an_action_like_any_other(six: Driver, gate: Gate) -> None:
    use_keys(Keymap().with_keys("auto_advance", ("J",)).with_keys("skip", ("CapsLock",)))
    at, on = six.at, six.window.commands["auto_advance"].isChecked()
    six.key(Key.Key_CapsLock)
    assert six.review(at).decision is Decision.SKIPPED
    six.key(Key.Key_J)
    assert six.window.commands["auto_advance"].isChecked() is not on


def test_the_key_for_the_bare_original_can_be_another(six: Driver, qtbot: QtBot) -> None:
    use_keys(Keymap().with_keys("original_only", ("J",)))
    target = six.window.focusWidget() or six.window
    qtbot.keyPress(target, Key.Key_J)
    assert six.workspace.view._original_only
    qtbot.keyRelease(target, Key.Key_Backslash)
    assert six.workspace.view._original_only
    qtbot.keyRelease(target, Key.Key_J)
    assert not six.workspace.view._original_only


def test_no_word_in_the_window_names_a_key_that_is_gone(real: Driver, qtbot: QtBot) -> None:
    real.workspace.presenter.show(1)
    qtbot.waitUntil(lambda: real.scene().mask is not None)
    gone = [spec.id for spec in BY_ID.values() if spec.menu and current_keys().keys(spec.id)]
    assert any(text.endswith("(K)") for text in _said(real))
    use_keys(Keymap(own=dict.fromkeys(gone, ())))
    left = {text for text in _said(real) if re.search(r"\((Shift\+|Ctrl\+)?([A-Z]|\d|Enter|Esc)\)|\b[A-Z] edits", text)}
    assert left == set()


def _said(desk: Driver) -> Iterator[str]:
    """Yield all that the window's widgets and actions say."""
    for widget in desk.window.findChildren(QWidget):
        if isinstance(widget.parent(), ReasonPopup):
            continue  # its letters are no actions' keys
        yield from (str(widget.property(name) or "") for name in ("text", "toolTip", "placeholderText"))
    for _, action in desk.window.commands:
        yield action.toolTip().partition("\n")[0]
