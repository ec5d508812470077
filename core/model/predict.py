"""From a photo to its portraits: the one door through which every model is used."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from core.device import resolve
from core.model import parts, refine, registry, threshold
from core.model.card import ModelCard, ModelProblem
from core.model.portrait import number
from core.model.raw_map import Map, Network, RawMap

Pixels = NDArray[np.uint8]
FOUND = 0.5
"""Below this probability a photo counts as one without a portrait."""
LEAST_SIDE = 16
"""Pixels below which nothing can be told of a photo."""
TOO_SMALL = "Nothing found: the photo is too small to show a pet."
MAP_SIDE = 1600
"""Long side of the map that is kept for the desk, pixels."""
RADIUS = 0.015
"""Window of the refinement, as a share of the portrait's extent: the maps are sharper than a wider one's answers."""


@dataclass(frozen=True, slots=True, eq=False)
class Predicted:
    """What a model says of one photo."""

    raw: RawMap
    portraits: tuple[parts.Box, ...]
    """Boxes in photo pixels, best first; empty where nothing was found."""
    threshold: float
    """Learned for this photo, on the map's scale 0 to 1."""
    interval: tuple[float, float]
    expected_iou: float
    found: float
    """Probability that there is a portrait at all."""
    reason: str
    seconds: float
    probability: Map
    """(h, w) float32, 0 to 1, the photo's size: refined at its edges, of the chosen portrait alone."""

    @property
    def log_density(self) -> Map:
        """The model's log-density, on its own grid; its exponential sums to one."""
        return self.raw.log_density

    def mask(self, cut: float | None = None) -> Pixels:
        """Return the mask, 0 or 255, the photo's size, cut at a threshold (None: the learned one)."""
        return cut_map(self.probability, self.threshold if cut is None else cut)

    def map8(self, long_side: int = MAP_SIDE) -> Pixels:
        """Return the probability as 8 bit, at most ``long_side`` pixels long."""
        height, width = self.probability.shape
        factor = min(1.0, long_side / max(height, width))
        size = max(1, round(width * factor)), max(1, round(height * factor))
        small = self.probability if factor == 1 else cv2.resize(self.probability, size, interpolation=cv2.INTER_AREA)
        return np.rint(np.asarray(small).reshape(size[1], size[0]) * 255).astype(np.uint8)


def cut_map(probability: Map, cut: float) -> Pixels:
    """Return the mask of a map: 255 where it is at least ``cut``, and above 0."""
    return np.where(probability >= max(cut, 1 / 510), np.uint8(255), np.uint8(0))


