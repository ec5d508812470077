"""The keys in force, and words that name them: what tells a person to press a key follows when the key changes."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from gui.action_spec import ActionSpec
from gui.action_table import BY_ID
from gui.keymap import MODIFIERS, Keymap, combination, shown

_PLACE = re.compile(r" \(\{(\w+)\}\)|\{(\w+)\}")
_TEMPLATE = "keyed_"
"""Begins the name of the property that keeps what a widget's words are made from."""


class _Keeper(QObject):
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.keys = Keymap()


@cache
def _keeper() -> _Keeper:
    return _Keeper()


def current_keys() -> Keymap:
    """Return the keys in force."""
    return _keeper().keys


def use_keys(keys: Keymap) -> None:
    """Put keys into force."""
    keeper = _keeper()
    if keys == keeper.keys:
        return
    keeper.keys = keys
    for widget in QApplication.allWidgets():
        for name in widget.dynamicPropertyNames():
            of = bytes(name.data()).decode()
            if of.startswith(_TEMPLATE):
                widget.setProperty(of.removeprefix(_TEMPLATE), with_keys(widget.property(of)))
    keeper.changed.emit()


def on_keys_changed(slot: Callable[[], object]) -> None:
    """Call ``slot`` after each change. Give a method of a QObject: Qt forgets it when the object goes."""
    _keeper().changed.connect(slot)


def key_text(spec: ActionSpec) -> str:
    """Return an action's keys as they are printed on this system's keyboards: "P or Enter"."""
    return " or ".join(dict.fromkeys(shown(key) for key in current_keys().keys(spec.id)))


def with_keys(words: str) -> str:
    """Return words with the first key of the actions that stand in them: "{edit} edits it", "Comment ({comment})".

    An action without a key is called by its name; in brackets, nothing is said of it.
    """

    def word(match: re.Match[str]) -> str:
        spec = BY_ID[match[1] or match[2]]
        keys = current_keys().keys(spec.id)
        if match[1]:
            return f" ({shown(keys[0])})" if keys else ""
        return shown(keys[0]) if keys else f"“{spec.name}”"

    return _PLACE.sub(word, words)


def set_keyed(widget: QWidget, words: str, name: str = "toolTip") -> None:
    """Set a widget's tip, or another of Qt's properties of it, to :func:`with_keys`; it follows the keys."""
    widget.setProperty(_TEMPLATE + name, words)
    widget.setProperty(name, with_keys(words))


def is_key_of(action_id: str, event: QKeyEvent) -> bool:
    """Return whether an event is about a key that is held for an action, whatever modifiers are down with it."""
    for key in current_keys().keys(action_id):
        code = MODIFIERS[key] if key in MODIFIERS else combination(key).key()
        if event.key() == code:
            return True
    return False
