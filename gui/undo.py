"""Which change Ctrl+Z takes back and Ctrl+Shift+Z does again; rebuilt from the journal, so a restart loses no step."""

from __future__ import annotations

from collections.abc import Iterable

from core.domain import Decision
from core.edits import Edit, Origin, SetReview
from core.store.changes import ChangeKind, ChangeSet

DEPTH = 1000
"""Steps remembered; the journal keeps all of them for ever."""


class UndoStack:
    """One person's own gestures, oldest first. Batches and other people's changes are no steps (decision 0006)."""

    def __init__(self, who: str) -> None:
        """Make an empty stack for ``who``."""
        self._who = who
        self._done: list[ChangeSet] = []
        self._undone: list[ChangeSet] = []

    def rebuild(self, journal: Iterable[ChangeSet]) -> None:
        """Start again from the journal, in order of revision."""
        self._done, self._undone = [], []
        for change in journal:
            self.note(change)

    def note(self, change: ChangeSet) -> None:
        """Take a change into account that has just been journalled, whoever made it."""
        if change.initiator.origin is not Origin.USER or change.initiator.who != self._who:
            return
        if change.kind is ChangeKind.DO:
            self._done.append(change)
            self._undone.clear()
            del self._done[:-DEPTH]
        elif change.kind is ChangeKind.UNDO:
            self._move(change.target, self._done, self._undone)
        else:
            self._move(change.target, self._undone, self._done)

    def forget(self, step: ChangeSet) -> None:
        """Drop a step that cannot be taken back or done again any more."""
        for steps in (self._done, self._undone):
            if step in steps:
                steps.remove(step)

    @staticmethod
    def _move(revision: int | None, source: list[ChangeSet], to: list[ChangeSet]) -> None:
        # The step keeps the revision of the change as it was first made: undo, redo and undo again name the same one.
        for step in reversed(source):
            if step.revision == revision:
                source.remove(step)
                to.append(step)
                return

    @property
    def next_undo(self) -> ChangeSet | None:
        """The step that an undo would take back."""
        return self._done[-1] if self._done else None

    @property
    def next_redo(self) -> ChangeSet | None:
        """The step that a redo would do again."""
        return self._undone[-1] if self._undone else None

    @property
    def decisions(self) -> tuple[ChangeSet, ...]:
        """Steps that decide a pair, newest first; what only commented, reconciled or took a decision back is none."""
        return tuple(step for step in reversed(self._done) if any(map(_decides, step.edits)))


def _decides(edit: Edit) -> bool:
    return isinstance(edit, SetReview) and edit.changes_decision and edit.after.decision is not Decision.UNDECIDED
