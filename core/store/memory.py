"""A project that lives in memory: the same answers as on the disk, for tests and trials."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import replace

from core.domain import (
    Decision,
    MaskRef,
    MaskSource,
    Pair,
    PairOrder,
    PairQuery,
    PairSummary,
    Run,
    SettledCut,
    Statistics,
)
from core.edits import BY_HAND, AddPair, Edit, Initiator, Origin, SetReview
from core.errors import StorageProblem
from core.store.base import Orphans, ProjectInfo
from core.store.changes import ChangeKind, ChangeSet
from core.store.figures import DecisionFact, PairFact, statistics_of
from core.store.hashes import hashes_in
from core.store.plan import (
    ALL_PAIRS,
    check_change,
    check_target,
    check_text,
    is_settled,
    make_plan,
    promise,
    search_key,
    sureness,
    utc_now,
)


class MemoryStore:
    """See ``core.store.base.Store``."""

    def __init__(self, name: str = "memory", read_only_reason: str = "") -> None:
        """Start empty; with a reason the store refuses every change, as one that somebody else has open."""
        self._name = name
        self._reason = read_only_reason
        self._pairs: dict[int, Pair] = {}
        self._journal: list[ChangeSet] = []
        self._runs: dict[int, Run] = {}
        self._masks: dict[str, bytes] = {}
        self._next_id = 1
        self._closed = False
        self._lock = threading.Lock()

    @property
    def info(self) -> ProjectInfo:
        """Where the project lies (nowhere) and whether it can be changed."""
        return ProjectInfo("", self._name, bool(self._reason), self._reason)

    def pair_ids(self, query: PairQuery = ALL_PAIRS) -> list[int]:
        """Ids of the pairs that match, in the query's order."""
        part = search_key(query.text)
        with self._open():
            found = [
                pair
                for pair in self._pairs.values()
                if (not query.decisions or pair.review.decision in query.decisions)
                and (not query.only_unreconciled or (pair.reconciliation is None and pair.designer is not None))
                and (not query.only_unpredicted or pair.prediction is None)
                and part in search_key(pair.name)
            ]
        by_name = sorted(found, key=lambda pair: (search_key(pair.name), pair.id))
        if query.order is PairOrder.CONFIDENCE:
            by_name.sort(key=sureness)
        elif query.order is PairOrder.EXPECTED_IOU:
            by_name.sort(key=lambda pair: promise(pair.prediction))
        return [pair.id for pair in by_name]

    def summaries(self, ids: Sequence[int]) -> list[PairSummary]:
        """One row for each id, in the order asked for."""
        return [_summary(pair) for pair in self.pairs(ids)]

    def pairs(self, ids: Sequence[int]) -> list[Pair]:
        """The whole pairs, in the order asked for."""
        with self._open():
            return [self._pairs[number] for number in ids if number in self._pairs]

    def counts(self) -> dict[Decision, int]:
        """Number of pairs by decision."""
        with self._open():
            made = [pair.review.decision for pair in self._pairs.values()]
        return {decision: made.count(decision) for decision in Decision}

    def apply(
        self,
        edits: Sequence[Edit],
        initiator: Initiator,
        *,
        kind: ChangeKind = ChangeKind.DO,
        target: int | None = None,
    ) -> ChangeSet:
        """Apply all edits or none, journal them under one new revision, and return what changed."""
        check_change(edits, initiator)
        with self._open():
            self._check_writable()
            revision = len(self._journal) + 1
            check_target(kind, target, revision - 1)
            names = {pair.name: pair.id for pair in self._pairs.values()}
            plan = make_plan(edits, self._pairs, names, self._next_id, revision)
            self._pairs = {number: pair for number, pair in plan.pairs.items() if pair is not None}
            self._next_id = max(self._next_id, *(edit.pair_id + 1 for edit in plan.edits))
            change = ChangeSet(revision, utc_now(), initiator, plan.edits, kind, target)
            self._journal.append(change)
        return change

    def journal(
        self, *, pair_id: int | None = None, by: str | None = None, after: int = 0, newest: int | None = None
    ) -> list[ChangeSet]:
        """Changes in order of revision: of one pair or all, by one person, after a revision, only the newest few."""
        with self._open():
            found = [change for change in self._journal if change.revision > after]
        if by is not None:
            found = [c for c in found if (c.initiator.who, c.initiator.origin) == (by, Origin.USER)]
        if pair_id is not None:
            mine = [(change, tuple(e for e in change.edits if e.pair_id == pair_id)) for change in found]
            found = [replace(change, edits=edits) for change, edits in mine if edits]
        return found if newest is None else found[max(len(found) - newest, 0) :]

    def start_run(self, kind: str, method: str, options: str, who: str) -> Run:
        """Note that a batch begins."""
        check_text(who)
        with self._open():
            self._check_writable()
            run = Run(len(self._runs) + 1, kind, method, options, who, utc_now())
            self._runs[run.id] = run
        return run

    def finish_run(self, run_id: int, outcome: str, pairs_done: int, failures: Sequence[str]) -> Run:
        """Note how a batch ended."""
        with self._open():
            self._check_writable()
            if run_id not in self._runs:
                raise ValueError(f"there is no run {run_id}")
            run = replace(
                self._runs[run_id],
                finished_at=utc_now(),
                outcome=outcome,
                pairs_done=pairs_done,
                failures=tuple(failures),
            )
            self._runs[run_id] = run
        return run

    def runs(self) -> list[Run]:
        """All batches, newest first."""
        with self._open():
            return list(reversed(self._runs.values()))

    def put_mask(self, png: bytes, width: int, height: int) -> MaskRef:
        """Keep a mask under its content hash."""
        ref = MaskRef(hashlib.sha256(png).hexdigest(), width, height)
        with self._open():
            self._check_writable()
            self._masks[ref.sha256] = png
        return ref

    def mask_png(self, ref: MaskRef) -> bytes:
        """Bytes of a mask."""
        with self._open():
            if ref.sha256 not in self._masks:
                raise StorageProblem(f"The mask {ref.sha256} is missing.", "Reconcile the pair again.")
            return self._masks[ref.sha256]

    def drop_orphans(self, *, dry_run: bool = False) -> Orphans:
        """Forget masks that no pair and no entry of the journal names."""
        with self._open():
            if not dry_run:
                self._check_writable()
            named = hashes_in(map(repr, (*self._pairs.values(), *self._journal)))
            found = {sha256: len(png) for sha256, png in self._masks.items() if sha256 not in named}
            for sha256 in () if dry_run else found:
                del self._masks[sha256]
        return Orphans(len(found), sum(found.values()))

    def settled_cuts(self, version: str, newest: int) -> list[SettledCut]:
        """Where a version's predictions were cut that people accepted or corrected, the pairs changed last first."""
        with self._open():
            settled = sorted(filter(is_settled, self._pairs.values()), key=lambda pair: (-pair.revision, pair.id))
        said = [pair.prediction for pair in settled if pair.prediction is not None]
        mine = [SettledCut(one.threshold, one.moved, one.chosen) for one in said if one.version == version]
        return mine[: max(newest, 0)]

    def statistics(self) -> Statistics:
        """Numbers over the whole project."""
        with self._open():
            pairs, changes = list(self._pairs.values()), list(self._journal)
        facts = [fact for change in changes for edit in change.edits for fact in _decision_facts(change, edit)]
        return statistics_of(map(_pair_fact, pairs), facts)

    def close(self) -> None:
        """Refuse everything from now on."""
        self._closed = True

    def _open(self) -> threading.Lock:
        """Return the lock to do something under."""
        if self._closed:
            raise StorageProblem(f"The project {self._name} has been closed.", "Open it again.")
        return self._lock

    def _check_writable(self) -> None:
        if self._reason:
            raise StorageProblem(
                f"The project {self._name} can only be read: {self._reason}",
                "Nothing has been changed. Open it again once it can be written.",
            )


