"""The words on the screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.domain import (
    CleanUp,
    CleanUpKind,
    Decision,
    MaskRef,
    MaskSource,
    Placement,
    Prediction,
    Recipe,
    Reconciliation,
    RejectReason,
    Review,
    Stroke,
)
from core.edits import (
    BY_HAND,
    AddPair,
    AddStroke,
    Initiator,
    MovePlacement,
    Origin,
    RemovePair,
    RemoveStroke,
    SetCleanUp,
    SetDesigner,
    SetPrediction,
    SetRecipe,
    SetReconciliation,
    SetReview,
    SetThreshold,
)
from core.store.changes import ChangeKind, ChangeSet
from gui.assets import DECISION_ICONS
from gui.review import words
from tests.gui.conftest import bare_pair

FOUND = Reconciliation("pawtrait", Placement(1, 0, False, 0, 0), 0.97, "Clear.", 1.0)
BY_A_PERSON = Reconciliation(BY_HAND, Placement(1, 0, False, 5, 0), 1.0, "Placed by hand.", 0.0)
SAID = Prediction("pawtrait", "0" * 12, MaskRef("1" * 64, 4, 3), 0.5, (0.4, 0.6), 0.91, 1.0, "Clear.", 0.2)
REJECTED = Review(Decision.REJECTED, RejectReason.WRONG_PHOTO)


def test_every_decision_and_reason_has_words_and_an_icon() -> None:
    for table in (words.DECISIONS, words.GESTURES, DECISION_ICONS):
        assert set(table) == set(Decision)
    assert set(words.REASONS) == set(RejectReason)


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0%"), (0.004, "1%"), (0.5, "50%"), (0.996, "99%"), (0.9951, "99%"), (1, "100%")]
)
def test_certainty_is_not_rounded_into_being(share: float, text: str) -> None:
    assert words.percent(share) == text


@pytest.mark.parametrize(
    ("confidence", "begins"), [(0.97, "Very sure"), (0.7, "Fairly sure"), (0.4, "Unsure"), (0.1, "Most likely wrong")]
)
def test_confidence_has_words(confidence: float, begins: str) -> None:
    nothing = replace(FOUND, placement=None, confidence=confidence)
    assert words.confidence_words(nothing) == f"No match; {words.percent(confidence)} that there is one"
    assert words.confidence_words(replace(FOUND, confidence=confidence)).startswith(begins)


@pytest.mark.parametrize(("seconds", "text"), [(0.81, "0.8 s"), (12.4, "12 s"), (119, "119 s"), (180, "3 min")])
def test_short_durations(seconds: float, text: str) -> None:
    assert words.seconds_words(seconds) == text


def test_times_are_local_and_have_a_date_on_other_days() -> None:
    then = datetime(2024, 3, 12, 14, 5, tzinfo=UTC)
    local = then.astimezone()
    assert words.when_words("2024-03-12T14:05:00.000Z", local) == f"{local:%H:%M}"
    assert words.when_words("2024-03-12T14:05:00.000Z", local.replace(year=2025)) == f"{local:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("edit", "text"),
    [
        (SetReview(1, Review(), REJECTED), "undecided → rejected: wrong photo"),
        (SetReview(1, Review(), Review(quality=4)), "quality 4"),
        (SetReview(1, Review(quality=4), Review()), "quality removed"),
        (SetReview(1, Review(), Review(comment="ear")), "“ear”"),
        (SetReview(1, Review(comment="ear"), Review()), "comment removed"),
        (SetReconciliation(1, None, FOUND), "placement found (pawtrait, 97%)"),
        (SetReconciliation(1, None, replace(FOUND, placement=None)), "no match (pawtrait, 97%)"),
        (SetReconciliation(1, FOUND, None), "reconciliation removed"),
        (SetReconciliation(1, None, BY_A_PERSON), "placed by hand"),
        (SetReconciliation(1, FOUND, BY_A_PERSON), "placement moved by hand"),
        (SetReconciliation(1, FOUND, replace(FOUND, mask=MaskRef("1" * 64, 4, 3))), "mask derived"),
        (SetPrediction(1, None, SAID), "portrait predicted (pawtrait, 91%)"),
        (SetPrediction(1, SAID, replace(SAID, found=0.1)), "nothing found (pawtrait, 91%)"),
        (SetPrediction(1, SAID, None), "prediction removed"),
        (SetThreshold(1, None, 0.62), "threshold 62%"),
        (SetThreshold(1, 0.62, None), "threshold back to the learned one"),
        (MovePlacement(1, Placement(1, 0, False, 0, 0), Placement(2, 0, False, 0, 0)), "placement moved by hand"),
        (SetRecipe(1, None, Recipe(None)), "mask taken to edit"),
        (SetRecipe(1, Recipe(None), Recipe(MaskSource.PREDICTION)), "mask edited"),
        (SetRecipe(1, Recipe(None), None), "mask as it was found"),
        (SetCleanUp(1, (), (CleanUp(CleanUpKind.FILL_HOLES, 400.0),)), "clean-up: fill holes 400"),
        (SetCleanUp(1, (CleanUp(CleanUpKind.GROW, 1.5),), ()), "clean-up removed"),
        (AddStroke(1, 0, Stroke(0, 0, MaskRef("2" * 64, 1, 2), "lasso")), "painted (lasso)"),
        (RemoveStroke(1, 0, Stroke(0, 0, MaskRef("2" * 64, 1, 2))), "stroke taken away"),
        (SetDesigner(1, None, bare_pair(1).original), "designer image added"),
        (SetDesigner(1, bare_pair(1).original, None), "designer image removed"),
        (AddPair(bare_pair(1)), "pair added"),
        (RemovePair(bare_pair(1)), "pair removed"),
    ],
)
def test_edits_in_words(edit: object, text: str) -> None:
    assert words.edit_words(edit) == text  # type: ignore[arg-type]


def test_a_line_of_history_says_who_when_how_long_and_what() -> None:
    at = datetime.now(UTC)
    made = Initiator("anna", Origin.USER, 7.9, "Reject")
    change = ChangeSet(3, at.isoformat(), made, (SetReview(1, Review(), REJECTED),))
    assert words.change_title(change) == "Reject"
    expected = f"{at.astimezone():%H:%M} · anna · 7.9 s · undecided → rejected: wrong photo"
    assert words.change_details(change) == expected
    assert words.change_title(replace(change, kind=ChangeKind.UNDO, target=2)) == "Taken back: Reject"
    assert words.change_title(replace(change, kind=ChangeKind.REDO, target=2)) == "Done again: Reject"
    batch = replace(change, initiator=Initiator("anna", Origin.JOB, None, ""))
    assert words.change_title(batch) == "Change"
    assert "anna, in a batch" in words.change_details(batch)


def test_what_is_special_about_a_row(store: object) -> None:
    row = store.summaries(store.pair_ids())[0]  # type: ignore[attr-defined]
    assert words.finding_words(row) == ""
    assert words.sureness(row) == row.confidence
    by_hand = replace(row, method=BY_HAND)
    assert (words.finding_words(by_hand), words.sureness(by_hand)) == ("Placed by hand", None)
    assert words.finding_words(replace(row, matched=False)) == "No match"
    assert words.finding_words(replace(row, confidence=None)) == "Not reconciled"
    assert words.finding_words(replace(row, designer=None)) == "No designer image"
