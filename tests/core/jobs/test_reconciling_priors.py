"""Batches with priors and predictions: where is searched, and what the run says of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.domain import Pair, Prediction, Reconciliation
from core.edits import SetPrediction, SetReconciliation
from core.errors import FileProblem, UsageProblem
from core.images.io import decode_mask, encode_mask
from core.jobs import inline
from core.jobs.services import Services
from core.jobs.specs import ReconcilePairs, near
from core.jobs.work import searching
from core.jobs.work.searching import Found, Search
from core.reconcile.options import ReconcileOptions
from core.reconcile.prior import MapPrior, PlacementPrior
from tests.core.jobs.conftest import PLACEMENT
from tests.core.jobs.reconciling import ANN, OPTIONS, ids_of, run_batch

pytestmark = pytest.mark.usefixtures("in_process")


def test_a_prior_goes_with_its_pair_alone_and_the_run_and_the_journal_say_so(
    services: Services, ctx: Any, pairs: list[Pair], searched: list[Search]
) -> None:
    first, second = ids_of(pairs[:2])
    run_batch(services, ctx, (first, second), priors=((second, near(PLACEMENT)),))
    assert [task.prior for task in searched] == [None, PlacementPrior(PLACEMENT)]
    (run,) = services.project().runs()
    recorded = json.loads(run.options)["priors"]
    assert list(recorded) == [str(second)]
    assert recorded[str(second)]["matrix"] == [list(row) for row in PLACEMENT.matrix()]
    labels = [change.initiator.label for change in services.project().journal(after=4)]
    assert labels == ["Reconcile", "Reconcile near its placement"]


def test_a_search_by_hand_that_finds_nothing_near_leaves_the_placement_as_it_was(
    services: Services, ctx: Any, pairs: list[Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = services.project()
    mine = Reconciliation("by hand", PLACEMENT, 1.0, "Placed by hand.", 0.0)
    store.apply([SetReconciliation(pairs[0].id, None, mine)], ANN)
    nothing = Found(None, 0.02, "Nothing fits near the place that was given.", 0.1, None, 40, 30)
    monkeypatch.setattr(searching, "search", lambda task: nothing)
    report = run_batch(services, ctx, (pairs[0].id,), as_user=True, priors=((pairs[0].id, near(PLACEMENT)),))
    (failure,) = report.failures
    assert failure.message == "Nothing fits near the place that was given. The placement stays as it was."
    assert store.pairs([pairs[0].id])[0].reconciliation == mine
    everywhere = run_batch(services, ctx, (pairs[0].id,), as_user=True)
    assert everywhere.failures == () and store.pairs([pairs[0].id])[0].placement is None


def test_without_priors_the_run_says_nothing_of_them(
    services: Services, ctx: Any, pairs: list[Pair], searched: list[Search]
) -> None:
    run_batch(services, ctx, ids_of(pairs[:1]))
    assert "priors" not in json.loads(services.project().runs()[0].options)


def test_a_method_that_takes_no_prior_fails_once(services: Services, ctx: Any, pairs: list[Pair]) -> None:
    spec = ReconcilePairs(ids_of(pairs), replace(OPTIONS, method="paper"), priors=((pairs[0].id, near(PLACEMENT)),))
    with pytest.raises(UsageProblem, match="takes no prior"):
        inline.run(spec, services, ctx)
    assert services.project().runs() == []


def test_guided_a_prediction_that_found_something_says_where_to_search(
    services: Services, ctx: Any, pairs: list[Pair], searched: list[Search]
) -> None:
    store = services.project()
    rng = np.random.default_rng(3)
    map8 = rng.integers(0, 256, (900, 1200), dtype=np.uint8)
    ref = store.put_mask(encode_mask(map8), 1200, 900)
    said = Prediction("pawtrait", "0" * 12, ref, 0.5, (0.4, 0.6), 0.9, 0.9, "", 0.1)
    damaged = replace(said, map=store.put_mask(b"no PNG", 1, 1))
    for pair, prediction in zip(pairs[:3], (said, replace(said, found=0.1), damaged), strict=True):
        store.apply([SetPrediction(pair.id, None, prediction)], ANN)
    first, *others = ids_of(pairs[:3])
    run_batch(services, ctx, (first, *others), guided=True)
    prior = searched[0].prior
    assert isinstance(prior, MapPrior)
    assert prior.probability.shape == (384, 512)
    assert prior.probability.dtype == np.float32
    assert abs(float(prior.probability.mean()) - float(map8.mean()) / 255) < 0.001
    assert [task.prior for task in searched[1:]] == [None, None]
    assert ctx.logs == ["cleo: searched for everywhere, as its prediction cannot be read. " + _damage()]
    assert json.loads(store.runs()[0].options)["guided"] is True
    run_batch(services, ctx, (first,), guided=True, priors=((first, near(PLACEMENT)),))
    assert searched[-1].prior == PlacementPrior(PLACEMENT), "what a person says goes before"
    run_batch(services, ctx, (first,))
    assert searched[-1].prior is None


def _damage() -> str:
    with pytest.raises(FileProblem) as caught:
        decode_mask(b"no PNG")
    return caught.value.message


def test_the_paper_cannot_be_guided(services: Services, ctx: Any, pairs: list[Pair]) -> None:
    spec = ReconcilePairs(ids_of(pairs), ReconcileOptions("paper", "cpu"), "ann", guided=True)
    with pytest.raises(UsageProblem, match="takes no prior"):
        inline.run(spec, services, ctx)
