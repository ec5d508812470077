"""A project in an SQLite file: the store that the program works on."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    Select,
    Text,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from core.domain import (
    Decision,
    MaskRef,
    Pair,
    PairOrder,
    PairQuery,
    PairSummary,
    Run,
    SettledCut,
    Statistics,
)
from core.edits import Edit, Initiator, Origin
from core.errors import StorageProblem
from core.store import blobs, codec, entries
from core.store.base import Orphans, ProjectInfo
from core.store.changes import ChangeKind, ChangeSet
from core.store.codec import Columns
from core.store.engine import sentences
from core.store.figures import statistics_of
from core.store.folder import DATABASE, is_project
from core.store.hashes import hashes_in
from core.store.lock import LOST, WriteLock
from core.store.plan import (
    ALL_PAIRS,
    UNPREDICTED,
    UNRECONCILED,
    Plan,
    check_change,
    check_target,
    check_text,
    make_plan,
    search_key,
    touched,
    utc_now,
)
from core.store.tables import ABOUT_PREDICTION, journal, journal_edits, metadata, pairs, runs

T = TypeVar("T")
_CHUNK = 500
"""Ids asked for in one statement: databases bound the number of parameters."""

_SUMMARY = (
    *(pairs.c[name] for name in ("id", "name", "decision", "reject_reason", "confidence", "expected_iou", "found")),
    pairs.c.method,
    pairs.c.scale.is_not(None).label("matched"),
    (pairs.c.comment != "").label("has_comment"),
    *(pairs.c[f"{side}_{part}"] for side in ("original", "designer") for part in ("path", "sha256", "width", "height")),
)


class SqlStore:
    """See ``core.store.base.Store``. Made by ``core.store.opening``."""

    def __init__(self, folder: Path, engine: Engine, lock: WriteLock | None, read_only_reason: str) -> None:
        """Serve the project in ``folder``; ``lock`` is None where it may only be read, for the reason given."""
        self._folder = folder
        self._file = folder / DATABASE
        self._engine = engine
        self._lock = lock
        self._reason = read_only_reason
        self._closed = False
        # Threads of this process queue here; SQLite's own waiting polls, and would starve the thread of the window.
        self._writing = threading.Lock()

    @property
    def info(self) -> ProjectInfo:
        """Where the project lies and whether it can be written."""
        return ProjectInfo(str(self._folder), self._folder.name, bool(self._reason), self._reason)

    # --- Asking ---

    def pair_ids(self, query: PairQuery = ALL_PAIRS) -> list[int]:
        """Ids of the pairs that match, in the query's order."""
        question = select(pairs.c.id)
        if query.decisions:
            question = question.where(pairs.c.decision.in_(sorted(query.decisions)))
        if query.only_unreconciled:
            question = question.where(pairs.c.sureness == UNRECONCILED)
        if query.only_unpredicted:
            question = question.where(pairs.c.promise == UNPREDICTED)
        if query.text:
            # Not LIKE: SQLite bounds the length of its patterns.
            question = question.where(func.instr(pairs.c.search_key, search_key(query.text)) > 0)
        if query.order is PairOrder.CONFIDENCE:
            question = question.order_by(pairs.c.sureness)
        elif query.order is PairOrder.EXPECTED_IOU:
            question = question.order_by(pairs.c.promise)
        with self._reading() as connection:
            return list(connection.scalars(question.order_by(pairs.c.search_key, pairs.c.id)))

    def summaries(self, ids: Sequence[int]) -> list[PairSummary]:
        """One row for each id, in the order asked for."""
        with self._reading() as connection:
            found = {row["id"]: row for row in _by_id(connection, select(*_SUMMARY), ids)}
        return [codec.summary_of(found[number]) for number in ids if number in found]

    def pairs(self, ids: Sequence[int]) -> list[Pair]:
        """The whole pairs, in the order asked for."""
        with self._reading() as connection:
            found = {row["id"]: row for row in _by_id(connection, select(pairs), ids)}
        return [codec.pair_of(found[number]) for number in ids if number in found]

    def counts(self) -> dict[Decision, int]:
        """Number of pairs by decision."""
        question = select(pairs.c.decision, func.count()).group_by(pairs.c.decision)
        with self._reading() as connection:
            found = {str(name): int(number) for name, number in connection.execute(question)}
        if strange := found.keys() - set(Decision):
            raise codec.damaged(f"{sorted(strange)} are no decisions")
        return {decision: found.get(decision, 0) for decision in Decision}

    def journal(
        self, *, pair_id: int | None = None, by: str | None = None, after: int = 0, newest: int | None = None
    ) -> list[ChangeSet]:
        """Changes in order of revision: of one pair or all, by one person, after a revision, only the newest few."""
        if newest is not None and newest < 1:
            return []
        wanted: list[ColumnElement[bool]] = [journal_edits.c.revision > after]
        if pair_id is not None:
            wanted.append(journal_edits.c.pair_id == pair_id)
        if by is not None:
            wanted += [journal.c.who == by, journal.c.origin == Origin.USER.value]
        question = (
            select(journal, journal_edits.c.pair_id, journal_edits.c.kind.label("edit_kind"))
            .add_columns(journal_edits.c.before, journal_edits.c.after)
            .join_from(journal_edits, journal)
            .where(*wanted)
            .order_by(journal_edits.c.revision, journal_edits.c.position)
        )
        with self._reading() as connection:
            if newest is not None:
                revisions = select(journal_edits.c.revision).distinct().where(*wanted)
                if by is not None:
                    revisions = revisions.join_from(journal_edits, journal)
                last = revisions.order_by(journal_edits.c.revision.desc()).limit(newest).subquery()
                first = connection.scalar(select(func.min(last.c.revision)))
                question = question.where(journal_edits.c.revision >= (first or 0))
            rows = connection.execute(question).mappings().all()
        return entries.change_sets_of(rows)

    def runs(self) -> list[Run]:
        """All batches, newest first."""
        with self._reading() as connection:
            return [codec.run_of(row) for row in connection.execute(select(runs).order_by(runs.c.id.desc())).mappings()]

    def mask_png(self, ref: MaskRef) -> bytes:
        """Bytes of a mask file, checked against its hash."""
        self._check_open()
        return blobs.mask_png(self._folder, ref)

    def settled_cuts(self, version: str, newest: int) -> list[SettledCut]:
        """Where a version's predictions were cut that people accepted or corrected, the pairs changed last first."""
        question = (
            select(pairs.c.threshold, pairs.c.threshold_moved, pairs.c.chosen_threshold)
            .where(pairs.c.decision.in_([Decision.ACCEPTED, Decision.CORRECTED]), pairs.c.predicted_version == version)
            .where(ABOUT_PREDICTION)
            .order_by(pairs.c.revision.desc(), pairs.c.id)
            .limit(max(newest, 0))
        )
        with self._reading() as connection:
            return [codec.settled_of(row) for row in connection.execute(question).mappings()]

    def statistics(self) -> Statistics:
        """Numbers over the whole project."""
        matched = pairs.c.scale.is_not(None).label("matched")
        predicted = pairs.c.predicted_by.is_not(None).label("predicted")
        now = select(pairs.c.id, pairs.c.decision, pairs.c.reject_reason, pairs.c.confidence).add_columns(
            *(pairs.c[name] for name in ("method", "decided_source", "recipe_base")),
            matched,
            predicted,
            pairs.c.designer_path.is_(None).label("alone"),
        )
        made = (
            select(journal, journal_edits.c.pair_id, journal_edits.c.decision)
            .add_columns((journal_edits.c.kind == "add_pair").label("added"))
            .join_from(journal_edits, journal)
            .where(journal_edits.c.decision.is_not(None))
            .order_by(journal_edits.c.revision, journal_edits.c.position)
        )
        with self._reading() as connection:
            pair_rows = connection.execute(now).mappings().all()
            decision_rows = connection.execute(made).mappings().all()
        with codec.checking("a decision"):
            return statistics_of(map(codec.pair_fact_of, pair_rows), map(codec.decision_fact_of, decision_rows))

    # --- Changing ---

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
        ids, names = touched(edits)
        with self._changing() as connection:
            revision = codec.number_after(connection.scalar(select(func.max(journal.c.revision))))
            check_target(kind, target, revision - 1)
            # Removed pairs' ids stay in the journal: none is given twice.
            next_id = codec.number_after(connection.scalar(select(func.max(journal_edits.c.pair_id))))
            stored = {row["id"]: codec.pair_of(row) for row in _by_id(connection, select(pairs), sorted(ids))}
            taken: dict[str, int] = {}
            for some in _chunks(sorted(names)):
                found = connection.execute(select(pairs.c.name, pairs.c.id).where(pairs.c.name.in_(some)))
                taken.update((name, number) for name, number in found)
            plan = make_plan(edits, stored, taken, next_id, revision)
            change = ChangeSet(revision, utc_now(), initiator, plan.edits, kind, target)
            _write_pairs(connection, stored, plan)
            _write_journal(connection, change)
        return change

    def start_run(self, kind: str, method: str, options: str, who: str) -> Run:
        """Note that a batch begins."""
        check_text(who)
        with self._changing() as connection:
            number = codec.number_after(connection.scalar(select(func.max(runs.c.id))))
            run = Run(number, kind, method, options, who, utc_now())
            connection.execute(insert(runs).values(codec.run_columns(run)))
        return run

    def finish_run(self, run_id: int, outcome: str, pairs_done: int, failures: Sequence[str]) -> Run:
        """Note how a batch ended."""
        values = {
            "finished_at": utc_now(),
            "outcome": outcome,
            "pairs_done": pairs_done,
            "failures": codec.failures_json(failures),
        }
        mine = runs.c.id == run_id
        with self._changing() as connection:
            if connection.execute(update(runs).where(mine).values(values)).rowcount != 1:
                raise ValueError(f"there is no run {run_id}")
            return codec.run_of(connection.execute(select(runs).where(mine)).mappings().one())

    def put_mask(self, png: bytes, width: int, height: int) -> MaskRef:
        """Keep a mask file under its content hash; it is on the disk before this returns."""
        self._check_open()
        self._check_writable()
        self._check_there()
        return blobs.put_mask(self._folder, png, width, height)

    def drop_orphans(self, *, dry_run: bool = False) -> Orphans:
        """Delete mask files that no text of the database names; nobody else can write meanwhile."""
        with self._reading() if dry_run else self._changing() as connection:
            kept = blobs.mask_files(self._folder)  # before they are asked for: what comes later is not looked at
            named = hashes_in(_texts(connection))
            found = {path: size for path, size in kept.items() if path.stem not in named}
            if not dry_run:
                blobs.remove(found)
        return Orphans(len(found), sum(found.values()))

    def close(self) -> None:
        """Let go of the project; calling it twice is harmless."""
        with self._writing:
            if self._closed:
                return
            self._closed = True
        if self._lock is not None:
            self._lock.release()
        self._engine.dispose()

    # --- Doors to the database ---

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        self._check_open()
        with sentences(self._file), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _changing(self) -> Iterator[Connection]:
        """One transaction that ends on the disk or, whatever is raised within, has never been."""
        self._check_writable()
        with self._writing, sentences(self._file):
            self._check_open()
            self._check_there()
            with self._engine.connect().execution_options(writes=True) as connection, connection.begin():
                if self._lock is None or not self._lock.is_held(connection):
                    self._reason = self._reason or LOST
                    self._check_writable()
                yield connection

    def _check_open(self) -> None:
        if self._closed:
            raise StorageProblem(f"The project {self._folder.name} has been closed.", "Open it again.")

    def _check_there(self) -> None:
        # On POSIX an open file outlives its name: what is written to it then is lost when it is closed.
        if not is_project(self._folder):
            raise StorageProblem(
                f"The project is no longer at {self._folder}; nothing has been changed.",
                "Check that it has not been moved and that its drive is connected, then open it again.",
            )

    def _check_writable(self) -> None:
        if self._reason:
            raise StorageProblem(
                f"The project {self._folder.name} can only be read: {self._reason}",
                "Nothing has been changed. Open it again once it can be written.",
            )


