"""The store's door: the verbs that the rest of the program may use, whatever keeps the data behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from core.domain import Decision, MaskRef, Pair, PairQuery, PairSummary, Run, SettledCut, Statistics
from core.edits import Edit, Initiator
from core.store.changes import ChangeKind, ChangeSet


@dataclass(frozen=True, slots=True)
class ProjectInfo:
    """Where a project lies and how it was opened."""

    path: str
    """The project's folder; empty for a store in memory."""
    name: str
    read_only: bool
    read_only_reason: str = ""
    """One sentence: who has it open, or why it cannot be written; empty when it can."""


@dataclass(frozen=True, slots=True)
class Orphans:
    """Mask files that nothing refers to."""

    files: int
    bytes: int


class Store(Protocol):
    """A project's data. Safe to call from any thread; every answer is a value of its own.

    Every verb that fails for a reason outside the program (disk full, file locked, project damaged)
    raises ``core.errors.StorageProblem`` with a remedy, and has then changed nothing.
    """

    @property
    def info(self) -> ProjectInfo:
        """Where the project lies and whether it can be written."""
        ...

    def pair_ids(self, query: PairQuery = ...) -> list[int]:
        """Ids of the pairs that match, in the query's order (ties by name, then id)."""
        ...

    def summaries(self, ids: Sequence[int]) -> list[PairSummary]:
        """One row for each id, in the order asked for; ids that no longer exist are left out."""
        ...

    def pairs(self, ids: Sequence[int]) -> list[Pair]:
        """The whole pairs, in the order asked for; ids that no longer exist are left out."""
        ...

    def counts(self) -> dict[Decision, int]:
        """Number of pairs by decision; every decision has a key."""
        ...

    def apply(
        self,
        edits: Sequence[Edit],
        initiator: Initiator,
        *,
        kind: ChangeKind = ...,
        target: int | None = ...,
    ) -> ChangeSet:
        """Apply all edits or none, journal them under one new revision, and return what changed.

        Raises:
            EditConflict: an edit's ``before`` is not what is stored now (somebody else was faster), or its
                pair is gone. Nothing has been changed then.
            StorageProblem: the project is read-only, or the disk refused.
        """
        ...

    def journal(
        self, *, pair_id: int | None = ..., by: str | None = ..., after: int = ..., newest: int | None = ...
    ) -> list[ChangeSet]:
        """Changes in order of revision: of one pair or all, after a revision, and only the newest few if asked.

        With ``pair_id`` each change set holds just the edits that touch that pair. With ``by`` there are only the
        changes that this person made by hand, no batches.
        """
        ...

    def start_run(self, kind: str, method: str, options: str, who: str) -> Run:
        """Note that a batch begins (a record, not an edit)."""
        ...

    def finish_run(self, run_id: int, outcome: str, pairs_done: int, failures: Sequence[str]) -> Run:
        """Note how a batch ended."""
        ...

    def runs(self) -> list[Run]:
        """All batches, newest first."""
        ...

    def put_mask(self, png: bytes, width: int, height: int) -> MaskRef:
        """Keep a mask file under its content hash (atomic; the same bytes twice are one file).

        Footprints and what was painted on are kept so too.
        """
        ...

    def mask_png(self, ref: MaskRef) -> bytes:
        """Bytes of a mask file.

        Raises:
            StorageProblem: the file is missing or its bytes do not have the hash that names it.
        """
        ...

    def drop_orphans(self, *, dry_run: bool = ...) -> Orphans:
        """Delete mask files that no pair and no entry of the journal names, so that no undo can need them.

        Nobody may be at work on the project here: what was kept and is not part of an edit yet is an orphan too. With
        ``dry_run`` they are only counted, which a project that can only be read allows as well.
        """
        ...

    def settled_cuts(self, version: str, newest: int) -> list[SettledCut]:
        """Where a version's predictions were cut that people accepted or corrected, the pairs changed last first."""
        ...

    def statistics(self) -> Statistics:
        """Numbers over the whole project."""
        ...

    def close(self) -> None:
        """Let go of the project (releases the write lock); calling it twice is harmless."""
        ...
