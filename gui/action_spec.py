"""What an action is: the form of the rows of the action table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """When an action can be used."""

    EVERYWHERE = "Everywhere"
    PROJECT = "With a project open"
    REVIEW = "With a pair on the screen"
    PLACEMENT = "Placing by hand"
    LANDMARKS = "Setting landmarks"
    EDIT = "Editing a mask"

    @property
    def borrows_keys(self) -> bool:
        """Whether its actions take their keys from others while they can be used, and have none else."""
        return self in (Scope.PLACEMENT, Scope.LANDMARKS, Scope.EDIT)


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One row. ``keys`` are Qt's portable names; the first is shown in menus."""

    id: str
    text: str
    keys: tuple[str, ...]
    scope: Scope
    menu: str
    tip: str
    """May name keys of actions: "{place} moves again"."""
    icon: str = ""
    checkable: bool = False
    repeats: bool = False
    """Holding the key does it again and again."""
    held: bool = False
    """Works as long as its key is down; a modifier alone may be that key."""
    ends_group: bool = False
    """A line stands below it in its menu."""

    @property
    def name(self) -> str:
        """The text as it is read outside menus: without marks."""
        return self.text.replace("&", "").removesuffix("…")