def _chunks(values: Sequence[T]) -> Iterable[Sequence[T]]:
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))


def _by_id(connection: Connection, question: Select[Any], ids: Sequence[int]) -> Iterator[RowMapping]:
    for some in _chunks(ids):
        yield from connection.execute(question.where(pairs.c.id.in_(some))).mappings()


def _texts(connection: Connection) -> Iterator[str | None]:
    """Return every text that a project holds."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, Text):
                yield from connection.scalars(select(column))


def _write_pairs(connection: Connection, stored: dict[int, Pair], plan: Plan) -> None:
    gone: list[Columns] = []
    new: list[Columns] = []
    changed: dict[tuple[str, ...], list[Columns]] = {}
    for number, after in plan.pairs.items():
        before = stored.get(number)
        if before is not None and (after is None or after.name != before.name):
            gone.append({"this": number})  # a name that wanders between pairs must be free before it is taken again
            before = None
        if after is None:
            continue
        columns = codec.pair_columns(after)
        if before is None:
            new.append(columns)
            continue
        old = codec.pair_columns(before)
        different = {name: value for name, value in columns.items() if value != old[name]}
        changed.setdefault(tuple(different), []).append({"this": number, **different})
    this = pairs.c.id == bindparam("this")
    if gone:
        connection.execute(delete(pairs).where(this), gone)
    if new:
        connection.execute(insert(pairs), new)
    for names, rows in changed.items():
        connection.execute(update(pairs).where(this).values({name: bindparam(name) for name in names}), rows)


def _write_journal(connection: Connection, change: ChangeSet) -> None:
    values = {
        "revision": change.revision,
        "at": change.at,
        "kind": change.kind.value,
        "target": change.target,
        "who": change.initiator.who,
        "origin": change.initiator.origin.value,
        "seconds": change.initiator.seconds,
        "label": change.initiator.label,
    }
    connection.execute(insert(journal).values(values))
    edits = [
        {"revision": change.revision, "position": position, **entries.edit_columns(edit)}
        for position, edit in enumerate(change.edits)
    ]
    connection.execute(insert(journal_edits), edits)
