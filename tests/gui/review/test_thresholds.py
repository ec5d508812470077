"""The threshold on the move: shown at once, written once, of the right pair, and never lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from core.domain import Decision, MaskSource, Pair
from core.edits import Initiator, Origin, SetPrediction, SetThreshold
from core.settings import Settings
from core.store.memory import MemoryStore
from gui.review.presenter import Presenter
from gui.review.queue_model import QueueModel
from gui.review.stopwatch import Stopwatch
from gui.review.thresholds import Thresholds
from gui.session import Session
from tests.gui.conftest import WHO, fill
from tests.gui.predicting import OTHER_MAP, photo_alone, predicted_pair, prediction


class Desk:
    """A presenter with the threshold of its pair."""

    def __init__(self, store: MemoryStore) -> None:
        self.session = Session(store, Settings(), WHO)
        self.queue = QueueModel(store)
        self.presenter = Presenter(self.session, self.queue)
        self.thresholds = Thresholds(self.presenter)
        self.cuts: list[float] = []
        self.told: list[str] = []
        self.now = 0.0
        self.thresholds.cut_changed.connect(self.cuts.append)
        self.presenter.told.connect(self.told.append)
        self.presenter.pair_shown.connect(self.thresholds.follow)
        self.presenter.start()

    @property
    def pair(self) -> Pair:
        assert self.presenter.pair is not None
        return self.presenter.pair

    def chosen(self, pair_id: int) -> float | None:
        said = self.session.store.pairs([pair_id])[0].prediction
        assert said is not None
        return said.chosen

    @property
    def edits(self) -> list[SetThreshold]:
        changes = self.session.store.journal()
        return [edit for change in changes for edit in change.edits if isinstance(edit, SetThreshold)]


@pytest.fixture
def store() -> MemoryStore:
    made = MemoryStore("predicted")
    fill(made, [photo_alone(number) for number in range(3)])
    return made


@pytest.fixture
def desk(store: MemoryStore, qapp: object) -> Iterator[Desk]:
    made = Desk(store)
    yield made
    made.queue.finish()


def test_a_whole_drag_is_one_edit_and_one_step_of_undo(desk: Desk) -> None:
    first = desk.pair.id
    for at in range(44, 70):
        desk.thresholds.move(at)
    assert desk.cuts[-1] == 0.69
    assert desk.edits == [], "nothing is written on the way"
    desk.thresholds.settle()
    assert desk.edits == [SetThreshold(first, None, 0.69)]
    desk.presenter.undo()
    assert desk.chosen(first) is None
    assert desk.cuts[-1] == 0.43
    desk.presenter.redo()
    assert desk.chosen(first) == 0.69


def test_keys_that_follow_one_another_are_one_edit(desk: Desk, qtbot: QtBot) -> None:
    first = desk.pair.id
    for by in (1, 1, 5, -1):
        desk.thresholds.step(by)
    assert desk.cuts[-1] == pytest.approx(0.49)
    qtbot.waitUntil(lambda: len(desk.edits) == 1, timeout=20_000)
    assert desk.edits == [SetThreshold(first, None, 0.49)]


def test_going_on_in_mid_drag_writes_it_where_it_belongs(desk: Desk) -> None:
    first = desk.pair.id
    desk.thresholds.move(60)
    desk.presenter.step(1)
    assert desk.pair.id != first
    assert (desk.chosen(first), desk.chosen(desk.pair.id)) == (0.6, None)
    assert desk.thresholds.cut == 0.43
    desk.thresholds.settle()
    assert len(desk.edits) == 1


def test_a_decision_comes_after_the_threshold_it_was_made_with(desk: Desk) -> None:
    first = desk.pair.id
    desk.presenter.stopwatch = Stopwatch(lambda: desk.now)
    desk.now += 5
    desk.thresholds.step(7)
    desk.now += 2
    desk.presenter.decide(Decision.ACCEPTED)
    told = [(change.initiator.label, change.initiator.seconds) for change in desk.session.store.journal()]
    assert told == [("Import", None), ("Threshold", None), ("Accept", 7.0)], "the time counts for the decision"
    assert desk.chosen(first) == pytest.approx(0.5)
    assert desk.session.store.pairs([first])[0].review.source is MaskSource.PREDICTION


def test_undo_while_keys_still_rest_takes_back_what_they_did(desk: Desk) -> None:
    first = desk.pair.id
    desk.thresholds.step(7)
    desk.presenter.undo()
    assert desk.chosen(first) is None
    assert desk.thresholds.cut == 0.43
    assert len(desk.edits) == 2


def test_back_to_the_learned_threshold(desk: Desk) -> None:
    first = desk.pair.id
    desk.thresholds.move(70)
    desk.thresholds.settle()
    desk.thresholds.reset()
    assert desk.chosen(first) is None
    assert desk.edits[-1] == SetThreshold(first, 0.7, None)
    desk.thresholds.reset()
    assert len(desk.edits) == 2
    assert desk.told == ["The threshold is the learned one."]


def test_a_drag_back_to_where_it_stood_writes_nothing_new(desk: Desk) -> None:
    desk.thresholds.move(70)
    desk.thresholds.settle()
    desk.thresholds.move(80)
    desk.thresholds.move(70)
    desk.thresholds.settle()
    assert len(desk.edits) == 1


def test_it_holds_at_the_ends(desk: Desk) -> None:
    desk.thresholds.step(500)
    assert desk.cuts[-1] == 1.0
    desk.thresholds.step(-500)
    assert desk.cuts[-1] == 0.0


def test_another_map_that_comes_in_mid_drag_wins(desk: Desk, store: MemoryStore) -> None:
    first, said = desk.pair.id, desk.pair.prediction
    desk.thresholds.move(80)
    newer = prediction(map=OTHER_MAP, threshold=0.3, version="9d0c12aa45ef")
    desk.session.note(store.apply([SetPrediction(first, said, newer)], Initiator("ben", Origin.JOB)))
    assert desk.thresholds.cut == 0.3
    desk.thresholds.settle()
    assert desk.chosen(first) is None, "a threshold is worth nothing on another map"


def test_a_comment_in_mid_drag_does_not_move_it(desk: Desk) -> None:
    desk.thresholds.move(80)
    desk.presenter.set_comment(desk.pair.id, "nice ears")
    assert desk.thresholds.cut == 0.8
    desk.thresholds.settle()
    assert desk.chosen(desk.pair.id) == 0.8


def test_moving_it_shows_the_mask_that_it_moves(qapp: object) -> None:
    store = MemoryStore()
    fill(store, [predicted_pair(1)])
    desk = Desk(store)
    assert desk.presenter.source is MaskSource.RECONCILIATION
    desk.thresholds.step(1)
    assert desk.presenter.source is MaskSource.PREDICTION
    assert desk.cuts[-1] == pytest.approx(0.44)


def test_without_a_prediction_there_is_nothing_to_move(qapp: object, store: MemoryStore) -> None:
    desk = Desk(store)
    said = desk.pair.prediction
    desk.session.note(store.apply([SetPrediction(desk.pair.id, said, None)], Initiator(WHO)))
    desk.thresholds.step(1)
    assert desk.told == ["This photo has not been predicted yet."]
    assert desk.edits == []
    assert desk.thresholds.cut is None


def test_a_read_only_project_keeps_its_thresholds(desk: Desk) -> None:
    desk.thresholds.set_read_only()
    desk.thresholds.step(5)
    desk.thresholds.move(80)
    desk.thresholds.reset()
    desk.thresholds.settle()
    assert desk.edits == []
