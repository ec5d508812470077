"""Which mask is shown, and that this is the one a decision is about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain import Decision, MaskSource, Pair, Recipe, Review
from gui.review.mask_choice import MaskChoice, masks_of
from gui.review.pair_note import note_of
from tests.gui.conftest import bare_pair
from tests.gui.predicting import photo_alone, predicted_pair

RECONCILIATION, PREDICTION = MaskSource.RECONCILIATION, MaskSource.PREDICTION
BOTH = replace(predicted_pair(1), id=1)


def test_which_masks_there_are() -> None:
    assert masks_of(None) == masks_of(bare_pair(1)) == masks_of(bare_pair(1, 0.9)) == ()
    assert masks_of(photo_alone(1)) == (PREDICTION,)
    assert masks_of(BOTH) == (RECONCILIATION, PREDICTION)


def test_the_reconciliations_stands_until_something_else_is_asked_for() -> None:
    choice = MaskChoice()
    assert choice.of(BOTH) is RECONCILIATION
    assert choice.switch(BOTH, None) == ""
    assert choice.of(BOTH) is PREDICTION
    assert choice.of(replace(BOTH, id=2)) is PREDICTION, "and of the pairs after it"
    assert choice.of(replace(predicted_pair(3), prediction=None)) is RECONCILIATION, "where there is one"
    assert choice.switch(BOTH, None) == ""
    assert choice.of(BOTH) is RECONCILIATION


def test_what_was_edited_stands_before_the_wish_of_another_pair() -> None:
    choice = MaskChoice()
    choice.switch(replace(BOTH, id=2), PREDICTION)
    edited = replace(BOTH, recipe=Recipe(RECONCILIATION))
    assert masks_of(edited) == (RECONCILIATION, PREDICTION, MaskSource.RECIPE)
    assert choice.of(edited) is choice.recorded(edited) is MaskSource.RECIPE
    assert choice.switch(edited, None) == ""
    assert choice.of(edited) is RECONCILIATION, "K goes around"
    choice.forget_here()
    assert choice.of(edited) is MaskSource.RECIPE, "painted on again"
    choice.switch(edited, MaskSource.RECIPE)
    assert choice.of(BOTH) is RECONCILIATION, "others have none"
    assert "E edits it" in choice.switch(BOTH, MaskSource.RECIPE)


def test_a_mask_that_is_not_there_cannot_be_shown() -> None:
    choice = MaskChoice()
    alone = photo_alone(1)
    assert choice.switch(alone, None) == "This pair has no mask of a reconciliation."
    assert choice.of(alone) is PREDICTION
    bare = bare_pair(2, 0.9)
    assert choice.switch(bare, PREDICTION) == "This photo has not been predicted yet."
    assert choice.of(bare) is None


def test_a_decided_pair_shows_what_was_decided_on_until_it_is_asked_otherwise() -> None:
    choice = MaskChoice()
    done = replace(BOTH, id=5, review=Review(Decision.ACCEPTED, source=PREDICTION))
    assert choice.of(done) is PREDICTION
    choice.switch(done, None)
    assert choice.of(done) is RECONCILIATION


def test_an_old_review_is_about_the_mask_that_stood_then() -> None:
    choice = MaskChoice()
    choice.switch(BOTH, PREDICTION)
    old = replace(BOTH, id=6, review=Review(Decision.ACCEPTED))
    assert choice.of(old) is RECONCILIATION
    assert choice.of(replace(old, review=Review(Decision.SKIPPED))) is PREDICTION, "a decision about no mask"


def test_what_is_shown_is_what_is_recorded() -> None:
    choice = MaskChoice()
    assert choice.recorded(bare_pair(1, 0.9)) is None, "nothing else can be meant"
    assert choice.recorded(BOTH) is RECONCILIATION
    assert choice.recorded(photo_alone(1)) is PREDICTION


@pytest.mark.parametrize(
    ("pair", "shown", "words", "button"),
    [
        (None, None, "", ""),
        (BOTH, PREDICTION, "", ""),
        (photo_alone(1, found=0.07), PREDICTION, "Nothing found", ""),
        (predicted_pair(1, found=0.07), RECONCILIATION, "", ""),
        (photo_alone(1, portraits=((0, 0, 9, 9), (9, 9, 20, 20))), PREDICTION, "Two pets found", "Shift+K"),
        (
            replace(BOTH, review=Review(Decision.ACCEPTED, source=PREDICTION)),
            RECONCILIATION,
            "was accepted with the prediction's mask; the reconciliation's is shown",
            "",
        ),
        (
            replace(BOTH, review=Review(Decision.CORRECTED, source=RECONCILIATION)),
            PREDICTION,
            "was corrected from the reconciliation's mask",
            "",
        ),
    ],
)
def test_what_is_special_is_said(pair: Pair | None, shown: MaskSource | None, words: str, button: str) -> None:
    note = note_of(pair, shown)
    assert (note is None) == (words == "")
    if note is not None:
        assert words in note.text
        assert button in note.button
        assert bool(note.button) == bool(button)


def test_nothing_is_offered_in_a_read_only_project() -> None:
    pets = photo_alone(1, portraits=((0, 0, 9, 9), (9, 9, 20, 20)))
    note = note_of(pets, PREDICTION, read_only=True)
    assert note is not None
    assert (note.button, "Two pets" in note.text) == ("", True)
