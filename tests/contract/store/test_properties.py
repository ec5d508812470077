"""Random changes: both stores agree at every step, and taking all of them back leaves what there was."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from itertools import count
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain import (
    CleanUp,
    CleanUpKind,
    Decision,
    ImageRef,
    MaskRef,
    MaskSource,
    Pair,
    PairOrder,
    PairQuery,
    Placement,
    Prediction,
    Recipe,
    Reconciliation,
    RejectReason,
    Review,
    SettledCut,
    Stroke,
)
from core.edits import (
    AddPair,
    AddStroke,
    Edit,
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
    inverse_of,
)
from core.store.base import Store
from core.store.changes import ChangeKind, ChangeSet
from core.store.memory import MemoryStore
from core.store.opening import open_project

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
NUMBERS = st.floats(-1e9, 1e9)
SIZES = st.integers(1, 63_000)
HASHES = st.sampled_from(["0" * 64, "a1" * 32])
IMAGES = st.builds(ImageRef, TEXTS, HASHES, SIZES, SIZES)
PLACEMENTS = st.builds(Placement, st.floats(1e-6, 1e6), NUMBERS, st.booleans(), NUMBERS, NUMBERS)
MASKS = st.none() | st.builds(MaskRef, HASHES, SIZES, SIZES)
RECONCILIATIONS = st.builds(
    Reconciliation,
    method=st.sampled_from(["pawtrait", "paper"]),
    placement=st.none() | PLACEMENTS,
    confidence=st.floats(0, 1),
    reason=TEXTS,
    seconds=st.floats(0, 1e6),
    mask=MASKS,
    run_id=st.none() | st.integers(1, 2**31 - 1),
    footprint=MASKS,
    painted=MASKS,
    mask_placement=st.none() | PLACEMENTS,
)
SHARES = st.floats(0, 1)
BOXES = st.sampled_from([(), ((0, 0, 1, 1),), ((0, 0, 1, 1), (0, 0, 1, 1))])
PREDICTIONS = st.builds(
    Prediction,
    model=TEXTS,
    version=st.sampled_from(["", "0"]),
    map=st.builds(MaskRef, HASHES, SIZES, SIZES),
    threshold=SHARES,
    interval=st.tuples(SHARES, SHARES).map(lambda ends: (min(ends), max(ends))),
    expected_iou=SHARES,
    found=SHARES,
    reason=TEXTS,
    seconds=st.floats(0, 1e6),
    chosen=st.none() | SHARES,
    portraits=BOXES,
    run_id=st.none() | st.integers(1, 2**31 - 1),
    moved=NUMBERS,
)
STEPS = st.lists(st.builds(CleanUp, st.sampled_from(CleanUpKind), st.floats(0, 1e9)), max_size=2).map(tuple)
# The smallest picture has one pixel.
STROKES = st.builds(Stroke, st.just(0), st.just(0), st.builds(MaskRef, HASHES, st.just(1), st.just(2)), TEXTS)
BASES = st.sampled_from([None, MaskSource.RECONCILIATION, MaskSource.PREDICTION])
RECIPES = st.builds(Recipe, BASES, STEPS, st.lists(STROKES, max_size=2).map(tuple))
REVIEWS = st.builds(
    Review,
    decision=st.sampled_from(Decision),
    reason=st.none() | st.sampled_from(RejectReason),
    comment=TEXTS,
    quality=st.none() | st.integers(1, 5),
    source=st.none() | st.sampled_from(MaskSource),
)
INITIATORS = st.builds(
    Initiator, TEXTS, st.sampled_from(Origin), st.none() | st.floats(0, 1e5), st.sampled_from(["", "Accept"])
)
QUERIES = [
    *(PairQuery(order=order) for order in PairOrder),
    PairQuery(only_unreconciled=True),
    PairQuery(only_unpredicted=True),
    PairQuery(text="a"),
    *(PairQuery(frozenset({decision})) for decision in Decision),
]


def draw_edits(data: st.DataObject, pairs: dict[int, Pair], fresh: count[int]) -> list[Edit]:
    """Draw up to four edits that fit ``pairs`` one after the other; ``pairs`` is brought along."""
    edits: list[Edit] = []
    touchable = dict(pairs)
    for _ in range(data.draw(st.integers(1, 4), "edits")):
        kinds = [
            "add",
            *("remove", "review", "reconciliation", "prediction", "threshold", "hands", "designer")[
                : 7 * bool(touchable)
            ],
        ]
        kind = data.draw(st.sampled_from(kinds), "kind")
        if kind == "add":
            # A counter before the name keeps names apart; what follows may be anything.
            name = f"{next(fresh)} {data.draw(TEXTS)}"
            designer = data.draw(st.none() | IMAGES)
            found, review = data.draw(st.none() | RECONCILIATIONS), data.draw(REVIEWS)
            said, recipe = data.draw(st.none() | PREDICTIONS), data.draw(st.none() | RECIPES)
            new = Pair(0, name, data.draw(IMAGES), designer, found, review, prediction=said, recipe=recipe)
            edits.append(AddPair(new))
            continue
        pair = touchable[data.draw(st.sampled_from(sorted(touchable)), "pair")]
        if kind == "remove":
            edits.append(RemovePair(pair))
            del touchable[pair.id]
        elif kind == "review":
            after = data.draw(REVIEWS)
            edits.append(SetReview(pair.id, pair.review, after))
            touchable[pair.id] = replace(pair, review=after)
        elif kind == "hands":
            edit, touchable[pair.id] = _by_hand(data, pair)
            edits.append(edit)
        elif kind == "threshold" and pair.prediction is not None:
            chosen = data.draw(st.none() | SHARES)
            edits.append(SetThreshold(pair.id, pair.prediction.chosen, chosen))
            touchable[pair.id] = replace(pair, prediction=replace(pair.prediction, chosen=chosen))
        elif kind in ("prediction", "threshold"):
            said = data.draw(st.none() | PREDICTIONS)
            edits.append(SetPrediction(pair.id, pair.prediction, said))
            touchable[pair.id] = replace(pair, prediction=said)
        elif kind == "designer":
            designer = data.draw(st.none() | IMAGES)
            edits.append(SetDesigner(pair.id, pair.designer, designer))
            touchable[pair.id] = replace(pair, designer=designer)
        else:
            found = data.draw(st.none() | RECONCILIATIONS)
            edits.append(SetReconciliation(pair.id, pair.reconciliation, found))
            touchable[pair.id] = replace(pair, reconciliation=found)
    return edits


def _by_hand(data: st.DataObject, pair: Pair) -> tuple[Edit, Pair]:
    """Draw an edit of a pair's recipe or placement; return the pair after it, too."""
    recipe, found = pair.recipe, pair.reconciliation
    kind = data.draw(st.sampled_from(["recipe", "clean_up", "stroke", "less", "move"]), "by hand")
    if kind == "move" and found is not None and found.placement is not None:
        to = data.draw(st.sampled_from([found.placement, found.mask_placement or found.placement]) | PLACEMENTS)
        made_at = found.mask_placement or found.placement
        moved = replace(found, placement=to, mask_placement=None if made_at == to else made_at)
        return MovePlacement(pair.id, found.placement, to), replace(pair, reconciliation=moved)
    if recipe is not None and kind == "clean_up":
        steps = data.draw(STEPS)
        return SetCleanUp(pair.id, recipe.steps, steps), replace(pair, recipe=replace(recipe, steps=steps))
    if recipe is not None and kind == "stroke":
        new = data.draw(STROKES)
        more = replace(recipe, strokes=(*recipe.strokes, new))
        return AddStroke(pair.id, len(recipe.strokes), new), replace(pair, recipe=more)
    if recipe is not None and kind == "less" and recipe.strokes:
        less = replace(recipe, strokes=recipe.strokes[:-1])
        return RemoveStroke(pair.id, len(less.strokes), recipe.strokes[-1]), replace(pair, recipe=less)
    after = data.draw(st.none() | RECIPES)
    return SetRecipe(pair.id, recipe, after), replace(pair, recipe=after)


