"""The queue's search, filter and order."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.domain import Decision, PairOrder, Review
from core.edits import Initiator, SetReview
from core.jobs.services import Services
from core.store.memory import MemoryStore
from gui.jobs.runner import Runner
from gui.review.queue_model import QueueModel
from gui.review.queue_panel import QueuePanel
from gui.review.thumbnails import Thumbnails
from tests.gui.conftest import WHO, Gate, bare_pair, choose_decision, fill, tiny_picture


@dataclass
class Queue:
    """A panel with its model: four pairs, the surest first by name."""

    panel: QueuePanel
    model: QueueModel
    store: MemoryStore

    def names(self) -> list[str]:
        return [str(self.model.index(row).data())[-1] for row in range(self.model.rowCount())]

    def decide(self, decision: Decision) -> None:
        pair_id = self.store.pair_ids()[0]
        before = self.store.pairs([pair_id])[0].review
        self.model.note(self.store.apply([SetReview(pair_id, before, Review(decision))], Initiator(WHO)))

    def offered(self) -> list[str]:
        return [self.panel.filter.itemText(at) for at in range(self.panel.filter.count())]


@pytest.fixture
def queue(runner: Runner, gate: Gate, services: Services, qtbot: QtBot) -> Queue:
    gate.do = lambda spec, ctx: tiny_picture()
    store = MemoryStore()
    fill(store, [bare_pair(number, 0.9 - number / 10) for number in range(4)])
    model = QueueModel(store)
    panel = QueuePanel(model, Thumbnails(runner, services))
    qtbot.addWidget(panel)
    panel.show()
    model.setParent(panel)
    return Queue(panel, model, store)


def test_the_order_outlives_search_and_filter(queue: Queue, qtbot: QtBot) -> None:
    assert queue.names() == ["3", "2", "1", "0"]
    qtbot.keyClicks(queue.panel.search, "pair")
    qtbot.keyClick(queue.panel.search, Qt.Key.Key_Return)
    choose_decision(queue.panel, Decision.UNDECIDED)
    assert queue.model.query.order is PairOrder.CONFIDENCE
    assert all(isinstance(decision, Decision) for decision in queue.model.query.decisions)
    assert queue.names() == ["3", "2", "1", "0"]
    queue.panel.order.setCurrentIndex(2)
    assert queue.model.query.order is PairOrder.NAME
    assert queue.names() == ["0", "1", "2", "3"]
    queue.panel.order.setCurrentIndex(0)
    assert queue.names() == ["3", "2", "1", "0"]


def test_escape_ends_the_search_at_once(queue: Queue, qtbot: QtBot) -> None:
    queue.panel.focus_search()
    qtbot.keyClicks(queue.panel.search, "00002")
    qtbot.keyClick(queue.panel.search, Qt.Key.Key_Return)
    assert queue.names() == ["2"]
    queue.panel.focus_search()
    qtbot.keyClick(queue.panel.search, Qt.Key.Key_Escape)
    assert queue.panel.search.text() == ""
    assert len(queue.names()) == 4
    assert queue.panel.focusWidget() is queue.panel.list


def test_corrected_pairs_are_offered_where_there_are_any(queue: Queue) -> None:
    usual = ["All (4)", "Undecided (4)", "Accepted (0)", "Rejected (0)", "Skipped (0)", "Second review (0)"]
    assert queue.offered() == usual
    choose_decision(queue.panel, Decision.SKIPPED)
    queue.decide(Decision.CORRECTED)
    assert queue.offered()[3] == "Corrected (1)"
    assert queue.model.query.decisions == {Decision.SKIPPED}
    choose_decision(queue.panel, Decision.CORRECTED)
    assert queue.names() == ["3"]
    queue.decide(Decision.UNDECIDED)
    assert queue.offered()[3] == "Corrected (0)", "what is chosen stays"
    choose_decision(queue.panel, None)
    queue.decide(Decision.UNDECIDED)
    assert queue.offered() == usual
    assert queue.model.query.decisions == frozenset()
