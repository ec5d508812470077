"""What every store promises of predictions: they come, are cut elsewhere, go, and order the queue."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from core.domain import Decision, MaskSource, Pair, PairOrder, PairQuery, Review, SettledCut
from core.edits import AddPair, Initiator, Origin, SetPrediction, SetReview, SetThreshold, inverse_of
from core.errors import EditConflict, StorageProblem
from core.store.base import Store
from core.store.changes import ChangeKind
from tests.contract.store.conftest import ANNA, FOUND, SAID, add, pair

JOB = Initiator("Anna", Origin.JOB, label="Predict")


def test_a_prediction_is_stored_as_it_is_and_shown_in_the_queue(store: Store) -> None:
    (number,) = add(store, pair("a"))
    change = store.apply([SetPrediction(number, None, SAID)], JOB)
    assert store.pairs([number]) == [replace(pair("a"), id=number, revision=2, prediction=SAID)]
    (row,) = store.summaries([number])
    assert (row.has_prediction, row.expected_iou, row.found) == (True, SAID.expected_iou, SAID.found)
    assert store.journal(after=1) == [change]
    store.apply(inverse_of(change.edits), ANNA, kind=ChangeKind.UNDO, target=change.revision)
    assert store.pairs([number])[0].prediction is None
    assert not store.summaries([number])[0].has_prediction


def test_a_pair_may_bring_its_prediction_along(store: Store) -> None:
    whole = replace(pair("a", FOUND), prediction=replace(SAID, chosen=0.25))
    (number,) = add(store, whole)
    assert store.pairs([number]) == [replace(whole, id=number, revision=1)]


def test_a_threshold_is_moved_and_taken_back(store: Store) -> None:
    (number,) = add(store, replace(pair("a"), prediction=SAID))
    moves = [(None, 0.25), (0.25, 1.0), (1.0, None), (None, 0.0)]
    changes = [store.apply([SetThreshold(number, *move)], ANNA) for move in moves]
    assert store.pairs([number])[0].prediction == replace(SAID, chosen=0.0)
    assert [change.edits for change in store.journal(after=1)] == [(SetThreshold(number, *move),) for move in moves]
    for change, (before, _) in zip(reversed(changes), reversed(moves), strict=True):
        store.apply(inverse_of(change.edits), ANNA, kind=ChangeKind.UNDO, target=change.revision)
        said = store.pairs([number])[0].prediction
        assert said == replace(SAID, chosen=before)


def test_a_threshold_needs_a_prediction_and_the_state_it_was_moved_from(store: Store) -> None:
    bare, said = add(store, pair("a"), replace(pair("b"), prediction=replace(SAID, chosen=0.5)))
    for edit in (SetThreshold(bare, None, 0.5), SetThreshold(said, None, 0.5), SetThreshold(said, 0.25, 0.5)):
        with pytest.raises(EditConflict, match="changed in the meantime"):
            store.apply([edit], ANNA)
    with pytest.raises(EditConflict, match="changed in the meantime"):
        store.apply([SetPrediction(said, SAID, None)], ANNA)
    assert len(store.journal()) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        replace(SAID, threshold=math.nan),
        replace(SAID, threshold=1.01),
        replace(SAID, interval=(0.6, 0.4)),
        replace(SAID, interval=(0.6, math.inf)),
        replace(SAID, chosen=-0.01),
        replace(SAID, expected_iou=math.nan),
        replace(SAID, found=2.0),
        replace(SAID, seconds=math.inf),
        replace(SAID, moved=math.nan),
        replace(SAID, portrait=2),
        replace(SAID, portraits=(), portrait=1),
        replace(SAID, portraits=((0, 0, 0, 5), (0, 0, 1, 1))),
        replace(SAID, portraits=((0, 0, 6001, 5), (0, 0, 1, 1))),
        replace(SAID, portraits=((0, 0, 5, 4001), (0, 0, 1, 1))),
    ],
)
def test_numbers_out_of_range_are_refused(store: Store, wrong: object) -> None:
    (number,) = add(store, pair("a"))
    for edit in (SetPrediction(number, None, wrong), AddPair(replace(pair("b"), prediction=wrong))):  # type: ignore[arg-type]
        with pytest.raises(ValueError, match=r"threshold|moved|expected_iou|found|seconds|portrait"):
            store.apply([edit], ANNA)
    assert len(store.journal()) == 1


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -0.1, 1.1])
def test_a_threshold_out_of_range_is_refused(store: Store, wrong: float) -> None:
    (number,) = add(store, replace(pair("a"), prediction=SAID))
    with pytest.raises(ValueError, match="threshold"):
        store.apply([SetThreshold(number, None, wrong)], ANNA)


def test_a_reason_that_no_database_can_hold_is_refused(store: Store) -> None:
    (number,) = add(store, pair("a"))
    with pytest.raises(StorageProblem, match="NUL"):
        store.apply([SetPrediction(number, None, replace(SAID, reason="a\0b"))], ANNA)


def test_worst_prediction_first(store: Store) -> None:
    poor, empty = replace(SAID, expected_iou=0.4), replace(SAID, expected_iou=0.99, found=0.1)
    add(
        store,
        replace(pair("good"), prediction=SAID),
        replace(pair("empty"), prediction=empty),
        pair("new"),
        replace(pair("poor"), prediction=poor),
        pair("another new"),
    )
    rows = store.summaries(store.pair_ids(PairQuery(order=PairOrder.EXPECTED_IOU)))
    assert [row.name for row in rows] == ["another new", "new", "empty", "poor", "good"]
    rows = store.summaries(store.pair_ids(PairQuery(only_unpredicted=True)))
    assert [row.name for row in rows] == ["another new", "new"]


def test_settled_cuts_are_those_that_people_were_content_with(store: Store) -> None:
    def one(name: str, chosen: float | None, review: Review, both: bool = False) -> Pair:
        return replace(pair(name, FOUND if both else None, review), prediction=replace(SAID, chosen=chosen))

    about = Review(Decision.ACCEPTED, source=MaskSource.PREDICTION)
    add(store, one("a", 0.1, about, both=True), one("b", 0.2, Review(Decision.CORRECTED)), pair("c", None, about))
    add(store, one("d", None, about), one("e", 0.4, Review(Decision.REJECTED)), one("f", 0.5, Review()))
    add(store, one("g", 0.6, Review(Decision.ACCEPTED), both=True))  # about its reconciliation
    assert [cut.chosen for cut in store.settled_cuts(SAID.version, 9)] == [None, 0.1, 0.2]
    assert store.settled_cuts(SAID.version, 1) == [SettledCut(SAID.threshold, SAID.moved, None)]
    assert store.settled_cuts(SAID.version, 0) == store.settled_cuts("another", 9) == []
    assert [cut.cut for cut in store.settled_cuts(SAID.version, 2)] == [SAID.threshold, 0.1]


def test_a_review_says_which_mask_it_is_about(store: Store) -> None:
    (number,) = add(store, replace(pair("a", FOUND), prediction=SAID))
    assert store.pairs([number])[0].mask_source is MaskSource.RECONCILIATION
    about = Review(Decision.ACCEPTED, source=MaskSource.PREDICTION)
    change = store.apply([SetReview(number, Review(), about)], ANNA)
    stored = store.pairs([number])[0]
    assert (stored.review, stored.mask_source) == (about, MaskSource.PREDICTION)
    assert store.journal(after=1) == [change]


def test_a_photo_alone_stands_where_its_prediction_puts_it(store: Store) -> None:
    unsure, bad = replace(SAID, expected_iou=0.2), replace(SAID, found=0.1)
    alone = {name: replace(pair(name), designer=None) for name in ("alone", "alone, unsure", "alone, nothing")}
    alone["alone, unsure"] = replace(alone["alone, unsure"], prediction=unsure)
    alone["alone, nothing"] = replace(alone["alone, nothing"], prediction=bad)
    add(store, *alone.values(), pair("found", replace(FOUND, confidence=0.6)), pair("waits"))
    order = [row.name for row in store.summaries(store.pair_ids(PairQuery()))]
    assert order == ["waits", "alone, nothing", "alone, unsure", "found", "alone"]
    waiting = store.summaries(store.pair_ids(PairQuery(only_unreconciled=True)))
    assert [row.name for row in waiting] == ["waits"], "nothing can be searched for in a photo alone"
