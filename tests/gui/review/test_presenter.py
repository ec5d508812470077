"""What review keys do: edits, the way through the queue, taking back, and other people's changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.domain import Decision, PairOrder, PairQuery, RejectReason, Review
from core.edits import Initiator, Origin, SetReview
from core.settings import Settings
from core.store.memory import MemoryStore
from gui.review.presenter import Presenter
from gui.review.queue_model import QueueModel
from gui.review.stopwatch import Stopwatch
from gui.session import Session
from tests.gui.conftest import WHO, bare_pair, fill

D = Decision


class Clock:
    """Time that a test turns by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Desk:
    """A presenter, with all that it says written down."""

    def __init__(self, store: MemoryStore, settings: Settings, who: str = WHO) -> None:
        self.clock = Clock()
        self.session = Session(store, settings, who)
        self.queue = QueueModel(store)
        self.presenter = Presenter(self.session, self.queue, Stopwatch(self.clock))
        self.shown: list[int | None] = []
        self.problems: list[str] = []
        self.told: list[str] = []
        self.presenter.pair_shown.connect(lambda pair: self.shown.append(pair.id if pair else None))
        self.presenter.problem_met.connect(lambda message, remedy: self.problems.append(f"{message} {remedy}"))
        self.presenter.told.connect(self.told.append)
        self.presenter.start()

    @property
    def at(self) -> int | None:
        return self.presenter.pair.id if self.presenter.pair else None

    def review(self, pair_id: int) -> Review:
        return self.session.store.pairs([pair_id])[0].review


@pytest.fixture
def desk(store: MemoryStore, settings: Settings, qapp: object) -> Iterator[Desk]:
    made = Desk(store, settings)
    yield made
    made.queue.finish()


@pytest.fixture
def ids(store: MemoryStore) -> list[int]:
    return store.pair_ids(PairQuery(order=PairOrder.CONFIDENCE))


def test_it_begins_with_the_least_sure_undecided_pair(desk: Desk, ids: list[int]) -> None:
    assert desk.at == ids[0]


@pytest.mark.parametrize("decision", [D.ACCEPTED, D.SKIPPED, D.SECOND_REVIEW])
def test_a_decision_is_written_and_the_desk_moves_on(desk: Desk, ids: list[int], decision: Decision) -> None:
    desk.presenter.decide(decision)
    assert desk.review(ids[0]) == Review(decision)
    assert desk.at == ids[1]


def test_the_old_pair_is_not_shown_again_on_the_way(desk: Desk, ids: list[int]) -> None:
    desk.shown.clear()
    desk.presenter.decide(D.ACCEPTED)
    assert desk.shown == [ids[1]]


def test_a_rejection_has_its_reason(desk: Desk, ids: list[int]) -> None:
    desk.presenter.decide(D.REJECTED, RejectReason.POOR_PHOTO)
    assert desk.review(ids[0]) == Review(D.REJECTED, RejectReason.POOR_PHOTO)
    desk.presenter.show(ids[0])
    desk.presenter.decide(D.ACCEPTED)
    assert desk.review(ids[0]) == Review(D.ACCEPTED), "the reason goes with the rejection"


def test_undeciding_stays_on_the_pair(desk: Desk, ids: list[int]) -> None:
    desk.presenter.decide(D.ACCEPTED)
    desk.presenter.show(ids[0])
    desk.presenter.decide(D.UNDECIDED)
    assert desk.review(ids[0]) == Review()
    assert desk.at == ids[0]


def test_without_auto_advance_the_desk_stays(store: MemoryStore, ids: list[int], qapp: object) -> None:
    desk = Desk(store, Settings({"review.auto_advance": False}))
    desk.presenter.decide(D.ACCEPTED)
    assert desk.at == ids[0]
    assert desk.presenter.pair is not None
    assert desk.presenter.pair.review.decision is D.ACCEPTED


def test_the_same_decision_again_writes_nothing_and_moves_on(desk: Desk, ids: list[int]) -> None:
    desk.presenter.decide(D.ACCEPTED)
    desk.presenter.show(ids[0])
    before = len(desk.session.store.journal())
    desk.presenter.decide(D.ACCEPTED)
    assert len(desk.session.store.journal()) == before
    assert desk.at == ids[1]


