"""A placement moved by hand gets its masks anew, unless a person has painted on them, and then it asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from core.domain import ImageRef, MaskSource, Pair, Placement, Prediction, Recipe, Reconciliation, Stroke
from core.edits import (
    BY_HAND,
    AddPair,
    AddStroke,
    Initiator,
    Origin,
    RemovePair,
    SetPrediction,
    SetRecipe,
    SetReconciliation,
    placed,
)
from core.errors import UsageProblem
from core.images.io import decode_mask, encode_mask, encode_patch
from core.jobs import inline, pool
from core.jobs.answers import Rederived
from core.jobs.hands import DeriveMask
from core.jobs.services import Services
from core.jobs.solving import solve_from_here, what_changed
from core.jobs.specs import ReconcilePairs
from core.jobs.work import placing
from core.maths.masks import iou
from core.reconcile.options import ReconcileOptions
from core.reconcile.prior import LandmarkPrior, PlacementPrior
from core.store.changes import ChangeSet
from tests.core.jobs.modelling import Loader

ANN = Initiator("ann")
TRUE = Placement(1.0, 0.0, False, 20.0, 10.0)
OFF = replace(TRUE, tx=28.0)

pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture
def pair(services: Services, tmp_path: Path, reference: Any) -> Pair:
    """A photo of noise and a disc cut out of it, 8 pixels off."""
    services.settings.set("reconcile.guided", False)
    store = services.project()
    noise = np.random.default_rng(0).integers(0, 256, (100, 140, 3)).astype(np.float32)
    photo = np.clip((cv2.GaussianBlur(noise, (0, 0), 1.5) - 128) * 3 + 128, 0, 255).astype(np.uint8)
    disc = np.zeros((80, 90), np.uint8)
    cv2.circle(disc, (45, 40), 30, 255, -1)
    Image.fromarray(photo).save(tmp_path / "o.png")
    Image.fromarray(np.dstack([photo[10:90, 20:110], disc])).save(tmp_path / "d.png")
    refs = reference(tmp_path / "o.png"), reference(tmp_path / "d.png")
    (number,) = store.apply([AddPair(Pair(0, "rex", *refs))], ANN).pair_ids
    mask = store.put_mask(encode_mask(_disc(28)), 140, 100)
    store.apply([SetReconciliation(number, None, Reconciliation("pawtrait", OFF, 0.4, "", 0.1, mask))], ANN)
    return store.pairs([number])[0]


def _disc(left: int) -> np.ndarray:
    mask = np.zeros((100, 140), np.uint8)
    cv2.circle(mask, (left + 45, 50), 30, 255, -1)
    return mask


def _now(services: Services, pair: Pair) -> Pair:
    return services.project().pairs([pair.id])[0]


def _derive(services: Services, ctx: Any, pair: Pair, **more: Any) -> Rederived:
    answer = inline.run(DeriveMask(pair.id, "ann", **more), services, ctx)
    assert isinstance(answer, Rederived)
    return answer


def test_the_map_of_the_prediction_or_else_the_model_goes_with_it_where_searches_are_guided(
    services: Services, ctx: Any, pair: Pair, loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[placing.Placed] = []

    def derive(task: placing.Placed) -> None:
        asked.append(task)
        raise UsageProblem("Enough.")

    monkeypatch.setattr(placing, "derive", derive)
    services.settings.set("reconcile.guided", True)
    store = services.project()
    ref = store.put_mask(encode_mask(_disc(20)), 140, 100)
    said = Prediction("pawtrait", "0" * 12, ref, 0.5, (0.4, 0.6), 0.9, 0.9, "", 0.1)
    for prediction in (None, said):
        if prediction is not None:
            store.apply([SetPrediction(pair.id, None, prediction)], ANN)
        with pytest.raises(UsageProblem):
            _derive(services, ctx, pair)
    assert [(task.known is not None, task.guide is not None) for task in asked] == [(False, True), (True, False)]
    assert asked[1].known is not None and asked[1].known.probability.shape == (100, 140)


def test_the_masks_follow_the_placement(services: Services, ctx: Any, pair: Pair) -> None:
    store = services.project()
    move = store.apply(placed(pair, TRUE), ANN)
    answer = _derive(services, ctx, pair)
    assert isinstance(answer.done, ChangeSet)
    assert ctx.of(ChangeSet) == [answer.done]
    assert answer.done.initiator == Initiator("ann", Origin.JOB, label="Derive the mask")
    assert not answer.must_ask
    found = _now(services, pair).reconciliation
    assert found is not None
    assert (found.placement, found.mask_placement, found.method) == (TRUE, None, BY_HAND)
    assert found.mask is not None
    assert iou(decode_mask(store.mask_png(found.mask)), _disc(20)) > 0.95
    assert found.footprint is not None
    # One step back, and all is there that was.
    store.apply([edit.inverse() for edit in move.edits], ANN)
    assert _now(services, pair).reconciliation == pair.reconciliation


def test_painted_masks_are_asked_about(services: Services, ctx: Any, pair: Pair) -> None:
    store = services.project()
    patch = store.put_mask(encode_patch(np.full((20, 10), 255, np.uint8)), 10, 20)
    recipe = Recipe(MaskSource.RECONCILIATION)
    store.apply([SetRecipe(pair.id, None, recipe), AddStroke(pair.id, 0, Stroke(0, 0, patch, "brush"))], ANN)
    store.apply(placed(_now(services, pair), TRUE), ANN)
    before = _now(services, pair)
    answer = _derive(services, ctx, pair)
    assert (answer.done, answer.must_ask) == (None, True)
    assert _now(services, pair) == before
    answer = _derive(services, ctx, pair, even_if_painted=True)
    assert answer.done is not None
    after = _now(services, pair)
    assert after.recipe == before.recipe
    assert after.reconciliation is not None
    assert after.reconciliation.mask_placement is None


def test_strokes_on_a_prediction_are_none_of_its_business(services: Services, ctx: Any, pair: Pair) -> None:
    store = services.project()
    patch = store.put_mask(encode_patch(np.full((20, 10), 255, np.uint8)), 10, 20)
    recipe = Recipe(MaskSource.PREDICTION, (), (Stroke(0, 0, patch, "brush"),))
    store.apply([SetRecipe(pair.id, None, recipe)], ANN)
    store.apply(placed(_now(services, pair), TRUE), ANN)
    answer = _derive(services, ctx, pair)
    assert answer.done is not None


def test_a_pair_that_moves_on_meanwhile_is_left_alone(
    services: Services, ctx: Any, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = services.project()
    store.apply(placed(pair, TRUE), ANN)
    compute: Callable[..., Any] = pool.compute

    def slow(*args: Any, **more: Any) -> Any:
        for answer in compute(*args, **more):
            store.apply(placed(_now(services, pair), replace(TRUE, tx=50.0)), ANN)
            yield answer

    monkeypatch.setattr(pool, "compute", slow)
    answer = _derive(services, ctx, pair)
    assert (answer.done, answer.must_ask) == (None, False)
    found = _now(services, pair).reconciliation
    assert found is not None
    assert found.mask_placement == OFF


def test_nothing_to_derive_from(services: Services, ctx: Any, pair: Pair) -> None:
    store = services.project()
    store.apply([SetReconciliation(pair.id, pair.reconciliation, None)], ANN)
    with pytest.raises(UsageProblem, match="no placement"):
        _derive(services, ctx, pair)
    store.apply([RemovePair(_now(services, pair))], ANN)
    with pytest.raises(UsageProblem, match="no longer"):
        _derive(services, ctx, pair)


def test_solving_from_here_finds_the_place_and_says_what_it_changed(services: Services, ctx: Any, pair: Pair) -> None:
    spec = solve_from_here(pair, ReconcileOptions(device="cpu"), "ann")
    assert spec.as_user
    inline.run(spec, services, ctx)
    found = _now(services, pair).reconciliation
    assert found is not None
    assert found.placement is not None
    assert found.placement.tx == pytest.approx(20, abs=0.5)
    assert pair.designer is not None
    words = what_changed(OFF, found, pair.designer)
    assert words.startswith(("Moved 7.", "Moved 8."))
    assert "confidence" in words
    (change,) = ctx.of(ChangeSet)
    assert change.initiator.origin is Origin.USER


def test_the_prior_of_solving_from_here(pair: Pair) -> None:
    options = ReconcileOptions(device="cpu")
    spec = solve_from_here(pair, options, "ann")
    assert isinstance(spec, ReconcilePairs)
    ((number, prior),) = spec.priors
    assert number == pair.id
    assert isinstance(prior, PlacementPrior)
    assert prior.placement == OFF
    points = ((0.0, 0.0, 20.0, 10.0), (50.0, 0.0, 70.0, 10.0))
    ((_, prior),) = solve_from_here(pair, options, "ann", points).priors
    assert prior == LandmarkPrior(points)
    ((_, prior),) = solve_from_here(pair, options, "ann", points[:1]).priors
    assert isinstance(prior, PlacementPrior)
    with pytest.raises(UsageProblem, match="nothing to start from"):
        solve_from_here(replace(pair, reconciliation=None), options, "ann", points[:1])


DESIGNER = ImageRef("d.png", "0" * 64, 101, 101)
FOUND = Reconciliation("pawtrait", TRUE, 0.914, "Clear.", 0.5)


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (None, "Placed; confidence 91%."),
        (TRUE, "Nothing moved; confidence 91%."),
        (replace(TRUE, tx=23.2), "Moved 3.2 px; confidence 91%."),
        (Placement(1.0, -2.0, False, 20.0, 10.0), "Moved 2.5 px, turned +2.0°; confidence 91%."),
        (Placement(0.8, 0.0, False, 30.0, 20.0), "Scaled +25.0%; confidence 91%."),
        (Placement(1.0, 0.0, True, 120.0, 10.0), "Mirrored; confidence 91%."),
    ],
)
def test_changes_in_words(before: Placement | None, words: str) -> None:
    assert what_changed(before, FOUND, DESIGNER) == words


def test_a_search_that_fails_says_why() -> None:
    nothing = replace(FOUND, placement=None, reason="Nothing fits.")
    assert what_changed(TRUE, nothing, DESIGNER) == "Nothing fits near here: Nothing fits."
    assert "confidence 99%" in what_changed(TRUE, replace(FOUND, confidence=1.0), DESIGNER)