def _summary(pair: Pair) -> PairSummary:
    found = pair.reconciliation
    return PairSummary(
        pair.id,
        pair.name,
        pair.review.decision,
        pair.review.reason,
        None if found is None else found.confidence,
        found is not None and found.placement is not None,
        bool(pair.review.comment),
        pair.original,
        pair.designer,
        None if pair.prediction is None else pair.prediction.expected_iou,
        None if pair.prediction is None else pair.prediction.found,
        None if found is None else found.method,
    )


def _pair_fact(pair: Pair) -> PairFact:
    row = _summary(pair)
    source = pair.review.source
    if source is MaskSource.RECIPE:
        source = None if pair.recipe is None else pair.recipe.base
    found = row.confidence, row.matched, row.method == BY_HAND, row.has_prediction
    return PairFact(row.id, row.decision, row.reason, *found, source, pair.designer is None)


def _decision_facts(change: ChangeSet, edit: Edit) -> list[DecisionFact]:
    if isinstance(edit, SetReview) and edit.changes_decision:
        decision = edit.after.decision
    elif isinstance(edit, AddPair) and edit.pair.review.decision is not Decision.UNDECIDED:
        decision = edit.pair.review.decision
    else:
        return []
    who = change.initiator
    added = isinstance(edit, AddPair)
    return [
        DecisionFact(
            change.revision,
            change.kind,
            change.target,
            who.who,
            who.origin,
            who.seconds,
            edit.pair_id,
            decision,
            added,
        )
    ]
