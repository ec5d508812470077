"""What a new version would change in masks that people have settled on: told, and taken by an edit that it brings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.domain import CleanUp, CleanUpKind, Decision, MaskSource, Pair, Recipe, Review, Stroke
from core.edits import AddPair, Initiator, SetRecipe, SetReview, inverse_of
from core.images.io import decode_mask, encode_patch
from core.jobs import inline
from core.jobs.answers import BatchReport, MaskChange
from core.jobs.context import ItemFailed
from core.jobs.services import Services
from core.jobs.settled import is_settled
from core.jobs.specs import CompareMasks, PredictOptions, PredictPairs
from core.jobs.work import deriving
from core.maths.masks import iou
from core.maths.patches import PaintedLayer
from tests.core.jobs.modelling import Loader, Painted, paint, write_model

ANN = Initiator("ann")
OPTIONS = PredictOptions(device="cpu")
SIZE = 60, 40
ACCEPTED = Review(Decision.ACCEPTED, source=MaskSource.PREDICTION)


@pytest.fixture
def newer(loader: Loader, tmp_path: Path) -> PredictOptions:
    """A version that takes more of the same photo; the pairs are predicted by the one that ships."""
    file = write_model(tmp_path / "newer.safetensors", seed=1)
    loader.make = lambda card, version, device: Painted(card, version, device, 0.25 if card.seed else 0.5)
    return replace(OPTIONS, model=str(file))


@pytest.fixture
def add(services: Services, ctx: Any, tmp_path: Path, reference: Any, newer: PredictOptions) -> Callable[..., Pair]:
    """Put a photo into the project, predicted by the version that ships, and settle on it in some way."""
    store = services.project()

    def add_pair(name: str, review: Review = Review(), recipe: Recipe | None = None) -> Pair:  # noqa: B008
        original = reference(paint(tmp_path / "photos" / f"{name}.png", SIZE))
        (number,) = store.apply([AddPair(Pair(0, name, original, None))], ANN).pair_ids
        inline.run(PredictPairs((number,), OPTIONS), services, ctx)
        if recipe is not None:
            store.apply([SetRecipe(number, None, recipe)], ANN)
        if review != Review():
            store.apply([SetReview(number, Review(), review)], ANN)
        return store.pairs([number])[0]

    return add_pair


@pytest.fixture
def painted(services: Services) -> Recipe:
    """A recipe over the prediction with one stroke, far from the portrait."""
    patch = PaintedLayer(*SIZE).stroke((48, 2, 56, 10), np.full((8, 8), 255, np.uint8), 255)
    assert patch is not None
    height, width = patch.planes.shape
    ref = services.project().put_mask(encode_patch(patch.planes), width, height)
    return Recipe(MaskSource.PREDICTION, strokes=(Stroke(patch.left, patch.top, ref, "brush"),))


def _mask(services: Services, pair: Pair) -> np.ndarray:
    made_of = deriving.ingredients(pair)
    assert made_of is not None
    return deriving.read(services.project(), made_of).mask()


def _compare(services: Services, ctx: Any, pairs: list[Pair], options: PredictOptions) -> list[MaskChange]:
    ctx.partials.clear()
    report = inline.run(CompareMasks(tuple(pair.id for pair in pairs), options, "ann"), services, ctx)
    assert isinstance(report, BatchReport)
    found = ctx.of(MaskChange)
    assert report.done == len(found)
    assert report.matched == sum(one.change.box is not None for one in found)
    return found  # type: ignore[no-any-return]


def test_it_is_told_and_nothing_changes(
    services: Services, ctx: Any, add: Callable[..., Pair], newer: PredictOptions, painted: Recipe
) -> None:
    pair = add("rex", recipe=painted)
    (told,) = _compare(services, ctx, [pair], newer)
    assert services.project().pairs([pair.id]) == [pair], "nothing has been taken"
    before, after = _mask(services, pair), _mask(services, replace(pair, prediction=told.edit.after))
    assert (told.change.added, told.change.removed) == (np.count_nonzero(after >= 128) - (before >= 128).sum(), 0)
    assert told.change.added > 50
    assert told.change.iou == pytest.approx(iou(before, after))
    assert (after[2:10, 48:56] == 255).all(), "what was painted is kept"
    assert np.array_equal(decode_mask(told.before), before)
    assert np.array_equal(decode_mask(told.after), after)


def test_what_was_seen_is_what_is_taken_and_taken_back(
    services: Services, ctx: Any, add: Callable[..., Pair], newer: PredictOptions, painted: Recipe
) -> None:
    store, pair = services.project(), add("rex", Review(Decision.CORRECTED, source=MaskSource.RECIPE), painted)
    (told,) = _compare(services, ctx, [pair], newer)
    change = store.apply([told.edit], ANN)
    (taken,) = store.pairs([pair.id])
    assert np.array_equal(_mask(services, taken), decode_mask(told.after))
    assert (taken.recipe, taken.review) == (pair.recipe, pair.review)
    assert _compare(services, ctx, [taken], newer) == [], "this version has predicted it now"
    store.apply(inverse_of(change.edits), ANN)
    (back,) = store.pairs([pair.id])
    assert np.array_equal(_mask(services, back), decode_mask(told.before))


def test_only_masks_that_a_person_settled_on_are_compared(
    services: Services, ctx: Any, add: Callable[..., Pair], newer: PredictOptions, painted: Recipe
) -> None:
    cleaned = Recipe(MaskSource.PREDICTION, steps=(CleanUp(CleanUpKind.GROW, 2.0),))
    pairs = [
        add("accepted", ACCEPTED),
        add("cleaned", recipe=cleaned),
        add("painted", recipe=painted),
        add("undecided"),
        add("rejected", replace(ACCEPTED, decision=Decision.REJECTED)),
        add("of nothing", recipe=replace(painted, base=None)),
    ]
    settled = ["accepted", "cleaned", "painted"]
    assert [pair.name for pair in pairs if is_settled(pair)] == settled
    assert [told.pair.name for told in _compare(services, ctx, pairs, newer)] == settled
    # and a batch of predictions passes over the same ones
    report = inline.run(PredictPairs(tuple(pair.id for pair in pairs), newer, "ann"), services, ctx)
    assert report.done == 3  # type: ignore[attr-defined]
    kept = [pair for pair in pairs if services.project().pairs([pair.id]) == [pair]]
    assert [pair.name for pair in kept] == settled


def test_a_photo_that_is_gone_is_named_and_the_others_are_compared(
    services: Services, ctx: Any, add: Callable[..., Pair], newer: PredictOptions
) -> None:
    gone, there = add("gone", ACCEPTED), add("there", ACCEPTED)
    Path(gone.original.path).unlink()
    assert [told.pair.name for told in _compare(services, ctx, [gone, there], newer)] == ["there"]
    assert [failure.item for failure in ctx.of(ItemFailed)] == ["gone"]


def test_large_masks_are_told_small(services: Services, ctx: Any, newer: PredictOptions, reference: Any) -> None:
    store = services.project()
    folder = Path(newer.model).parent
    big = reference(paint(folder / "big.png", (1600, 1000)))
    (number,) = store.apply([AddPair(Pair(0, "big", big, None))], ANN).pair_ids
    inline.run(PredictPairs((number,), OPTIONS), services, ctx)
    store.apply([SetReview(number, Review(), ACCEPTED)], ANN)
    (told,) = _compare(services, ctx, store.pairs([number]), newer)
    assert decode_mask(told.after).shape == (400, 640)
    assert told.change.added > 10_000, "counted on the whole mask"
