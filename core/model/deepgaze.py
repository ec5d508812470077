"""Trains the paper's read-out: on fixations (its pre-training) and on masks, from scratch or from the former."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.errors import UsageProblem
from core.images.io import decode_mask
from core.maths import masks as mask_maths
from core.model import calibrate, centre_bias, fixations, threshold
from core.model.card import ModelCard
from core.model.centre_bias import CentreBias
from core.model.data import Example, split
from core.model.deepgaze2 import SIZE, read
from core.model.features import STRIDE, Features, Table
from core.model.fitting import Check, Data, Progress, Schedule, fit, losses, set_scale
from core.model.fixation_tables import Picture
from core.model.raw_map import Map
from core.model.readout import UPSCALE, ReadOut
from core.model.trunks.vgg16 import VGG16

LEAST = 8
"""With fewer photos nothing can be learned."""
HELD_OUT = 0.2
"""Share of the pictures on which a pre-training is judged."""
STOP_SHARE = 0.12
_LEAST_STOP = 4
FIXATIONS = Schedule(epochs=20, batch=16, rate=1e-3, decay=1e-3, dropout=0.3)
MASKS = Schedule(epochs=20, batch=8, rate=3e-3, decay=1e-3, dropout=0.4)
_LEAST_STEPS = 500
_MOST_EPOCHS = 120

Trained = tuple[dict[str, torch.Tensor], ModelCard]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a training computes with."""

    trunk: VGG16
    """Quickened."""
    cache: Path | None = None
    """Folder of the features; None: they are made anew."""
    size: int = SIZE
    """Long side to which photos are scaled; the paper's is 800."""
    seed: int = 0
    resume: Path | None = None
    """File from which a training that was cut off goes on."""
    start_from: Path | None = None
    """A read-out to go on from, such as the one pre-trained on fixations; None: from scratch."""
    schedule: Schedule | None = None
    options: dict[str, Any] = field(default_factory=dict)
    """For the card."""
    cache_megabytes: float = 4096.0
    """Disk space for features."""

    def table(self, files: Sequence[Path]) -> Table:
        """Return the features of some files."""
        return Table(Features(self.trunk, self.size, self.cache, self.cache_megabytes), list(files))


def train(examples: Sequence[Example], setting: Setting, progress: Progress, check: Check) -> Trained:
    """Train the read-out on masks; all examples are used: hold out before what it is to be judged on.

    Some of them (:data:`STOP_SHARE`, by photo) only say when to stop, and thresholds are learned on them.

    Returns:
        Tensors and card; title, data, licence and command are for the caller to fill in.

    Raises:
        UsageProblem: there are too few photos with a portrait, or their masks are of one kind.
        ModelProblem, FileProblem: what it starts from, or a photo, cannot be used.
    """
    examples = [example for example in examples if _teaches(example.mask)]
    if len(examples) < LEAST:
        raise UsageProblem(
            f"{len(examples)} photos whose mask is neither empty nor full are too few to learn from.",
            f"Accept at least {LEAST}, with masks that show where the portrait ends.",
        )
    table = setting.table([example.image for example in examples])
    _fill(table, setting, progress, check)
    masks = [_shares(example.mask, table, number) for number, example in enumerate(examples)]
    usable = [number for number, mask in enumerate(masks) if float(mask.sum()) > 0]
    by_hand = [number for number in usable if examples[number].by_hand]
    judges = by_hand if len(by_hand) >= LEAST else usable
    chosen = [judges[place] for place in _stopping([examples[number].key for number in judges])]
    data = Data(table, [torch.from_numpy(mask) for mask in masks], [n for n in usable if n not in set(chosen)], chosen)
    bias = centre_bias.fit([centre_bias.of_mask(masks[number]) for number in usable])
    readout = _first(setting, data, bias)

    def overlap(maps: list[torch.Tensor]) -> float:
        found = [threshold.values(one.numpy(), "area") for one in maps]
        return threshold.learn(found, [masks[number] for number in chosen], "area").iou

    schedule = replace(setting.schedule or _long_enough(MASKS, len(data.train)), seed=setting.seed)
    fit(readout, data, schedule, "masks", progress=progress, check=check, resume=setting.resume, measure=overlap)
    _, maps = losses(readout, data, chosen, schedule.batch)
    table_of = calibrated([one.numpy() for one in maps], [masks[number] for number in chosen])
    return _tensors(readout), _card("deepgaze2-vgg16", setting, len(usable), table_of)


def calibrated(densities: Sequence[Map], masks: Sequence[Map]) -> dict[str, Any]:
    """Return what a card says of thresholds, learned on photos: the score's scale, the default and its interval."""
    relative = [threshold.values(density, "area") for density in densities]
    slope, offset = calibrate.probabilities(relative, masks)
    scores = [threshold.score(one, slope, offset) for one in relative]
    learned = {
        rule: threshold.learn([threshold.values(density, rule) for density in densities], masks, rule)
        for rule in threshold.RULES
    }
    area = learned["area"]
    low, default, high = (threshold.on_score_scale(at, slope, offset) for at in (area.low, area.threshold, area.high))
    return {
        "slope": slope,
        "offset": offset,
        "threshold": default,
        "interval": [low, high],
        "rules": {rule: {"threshold": one.threshold, "iou": one.iou} for rule, one in learned.items()},
        **calibrate.cuts(scores, masks),
    }


