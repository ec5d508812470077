"""Predictions as they run in child processes: load the model once, decode a photo, predict it, pack the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.device import resolve
from core.domain import ImageRef
from core.errors import UserFacingError
from core.images import io
from core.images.picture import Picture, Pixels
from core.images.source import unreadable
from core.model.card import ModelProblem

if TYPE_CHECKING:
    from core.model.predict import Model, Predicted
    from core.model.raw_map import Map

MAP_SIDE = 1600
"""Long side at which a project's photos are predicted and their maps kept, pixels."""
TOGETHER = {"cuda": 4}
"""Photos that are predicted at a time, by device; elsewhere one: a processor has nothing to gain."""
FEWER = "The GPU's memory ran out, so fewer photos were predicted at a time."
ON_CPU = "The GPU's memory ran out, so it goes on on the CPU."
Answered = tuple["Model", "Predicted", str]
"""By which model, what it says, and what the user should know of how it was computed."""
Asked = TypeVar("Asked")
Told = TypeVar("Told")
_ROWS = 512
_KEPT = 2
"""Models that a child holds: two may be compared."""


@dataclass(frozen=True, slots=True)
class Loading:
    """Which model, and where it computes."""

    file: Path
    device: str
    weights: Path | None = None
    views: int = 2


@dataclass(frozen=True, slots=True)
class Ready:
    """A child's word that a model can be used: its name, its version, and the device it got."""

    name: str
    version: str
    device: str
    note: str = ""
    """What the user should know of that device; empty: nothing."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a child is asked. A photo of the project (``ImageRef``) must still have the content it had."""

    photo: ImageRef | Path
    loading: Loading
    limits: io.Limits
    portrait: int = 0
    moved: float = 0.0
    """Log-odds to add to the learned threshold."""
    threshold: float | None = None
    """Where to cut the mask; None: at the learned threshold."""
    whole: bool = False
    """Predict at full size and give the mask; else at most ``MAP_SIDE`` pixels long, and give the map."""
    deep_map: bool = False
    """With ``whole``: give the 16-bit map as well."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a child answers; boxes are in pixels of the photo's file."""

    model: str
    version: str
    threshold: float
    interval: tuple[float, float]
    expected_iou: float
    found: float
    portraits: tuple[tuple[int, int, int, int], ...]
    reason: str
    seconds: float
    width: int
    height: int
    """Of the map or the mask."""
    map_png: bytes | None = None
    mask_png: bytes | None = None
    deep_png: bytes | None = None
    note: str = ""
    """What the user should know of how it was computed; empty: nothing."""
    portrait: int = 0
    """Which of the portraits the map is of."""


def announcement(file: Path | None) -> str:
    """Return what to say before the paper's trunk is loaded for a read-out: that it is fetched; empty: nothing.

    Raises:
        ModelProblem, FileProblem: the read-out itself cannot be used.
    """
    from core.model import deepgaze2
    from core.model.trunks import vgg16

    if file is not None:
        deepgaze2.read(file)
    return vgg16.announcement(None)


def prepare(loading: Loading) -> Ready:
    """Load a model and keep it, so that what is wrong with it is known before a batch begins.

    Raises:
        ModelProblem, FileProblem: its file, or its trunk's weights, cannot be used.
        DeviceProblem: the device is not there.
    """
    device, note = resolve(loading.device), ""
    try:
        model = model_of(replace(loading, device=device))
    except RuntimeError as error:
        if device == "cpu" or not is_out_of_memory(error):
            raise
        device, note = "cpu", ON_CPU
    if note:  # what the failed try holds is free only now that its exception is gone
        free_gpu()
        model = model_of(replace(loading, device=device))
    return Ready(model.card.name, model.version, device, note)


def look(tasks: Sequence[Look]) -> list[Said | UserFacingError]:
    """Predict some photos with one model, together; a photo that cannot be read, or has changed, is an error.

    Raises:
        ModelProblem: the model cannot be used.
    """
    photos: list[Picture | UserFacingError] = []
    for task in tasks:
        try:
            photos.append(_read(task))
        except UserFacingError as error:
            photos.append(error)
    there = [(task, photo) for task, photo in zip(tasks, photos, strict=True) if isinstance(photo, Picture)]
    wanted = [(photo.rgb, task.portrait) for task, photo in there]
    answers = iter(predict_all(tasks[0].loading, wanted) if wanted else [])
    return [
        photo if isinstance(photo, UserFacingError) else _said(task, photo, next(answers))
        for task, photo in zip(tasks, photos, strict=True)
    ]


