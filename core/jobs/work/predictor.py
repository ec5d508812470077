"""Predictions as they run in child processes: load the model once, decode a photo, predict it, pack the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.device import resolve
from core.domain import ImageRef
from core.errors import FileProblem
from core.images import io
from core.images.picture import Picture, Pixels
from core.model.card import ModelProblem

if TYPE_CHECKING:
    from core.model.predict import Model, Predicted
    from core.model.raw_map import Map

MAP_SIDE = 1600
"""Long side at which a project's photos are predicted and their maps kept, pixels."""
Predict = Callable[[Pixels], "Predicted"]
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


def announcement(weights: Path | None) -> str:
    """Return what to say before the paper's trunk is loaded: that its weights are fetched; empty: nothing."""
    from core.model.trunks import vgg16

    return vgg16.announcement(weights)


def prepare(loading: Loading) -> Ready:
    """Load a model and keep it, so that what is wrong with it is known before a batch begins.

    Raises:
        ModelProblem, FileProblem: its file, or its trunk's weights, cannot be used.
        DeviceProblem: the device is not there.
    """
    device = resolve(loading.device)
    model = model_of(replace(loading, device=device))
    return Ready(model.card.name, model.version, device)


def look(task: Look) -> Said:
    """Predict one photo.

    Raises:
        FileProblem: the photo cannot be read, or has changed.
        ModelProblem: the model cannot be used.
    """
    from core.model import settled

    photo = _read(task)
    model, said, note = _predicted(task, photo)
    map8 = said.map8(MAP_SIDE)
    counts = np.bincount(map8.ravel(), minlength=256)
    cut = settled.moved(said.threshold, task.moved)
    low, high = (settled.moved(end, task.moved) for end in said.interval)
    kx, ky = photo.full_width / photo.width, photo.full_height / photo.height
    full = photo.full_width, photo.full_height
    answer = Said(
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
    )
    if not task.whole:
        return replace(answer, map_png=io.encode_mask(map8))
    # Where nothing was found the mask is empty, unless somebody says where to cut all the same.
    mask = np.zeros(photo.rgb.shape[:2], np.uint8)
    if task.threshold is not None or said.portraits:
        mask = said.mask(cut if task.threshold is None else task.threshold)
    mask_png = io.encode_mask(mask)
    deep_png = io.encode_map(_deep(said.probability)) if task.deep_map else None
    return replace(answer, width=photo.width, height=photo.height, mask_png=mask_png, deep_png=deep_png)


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


def _predicted(task: Look, photo: Picture) -> tuple[Model, Predicted, str]:
    """Predict; where the GPU's memory runs out, on the CPU, and say so.

    Raises:
        ModelProblem: what the model says is no map: not finite, or out of range.
    """
    model = model_of(task.loading)
    try:
        return model, model.predict(photo.rgb, task.portrait), ""
    except AssertionError as error:  # a model's answer is checked at its door (core.model.raw_map)
        raise ModelProblem(
            f"The model {task.loading.file.name} gives a map that makes no sense.", "Use another model or version."
        ) from error
    except RuntimeError as error:
        if task.loading.device == "cpu" or not _is_out_of_memory(error):
            raise
    del model
    _free_gpu()
    model = model_of(replace(task.loading, device="cpu"))
    return model, model.predict(photo.rgb, task.portrait), "The GPU's memory ran out, so it was predicted on the CPU."


def _is_out_of_memory(error: RuntimeError) -> bool:
    import torch

    return isinstance(error, torch.OutOfMemoryError) or "out of memory" in str(error)


def _free_gpu() -> None:
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
        raise FileProblem(f"{loading.file} cannot be read: {error.strerror or error}.") from error
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
