"""The queue: lazy, in order, and one row at a time when something changes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from core.domain import Decision, PairOrder, PairQuery, PairSummary, Review
from core.edits import Initiator, RemovePair, SetReview
from core.store.memory import MemoryStore
from gui.review.queue_model import KEPT, PAGE, SUMMARY_ROLE, QueueModel
from tests.gui.conftest import WHO, bare_pair, fill

MANY = 5000


class CountingStore(MemoryStore):
    """Counts the rows that are fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched = 0

    def summaries(self, ids: Sequence[int]) -> list[PairSummary]:
        self.fetched += len(ids)
        return super().summaries(ids)


@pytest.fixture
def many(qapp: object) -> CountingStore:
    store = CountingStore()
    fill(store, [bare_pair(number, 0.5) for number in range(MANY)])
    return store


def _names(model: QueueModel) -> list[str]:
    return [str(model.index(row).data()) for row in range(model.rowCount())]


def _decide(store: MemoryStore, model: QueueModel, pair_id: int, decision: Decision) -> None:
    before = store.pairs([pair_id])[0].review
    model.note(store.apply([SetReview(pair_id, before, Review(decision))], Initiator(WHO)))


def test_it_obeys_the_rules_of_qt(store: MemoryStore, qtbot: QtBot) -> None:
    model = QueueModel(store)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    first = store.pair_ids()[0]
    model.set_query(PairQuery(frozenset({Decision.UNDECIDED})))
    _decide(store, model, first, Decision.ACCEPTED)
    _decide(store, model, first, Decision.UNDECIDED)
    assert tester.model() is model


def test_nothing_is_fetched_before_it_is_looked_at(many: CountingStore) -> None:
    model = QueueModel(many)
    assert model.rowCount() == MANY
    assert many.fetched == 0


def test_looking_fetches_a_page(many: CountingStore) -> None:
    model = QueueModel(many)
    for row in range(10):
        model.index(row).data(SUMMARY_ROLE)
    assert many.fetched == PAGE
    model.index(MANY - 1).data()
    assert many.fetched <= 2 * PAGE


def test_memory_stays_flat_and_each_row_is_fetched_once_while_scrolling(many: CountingStore) -> None:
    model = QueueModel(many)
    for row in range(MANY):
        model.index(row).data(SUMMARY_ROLE)
    assert many.fetched == MANY
    assert len(model._fetched) <= KEPT


def test_a_change_fetches_and_repaints_one_row(many: CountingStore, qtbot: QtBot) -> None:
    model = QueueModel(many)
    pair_id = many.pair_ids()[7]
    model.index(7).data()
    before = many.fetched
    changed: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: changed.append((first.row(), last.row())))
    _decide(many, model, pair_id, Decision.ACCEPTED)
    assert changed == [(7, 7)]
    assert many.fetched == before + 1
    assert model.summary(7).decision is Decision.ACCEPTED
    assert many.fetched == before + 1


@pytest.mark.parametrize("order", list(PairOrder))
def test_rows_are_in_the_order_of_the_store(store: MemoryStore, order: PairOrder, qapp: object) -> None:
    fill(store, [bare_pair(90, None, "aaa"), bare_pair(91, 0.2, "bbb", matched=False)])
    model = QueueModel(store)
    model.set_query(PairQuery(order=order))
    assert _names(model) == [row.name for row in store.summaries(store.pair_ids(PairQuery(order=order)))]
    if order is PairOrder.CONFIDENCE:
        assert _names(model)[:2] == ["aaa", "bbb"]


def test_filter_and_search(store: MemoryStore, qapp: object) -> None:
    model = QueueModel(store)
    _decide(store, model, store.pair_ids()[2], Decision.SKIPPED)
    model.set_query(PairQuery(frozenset({Decision.SKIPPED})))
    assert model.rowCount() == 1
    model.set_query(PairQuery(text="PAIR 00003"))
    assert _names(model) == ["pair 00003"]


def test_a_pair_that_no_longer_matches_goes_and_comes_back(store: MemoryStore, qapp: object) -> None:
    model = QueueModel(store)
    model.set_query(PairQuery(frozenset({Decision.UNDECIDED})))
    ids = store.pair_ids()
    _decide(store, model, ids[2], Decision.ACCEPTED)
    assert model.rowCount() == 5
    assert [model.row_of(pair_id) for pair_id in ids] == [0, 1, None, 2, 3, 4]
    _decide(store, model, ids[2], Decision.UNDECIDED)
    assert [model.row_of(pair_id) for pair_id in ids] == [0, 1, 2, 3, 4, 5]


def test_counts_follow(store: MemoryStore, qapp: object) -> None:
    model = QueueModel(store)
    seen: list[int] = []
    model.counts_changed.connect(lambda: seen.append(model.counts[Decision.ACCEPTED]))
    _decide(store, model, store.pair_ids()[0], Decision.ACCEPTED)
    assert seen == [1]


def test_pairs_that_pour_in_reload_the_list_soon_and_not_each_time(store: MemoryStore, qtbot: QtBot) -> None:
    model = QueueModel(store)
    resets: list[int] = []
    model.modelReset.connect(lambda: resets.append(model.rowCount()))
    for number in range(5):
        fill(store, [bare_pair(50 + number)])
        model.note(store.journal()[-1])
    qtbot.waitUntil(lambda: bool(resets))
    assert resets == [11]


def test_removed_pairs_go(store: MemoryStore, qtbot: QtBot) -> None:
    model = QueueModel(store)
    pair = store.pairs(store.pair_ids()[:1])[0]
    model.note(store.apply([RemovePair(pair)], Initiator(WHO)))
    qtbot.waitUntil(lambda: model.rowCount() == 5)


def test_next_undecided_goes_round(store: MemoryStore, qapp: object) -> None:
    model = QueueModel(store)
    ids = store.pair_ids()
    for pair_id in ids[1:5]:
        _decide(store, model, pair_id, Decision.ACCEPTED)
    assert model.next_undecided(0, 1) == ids[5]
    assert model.next_undecided(5, 1) == ids[0]
    assert model.next_undecided(0, -1) == ids[5]
    _decide(store, model, ids[5], Decision.ACCEPTED)
    assert model.next_undecided(0, 1) is None, "the row itself does not count"


def test_everything_is_said_in_words(store: MemoryStore, qapp: object) -> None:
    fill(store, [bare_pair(91, 0.2, "bbb", matched=False)])
    model = QueueModel(store)
    spoken = model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "bbb, Undecided, No match, confidence 20%"