def _said(task: Look, photo: Picture, answer: Answered) -> Said:
    from core.model import settled

    model, said, note = answer
    map8 = said.map8(MAP_SIDE)
    counts = np.bincount(map8.ravel(), minlength=256)
    cut, low, high = (settled.moved(value, task.moved) for value in (said.threshold, *said.interval))
    if not said.portraits:  # a cut that leaves the mask empty, until somebody moves it
        cut = low = high = 1.0
    kx, ky = photo.full_width / photo.width, photo.full_height / photo.height
    full = photo.full_width, photo.full_height
    told = Said(
        model=model.card.name,
        version=model.version,
        threshold=cut,
        interval=(low, high),
        expected_iou=settled.expected_at(counts, said.expected_iou, said.threshold, cut),
        found=said.found,
        portraits=tuple(_at_full_size(box, kx, ky, full) for box in said.portraits),
        reason=said.reason,
        seconds=said.seconds,
        width=int(map8.shape[1]),
        height=int(map8.shape[0]),
        note=note,
        portrait=min(task.portrait, max(len(said.portraits) - 1, 0)),
    )
    if not task.whole:
        return replace(told, map_png=io.encode_mask(map8))
    mask_png = io.encode_mask(said.mask(cut if task.threshold is None else task.threshold))
    deep_png = io.encode_map(_deep(said.probability)) if task.deep_map else None
    return replace(told, width=photo.width, height=photo.height, mask_png=mask_png, deep_png=deep_png)


def _deep(probability: Map) -> NDArray[np.uint16]:
    """Return a map as 16 bit, a few rows at a time: a photo of 100 megapixels must not take gigabytes."""
    deep = np.empty(probability.shape, np.uint16)
    for top in range(0, len(deep), _ROWS):
        deep[top : top + _ROWS] = np.rint(probability[top : top + _ROWS] * np.float32(65535))
    return deep


def _read(task: Look) -> Picture:
    side = None if task.whole else MAP_SIDE
    if isinstance(task.photo, ImageRef):
        return io.read_known(task.photo, task.limits, side)
    return io.read(task.photo, task.limits, side)


def _at_full_size(
    box: tuple[int, int, int, int], kx: float, ky: float, size: tuple[int, int]
) -> tuple[int, int, int, int]:
    left, top = int(box[0] * kx), int(box[1] * ky)
    right, bottom = min(round(box[2] * kx), size[0]), min(round(box[3] * ky), size[1])
    return left, top, max(right, left + 1), max(bottom, top + 1)


def predict_all(loading: Loading, photos: Sequence[tuple[Pixels, int]]) -> list[Answered]:
    """Predict photos together, each with the number of the portrait that is wanted.

    Where the GPU's memory runs out half as many are taken at a time, and at last the CPU; the answers say so.

    Raises:
        ModelProblem: the model cannot be used, or what it says is no map: not finite, or out of range.
    """
    return _asked(loading, photos, lambda model, some: model.predict_all(*zip(*some, strict=True)))


def densities(loading: Loading, photos: Sequence[Pixels]) -> list[tuple[Map, str]]:
    """Return the model's log-densities of photos, each with a note (see :func:`predict_all`)."""
    found = _asked(loading, photos, lambda model, some: model.raw_all(some))
    return [(raw.log_density, note) for _, raw, note in found]


def _asked(
    loading: Loading, photos: Sequence[Asked], ask: Callable[[Model, Sequence[Asked]], list[Told]]
) -> list[tuple[Model, Told, str]]:
    """Ask a model of photos, of as many at a time as there is memory for."""
    try:
        return _at_once(loading, photos, ask)
    except AssertionError as error:  # a model's answer is checked at its door (core.model.raw_map)
        raise ModelProblem(
            f"The model {loading.file.name} gives a map that makes no sense.", "Use another model or version."
        ) from error
    except RuntimeError as error:
        if loading.device == "cpu" or not is_out_of_memory(error):
            raise
    free_gpu()  # what the failed try holds is free only now that its exception is gone
    if len(photos) > 1:
        half = len(photos) // 2
        found = _asked(loading, photos[:half], ask) + _asked(loading, photos[half:], ask)
        return [(model, one, note or FEWER) for model, one, note in found]
    return [(model, one, ON_CPU) for model, one, _ in _asked(replace(loading, device="cpu"), photos, ask)]


def _at_once(
    loading: Loading, photos: Sequence[Asked], ask: Callable[[Model, Sequence[Asked]], list[Told]]
) -> list[tuple[Model, Told, str]]:
    """Ask a model that nobody holds on to if that fails."""
    model = model_of(loading)
    return [(model, one, "") for one in ask(model, photos)]


def is_out_of_memory(error: RuntimeError) -> bool:
    """Return whether an error is the GPU's memory that ran out."""
    import torch

    return isinstance(error, torch.OutOfMemoryError) or "out of memory" in str(error)


def free_gpu() -> None:
    """Let go of what this process holds on the GPU."""
    import torch

    for loading in [one for one in _models if one.device != "cpu"]:
        del _models[loading]
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


_models: dict[Loading, tuple[tuple[int, int], Model]] = {}
"""Models that this process has loaded, by what was asked for, each with the state of its file; the last used last."""


def model_of(loading: Loading) -> Model:
    """Return a model, loaded once in this process while its file stays as it is.

    Raises:
        ModelProblem, FileProblem, DeviceProblem: it cannot be used.
    """
    from core.model import predict

    try:
        about = loading.file.stat()
    except OSError as error:
        raise unreadable(loading.file, error) from error
    state = about.st_mtime_ns, about.st_size
    kept = _models.pop(loading, None)
    if kept is None or kept[0] != state:
        while len(_models) >= _KEPT:
            del _models[next(iter(_models))]
        model = predict.load_model(
            str(loading.file), device=loading.device, weights=loading.weights, views=loading.views
        )
        kept = state, model
    _models[loading] = kept
    return kept[1]
