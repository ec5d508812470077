"""What every store promises of recipes and of placements moved by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from core.domain import (
    CleanUp,
    CleanUpKind,
    Decision,
    MaskRef,
    MaskSource,
    Placement,
    Recipe,
    Review,
    SettledCut,
    Stroke,
)
from core.edits import (
    BY_HAND,
    AddPair,
    AddStroke,
    Edit,
    MovePlacement,
    RemoveStroke,
    SetCleanUp,
    SetRecipe,
    SetReconciliation,
    cleaned_up,
    inverse_of,
    painted,
    placed,
    started_over,
)
from core.errors import EditConflict, StorageProblem
from core.store.base import Store
from core.store.changes import ChangeKind, ChangeSet
from tests.contract.store.conftest import ANNA, FOUND, NO_MATCH, PLACEMENT, SAID, add, pair

STEPS = (CleanUp(CleanUpKind.FILL_HOLES, 400.0), CleanUp(CleanUpKind.FEATHER, 1.5))
MOVED, AGAIN = replace(PLACEMENT, tx=7.5), replace(PLACEMENT, rotation_deg=3.0)


def stroke(number: int = 0, **more: object) -> Stroke:
    return replace(Stroke(10 + number, 20, MaskRef(f"{number:064x}", 300, 80), "brush"), **more)  # type: ignore[arg-type]


def undo(store: Store, change: ChangeSet) -> None:
    store.apply(inverse_of(change.edits), ANNA, kind=ChangeKind.UNDO, target=change.revision)


def test_strokes_and_steps_are_stored_journalled_and_taken_back_one_by_one(store: Store) -> None:
    (number,) = add(store, pair("a", FOUND))
    states, changes = [store.pairs([number])[0]], []
    for gesture in (
        lambda one: painted(one, stroke(0)),
        lambda one: painted(one, stroke(1)),
        lambda one: cleaned_up(one, STEPS),
        lambda one: painted(one, stroke(2, tool="")),
        started_over,
    ):
        changes.append(store.apply(gesture(states[-1]), ANNA))
        states.append(store.pairs([number])[0])
    recipe = states[-2].recipe
    assert recipe == Recipe(MaskSource.RECONCILIATION, STEPS, (stroke(0), stroke(1), stroke(2, tool="")))
    assert states[-1].recipe is None
    assert store.journal(after=1) == changes
    for change, before in zip(reversed(changes), reversed(states[:-1]), strict=True):
        undo(store, change)
        assert replace(store.pairs([number])[0], revision=0) == replace(before, revision=0)


def test_a_pair_may_bring_its_recipe_along(store: Store) -> None:
    whole = replace(pair("a", FOUND), recipe=Recipe(None, STEPS, (stroke(),)))
    (number,) = add(store, whole)
    assert store.pairs([number]) == [replace(whole, id=number, revision=1)]


@pytest.mark.parametrize(
    "edit",
    [
        AddStroke(1, 0, stroke(1)),
        AddStroke(1, 2, stroke(1)),
        RemoveStroke(1, 0, stroke(1)),
        RemoveStroke(1, 1, stroke(0)),
        RemoveStroke(1, -1, stroke(0)),
        SetCleanUp(1, STEPS[:1], ()),
        SetRecipe(1, None, Recipe(None)),
        AddStroke(2, 0, stroke(0)),
        SetCleanUp(2, (), STEPS),
        MovePlacement(1, AGAIN, MOVED),
        MovePlacement(2, PLACEMENT, MOVED),
    ],
)
def test_an_edit_on_another_state_is_refused(store: Store, edit: Edit) -> None:
    add(store, replace(pair("a", FOUND), recipe=Recipe(None, STEPS, (stroke(0),))), pair("b", NO_MATCH))
    with pytest.raises(EditConflict, match="changed in the meantime"):
        store.apply([edit], ANNA)
    assert len(store.journal()) == 1


WRONG_STROKES = [
    stroke(left=-1),
    stroke(top=-1),
    stroke(left=5701),
    stroke(top=3961),
    stroke(patch=MaskRef("0" * 64, 300, 81)),
    stroke(patch=MaskRef("0" * 64, 0, 80)),
    stroke(patch=MaskRef("0" * 64, 10, 0)),
]
WRONG_STEPS = [CleanUp(CleanUpKind.GROW, amount) for amount in (-1.0, math.nan, math.inf)]


@pytest.mark.parametrize(
    "wrong",
    [
        Recipe(MaskSource.RECIPE),
        *(Recipe(None, (), (one,)) for one in WRONG_STROKES),
        *(Recipe(None, (one,)) for one in WRONG_STEPS),
        Recipe(None, STEPS * 60),
    ],
)
def test_recipes_that_cannot_be_are_refused(store: Store, wrong: Recipe) -> None:
    (number,) = add(store, pair("a"))
    edits: list[list[Edit]] = [
        [SetRecipe(number, None, wrong)],
        [AddPair(replace(pair("b"), recipe=wrong))],
    ]
    if wrong.strokes:
        edits.append([SetRecipe(number, None, Recipe(None)), AddStroke(number, 0, wrong.strokes[0])])
    if wrong.steps:
        edits.append([SetRecipe(number, None, Recipe(None)), SetCleanUp(number, (), wrong.steps)])
    for some in edits:
        with pytest.raises(ValueError, match=r"stroke|step|recipe"):
            store.apply(some, ANNA)
    assert len(store.journal()) == 1


def test_a_tool_that_no_database_can_hold_is_refused(store: Store) -> None:
    (number,) = add(store, pair("a"))
    with pytest.raises(StorageProblem, match="NUL"):
        store.apply(painted(store.pairs([number])[0], stroke(tool="a\0b")), ANNA)


def test_a_moved_placement_remembers_where_its_masks_were_made(store: Store) -> None:
    (number,) = add(store, pair("a", FOUND))

    def at() -> tuple[Placement | None, Placement | None]:
        found = store.pairs([number])[0].reconciliation
        assert found is not None
        assert (found.mask, found.footprint, found.painted) == (FOUND.mask, FOUND.footprint, FOUND.painted)
        assert (found.method == BY_HAND) is (found != FOUND)
        return found.placement, found.mask_placement

    changes = []
    for to in (MOVED, AGAIN, PLACEMENT):
        changes.append(store.apply(placed(store.pairs([number])[0], to), ANNA))
        assert at() == (to, None if to == PLACEMENT else PLACEMENT)
    for change, to in zip(reversed(changes), (AGAIN, MOVED, PLACEMENT), strict=True):
        undo(store, change)
        assert at() == (to, None if to == PLACEMENT else PLACEMENT)
    assert store.journal(after=1)[:3] == changes


def test_masks_derived_meanwhile_do_not_bar_the_way_back(store: Store) -> None:
    (number,) = add(store, pair("a", FOUND))
    move = store.apply(placed(store.pairs([number])[0], MOVED), ANNA)
    found = store.pairs([number])[0].reconciliation
    assert found is not None
    derived = replace(found, mask=MaskRef("9" * 64, 6000, 4000), mask_placement=None)
    store.apply([SetReconciliation(number, found, derived)], ANNA)
    undo(store, move)
    assert store.pairs([number])[0].reconciliation == FOUND, "with the mask and the confidence that it had"


def test_masks_derived_after_a_second_move_follow_the_first_again(store: Store) -> None:
    (number,) = add(store, pair("a", FOUND))
    store.apply(placed(store.pairs([number])[0], MOVED), ANNA)
    move = store.apply(placed(store.pairs([number])[0], AGAIN), ANNA)
    found = store.pairs([number])[0].reconciliation
    assert found is not None
    derived = replace(found, mask=MaskRef("9" * 64, 6000, 4000), mask_placement=None)
    store.apply([SetReconciliation(number, found, derived)], ANNA)
    undo(store, move)
    assert store.pairs([number])[0].reconciliation == replace(derived, placement=MOVED, mask_placement=AGAIN)


def test_masks_derived_meanwhile_do_not_bar_the_way_back_to_nothing(store: Store) -> None:
    (number,) = add(store, pair("a"))
    change = store.apply(placed(store.pairs([number])[0], MOVED), ANNA)
    found = store.pairs([number])[0].reconciliation
    assert found is not None
    derived = replace(found, mask=MaskRef("9" * 64, 6000, 4000))
    store.apply([SetReconciliation(number, found, derived)], ANNA)
    undo(store, change)
    assert store.pairs([number])[0].reconciliation is None
    assert store.journal(newest=1)[0].edits == (SetReconciliation(number, derived, None),), (
        "the journal says what was there"
    )
    with pytest.raises(EditConflict):
        store.apply([SetReconciliation(number, found, None)], ANNA)


def test_what_is_placed_from_nothing_is_taken_back_to_nothing(store: Store) -> None:
    for number in add(store, pair("a"), pair("b", NO_MATCH)):
        before = store.pairs([number])[0].reconciliation
        change = store.apply(placed(store.pairs([number])[0], MOVED), ANNA)
        assert store.pairs([number])[0].placement == MOVED
        undo(store, change)
        assert store.pairs([number])[0].reconciliation == before


@pytest.mark.parametrize("wrong", [replace(MOVED, scale=0.0), replace(MOVED, tx=math.nan), replace(MOVED, scale=-1.0)])
def test_placements_that_cannot_be_are_refused(store: Store, wrong: Placement) -> None:
    (number,) = add(store, pair("a", FOUND))
    for edit in (
        MovePlacement(number, PLACEMENT, wrong),
        SetReconciliation(number, FOUND, replace(FOUND, mask_placement=wrong)),
    ):
        with pytest.raises(ValueError, match="placement"):
            store.apply([edit], ANNA)


def test_a_threshold_beneath_a_persons_strokes_is_settled(store: Store) -> None:
    def one(name: str, base: MaskSource | None, source: MaskSource | None) -> int:
        recipe = Recipe(base, (), (stroke(),))
        whole = replace(pair(name, FOUND, Review(Decision.CORRECTED, source=source)), prediction=SAID, recipe=recipe)
        return add(store, whole)[0]

    for name, base, source in (
        ("a", MaskSource.PREDICTION, MaskSource.RECIPE),
        ("b", MaskSource.PREDICTION, None),
        ("c", MaskSource.RECONCILIATION, MaskSource.RECIPE),
        ("d", None, None),
        ("e", MaskSource.RECONCILIATION, MaskSource.PREDICTION),
        ("f", MaskSource.PREDICTION, MaskSource.RECONCILIATION),
    ):
        one(name, base, source)
    cut = SettledCut(SAID.threshold, SAID.moved, None)
    assert store.settled_cuts(SAID.version, 9) == [cut, cut, cut]
    # What was painted on a prediction says nothing of the reconciliation's confidence.
    bands = store.statistics().agreement
    assert sum(bands.values()) == 0
