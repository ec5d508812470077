"""What one gesture of a person comes to: edits that can be taken back, and a decision that stays true."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

from core.domain import (
    CleanUp,
    CleanUpKind,
    Decision,
    ImageRef,
    MaskRef,
    MaskSource,
    Pair,
    Placement,
    Prediction,
    Recipe,
    Reconciliation,
    Review,
    Stroke,
)
from core.edits import (
    BY_HAND,
    AddStroke,
    Edit,
    MovePlacement,
    RemoveStroke,
    SetCleanUp,
    SetRecipe,
    SetReconciliation,
    SetReview,
    accepted,
    cleaned_up,
    painted,
    placed,
    started_over,
)

HERE, THERE = Placement(1.0, 0.0, False, 0.0, 0.0), Placement(1.0, 2.0, False, 3.0, 4.0)
STROKE = Stroke(3, 4, MaskRef("2" * 64, 5, 12), "brush")
STEPS = (CleanUp(CleanUpKind.GROW, 2.0),)
FOUND = Reconciliation("pawtrait", HERE, 0.9, "Clear.", 0.5, MaskRef("3" * 64, 40, 30))
SAID = Prediction("pawtrait", "0" * 12, MaskRef("1" * 64, 40, 30), 0.5, (0.4, 0.6), 0.9, 1.0, "Clear.", 0.2)
BARE = Pair(7, "rex", ImageRef("/photos/rex.jpg", "0" * 64, 40, 30), None)
PAIR = replace(BARE, reconciliation=FOUND, prediction=SAID)
EDITED = replace(PAIR, recipe=Recipe(MaskSource.RECONCILIATION, STEPS, (STROKE,)))
EDITS: list[Edit] = [
    MovePlacement(7, HERE, THERE),
    SetRecipe(7, None, EDITED.recipe),
    SetCleanUp(7, (), STEPS),
    AddStroke(7, 0, STROKE),
    RemoveStroke(7, 0, STROKE),
]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.kind)
def test_back_and_forth_is_the_same_edit(edit: Edit) -> None:
    assert edit.inverse() != edit
    assert edit.inverse().inverse() == edit
    assert edit.pair_id == edit.inverse().pair_id == 7
    assert pickle.loads(pickle.dumps(edit)) == edit


def test_a_stroke_knows_its_box() -> None:
    assert STROKE.box == (3, 4, 8, 10)


def test_the_first_stroke_takes_the_mask_that_stands() -> None:
    assert painted(PAIR, STROKE) == (
        SetRecipe(7, None, Recipe(MaskSource.RECONCILIATION)),
        AddStroke(7, 0, STROKE),
    )
    assert painted(replace(BARE, prediction=SAID), STROKE)[0] == SetRecipe(7, None, Recipe(MaskSource.PREDICTION))
    assert painted(BARE, STROKE)[0] == SetRecipe(7, None, Recipe(None))
    assert painted(EDITED, STROKE) == (AddStroke(7, 1, STROKE),)


def test_who_edits_an_accepted_mask_has_corrected_it() -> None:
    review = Review(Decision.ACCEPTED, quality=3, source=MaskSource.PREDICTION)
    pair = replace(PAIR, review=review)
    after = Review(Decision.CORRECTED, quality=3, source=MaskSource.RECIPE)
    assert painted(pair, STROKE) == (
        SetRecipe(7, None, Recipe(MaskSource.PREDICTION)),
        AddStroke(7, 0, STROKE),
        SetReview(7, review, after),
    )
    assert painted(replace(EDITED, review=after), STROKE) == (AddStroke(7, 1, STROKE),)
    assert cleaned_up(pair, STEPS)[-1] == SetReview(7, review, after)
    undecided = Review(source=MaskSource.PREDICTION)
    assert painted(replace(EDITED, review=undecided), STROKE)[-1] == SetReview(7, undecided, Review())


def test_clean_up() -> None:
    assert cleaned_up(PAIR, STEPS) == (SetRecipe(7, None, Recipe(MaskSource.RECONCILIATION, STEPS)),)
    assert cleaned_up(EDITED, ()) == (SetCleanUp(7, STEPS, ()),)


def test_starting_over_takes_the_decision_along() -> None:
    assert started_over(PAIR) == ()
    assert started_over(EDITED) == (SetRecipe(7, EDITED.recipe, None),)
    review = Review(Decision.CORRECTED, comment="ear", source=MaskSource.RECIPE)
    assert started_over(replace(EDITED, review=review))[1] == SetReview(7, review, Review(comment="ear"))


def test_a_placement_is_moved_or_made() -> None:
    (edit,) = placed(PAIR, THERE)
    by_hand = Reconciliation(BY_HAND, THERE, 1.0, "Placed by hand.", 0.0, FOUND.mask, mask_placement=HERE)
    assert edit == SetReconciliation(7, PAIR.reconciliation, by_hand)
    again = replace(PAIR, reconciliation=by_hand)
    assert placed(again, HERE) == (MovePlacement(7, THERE, HERE),)
    nothing = replace(FOUND, placement=None, mask=None)
    for before in (None, nothing):
        (edit,) = placed(replace(BARE, reconciliation=before), THERE)
        assert isinstance(edit, SetReconciliation)
        assert edit.before == before
        assert edit.after is not None
        assert (edit.after.method, edit.after.placement, edit.after.mask) == (BY_HAND, THERE, None)


def test_accepting_an_edited_mask_is_correcting_it() -> None:
    assert accepted(PAIR) == (Decision.ACCEPTED, MaskSource.RECONCILIATION)
    assert accepted(EDITED) == (Decision.CORRECTED, MaskSource.RECIPE)
    plain = replace(PAIR, recipe=Recipe(MaskSource.PREDICTION))
    assert accepted(plain) == (Decision.ACCEPTED, MaskSource.RECIPE)
    assert accepted(BARE) == (Decision.ACCEPTED, None)


def test_which_mask_stands() -> None:
    assert (EDITED.mask_source, EDITED.base_source) == (MaskSource.RECIPE, MaskSource.RECONCILIATION)
    told = replace(EDITED, review=Review(Decision.ACCEPTED, source=MaskSource.PREDICTION))
    assert told.mask_source is told.base_source is MaskSource.PREDICTION
    gone = replace(PAIR, review=Review(Decision.CORRECTED, source=MaskSource.RECIPE))
    assert gone.mask_source is gone.base_source is MaskSource.RECONCILIATION
    painted_alone = replace(BARE, recipe=Recipe(None, (), (STROKE,)))
    assert (painted_alone.mask_source, painted_alone.base_source) == (MaskSource.RECIPE, None)