def test_decided_pairs_are_stepped_over_and_the_end_leads_to_the_beginning(desk: Desk, ids: list[int]) -> None:
    for pair_id in (ids[1], ids[5]):
        desk.presenter.show(pair_id)
        desk.presenter.decide(D.ACCEPTED)
    desk.presenter.show(ids[0])
    desk.presenter.decide(D.SKIPPED)
    assert desk.at == ids[2]
    desk.presenter.show(ids[4])
    desk.presenter.decide(D.SKIPPED)
    assert desk.at == ids[2]


def test_the_last_decision_says_that_all_is_done(desk: Desk, ids: list[int]) -> None:
    for _ in ids:
        desk.presenter.decide(D.ACCEPTED)
    assert desk.told[-1] == "Every pair in this list is decided."
    assert desk.session.store.counts()[D.ACCEPTED] == len(ids)


def test_a_pair_that_the_filter_hides_gives_way_to_the_next(desk: Desk, ids: list[int]) -> None:
    desk.queue.set_query(PairQuery(frozenset({D.UNDECIDED})))
    desk.presenter.show(ids[2])
    desk.presenter.decide(D.ACCEPTED)
    assert desk.at == ids[3]
    assert desk.queue.row_of(ids[2]) is None
    desk.presenter.show(ids[5])
    desk.presenter.decide(D.ACCEPTED)
    assert desk.at == ids[0], "from the end the search goes on at the top"


def test_hidden_without_auto_advance_its_successor_takes_its_place(
    store: MemoryStore, ids: list[int], qapp: object
) -> None:
    desk = Desk(store, Settings({"review.auto_advance": False}))
    desk.queue.set_query(PairQuery(frozenset({D.UNDECIDED})))
    desk.presenter.show(ids[2])
    desk.presenter.decide(D.ACCEPTED)
    assert desk.at == ids[3]
    desk.presenter.show(ids[5])
    desk.presenter.decide(D.ACCEPTED)
    assert desk.at == ids[4], "the last row's successor is the one above"


def test_stepping_holds_at_the_ends(desk: Desk, ids: list[int]) -> None:
    desk.presenter.step(-1)
    assert desk.at == ids[0]
    desk.presenter.step(1)
    assert desk.at == ids[1]
    desk.presenter.show(ids[5])
    desk.presenter.step(1)
    assert desk.at == ids[5]


def test_stepping_through_undecided_pairs(desk: Desk, ids: list[int]) -> None:
    desk.presenter.show(ids[1])
    desk.presenter.decide(D.ACCEPTED)
    desk.presenter.show(ids[0])
    desk.presenter.step_undecided(1)
    assert desk.at == ids[2]
    desk.presenter.step_undecided(-1)
    assert desk.at == ids[0]


def test_quality_is_given_and_taken_away(desk: Desk, ids: list[int]) -> None:
    desk.presenter.set_quality(4)
    assert desk.review(ids[0]).quality == 4
    assert desk.at == ids[0]
    desk.presenter.set_quality(4)
    assert desk.review(ids[0]).quality is None


def test_a_comment_goes_to_its_own_pair(desk: Desk, ids: list[int]) -> None:
    desk.presenter.show(ids[3])
    desk.presenter.set_comment(ids[1], "  the left ear \n")
    assert desk.review(ids[1]).comment == "the left ear"
    assert desk.at == ids[3]


def test_a_decision_keeps_comment_and_quality(desk: Desk, ids: list[int]) -> None:
    desk.presenter.set_comment(ids[0], "nice")
    desk.presenter.set_quality(5)
    desk.presenter.decide(D.ACCEPTED)
    assert desk.review(ids[0]) == Review(D.ACCEPTED, None, "nice", 5)


def test_seconds_are_those_on_the_pair(desk: Desk, ids: list[int]) -> None:
    desk.clock.now += 3
    desk.presenter.stopwatch.pause()
    desk.clock.now += 1000
    desk.presenter.stopwatch.resume()
    desk.clock.now += 2
    desk.presenter.decide(D.ACCEPTED)
    desk.clock.now += 7
    desk.presenter.set_quality(3)
    desk.clock.now += 1
    desk.presenter.decide(D.ACCEPTED)
    assert [change.initiator.seconds for change in desk.session.store.journal()[-3:]] == [5, 7, 1]


