"""Words that name keys, and that they follow."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from gui.actions import BY_ID
from gui.current_keys import key_text, set_keyed, use_keys, with_keys
from gui.keymap import Keymap


@pytest.mark.parametrize(
    ("keys", "sentence", "brackets"),
    [
        (("E",), "Now E edits it.", "Mask (E)"),
        (("Ctrl+Return", "B"), "Now Ctrl+Enter edits it.", "Mask (Ctrl+Enter)"),
        ((), "Now “Edit the mask” edits it.", "Mask"),
    ],
)
def test_words_name_the_first_key_or_the_action(keys: tuple[str, ...], sentence: str, brackets: str) -> None:
    use_keys(Keymap().with_keys("edit", keys))
    assert with_keys("Now {edit} edits it.") == sentence
    assert with_keys("Mask ({edit})") == brackets


def test_words_of_an_action_that_is_not_there_are_a_mistake() -> None:
    with pytest.raises(KeyError):
        with_keys("{fly}")


def test_words_of_widgets_follow(qtbot: QtBot) -> None:
    field = QLineEdit()
    qtbot.addWidget(field)
    set_keyed(field, "Skip ({skip})")
    set_keyed(field, "{skip} skips", "placeholderText")
    use_keys(Keymap().with_keys("skip", ("J",)))
    assert (field.toolTip(), field.placeholderText()) == ("Skip (J)", "J skips")


def test_both_enters_are_named_once() -> None:
    assert key_text(BY_ID["accept"]) == "P or Enter"


def test_every_tip_of_the_table_can_be_said() -> None:
    assert [spec.id for spec in BY_ID.values() if "{" in with_keys(spec.tip)] == []
