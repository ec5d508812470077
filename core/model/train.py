"""Trains our model: both stages on whole photos and on heads, or their read-outs alone on cached features."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from core.errors import UserFacingError
from core.files import write_atomically
from core.images.io import Limits
from core.maths.masks import iou
from core.model import augment, calibrate, checkpoint, portrait
from core.model.bounded import evict
from core.model.cached import Entry, FeatureCache
from core.model.card import ModelCard
from core.model.data import Example, split
from core.model.optimise import Batch, Optimiser, Schedule
from core.model.precision import autocast
from core.model.raw_map import Map
from core.model.shelf import Shelf
from core.model.trunks import TITLES, load_trunk

Pixels = NDArray[np.uint8]
LEAST = 8
"""With fewer photos nothing can be learned."""
SIDES = {"coarse": 288, "fine": 256}
"""Of the square views that each stage is trained on, pixels."""
_BATCH = 12
_VIEWS = 4
"""Cached views of each photo and stage."""
_WITHOUT_SHARE = 0.08
_CALIBRATION_SHARE = 0.08
_WATCHED = 24
"""Held-out photos on which the curve of a running training is drawn."""


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a training's curves."""

    stage: str
    epoch: float
    epochs: float
    """0: a point of no curve, but how the read-out that is gone on from does on the held-out photos."""
    loss: float
    held_out_iou: float | None


@dataclass(frozen=True, slots=True)
class Training:
    """What is trained and how."""

    examples: Sequence[Example]
    workdir: Path
    """Where it keeps what it needs to go on after a power cut."""
    limits: Limits
    seed: int = 1
    held_out: float = 0.2
    without: Sequence[Path] = ()
    """Pictures that show no portrait."""
    start_from: Path | None = None
    """A read-out of the same kind to go on from; None: the trunk's ImageNet weights. Needed for ``quick``."""
    quick: bool = False
    """Read-outs alone, on cached features."""
    trunk: str = "efficientnet-lite2"
    """From whose ImageNet weights a training starts that goes on from no read-out."""
    weights: Path | None = None
    epochs: dict[str, float] = field(default_factory=lambda: {"coarse": 24.0, "fine": 12.0})
    """Of the two stages; a quick training takes a quarter of them."""
    cache_megabytes: float = 4096.0
    """Disk space for feature maps, and as much for shrunk photos; photos that are needed stay whatever their size."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Who is told how it goes and which files are left out, and who may stop it."""

    point: Callable[[Point], None]
    check: Callable[[], None]
    failed: Callable[[Path, UserFacingError], None] = lambda path, error: None


def train(what: Training, progress: Progress) -> tuple[dict[str, torch.Tensor], ModelCard]:
    """Train our model; returns its tensors and its card (data, licence and command are for the caller to fill in).

    The result depends on the examples and the seed alone, not on interruptions.

    Raises:
        UserFacingError: there are too few photos, or all of them are of one kind.
        ModelProblem: the loss is not finite any more.
        Whatever ``progress.check`` raises; the training goes on from its last checkpoint when it is asked for again.
    """
    return _Training(what, progress).run()


