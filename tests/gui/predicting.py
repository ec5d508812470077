"""Predictions in memory, and work that answers as the model's would."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from core.domain import MaskRef, Pair, Prediction
from core.edits import Initiator, Origin, SetPrediction
from core.images.io import encode_mask
from core.jobs.answers import BatchReport, MapLayer, ModelEntry, ModelList, Trial
from core.jobs.context import JobContext
from core.jobs.specs import ListModels, LoadMap, LoadPicture, PredictPairs, Spec, TryModel, UseModel
from core.store.memory import MemoryStore
from tests.gui.conftest import Driver, bare_pair, fill, tiny_picture

MAP = MaskRef("a" * 64, 60, 40)
OTHER_MAP = MaskRef("b" * 64, 60, 40)
MODELS = ModelList(
    (
        ModelEntry("pawtrait", "9d0c12aa45ef", "9d0c12aa45ef", "pawtrait, version 9d0c12a", in_use=True),
        ModelEntry("pawtrait", "", "pawtrait", "pawtrait, as it ships", held_out_iou=0.86),
        ModelEntry("deepgaze2-vgg16", "", "deepgaze2-vgg16", "DeepGaze II on VGG-16", held_out_iou=0.77, in_use=True),
    )
)


def prediction(**changes: object) -> Prediction:
    """Return what a model might say of a photo of 60 x 40."""
    made = Prediction("pawtrait", "3fa92b71c0de", MAP, 0.43, (0.33, 0.56), 0.91, 0.98, "One portrait found.", 0.3)
    return replace(made, **changes)  # type: ignore[arg-type]


def predicted_pair(number: int, confidence: float | None = 0.6, mask: bool = True, **changes: object) -> Pair:
    """Return a pair with a prediction and, with a ``confidence``, a reconciliation and its mask."""
    pair = replace(bare_pair(number, confidence), prediction=prediction(**changes))
    if pair.reconciliation is None or not mask:
        return pair
    return replace(pair, reconciliation=replace(pair.reconciliation, mask=MaskRef("c" * 64, 60, 40)))


def photo_alone(number: int, **changes: object) -> Pair:
    """Return a predicted photo without a designer image."""
    return replace(predicted_pair(number, None, **changes), designer=None)


def map_layer() -> MapLayer:
    """Return a map that rises from left to right."""
    ramp = np.ascontiguousarray(np.tile(np.linspace(0, 255, 60).round().astype(np.uint8), (40, 1)))
    return MapLayer((ramp,), np.bincount(ramp.ravel(), minlength=256), np.linspace(0.5, 1.0, 256, dtype=np.float32))


def model_work(store: MemoryStore, otherwise: Callable[[Spec, JobContext], object] | None = None) -> object:
    """Return work that does the model's jobs on ``store``."""

    def do(spec: Spec, ctx: JobContext) -> object:
        if isinstance(spec, LoadMap):
            return map_layer()
        if isinstance(spec, LoadPicture):
            return tiny_picture()
        if isinstance(spec, TryModel):
            return Trial(spec.options.model, 0.5, 0.8, 0.9, (), map_layer())
        if isinstance(spec, (ListModels, UseModel)):
            return MODELS
        if isinstance(spec, PredictPairs):
            return _predict(store, spec, ctx)
        return otherwise(spec, ctx) if otherwise is not None else None

    return do


def _predict(store: MemoryStore, spec: PredictPairs, ctx: JobContext) -> BatchReport:
    for pair in store.pairs(spec.pair_ids):
        said = prediction(portrait=spec.options.portrait, portraits=((0, 0, 9, 9), (20, 0, 30, 9)))
        who = Initiator(spec.who, Origin.USER if spec.as_user else Origin.JOB, label="Predict")
        ctx.partial(store.apply([SetPrediction(pair.id, pair.prediction, said)], who))
    return BatchReport(len(spec.pair_ids), len(spec.pair_ids), len(spec.pair_ids))


def mask_png() -> bytes:
    """Return a mask's file."""
    return encode_mask(np.zeros((40, 60), np.uint8))


def predicted() -> MemoryStore:
    """Return a project of two photos alone, a pair with both masks, and one without a prediction."""
    made = MemoryStore("predicted")
    pets = ((0, 0, 9, 9), (20, 0, 30, 9))
    fill(made, [photo_alone(1), photo_alone(2, portraits=pets), predicted_pair(3), bare_pair(4, 0.8)])
    return made


def show(driver: Driver, name: str) -> None:
    """Let the pair whose name ends so be the one on the screen."""
    pairs = driver.workspace.session.store.pairs(driver.workspace.session.store.pair_ids())
    driver.workspace.presenter.show(next(pair.id for pair in pairs if pair.name.endswith(name)))


def wait_for_map(driver: Driver) -> None:
    """Wait until the prediction's map is there."""
    driver.qtbot.waitUntil(lambda: driver.scene().prediction is not None)
    driver.qtbot.waitUntil(lambda: driver.workspace.predicting.bar._map is not None)