class Model:
    """A read-out ready for use."""

    def __init__(self, card: ModelCard, version: str, network: Network) -> None:
        """Raise ModelProblem where the card's calibration makes no sense."""
        self.card, self.version = card, version
        self._network = network
        self._shift = number(card.calibration, "threshold_shift", 0.0)
        self._gain = number(card.calibration, "iou_gain", 1.0), number(card.calibration, "iou_offset", 0.0)
        self._found = number(card.calibration, "found_slope", 0.0), number(card.calibration, "found_offset", 0.0)
        self._fixed = _fixed(card)

    def raw(self, photo: Pixels) -> RawMap:
        """Return the model's own map of a photo."""
        return self.raw_all([photo])[0]

    def raw_all(self, photos: Sequence[Pixels]) -> list[RawMap]:
        """Return the model's own maps of some photos, the network looking at them together."""
        return self._network.maps(list(photos))

    def predict(self, photo: Pixels, portrait: int = 0) -> Predicted:
        """Predict the portrait in a photo.

        Args:
            photo: (h, w, 3) uint8 sRGB.
            portrait: which one, where there are two; the last one there is, if there are fewer.
        """
        return self.predict_all([photo], [portrait])[0]

    def predict_all(self, photos: Sequence[Pixels], portraits: Sequence[int]) -> list[Predicted]:
        """Predict the portraits in some photos, the network looking at them together (see :meth:`predict`)."""
        started = time.perf_counter()
        raws = self.raw_all(photos)
        each = (time.perf_counter() - started) / max(len(photos), 1)
        return [self._predicted(*one, each) for one in zip(raws, photos, portraits, strict=True)]

    def _predicted(self, raw: RawMap, photo: Pixels, portrait: int, seconds: float) -> Predicted:
        """Return the prediction of a photo whose map took some seconds."""
        started = time.perf_counter()
        height, width = photo.shape[:2]
        rows, columns = raw.score.shape
        cut = self._cut_of(raw.score)
        found = parts.find(raw.score, cut[0])
        chosen = max(0, min(portrait, len(found.boxes) - 1))
        score = np.where(found.owner == chosen, raw.score, np.float32(0)) if found.boxes else raw.score
        cut = self._cut_of(score)
        expected = float(np.clip(self._gain[0] * cut[3] + self._gain[1], 0, 1))
        small = min(height, width) < LEAST_SIDE
        there = 0.0 if small else self._probability_of_one(raw.score)
        kx, ky = width / columns, height / rows
        boxes = (
            ()
            if there < FOUND
            else tuple(
                (int(x0 * kx), int(y0 * ky), min(width, int(np.ceil(x1 * kx))), min(height, int(np.ceil(y1 * ky))))
                for x0, y0, x1, y1 in found.boxes
            )
        )
        probability = refine.to_photo(score, photo, RADIUS)
        return Predicted(
            raw=raw,
            portraits=boxes,
            threshold=cut[0],
            interval=(cut[1], cut[2]),
            expected_iou=expected if boxes else 0.0,
            found=there,
            reason=TOO_SMALL if small else _reason(there, len(boxes), chosen, expected),
            seconds=seconds + time.perf_counter() - started,
            probability=probability,
        )

    def _cut_of(self, score: Map) -> tuple[float, float, float, float]:
        """Return the learned threshold for a map, its interval, and the expected overlap there (not calibrated)."""
        expected = threshold.expected_iou(threshold.histogram(score))
        if self._fixed is not None:
            return *self._fixed, float(expected[max(1, round(self._fixed[0] * 255))])
        best, low, high = threshold.best(expected)
        shifted = [float(np.clip(value + self._shift, 1 / 255, 1)) for value in (best, low, high)]
        return shifted[0], shifted[1], shifted[2], float(expected.max())

    def _probability_of_one(self, score: Map) -> float:
        if self._found[0] == 0:  # nobody has taught it what a photo without a portrait is like
            return 1.0 if score.max() > 0 else 0.0
        z = self._found[0] * parts.evidence(score) + self._found[1]
        return float(0.5 * (1 + np.tanh(0.5 * z)))


def _fixed(card: ModelCard) -> tuple[float, float, float] | None:
    """Return the one threshold for all photos that a card names, with its interval; None where it names none.

    Raises:
        ModelProblem: it makes no sense.
    """
    if "threshold" not in card.calibration:
        return None
    ends = card.calibration.get("interval")
    low, high = ends if isinstance(ends, list) and len(ends) == 2 else (None, None)
    at = number(card.calibration, "threshold", 0.5)
    table = {"low": at if low is None else low, "high": at if high is None else high}
    low, high = number(table, "low", at), number(table, "high", at)
    if not 0 < low <= at <= high <= 1:
        raise ModelProblem(
            f"The model's card says that it cuts at {at}, from {low} to {high}.", "Choose another model."
        )
    return at, low, high


def _reason(found: float, count: int, chosen: int, expected: float) -> str:
    if found < FOUND or not count:
        return "Nothing found: no part of the photo looks like a pet's head."
    if count > 1:
        return f"Two pets found: this is the {'less clear' if chosen else 'clearer'} one."
    if expected < 0.75:
        return f"The portrait's edge is unsure: an overlap of {expected:.0%} is expected."
    return f"One portrait found, with an expected overlap of {expected:.0%}."


def load_model(
    name_or_path: str,
    *,
    device: str = "auto",
    weights: Path | None = None,
    views: int = 4,
    extra: tuple[Path, ...] = (),
) -> Model:
    """Load a model.

    Args:
        name_or_path: a name of the registry, or a read-out's file.
        device: "auto", "cpu" or "cuda".
        weights: file with the trunk's weights, for read-outs that do not bring them.
        views: test-time views that are averaged, 1, 2 or 4.
        extra: folders with more read-outs, such as a project's.

    Raises:
        ModelProblem: there is no such model, or its file is not sound.
        FileProblem: the file cannot be read.
        DeviceProblem: the device is not there.
    """
    path = registry.find(name_or_path, extra)
    network = registry.build(path, device=resolve(device), weights=weights, views=views)
    return Model(registry.card_of(path), registry.version_of(path), network)
