"""Training as it runs in a child process, which can be killed at any time and loses little."""

from __future__ import annotations

import json
import multiprocessing
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.device import resolve
from core.errors import UsageProblem, UserFacingError
from core.images import io
from core.images.source import shown
from core.jobs.answers import TrainPoint
from core.jobs.context import ItemFailed
from core.jobs.specs import TrainOptions
from core.jobs.work.predictor import ON_CPU, free_gpu, is_out_of_memory
from core.model.data import Example, split

if TYPE_CHECKING:
    import torch

    from core.model.card import ModelCard

_GLANCE = 64
"""Pixels: long side at which a photo is decoded to see that it can be."""
RESUME = "resume.safetensors"
"""Where the paper's training keeps what it needs to go on."""


@dataclass(frozen=True, slots=True)
class Training:
    """What a child is asked to train."""

    options: TrainOptions
    examples: tuple[Example, ...]
    out: Path
    workdir: Path
    """Where it keeps what it needs to go on; the same work finds it again."""
    points: Path
    """Where the points of the curves are written, and what is left out, one line of JSON each."""
    limits: io.Limits
    held_out: float
    start_from: Path | None
    data: str
    """For the card: what it was trained on."""
    licence: str
    command: str
    without: tuple[Path, ...] = ()
    cache_megabytes: float = 4096.0


def train(task: Training) -> int:
    """Train a read-out and write its file; return the number of photos that it was trained on.

    Raises:
        UsageProblem: no such model.
        UserFacingError: there is too little to learn from.
        ModelProblem, FileProblem: what it starts from cannot be used, or it went astray.
    """
    trainers = {"pawtrait": _train_ours, "deepgaze2-vgg16": _train_papers}
    if task.options.model not in trainers:
        raise UsageProblem(
            f"There is no way to train a model called {task.options.model!r}.", f"Use {' or '.join(trainers)}."
        )
    return trainers[task.options.model](task)


def _train_ours(task: Training) -> int:
    from core.model import checkpoint
    from core.model import train as ours

    what = ours.Training(
        task.examples,
        task.workdir,
        task.limits,
        seed=task.options.seed,
        held_out=task.held_out,
        without=task.without,
        start_from=task.start_from,
        quick=task.options.quick,
        weights=None if task.options.weights is None else Path(task.options.weights),
        cache_megabytes=task.cache_megabytes,
    )
    points = PointFile(task.points)

    def point(one: ours.Point) -> None:
        points.add(one.stage, one.epoch, one.epochs, one.loss, one.held_out_iou)

    tensors, card = ours.train(what, ours.Progress(point, end_with_parent, points.fail))
    checkpoint.save(task.out, tensors, _signed(card, task))
    return card.trained_on


def _train_papers(task: Training) -> int:
    from core.model import checkpoint, deepgaze2

    options = task.options
    size = deepgaze2.read(task.start_from)[0].options.get("size") if task.start_from is not None else None
    points = PointFile(task.points)
    examples = _readable(split(task.examples, task.held_out)[0], task.limits, points)
    size = size if isinstance(size, int) else deepgaze2.SIZE
    device = resolve(options.device)
    try:
        tensors, card = _fit_papers(task, examples, size, points, device)
    except RuntimeError as error:
        if device == "cpu" or not is_out_of_memory(error):
            raise
        points.say(ON_CPU)
        tensors = None
    if tensors is None:  # what the failed try holds is free only now; its features are on the disk
        free_gpu()
        tensors, card = _fit_papers(task, examples, size, points, "cpu")
    checkpoint.save(task.out, tensors, _signed(card, task))
    return card.trained_on


def _fit_papers(
    task: Training, examples: Sequence[Example], size: int, points: PointFile, device: str
) -> tuple[dict[str, torch.Tensor], ModelCard]:
    from core.model import deepgaze, features
    from core.model.trunks import vgg16

    options = task.options
    setting = deepgaze.Setting(
        vgg16.quicken(vgg16.load(None if options.weights is None else Path(options.weights)).to(device)),
        features.default_folder(),
        size,
        seed=options.seed,
        resume=task.workdir / RESUME,
        start_from=task.start_from,
        cache_megabytes=task.cache_megabytes,
    )

    def progress(stage: str, epoch: int, epochs: int, loss: float, iou: float | None) -> None:
        points.add(stage, epoch, epochs, loss, iou)

    return deepgaze.train(examples, setting, progress, end_with_parent)


def _readable(examples: Sequence[Example], limits: io.Limits, points: PointFile) -> list[Example]:
    """Return the examples whose files can be read; what is wrong with the others is told."""
    from core.model.shelf import read_example

    found = []
    for example in examples:
        end_with_parent()
        try:
            read_example(example, limits, _GLANCE)
        except UserFacingError as error:
            points.fail(example.image, error)
        else:
            found.append(example)
    return found


def _signed(card: ModelCard, task: Training) -> ModelCard:
    return replace(card, data=task.data, licence=task.licence, command=task.command)


class PointFile:
    """The points of a training's curves: appended by the child, read by its parent while it runs."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._started = time.perf_counter()
        path.parent.mkdir(parents=True, exist_ok=True)
        before = read_points(path, 0)[0]
        self._before = before[-1].seconds if before else 0.0

    def add(self, stage: str, epoch: float, epochs: float, loss: float, held_out_iou: float | None) -> None:
        """Write one point."""
        seconds = self._before + time.perf_counter() - self._started
        self._write(asdict(TrainPoint(stage, epoch, epochs, loss, held_out_iou, seconds)))

    def fail(self, path: Path, error: UserFacingError) -> None:
        """Write that a file is left out, and why."""
        self._write(asdict(ItemFailed.from_error(shown(Path(path.name)), error)))

    def say(self, sentence: str) -> None:
        """Write what the user should know."""
        self._write({"said": sentence})

    def _write(self, told: dict[str, object]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(told)}\n")


def read_points(path: Path, offset: int) -> tuple[list[TrainPoint], int]:
    """Return the points written after ``offset`` bytes, and the offset after the last whole line."""
    told, end = read_told(path, offset)
    return [one for one in told if isinstance(one, TrainPoint)], end


def read_told(path: Path, offset: int) -> tuple[list[TrainPoint | ItemFailed | str], int]:
    """Return all that was written after ``offset`` bytes, and the offset after the last whole line.

    A text is what the user should know. A line that was cut off by a power cut is passed over.
    """
    try:
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read()
    except OSError:
        return [], offset
    whole = data[: data.rfind(b"\n") + 1]
    told: list[TrainPoint | ItemFailed | str] = []
    for line in whole.splitlines():
        try:
            fields = json.loads(line)
            if "said" in fields:
                told.append(str(fields["said"]))
            else:
                told.append(ItemFailed(**fields) if "item" in fields else TrainPoint(**fields))
        except (ValueError, TypeError):
            continue
    return told, offset + len(whole)


def end_with_parent() -> None:
    """End once the parent is gone.

    A cancelled child is killed. But where the parent itself is killed nobody is left to do so, and two trainings in
    one work folder would not agree.
    """
    parent = multiprocessing.parent_process()
    if parent is not None and not parent.is_alive():
        raise SystemExit(1)
