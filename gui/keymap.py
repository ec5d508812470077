"""Which keys each action has: the table's, a preset's over them, a person's own over those; kept in a file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeySequence

from core import settings
from core.errors import FileProblem
from core.files import write_atomically
from gui.action_spec import ActionSpec, Scope
from gui.action_table import BY_ID
from gui.key_presets import OURS, PRESETS

Keys = tuple[str, ...]
MODIFIERS = {
    "Alt": Qt.Key.Key_Alt,
    "Ctrl": Qt.Key.Key_Control,
    "Meta": Qt.Key.Key_Meta,
    "Shift": Qt.Key.Key_Shift,
}
"""What alone can be the key of an action that works while it is held."""


def default_path() -> Path:
    """Return where the keys are kept: beside the settings."""
    return settings.default_path().with_name("keys.json")


def normal(key: str, held: bool = False) -> str:
    """Return Qt's portable name of a key; empty if it is none. ``held``: a modifier alone, or nothing with one."""
    if held and key in MODIFIERS:
        return key
    sequence = QKeySequence.fromString(key)
    if sequence.count() != 1 or combination(key).key() in (Qt.Key.Key_unknown, *MODIFIERS.values()):
        return ""
    if held and (combination(key).keyboardModifiers() is not Qt.KeyboardModifier.NoModifier or key == "CapsLock"):
        return ""
    return sequence.toString()


def combination(key: str) -> QKeyCombination:
    """Return a key as Qt has it in its events."""
    made: QKeyCombination = QKeySequence(key)[0]  # type: ignore[index]  # PySide's stubs do not know that it can
    return made


def shares_keys(one: ActionSpec, other: ActionSpec) -> bool:
    """Return whether the two can be used at the same time, so that no key can be both's.

    A scope that borrows keys has them before all others, so only its own actions count.
    """
    return one.scope is other.scope or not (one.scope.borrows_keys or other.scope.borrows_keys)


@dataclass(frozen=True, slots=True)
class Keymap:
    """A preset, and the keys that differ from it."""

    preset: str = OURS
    own: Mapping[str, Keys] = field(default_factory=dict)

    def keys(self, action_id: str) -> Keys:
        """Return an action's keys, portable names; the first is shown in menus."""
        return self.own.get(action_id, self.given(action_id))

    def given(self, action_id: str) -> Keys:
        """Return the preset's keys of an action."""
        return PRESETS[self.preset].get(action_id, BY_ID[action_id].keys)

    def holders(self, action_id: str, key: str) -> list[ActionSpec]:
        """Return the other actions that cannot have ``key`` while this one has it."""
        mine = BY_ID[action_id]
        return [
            spec
            for spec in BY_ID.values()
            if spec.id != action_id and shares_keys(mine, spec) and key in self.keys(spec.id)
        ]

    def hidden(self, action_id: str, key: str) -> list[ActionSpec]:
        """Return the actions whose ``key`` this one borrows while it can be used."""
        scope = BY_ID[action_id].scope
        if not scope.borrows_keys:
            return []
        under = [spec for spec in BY_ID.values() if not spec.scope.borrows_keys or (scope, spec.scope) == _ABOVE]
        return [spec for spec in under if key in self.keys(spec.id)]

    def with_keys(self, action_id: str, keys: Keys, take: bool = False) -> Keymap:
        """Return the map with other keys of an action; ``take`` them from whoever cannot have them then."""
        own = {**self.own, action_id: keys}
        if take:
            for key in keys:
                for spec in self.holders(action_id, key):
                    own[spec.id] = tuple(other for other in own.get(spec.id, self.keys(spec.id)) if other != key)
        return replace(self, own={name: held for name, held in own.items() if held != self.given(name)})

    def over(self, preset: str) -> tuple[Keymap, list[tuple[str, str, str]]]:
        """Return a person's own keys over another preset, as far as they can stand there, and what cannot.

        That is the key, the action that loses its own keys, and the action that has the key.
        """
        made, lost = Keymap(preset), []
        made = replace(made, own={name: held for name, held in self.own.items() if held != made.given(name)})
        while (clash := next(made.clashes(), None)) is not None:
            key, *names = clash
            loser = next(name for name in reversed(names) if name in made.own)
            lost.append((key, loser, next(name for name in names if name != loser)))
            made = replace(made, own={name: held for name, held in made.own.items() if name != loser})
        return made, lost

    def clashes(self) -> Iterator[tuple[str, str, str]]:
        """Yield each key that two actions have which cannot share it: the key and their ids."""
        for action_id in BY_ID:
            for key in self.keys(action_id):
                for spec in self.holders(action_id, key):
                    yield key, action_id, spec.id

    def save(self, path: Path | None = None) -> None:
        """Write preset and own keys (atomically).

        Raises:
            FileProblem: the file cannot be written; the old one stands.
        """
        data = {"preset": self.preset, "keys": {name: list(keys) for name, keys in self.own.items()}}
        text = json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        write_atomically(path or default_path(), text.encode())

    @classmethod
    def load(cls, path: Path | None = None) -> tuple[Keymap, list[str]]:
        """Read a file; no file is Pawtrait's own keys. What is not usable in it is left out, with a sentence each.

        Raises:
            FileProblem: the file is there but is damaged; it is left as it is.
        """
        path = path or default_path()
        try:
            data = json.loads(path.read_text("utf-8"))
            preset, keys = data.get("preset", OURS), data.get("keys", {})
            if not isinstance(preset, str) or not isinstance(keys, dict):
                raise TypeError("it does not hold a preset and keys")
        except FileNotFoundError:
            return cls(), []
        except OSError as error:
            raise FileProblem(f"The keys in {path} cannot be read: {error.strerror}.") from error
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            remedy = "Mend or remove that file; until then Pawtrait's own keys hold."
            raise FileProblem(f"The file of keys {path} is damaged: {error}.", remedy) from error
        problems = [] if preset in PRESETS else [f"There is no preset of keys “{preset}”; Pawtrait's own hold."]
        own: dict[str, Keys] = {}
        for name, wanted in keys.items():
            read = _read(str(name), wanted)
            if isinstance(read, str):
                problems.append(read)
            else:
                own[str(name)] = read
        made, lost = cls(own=own).over(preset if preset in PRESETS else OURS)
        for key, loser, other in lost:
            said = f"{shown(key)} belongs to “{BY_ID[other].name}”"
            problems.append(f"{said}: “{BY_ID[loser].name}” keeps the keys it had before.")
        return made, problems


_ABOVE = (Scope.LANDMARKS, Scope.PLACEMENT)
"""Landmarks are set while a placement is: they borrow from it."""


def _read(name: str, wanted: object) -> Keys | str:
    """Return an action's keys as they stand in a file, or what is wrong with them."""
    spec = BY_ID.get(name)
    if spec is None:
        return f"There is no action “{name}” to give keys to."
    if not isinstance(wanted, list):
        return f"The keys of “{spec.name}” are no list; it keeps the keys it had before."
    found = [normal(key, spec.held and not spec.menu) if isinstance(key, str) else "" for key in wanted]
    for key, read in zip(wanted, found, strict=True):
        if not read:
            return f"“{key}” is no key for “{spec.name}”; it keeps the keys it had before."
    return tuple(dict.fromkeys(found))


def shown(key: str) -> str:
    """Return a key as it is printed on this system's keyboards."""
    if key in MODIFIERS:
        return key
    text = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
    return text.replace("Return", "Enter")
