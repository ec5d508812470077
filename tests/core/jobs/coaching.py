"""A trainer made of nothing, and trainings that are asked of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.domain import Decision, Review
from core.edits import Initiator
from core.jobs import inline
from core.jobs.answers import Score, TrainReport
from core.jobs.context import ItemFailed
from core.jobs.services import Services
from core.jobs.specs import TrainModel, TrainOptions
from core.jobs.work.predictor import Loading
from core.jobs.work.trainer import PointFile, Training
from core.model import registry
from core.model.data import Example
from tests.core.jobs.modelling import write_model

ANN = Initiator("ann")
ACCEPTED = Review(Decision.ACCEPTED)


def score(iou: float, boundary_f: float = 0.4, photos: int = 3) -> Score:
    return Score(photos, iou, 0.9, boundary_f, 7.0, 1.3, (("k", iou, boundary_f),), ((0.5, iou),))


class Trainer:
    """Stands for the training and the measuring: writes points and a file; new models do as well as they are told."""

    def __init__(self) -> None:
        self.asked: list[Training] = []
        self.scored: list[tuple[Example, ...]] = []
        self.worth = {0: 0.8}
        """IoU by the seed on a model's card; what ships has 0."""

    def train(self, task: Training) -> int:
        self.asked.append(task)
        points = PointFile(task.points)
        for epoch in (1.0, 2.0):
            points.add("heads", epoch, 2.0, 1 / epoch, 0.5 + epoch / 10)
        write_model(task.out, task.options.model, task.options.seed)
        return 17

    def on_masks(self, loading: Loading, examples: Any, *_: Any, **__: Any) -> tuple[Score, list[ItemFailed]]:
        self.scored.append(tuple(examples))
        failures = [ItemFailed("torn.jpg", "It is torn.", "Mend it.")]
        return score(self.worth[registry.card_of(loading.file).seed], photos=len(examples) - len(failures)), failures


def train(services: Services, ctx: Any, seed: int = 1, **more: Any) -> TrainReport:
    options = more.pop("options", TrainOptions(seed=seed, device="cpu"))
    report = inline.run(TrainModel(options, who="ann", **more), services, ctx)
    assert isinstance(report, TrainReport)
    return report


def folder_of(services: Services) -> Path:
    return Path(services.project().info.path)