def everything(store: Store) -> dict[str, object]:
    """All that can be asked of the pairs, but for the revisions that touched them."""
    ids = store.pair_ids()
    return {
        "queries": [store.pair_ids(query) for query in QUERIES],
        "pairs": [replace(pair, revision=0) for pair in store.pairs(ids)],
        "summaries": store.summaries(ids),
        "counts": store.counts(),
        "settled": [sorted(store.settled_cuts(version, 99), key=_in_order) for version in ("", "0")],
    }


def _in_order(cut: SettledCut) -> tuple[float, ...]:
    """By value, as minus zero comes back from a database as zero."""
    return cut.threshold, cut.moved, -1.0 if cut.chosen is None else cut.chosen


def timeless(changes: list[ChangeSet]) -> list[ChangeSet]:
    return [replace(change, at="") for change in changes]


def agree(stores: list[Store]) -> None:
    first, second = ([everything(s), s.statistics(), timeless(s.journal()), s.pairs(s.pair_ids())] for s in stores)
    assert first == second


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_changes_taken_back_leave_what_there_was(data: st.DataObject, template: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(template, Path(folder) / "project")
        stores: list[Store] = [open_project(Path(folder) / "project", "Anna"), MemoryStore()]
        try:
            walk(data, stores)
        finally:
            for store in stores:
                store.close()


def walk(data: st.DataObject, stores: list[Store]) -> None:
    fresh = count()
    first = stores[0]
    states = [everything(first)]
    done: list[ChangeSet] = []
    for _ in range(data.draw(st.integers(1, 5), "changes")):
        pairs = {pair.id: pair for pair in first.pairs(first.pair_ids())}
        edits, initiator = draw_edits(data, pairs, fresh), data.draw(INITIATORS)
        changes = [store.apply(edits, initiator) for store in stores]
        assert timeless([changes[0]]) == timeless([changes[1]])
        agree(stores)
        done.append(changes[0])
        states.append(everything(first))
    for change, before in zip(reversed(done), reversed(states[:-1]), strict=True):
        for store in stores:
            store.apply(inverse_of(change.edits), change.initiator, kind=ChangeKind.UNDO, target=change.revision)
        assert everything(first) == before
    agree(stores)
    for change in done:
        for store in stores:
            store.apply(change.edits, change.initiator, kind=ChangeKind.REDO, target=change.revision)
    assert everything(first) == states[-1]
    agree(stores)
