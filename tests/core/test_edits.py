"""Edits: every one can be taken back, twice back is forth, and lists are taken back from their end."""

from __future__ import annotations

import pickle

import pytest

from core.domain import Decision, ImageRef, MaskRef, Pair, Prediction, Reconciliation, RejectReason, Review
from core.edits import (
    AddPair,
    Edit,
    RemovePair,
    SetDesigner,
    SetPrediction,
    SetReconciliation,
    SetReview,
    SetThreshold,
    inverse_of,
)

PAIR = Pair(7, "rex", ImageRef("/photos/rex.jpg", "0" * 64, 40, 30), None)
FOUND = Reconciliation("pawtrait", None, 0.25, "Two peaks are alike.", 1.5)
SAID = Prediction("pawtrait", "0" * 12, MaskRef("1" * 64, 40, 30), 0.5, (0.4, 0.6), 0.9, 1.0, "Clear.", 0.2)
ACCEPTED = Review(Decision.ACCEPTED)
EDITS: list[Edit] = [
    AddPair(PAIR),
    RemovePair(PAIR),
    SetReview(7, Review(), ACCEPTED),
    SetReconciliation(7, None, FOUND),
    SetPrediction(7, None, SAID),
    SetThreshold(7, None, 0.75),
    SetDesigner(7, None, ImageRef("/designers/rex.png", "1" * 64, 20, 20)),
]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.kind)
def test_back_and_forth_is_the_same_edit(edit: Edit) -> None:
    assert edit.inverse() != edit
    assert edit.inverse().inverse() == edit
    assert edit.pair_id == edit.inverse().pair_id == 7


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.kind)
def test_edits_travel_between_processes(edit: Edit) -> None:
    assert pickle.loads(pickle.dumps(edit)) == edit


def test_before_and_after_change_places() -> None:
    assert SetReview(7, Review(), ACCEPTED).inverse() == SetReview(7, ACCEPTED, Review())
    assert SetReconciliation(7, None, FOUND).inverse() == SetReconciliation(7, FOUND, None)
    assert AddPair(PAIR).inverse() == RemovePair(PAIR)


def test_the_last_edit_is_taken_back_first() -> None:
    assert inverse_of(EDITS) == tuple(edit.inverse() for edit in reversed(EDITS))
    assert inverse_of([]) == ()


@pytest.mark.parametrize(
    ("after", "changes"),
    [
        (Review(Decision.ACCEPTED, comment="fine", quality=5), False),
        (Review(Decision.REJECTED), True),
        (Review(Decision.ACCEPTED, RejectReason.OTHER), True),
    ],
)
def test_a_comment_is_no_new_decision(after: Review, changes: bool) -> None:
    assert SetReview(7, ACCEPTED, after).changes_decision is changes