class _Training:
    """One training while it runs."""

    def __init__(self, what: Training, progress: Progress) -> None:
        self._what, self._progress = what, progress
        rest, self._held = split(what.examples, what.held_out)
        self._train, self._calibration = _part_for_calibration(rest)
        if len(self._train) < LEAST:
            raise UserFacingError(
                f"There are {len(what.examples)} photos with a mask, of which {len(self._train)} are left to train on.",
                f"Accept or correct more pairs: {LEAST} photos besides the held-out ones are the least.",
            )
        self._shelves = {
            name: self._shelf(examples)
            for name, examples in (("train", self._train), ("calibration", self._calibration), ("held", self._held))
        }
        self._empty = self._pictures_without()
        self._stay_within_bounds()
        self._see_that_it_can_learn()
        self._work = what.workdir / self._fingerprint()

    def _fingerprint(self) -> str:
        """Return what tells this training from others: a mask that was corrected since makes it another."""
        what = self._what
        told = {
            "photos": {
                name: [shelf.key(number) for number in range(len(shelf))]
                for name, shelf in (*self._shelves.items(), ("without", self._empty))
            },
            "start": checkpoint.version_of(what.start_from) if what.start_from is not None else None,
            "rest": [what.seed, what.held_out, what.quick, what.epochs, SIDES, _BATCH],
        }
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]

    def _shelf(self, examples: Sequence[Example]) -> Shelf:
        shelf = Shelf(self._what.workdir / "photos", self._what.limits)
        self._fill(shelf, examples)
        return shelf

    def _fill(self, shelf: Shelf, examples: Sequence[Example]) -> None:
        shelf.fill(examples, self._progress.check)
        for example, error in shelf.failures:
            self._progress.failed(example.image, error)

    def _stay_within_bounds(self) -> None:
        """Delete the oldest photos that are kept for trainings of another time if there are too many of them."""
        needed = {file for shelf in (*self._shelves.values(), self._empty) for file in shelf.files}
        for name in ("photos", "without"):
            evict(self._what.workdir / name, "*.npy", self._what.cache_megabytes * 1e6, needed)

    def _pictures_without(self) -> Shelf:
        """Return the pictures that show no portrait, with masks that are black."""
        from core.images import io

        shelf = Shelf(self._what.workdir / "without", self._what.limits)
        examples = []
        for path in self._what.without:
            self._progress.check()
            try:
                width, height = io.identify(path, self._what.limits)
            except UserFacingError as error:  # one picture of many
                self._progress.failed(path, error)
                continue
            mask = self._what.workdir / "black" / f"{width}x{height}.png"
            if not mask.is_file():
                write_atomically(mask, io.encode_mask(np.zeros((height, width), np.uint8)))
            examples.append(Example(str(path), path, mask))
        self._fill(shelf, examples)
        return shelf

    def _see_that_it_can_learn(self) -> None:
        shelf = self._shelves["train"]
        if len(shelf) < LEAST:
            first = shelf.failures[0][1]
            raise UserFacingError(f"Only {len(shelf)} of the photos can be read: {first}", "Look to those files first.")
        filled = [float((shelf.get(n)[1] >= 128).mean()) for n in range(min(len(shelf), 64))]
        if max(filled) == 0 or min(filled) == 1:
            what = "empty" if max(filled) == 0 else "full: every pixel belongs to the portrait"
            raise UserFacingError(f"All masks are {what}.", "Train on photos whose masks show where the portrait ends.")

    def run(self) -> tuple[dict[str, torch.Tensor], ModelCard]:
        """Do it."""
        what = self._what
        torch.manual_seed(what.seed)
        before: ModelCard | None = None
        if what.start_from is not None:
            before, stages = portrait.read(what.start_from)
            trunk = before.trunk
        else:
            trunk = what.trunk
            stages = portrait.Stages(
                portrait.Stage(load_trunk(trunk, what.weights)), portrait.Stage(load_trunk(trunk, what.weights))
            )
        stages = stages.to(memory_format=torch.channels_last)
        if what.start_from is not None and (overlap := self._overlap(stages, "fine")) is not None:
            self._progress.point(Point("as it begins", 0.0, 0.0, 0.0, overlap))
        self._phase("coarse", stages.coarse, stages)
        if what.start_from is None:
            # The second stage begins where the first one ends: what a head is, it need not learn again.
            stages.fine.load_state_dict(stages.coarse.state_dict())
        self._phase("fine", stages.fine, stages)
        # As it will be read from the file: half precision is part of what is calibrated.
        tensors = portrait.tensors_of(stages)
        checkpoint.fill(stages, tensors, "the training")
        return tensors, self._card(trunk, self._calibrated(stages, before))

    def _phase(self, name: str, stage: portrait.Stage, stages: portrait.Stages) -> None:
        what = self._what
        epochs = what.epochs[name] / (4 if what.quick else 1)
        steps = max(20, math.ceil(epochs * len(self._shelves["train"]) / _BATCH))
        slow = what.start_from is not None
        rates = (("decoder.", 5e-4 if slow else 1e-3), ("trunk.", 1e-4 if slow else 2e-4))
        schedule = Schedule(steps, rates[:1] if what.quick else rates, warm_up=min(100, steps // 4))
        forward = stage.decoder if what.quick else stage
        optimiser = Optimiser(stage, lambda inputs: _logits(forward, inputs), schedule, self._work / f"{name}.pt")
        batches = self._cached(name, stage) if what.quick else self._fresh(name)
        titles = {"coarse": "whole photos", "fine": "heads"}
        every = max(4, min(50, steps // 12))

        def report(step: int, loss: float) -> None:
            overlap = None
            if name == "fine" or (step // every) % 4 == 0 or step == steps:
                stage.eval()
                # Both stages say something from the start if they go on from others: one measure for all of the curve.
                overlap = self._overlap(stages, name if what.start_from is None else "fine")
                stage.train()
            self._progress.point(Point(titles[name], step / steps * epochs, epochs, loss, overlap))

        def batch(step: int) -> Batch:
            self._progress.check()
            return batches(step)

        optimiser.run(batch, every, report)

    def _fresh(self, name: str) -> Callable[[int], Batch]:
        def batch(step: int) -> Batch:
            views = [
                self._view(name, number, np.random.default_rng([seed, number]), without)
                for number, seed, without in self._seeds(name, step)
            ]
            photos = torch.from_numpy(np.stack([view.photo for view in views])).permute(0, 3, 1, 2).float()
            return Batch(
                photos.contiguous(memory_format=torch.channels_last),
                torch.from_numpy(np.stack([view.mask for view in views]))[:, None],
                torch.from_numpy(np.stack([view.inside for view in views]))[:, None],
            )

        return batch

    def _cached(self, name: str, stage: portrait.Stage) -> Callable[[int], Batch]:
        cache = FeatureCache(self._what.workdir / "features", stage.trunk, self._what.cache_megabytes)

        def one(number: int, seed: int, without: bool) -> Entry:
            # By the photo, not by its number, which changes whenever others come and go: the next training finds it.
            photo = (self._empty if without else self._shelves["train"]).key(number)
            told = f"{name} {SIDES[name]} {photo} {seed % _VIEWS} {without}"
            key = hashlib.sha256(told.encode()).hexdigest()[:32]
            found = cache.get(key)
            if found is None:
                found = cache.put(key, self._view(name, number, np.random.default_rng(int(key, 16)), without))
            return found

        def batch(step: int) -> Batch:
            found = [one(*seed) for seed in self._seeds(name, step)]
            levels = [torch.stack([maps[n] for maps, _, _ in found]) for n in range(len(stage.trunk.channels))]
            mask = torch.stack([mask for _, mask, _ in found])[:, None]
            inside = torch.stack([inside for _, _, inside in found])[:, None]
            return Batch(levels, mask, inside)

        return batch

    def _seeds(self, name: str, step: int) -> list[tuple[int, int, bool]]:
        """Return what a step is shown: number of the photo, seed of the view, whether it is one without a portrait."""
        stage = ("coarse", "fine").index(name)
        size = len(self._shelves["train"])
        chosen = []
        for place in range(step * _BATCH, (step + 1) * _BATCH):
            rng = np.random.default_rng([self._what.seed, stage, place])
            seed = int(rng.integers(2**31))
            if len(self._empty) and rng.random() < _WITHOUT_SHARE:
                chosen.append((int(rng.integers(len(self._empty))), seed, True))
                continue
            order = np.random.default_rng([self._what.seed, stage, 7, place // size]).permutation(size)
            chosen.append((int(order[place % size]), seed, False))
        return chosen

    def _view(self, name: str, number: int, rng: np.random.Generator, without: bool) -> augment.View:
        photo, mask = (self._empty if without else self._shelves["train"]).get(number)
        if without or name == "coarse":
            return augment.whole(photo, mask, SIDES[name], rng)
        return augment.head(photo, mask, SIDES[name], rng)

    def _overlap(self, stages: portrait.Stages, name: str) -> float | None:
        """Return the mean overlap on some held-out photos, by as much of the model as is trained so far."""
        shelf = self._shelves["held"]
        if not len(shelf):
            return None
        network = portrait.PortraitNet(stages, portrait.Calibration(), views=1)
        found = []
        for number in range(min(_WATCHED, len(shelf))):
            self._progress.check()
            photo, mask = shelf.get(number)
            score = network.probability(network.coarse_logits(photo)) if name == "coarse" else network.raw(photo).score
            size = mask.shape[1], mask.shape[0]
            cut = cv2.resize(score, size, interpolation=cv2.INTER_LINEAR) >= 0.5
            found.append(iou(np.where(cut, np.uint8(255), np.uint8(0)), mask))
        return float(np.mean(found))

    def _calibrated(self, stages: portrait.Stages, before: ModelCard | None) -> dict[str, Any]:
        """Return the calibration learned on the photos kept for it; too few of them keep what was there before."""
        shelf = self._shelves["calibration"]
        if len(shelf) < calibrate.ENOUGH:
            return dict(before.calibration) if before is not None else {}
        plain = portrait.PortraitNet(stages, portrait.Calibration())
        found = [self._logits_and_shares(plain, shelf, number) for number in range(len(shelf))]
        logits, masks = [z for z, _ in found], [mask for _, mask in found]
        slope, offset = calibrate.probabilities(logits, masks)
        chosen = portrait.PortraitNet(stages, portrait.Calibration(slope, offset))
        scores = [chosen.probability(z) for z in logits]
        table: dict[str, Any] = {"slope": round(slope, 4), "offset": round(offset, 4), **calibrate.cuts(scores, masks)}
        count = min(len(self._empty), 2 * len(shelf))
        if count >= calibrate.ENOUGH:
            without = [chosen.raw(self._empty.get(number)[0]).score for number in range(count)]
            table |= calibrate.found(scores, without)
        elif before is not None:
            table |= {key: value for key, value in before.calibration.items() if key.startswith("found_")}
        return table

    def _logits_and_shares(self, network: portrait.PortraitNet, shelf: Shelf, number: int) -> tuple[Map, Map]:
        self._progress.check()
        photo, mask = shelf.get(number)
        score = network.raw(photo).score.astype(np.float64)
        logits = np.log(score + 1e-6) - np.log(1 - score + 1e-6)
        return cast(Map, logits.astype(np.float32)), calibrate.shares(mask, logits.shape)

    def _card(self, trunk: str, calibration: dict[str, Any]) -> ModelCard:
        return ModelCard(
            name="pawtrait",
            architecture=portrait.ARCHITECTURE,
            trunk=trunk,
            title=f"Our model: {TITLES.get(trunk, trunk)}, a feature pyramid, two stages",
            data="",
            licence="",
            command="",
            seed=self._what.seed,
            trained_on=len(self._shelves["train"]),
            calibration=calibration,
        )


def _logits(forward: torch.nn.Module, inputs: object) -> torch.Tensor:
    with autocast("cpu"):
        logits: torch.Tensor = forward(inputs)
    return logits


def _part_for_calibration(examples: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """Return examples to train on, and some to calibrate with; none of those where there are too few."""
    salted = {e.key: Example(f"calibration {e.key}", e.image, e.mask) for e in examples if e.by_hand}
    _, kept = split(list(salted.values()), _CALIBRATION_SHARE)
    keys = {e.key.removeprefix("calibration ") for e in kept}
    if len(keys) < calibrate.ENOUGH:
        return list(examples), []
    return [e for e in examples if e.key not in keys], [e for e in examples if e.key in keys]
