"""The model is asked where nobody has predicted before, and a model that cannot be used stops no search."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.domain import Pair
from core.edits import AddPair, Initiator
from core.errors import FileProblem
from core.images.io import Limits
from core.jobs import inline
from core.jobs.answers import RegisterLine
from core.jobs.services import Services
from core.jobs.specs import ReconcilePairs, RegisterFiles, RegisterRow, is_guided, near
from core.jobs.work import guiding, predictor, searching
from core.jobs.work.predictor import Loading
from core.jobs.work.searching import Found, Search, search
from core.model import registry
from core.model.card import ModelProblem
from core.reconcile.options import ReconcileOptions
from core.reconcile.pipeline import Asked
from core.reconcile.prior import MapPrior, PlacementPrior, Prior
from core.reconcile.result import Result
from core.settings import Settings
from tests.core.jobs.conftest import PLACEMENT, RecordingContext
from tests.core.jobs.modelling import Loader, Painted, paint

OPTIONS = ReconcileOptions(device="cpu")


@pytest.fixture
def priors(monkeypatch: pytest.MonkeyPatch) -> list[Prior | None]:
    """Remember what the searches were told."""
    told: list[Prior | None] = []

    def reconcile_many(pairs: list[Asked], *_: object) -> list[Result]:
        told.extend(prior for _, _, prior in pairs)
        return [Result(None, None, 0.1, "Another photo.", 0.5) for _ in pairs]

    monkeypatch.setattr("core.reconcile.pipeline.reconcile_many", reconcile_many)
    return told


@pytest.fixture
def pair(services: Services, tmp_path: Path, reference: Any) -> Pair:
    files = (paint(tmp_path / f"{name}.png", (1200, 800)) for name in "od")
    store = services.project()
    (number,) = store.apply([AddPair(Pair(0, "rex", *map(reference, files)))], Initiator("ann")).pair_ids
    return store.pairs([number])[0]


def _run(services: Services, ctx: RecordingContext, pair: Pair, **more: Any) -> None:
    inline.run(ReconcilePairs((pair.id,), OPTIONS, "ann", guided=True, **more), services, ctx)


def test_a_photo_without_a_prediction_is_shown_to_the_model(
    services: Services, ctx: RecordingContext, pair: Pair, loader: Loader, priors: list[Prior | None]
) -> None:
    _run(services, ctx, pair)
    (prior,) = priors
    assert isinstance(prior, MapPrior)
    assert prior.probability.shape == (342, 512)
    assert prior.probability.max() > 0.9
    assert abs(float(np.argmax(prior.probability.sum(0))) / 512 - 0.3) < 0.01, "where the head was painted"
    assert ctx.logs == []
    record = json.loads(services.project().runs()[0].options)
    assert record["model"] == registry.version_of(registry.find("pawtrait"))


def test_near_a_placement_the_map_is_for_the_mask_alone(
    services: Services, ctx: RecordingContext, pair: Pair, loader: Loader, priors: list[Prior | None]
) -> None:
    _run(services, ctx, pair, priors=((pair.id, near(PLACEMENT)),))
    (prior,) = priors
    assert isinstance(prior, PlacementPrior)
    assert prior == near(PLACEMENT)
    assert prior.likely is not None and prior.likely.max() > 0.9


def test_a_map_that_was_given_goes_before_the_model(
    tmp_path: Path, limits: Limits, loader: Loader, priors: list[Prior | None]
) -> None:
    given = MapPrior(np.eye(4, dtype=np.float32))
    photo = paint(tmp_path / "o.png")
    search(Search(photo, photo, OPTIONS, limits, prior=given, guide=Loading(registry.find("pawtrait"), "cpu")))
    assert priors == [given]
    assert loader.calls == []


def test_where_the_model_finds_nothing_everything_is_searched(
    tmp_path: Path, limits: Limits, loader: Loader, priors: list[Prior | None]
) -> None:
    photo = paint(tmp_path / "o.png", heads=0)
    found = search(Search(photo, photo, OPTIONS, limits, guide=Loading(registry.find("pawtrait"), "cpu")))
    assert priors == [None]
    assert found.note == ""
    assert found.seconds >= 0.5


def _no_tensors(*_: object) -> None:
    raise ModelProblem("pawtrait.safetensors is damaged.")


def _no_map(*_: object) -> None:
    raise AssertionError("not finite")


class _Senseless:
    predict_all = staticmethod(_no_map)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (_no_tensors, "pawtrait.safetensors is damaged."),
        (lambda *_: _Senseless(), "The model pawtrait.safetensors gives a map that makes no sense."),
    ],
)
def test_a_model_that_cannot_be_used_is_said_once_and_everything_is_searched(
    services: Services,
    ctx: RecordingContext,
    pair: Pair,
    loader: Loader,
    priors: list[Prior | None],
    make: Callable[..., object],
    why: str,
) -> None:
    loader.make = make
    store = services.project()
    store.apply([AddPair(replace(pair, id=0, name="again"))], Initiator("ann"))
    report = inline.run(ReconcilePairs(tuple(store.pair_ids()), OPTIONS, "ann", guided=True), services, ctx)
    assert priors == [None, None]
    assert ctx.logs == [f"Searched everywhere, as the model cannot be asked. {why}"]
    assert (report.done, report.failures) == (2, ())  # type: ignore[union-attr]


def test_where_the_gpu_is_too_small_the_cpu_is_asked_and_that_is_said(
    services: Services,
    ctx: RecordingContext,
    pair: Pair,
    loader: Loader,
    priors: list[Prior | None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Full(Painted):
        def predict_all(self, photos: Any, portraits: Any) -> Any:
            if self.device != "cpu":
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
            return super().predict_all(photos, portraits)

    loader.make = Full
    monkeypatch.setattr(guiding, "loading", lambda file, _device: Loading(file, "cuda", views=1))
    _run(services, ctx, pair)
    assert isinstance(priors[0], MapPrior)
    assert ctx.logs == [predictor.ON_CPU]


def test_without_the_models_file_everything_is_searched_and_the_record_names_none(
    services: Services,
    ctx: RecordingContext,
    pair: Pair,
    loader: Loader,
    priors: list[Prior | None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(registry, "shipped", lambda: tmp_path / "nowhere")
    _run(services, ctx, pair)
    assert priors == [None]
    assert len(ctx.logs) == 1 and ctx.logs[0].startswith("Searched everywhere, as the model cannot be asked. ")
    record = json.loads(services.project().runs()[0].options)
    assert (record["guided"], record["model"]) == (True, None)


@pytest.mark.parametrize("guided", [True, False])
def test_files_are_guided_where_that_is_asked_for(
    services: Services,
    ctx: RecordingContext,
    tmp_path: Path,
    loader: Loader,
    monkeypatch: pytest.MonkeyPatch,
    guided: bool,
) -> None:
    asked: list[Search] = []

    def answer(task: Search) -> Found:
        asked.append(task)
        if len(asked) == 2:
            raise FileProblem("It is damaged.")
        return Found(PLACEMENT, 0.9, "Clear.", 0.5, None, 40, 30, note="The model was ill.")

    monkeypatch.setattr(searching, "search", answer)
    photo = str(paint(tmp_path / "o.png"))
    rows = tuple(RegisterRow(name, photo, photo) for name in "abc")
    inline.run(RegisterFiles(rows, OPTIONS, guided=guided), services, ctx)
    assert [task.guide is not None for task in asked] == [guided] * 3
    assert ctx.logs == ["The model was ill."]
    assert len(ctx.of(RegisterLine)) == 3


def test_searches_are_guided_unless_the_settings_or_the_method_say_otherwise() -> None:
    settings = Settings()
    assert is_guided(settings, OPTIONS)
    assert not is_guided(settings, replace(OPTIONS, method="paper"))