def test_undo_and_redo_return_to_the_pair(desk: Desk, ids: list[int]) -> None:
    desk.presenter.decide(D.ACCEPTED)
    desk.presenter.decide(D.REJECTED, RejectReason.OTHER)
    desk.presenter.undo()
    assert desk.at == ids[1]
    assert desk.review(ids[1]) == Review()
    desk.presenter.undo()
    assert desk.at == ids[0]
    desk.presenter.undo()
    assert desk.told[-1] == "There is nothing to undo."
    desk.presenter.redo()
    desk.presenter.redo()
    assert desk.review(ids[1]) == Review(D.REJECTED, RejectReason.OTHER)
    desk.presenter.redo()
    assert desk.told[-1] == "There is nothing to redo."


def test_undo_goes_on_after_a_restart(desk: Desk, ids: list[int], store: MemoryStore, settings: Settings) -> None:
    desk.presenter.decide(D.ACCEPTED)
    desk.presenter.decide(D.SKIPPED)
    desk.presenter.undo()
    again = Desk(store, settings)
    again.presenter.redo()
    assert again.review(ids[1]).decision is D.SKIPPED
    again.presenter.undo()
    again.presenter.undo()
    assert [again.review(pair_id) for pair_id in ids] == [Review()] * 6
    assert again.at == ids[0]


def test_undo_shows_a_pair_that_the_filter_hid(desk: Desk, ids: list[int]) -> None:
    desk.queue.set_query(PairQuery(frozenset({D.UNDECIDED})))
    desk.presenter.decide(D.ACCEPTED)
    desk.presenter.undo()
    assert desk.at == ids[0]
    assert desk.queue.row_of(ids[0]) == 0


def test_another_person_undoes_nothing_of_ours(desk: Desk, store: MemoryStore, settings: Settings) -> None:
    desk.presenter.decide(D.ACCEPTED)
    other = Desk(store, settings, "ben")
    other.presenter.undo()
    assert other.told[-1] == "There is nothing to undo."


def test_a_batch_between_two_decisions_is_no_step(desk: Desk, ids: list[int]) -> None:
    desk.presenter.decide(D.ACCEPTED)
    edit = SetReview(ids[4], Review(), Review(D.SKIPPED))
    desk.session.note(desk.session.store.apply([edit], Initiator(WHO, Origin.JOB)))
    desk.presenter.undo()
    assert desk.review(ids[0]) == Review()
    assert desk.review(ids[4]).decision is D.SKIPPED


