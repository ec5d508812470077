"""The SQLite store's own: answers from indexes, whole transactions, a folder that goes away."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import event, text

from core.domain import Decision, ImageRef, Pair, PairOrder, PairQuery, Review
from core.edits import AddPair, Initiator, SetReview
from core.errors import StorageProblem
from core.store import sql
from core.store.base import Store
from core.store.opening import open_project
from core.store.sql import SqlStore

ANNA = Initiator("Anna")


def test_the_queue_is_answered_from_indexes(store: SqlStore) -> None:
    """With 40,000 pairs a look at the table itself, or sorting, would cost the desk its fluency."""
    asked: list[tuple[str, tuple[object, ...]]] = []

    @event.listens_for(store._engine, "before_cursor_execute")
    def _note(_c: object, _cursor: object, statement: str, parameters: tuple[object, ...], *_: object) -> None:
        asked.append((statement, parameters))

    some = frozenset({Decision.ACCEPTED, Decision.SKIPPED})
    for order in PairOrder:
        store.pair_ids(PairQuery(order=order))
        store.pair_ids(PairQuery(some, "1", order))
        # What is left of one order's first group has to be sorted for the other, but for its names.
        if order is not PairOrder.EXPECTED_IOU:
            store.pair_ids(PairQuery(order=order, only_unreconciled=True))
        if order is not PairOrder.CONFIDENCE:
            store.pair_ids(PairQuery(order=order, only_unpredicted=True))
    store.counts()
    questions = [(statement, parameters) for statement, parameters in asked if statement.startswith("SELECT")]
    assert len(questions) == 11
    with store._engine.connect() as connection:
        for statement, parameters in questions:
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            assert all("USING COVERING INDEX" in step or "GROUP BY" in step for step in plan), (statement, plan)


def test_the_history_of_a_pair_is_found_by_index(store: SqlStore) -> None:
    with store._engine.connect() as connection:
        question = text("EXPLAIN QUERY PLAN SELECT * FROM journal_edits WHERE pair_id = 1 AND revision > 3")
        assert "ix_journal_edits_pair_id" in connection.execute(question).all()[0][3]


def test_commits_are_flushed_and_the_log_is_write_ahead(store: SqlStore) -> None:
    with store._engine.connect() as connection:
        answers = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "trusted_schema")
        }
    assert answers == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 10_000,
        "trusted_schema": 0,
    }


def test_whatever_goes_wrong_within_a_change_leaves_nothing_of_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = store.pairs(store.pair_ids())

    def bug(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(sql, "_write_journal", bug)
    with pytest.raises(ZeroDivisionError):
        store.apply([AddPair(Pair(0, "new", ImageRef("x", "0" * 64, 1, 1), None))], ANNA)
    monkeypatch.undo()
    assert store.pairs(store.pair_ids()) == before
    assert store.apply([SetReview(2, Review(), Review(Decision.SKIPPED))], ANNA).revision == 4


def test_a_reader_does_not_wait_for_a_writer(store: SqlStore) -> None:
    inside, done = threading.Event(), threading.Event()

    def write() -> None:
        with store._changing() as connection:
            connection.exec_driver_sql("UPDATE pairs SET comment = 'half done'")
            inside.set()
            done.wait(60)

    writer = threading.Thread(target=write)
    writer.start()
    assert inside.wait(60)
    try:
        assert [pair.review.comment for pair in store.pairs([1, 2, 3])] == ["", "", ""]
        assert len(store.journal()) == 3
    finally:
        done.set()
        writer.join()
    assert [pair.review.comment for pair in store.pairs([1, 2, 3])] == ["half done"] * 3


def test_nothing_is_written_to_a_project_that_went_away(folder: Path, tmp_path: Path) -> None:
    store = open_project(folder, "Anna")
    folder.rename(tmp_path / "elsewhere")
    for change in (
        lambda: store.apply([SetReview(2, Review(), Review(Decision.SKIPPED))], ANNA),
        lambda: store.put_mask(b"new", 1, 1),
        lambda: store.start_run("a", "b", "", "c"),
    ):
        with pytest.raises(StorageProblem, match="no longer at") as caught:
            change()
        assert caught.value.remedy
    assert not folder.exists()
    store.close()
    again = open_project(tmp_path / "elsewhere", "Anna")
    assert len(again.journal()) == 3
    assert not again.info.read_only
    again.close()