def pretrain(
    pictures: Sequence[Picture], setting: Setting, progress: Progress, check: Check, held_out: float = HELD_OUT
) -> Trained:
    """Train the read-out on fixations (their mean log-likelihood) and judge it on pictures held out.

    Raises:
        UsageProblem: there are too few pictures.
        ModelProblem, FileProblem: what it starts from, or a picture, cannot be used.
    """
    judged = held_out_pictures(pictures, held_out)
    looked_at = [number for number, picture in enumerate(pictures) if picture.x.size]
    usable = [number for number in looked_at if number not in judged]
    if len(usable) < LEAST:
        raise UsageProblem(f"{len(usable)} pictures with fixations are too few to learn from.", f"Give {LEAST}.")
    table = setting.table([picture.file for picture in pictures])
    _fill(table, setting, progress, check)
    wanted = []
    for number, picture in enumerate(pictures):
        wanted.append(torch.from_numpy(fixations.counts_on(picture, _grid(table, number))))
    chosen = [usable[place] for place in _stopping([pictures[number].name for number in usable])]
    data = Data(table, wanted, [number for number in usable if number not in set(chosen)], chosen)
    bias = centre_bias.fit([_points(pictures[number]) for number in usable])
    readout = _first(setting, data, bias)
    schedule = replace(setting.schedule or FIXATIONS, seed=setting.seed)
    fit(readout, data, schedule, "fixations", progress=progress, check=check, resume=setting.resume)
    card = _card("deepgaze2-vgg16-fixations", setting, len(usable), {})
    card.options["seen"] = [mark(pictures[number].name) for number in usable]
    some = sorted(judged & set(looked_at))
    if len(some) > 1:
        found = dict(zip(some, losses(readout, data, some, schedule.batch)[1], strict=True))
        by_name = {pictures[number].name: one.numpy() for number, one in found.items()}
        score = fixations.evaluate(
            [pictures[number] for number in some],
            lambda picture: by_name[picture.name],
            [pictures[number] for number in usable],
        )
        card.metrics.update(figures(score))
    return _tensors(readout), card


def figures(score: object) -> dict[str, float]:
    """Return a score's numbers as a card shows them; what is listed photo by photo is left out."""
    table = {name: getattr(score, name) for name in getattr(score, "__slots__", ())}
    return {name: round(value, 4) for name, value in table.items() if isinstance(value, int | float)}


def mark(name: str) -> str:
    """Return eight digits for a picture's name: by them a card knows what it was trained on."""
    return hashlib.sha256(Path(name).stem.encode()).hexdigest()[:8]


def held_out_pictures(pictures: Sequence[Picture], share: float) -> set[int]:
    """Return the numbers of the pictures that are held out; each one's side depends on its name alone."""
    examples = [Example(Path(picture.name).stem, picture.file, picture.file) for picture in pictures]
    held = {example.key for example in split(examples, share)[1]}
    return {number for number, example in enumerate(examples) if example.key in held}


def _points(picture: Picture) -> NDArray[np.float64]:
    return centre_bias.of_points(picture.x, picture.y, picture.width, picture.height)


def _first(setting: Setting, data: Data, bias: CentreBias) -> ReadOut:
    """Return the read-out from which the training starts; the centre bias is always that of its own data."""
    if setting.start_from is not None:
        _, readout = read(setting.start_from)
        readout.centre_bias = torch.from_numpy(bias.log_density.copy())
        return readout
    readout = ReadOut(bias)
    readout.start(torch.Generator().manual_seed(setting.seed))
    set_scale(readout, data)
    return readout


def _long_enough(schedule: Schedule, count: int) -> Schedule:
    """Return a schedule with more epochs where there are so few photos that the read-out would hardly move."""
    steps = -(-count // schedule.batch)
    epochs = max(schedule.epochs, min(_MOST_EPOCHS, -(-_LEAST_STEPS // steps)))
    return replace(schedule, epochs=epochs, patience=max(schedule.patience, epochs // 3))


def _fill(table: Table, setting: Setting, progress: Progress, check: Check) -> None:
    mirror = (setting.schedule or MASKS).mirror
    table.fill(mirror, lambda done, total: progress("features", done, total, 0.0, None), check)


def _stopping(keys: Sequence[str]) -> list[int]:
    """Return the places of the photos that say when to stop: the first of an order that their keys alone decide."""
    count = max(_LEAST_STOP if len(keys) >= 2 * LEAST else 2, round(STOP_SHARE * len(keys)))
    order = sorted(range(len(keys)), key=lambda place: hashlib.sha256(f"stop {keys[place]}".encode()).digest())
    return sorted(order[:count])


def _grid(table: Table, number: int) -> tuple[int, int]:
    height, width = table.get(number).shape[:2]
    return int(height) * UPSCALE, int(width) * UPSCALE


def _teaches(file: Path) -> bool:
    """Return whether a mask's file shows where a portrait ends."""
    mask = decode_mask(file.read_bytes()) >= 128
    return bool(mask.any()) and not bool(mask.all())


def _shares(file: Path, table: Table, number: int) -> Map:
    """Return a mask's file on the read-out's grid, 0 to 1."""
    mask: mask_maths.Mask = decode_mask(file.read_bytes())
    return calibrate.shares(np.where(mask >= 128, np.uint8(255), np.uint8(0)), _grid(table, number))


def _tensors(readout: ReadOut) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in readout.state_dict().items()}


def _card(name: str, setting: Setting, count: int, calibration: dict[str, Any]) -> ModelCard:
    return ModelCard(
        name=name,
        architecture="deepgaze2",
        trunk="vgg16",
        title="The paper's model: DeepGaze II's read-out on VGG-16",
        data="",
        licence="",
        command="",
        seed=setting.seed,
        trained_on=count,
        options={"size": setting.size, "stride": STRIDE, **setting.options},
        calibration=calibration,
        metrics={},
    )