def test_steps_are_found_behind_a_long_batch(
    desk: Desk, ids: list[int], store: MemoryStore, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.presenter.decide(D.ACCEPTED)
    monkeypatch.setattr("gui.review.presenter.DEPTH", 5)
    for number in range(20):
        fill(store, [bare_pair(100 + number)])
    again = Desk(store, settings)
    again.presenter.undo()
    assert again.review(ids[0]) == Review()
    again.queue.finish()


def test_undo_of_what_somebody_else_has_changed_is_a_sentence(desk: Desk, ids: list[int]) -> None:
    desk.presenter.decide(D.ACCEPTED)
    desk.presenter.decide(D.SKIPPED)
    mine = desk.review(ids[1])
    desk.session.store.apply([SetReview(ids[1], mine, Review(D.REJECTED, RejectReason.OTHER))], Initiator("ben"))
    desk.presenter.undo()
    assert len(desk.problems) == 1
    assert desk.review(ids[1]).decision is D.REJECTED
    desk.presenter.undo()
    assert desk.review(ids[0]) == Review(), "the step that no longer fits is not in the way"


def test_a_decision_on_what_somebody_else_has_changed_shows_theirs(desk: Desk, ids: list[int]) -> None:
    desk.session.store.apply([SetReview(ids[0], Review(), Review(D.SKIPPED))], Initiator("ben"))
    desk.presenter.decide(D.ACCEPTED)
    assert len(desk.problems) == 1
    assert desk.at == ids[0]
    assert desk.presenter.pair is not None
    assert desk.presenter.pair.review.decision is D.SKIPPED
    desk.presenter.decide(D.ACCEPTED)
    assert desk.review(ids[0]).decision is D.ACCEPTED


def test_take_back_returns_to_the_last_decision(desk: Desk, ids: list[int]) -> None:
    desk.presenter.decide(D.ACCEPTED)
    desk.presenter.show(ids[4])
    desk.presenter.set_comment(ids[4], "later")
    desk.presenter.take_back()
    assert desk.at == ids[0]
    assert desk.review(ids[0]) == Review()
    assert desk.review(ids[4]).comment == "later"
    desk.presenter.take_back()
    assert desk.told[-1] == "There is no decision of yours to take back."


def test_take_back_keeps_what_was_said_since(desk: Desk, ids: list[int]) -> None:
    desk.presenter.decide(D.REJECTED, RejectReason.BAD_MASK)
    desk.presenter.set_comment(ids[0], "the tail")
    desk.presenter.take_back()
    assert desk.review(ids[0]) == Review(comment="the tail")
    assert desk.at == ids[0]
    desk.presenter.undo()
    assert desk.review(ids[0]) == Review(D.REJECTED, RejectReason.BAD_MASK, "the tail")


def test_take_back_never_decides_again(desk: Desk, ids: list[int]) -> None:
    desk.presenter.decide(D.SKIPPED)
    desk.presenter.decide(D.ACCEPTED)
    desk.presenter.set_comment(ids[1], "the tail")
    desk.presenter.take_back()
    desk.presenter.take_back()
    assert desk.review(ids[1]) == Review(comment="the tail")
    assert desk.review(ids[0]) == Review(), "the decision before is the one to take back then"
    desk.presenter.take_back()
    assert desk.told[-1] == "There is no decision of yours to take back."


def test_take_back_passes_over_what_was_cleared(desk: Desk, ids: list[int]) -> None:
    desk.presenter.decide(D.SKIPPED)
    desk.presenter.decide(D.ACCEPTED)
    desk.presenter.show(ids[1])
    desk.presenter.decide(D.UNDECIDED)
    desk.presenter.take_back()
    assert desk.at == ids[0]
    assert desk.review(ids[0]) == Review()


def test_nothing_happens_without_a_pair(settings: Settings, qapp: object) -> None:
    desk = Desk(MemoryStore(), settings)
    assert desk.at is None
    desk.presenter.decide(D.ACCEPTED)
    desk.presenter.set_quality(1)
    desk.presenter.step(1)
    desk.presenter.step_undecided(1)
    desk.presenter.take_back()
    assert desk.session.store.journal() == []


def test_the_first_import_shows_its_first_pair(settings: Settings, qapp: object) -> None:
    store = MemoryStore()
    desk = Desk(store, settings)
    ids = fill(store, [bare_pair(1), bare_pair(2)])
    desk.queue.reload()
    assert desk.at == ids[0]


def test_a_read_only_project_refuses_with_a_sentence(settings: Settings, qapp: object) -> None:
    store = MemoryStore()
    fill(store, [bare_pair(1), bare_pair(2)])
    store._reason = "Ben has it open."
    desk = Desk(store, settings)
    at = desk.at
    desk.presenter.decide(D.ACCEPTED)
    assert desk.at == at
    assert len(desk.problems) == 1


def test_a_search_settles_on_what_it_finds(desk: Desk, ids: list[int]) -> None:
    desk.queue.set_query(replace(desk.queue.query, text="00004"))
    desk.presenter.settle()
    assert desk.at == ids[4]
    desk.queue.set_query(replace(desk.queue.query, text="no such name"))
    desk.presenter.settle()
    assert desk.at == ids[4], "an empty list leaves the pair on the screen"


def test_the_likely_next_pair_is_the_one_that_comes(desk: Desk, ids: list[int]) -> None:
    ahead = desk.presenter.likely_next()
    desk.presenter.decide(D.ACCEPTED)
    assert ahead is not None
    assert desk.at == ahead.id
