"""Statistics: what is counted, whose decision stands, how long people took, how often confidence was right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain import (
    Decision,
    ImageRef,
    MaskRef,
    MaskSource,
    Pair,
    Placement,
    Prediction,
    Reconciliation,
    RejectReason,
    Review,
)
from core.edits import (
    BY_HAND,
    AddPair,
    Edit,
    Initiator,
    Origin,
    RemovePair,
    SetPrediction,
    SetReview,
    inverse_of,
)
from core.store.base import Store
from core.store.changes import ChangeKind, ChangeSet

UNDECIDED = Review()
ACCEPTED, REJECTED = Review(Decision.ACCEPTED), Review(Decision.REJECTED, RejectReason.WRONG_PHOTO)


def pair(name: str, confidence: float | None = None, review: Review = UNDECIDED, matched: bool = True) -> Pair:
    place = Placement(1, 0, False, 0, 0) if matched else None
    found = None if confidence is None else Reconciliation("pawtrait", place, confidence, "", 1)
    return Pair(0, name, ImageRef("/x.jpg", "0" * 64, 1, 1), None, found, review)


def decide(
    store: Store, number: int, before: Review, after: Review, who: str, seconds: float | None = None
) -> ChangeSet:
    return store.apply([SetReview(number, before, after)], Initiator(who, seconds=seconds))


def undo(store: Store, change: ChangeSet, who: str) -> None:
    store.apply(inverse_of(change.edits), Initiator(who), kind=ChangeKind.UNDO, target=change.revision)


def redo(store: Store, change: ChangeSet, who: str) -> None:
    store.apply(change.edits, Initiator(who), kind=ChangeKind.REDO, target=change.revision)


def add(store: Store, *pairs: Pair) -> None:
    store.apply([AddPair(one) for one in pairs], Initiator("import", Origin.JOB))


def test_photos_alone_are_counted(store: Store) -> None:
    alone, whole = pair("alone"), replace(pair("whole"), designer=ImageRef("/y.png", "1" * 64, 1, 1))
    add(store, alone, whole)
    assert (store.statistics().pairs, store.statistics().alone) == (2, 1)


def test_an_empty_project_has_no_averages(store: Store) -> None:
    found = store.statistics()
    assert (found.pairs, found.reconciled, found.matched, found.predicted) == (0, 0, 0, 0)
    assert found.decisions == dict.fromkeys(Decision, 0)
    assert found.reject_reasons == dict.fromkeys(RejectReason, 0)
    assert (found.reviewers, found.agreement) == ({}, {})
    assert found.median_decision_seconds is None
    assert found.pairs_per_hour is None


def test_pairs_are_counted(store: Store) -> None:
    add(store, pair("a"), pair("b", 0.5), pair("c", 0.5, matched=False), pair("d", 0.7))
    decide(store, 1, Review(), REJECTED, "Anna")
    decide(store, 2, Review(), ACCEPTED, "Anna")
    found = store.statistics()
    assert (found.pairs, found.reconciled, found.matched) == (4, 3, 2)
    assert found.decisions == {
        **dict.fromkeys(Decision, 0),
        Decision.UNDECIDED: 2,
        Decision.REJECTED: 1,
        Decision.ACCEPTED: 1,
    }
    assert found.reject_reasons == {**dict.fromkeys(RejectReason, 0), RejectReason.WRONG_PHOTO: 1}


def test_predicted_pairs_are_counted_and_their_decisions_say_nothing_of_the_confidence(store: Store) -> None:
    add(store, pair("a", 0.95), pair("b", 0.95), pair("c"))
    said = Prediction("pawtrait", "0" * 12, MaskRef("1" * 64, 1, 1), 0.5, (0.4, 0.6), 0.9, 1.0, "", 0.1)
    store.apply([SetPrediction(number, None, said) for number in (2, 3)], Initiator("batch", Origin.JOB))
    decide(store, 1, Review(), Review(Decision.REJECTED, source=MaskSource.RECONCILIATION), "Anna")
    decide(store, 2, Review(), Review(Decision.ACCEPTED, source=MaskSource.PREDICTION), "Anna")
    found = store.statistics()
    assert (found.reconciled, found.predicted) == (2, 2)
    assert found.agreement == {"0.9-1.0": 0.0}


def test_time_is_that_of_peoples_decisions(store: Store) -> None:
    add(store, *(pair(name) for name in "abcd"))
    first = decide(store, 1, Review(), ACCEPTED, "Anna", 2)
    undo(store, first, "Anna")
    redo(store, first, "Anna")
    decide(store, 1, ACCEPTED, REJECTED, "Anna", 4)  # the same pair again: its time counts, the pair once
    decide(store, 2, Review(), ACCEPTED, "Anna", 12)
    decide(store, 3, Review(), ACCEPTED, "Ben")  # nobody knows how long
    decide(store, 4, Review(), Review(comment="hm"), "Ben", 100)  # no decision
    decide(store, 2, ACCEPTED, Review(), "Ben", 100)  # a decision taken away
    job: list[Edit] = [SetReview(4, Review(comment="hm"), ACCEPTED)]
    store.apply(job, Initiator("batch", Origin.JOB, seconds=100))
    found = store.statistics()
    assert found.median_decision_seconds == 4
    assert found.pairs_per_hour == pytest.approx(3600 * 2 / (2 + 4 + 12))


def test_a_gesture_over_many_pairs_takes_its_time_once(store: Store) -> None:
    add(store, pair("a"), pair("b"), pair("c"))
    store.apply([SetReview(n, Review(), ACCEPTED) for n in (1, 2, 3)], Initiator("Anna", seconds=6))
    found = store.statistics()
    assert found.median_decision_seconds == 6
    assert found.pairs_per_hour == pytest.approx(1800)


def test_a_decision_belongs_to_whoever_made_it(store: Store) -> None:
    add(store, pair("a"), pair("b"), pair("c"))
    decide(store, 1, Review(), ACCEPTED, "Anna")
    overruled = decide(store, 1, ACCEPTED, REJECTED, "Ben")
    decide(store, 2, Review(), ACCEPTED, "Anna")
    decide(store, 2, ACCEPTED, Review(Decision.ACCEPTED, comment="nice"), "Ben")  # a comment is no decision
    taken_away = decide(store, 3, Review(), ACCEPTED, "Carla")
    assert store.statistics().reviewers == {"Anna": 1, "Ben": 1, "Carla": 1}
    undo(store, overruled, "Carla")  # Anna's decision stands again, whoever took Ben's back
    undo(store, taken_away, "Anna")
    assert store.statistics().reviewers == {"Anna": 2}
    redo(store, overruled, "Carla")
    assert store.statistics().reviewers == {"Anna": 1, "Ben": 1}


def test_a_removed_pair_keeps_its_decider_for_when_it_comes_back(store: Store) -> None:
    add(store, pair("a"))
    decide(store, 1, Review(), ACCEPTED, "Anna")
    removal = store.apply([RemovePair(store.pairs([1])[0])], Initiator("Ben"))
    assert store.statistics().reviewers == {}
    undo(store, removal, "Ben")
    assert store.statistics().reviewers == {"Anna": 1}


def test_a_pair_may_bring_its_decision_along(store: Store) -> None:
    store.apply([AddPair(pair("a", review=ACCEPTED))], Initiator("Dora"))
    assert store.statistics().reviewers == {"Dora": 1}
    assert store.statistics().median_decision_seconds is None


def test_agreement_is_by_band_of_confidence(store: Store) -> None:
    corrected, skipped = Review(Decision.CORRECTED), Review(Decision.SKIPPED)
    add(
        store,
        pair("a", 1.0, ACCEPTED),
        pair("b", 0.95, ACCEPTED),
        pair("c", 0.9, REJECTED),
        pair("d", 0.91, corrected),
        pair("e", 0.92, skipped),  # says nothing about the placement
        pair("f", 0.93),
        pair("g", 0.05, REJECTED),
        pair("h", 0.3, ACCEPTED),
        pair("i", None, ACCEPTED),
    )
    assert store.statistics().agreement == {"0.0-0.1": 0.0, "0.3-0.4": 1.0, "0.9-1.0": 0.5}


def test_what_was_placed_by_hand_says_nothing_of_the_confidence(store: Store) -> None:
    found = pair("b", 1.0, ACCEPTED)
    assert found.reconciliation is not None
    add(
        store,
        pair("a", 0.95, REJECTED),
        replace(found, reconciliation=replace(found.reconciliation, method=BY_HAND)),
    )
    said = store.statistics()
    assert said.agreement == {"0.9-1.0": 0.0}
    assert (said.matched, said.by_hand) == (2, 1)
