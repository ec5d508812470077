"""What a change of the store was: the answer of ``apply``, a row of the journal, a step of undo."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.edits import Edit, Initiator


class ChangeKind(StrEnum):
    """How a change came about."""

    DO = "do"
    UNDO = "undo"
    REDO = "redo"


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """One atomic, journalled change.

    ``edits`` are as applied (ids given). ``target`` is, for an undo, the revision taken back; for a redo,
    the revision done again; None otherwise.
    """

    revision: int
    at: str
    """UTC, ISO 8601 with milliseconds and a trailing Z."""
    initiator: Initiator
    edits: tuple[Edit, ...]
    kind: ChangeKind = ChangeKind.DO
    target: int | None = None

    @property
    def pair_ids(self) -> tuple[int, ...]:
        """Ids of the touched pairs, each once, in order."""
        return tuple(dict.fromkeys(edit.pair_id for edit in self.edits))
