"""What is learned after the weights, on photos kept for it: probabilities, threshold, expected overlap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from core.maths.masks import iou
from core.model import parts, threshold
from core.model.raw_map import Map

ENOUGH = 16
"""With fewer photos the calibration of the model that was trained on is kept."""
_SHIFTS = np.linspace(-0.2, 0.2, 41)
_NEAR = 6.0
_MOST_CELLS = 20_000


def probabilities(logits: Sequence[Map], masks: Sequence[Map]) -> tuple[float, float]:
    """Return slope and offset that turn logits into calibrated probabilities (Platt), every photo counting alike.

    Args:
        logits: (h, w) float32 for each photo.
        masks: (h, w) float32, share of each cell that is portrait.
    """
    rng = np.random.default_rng(0)
    x, y, weight = [], [], []
    for z, mask in zip(logits, masks, strict=True):
        near = np.flatnonzero(np.abs(z) < _NEAR)  # the rest is sure either way, and would outvote the edge
        if len(near) == 0:
            continue
        chosen = rng.choice(near, min(len(near), _MOST_CELLS), replace=False)
        x.append(z.ravel()[chosen].astype(np.float64))
        y.append(mask.ravel()[chosen].astype(np.float64))
        weight.append(np.full(len(chosen), 1 / len(chosen)))
    if not x:
        return 1.0, 0.0
    return threshold.fit_logistic(np.concatenate(x), np.concatenate(y), np.concatenate(weight))


def cuts(scores: Sequence[Map], masks: Sequence[Map]) -> dict[str, Any]:
    """Return how far from the per-image threshold to cut, and how the expected overlap relates to the true one.

    Args:
        scores: calibrated maps.
        masks: (h, w) float32 on the same grids.
    """
    best, expected, overlaps = [], [], []
    for score, mask in zip(scores, masks, strict=True):
        own = _strongest(score)
        forecast = threshold.expected_iou(threshold.histogram(own))
        at = threshold.best(forecast)[0]
        truth = np.where(mask >= 0.5, np.uint8(255), np.uint8(0))
        best.append(at)
        expected.append(float(forecast.max()))
        overlaps.append(
            [iou(np.where(own >= max(at + s, 1 / 255), np.uint8(255), np.uint8(0)), truth) for s in _SHIFTS]
        )
    table = np.array(overlaps)
    # Smoothed: the best of 41 on a few photos would be chance.
    curve = np.convolve(np.pad(table.mean(0), 3, mode="edge"), np.ones(7) / 7, mode="valid")
    shift = float(_SHIFTS[int(np.argmax(curve))])
    reached = table[:, int(np.argmax(curve))]
    spread = float(np.var(expected, ddof=1)) if len(expected) > 1 else 0.0  # as np.cov counts
    gain = float(np.cov(expected, reached)[0, 1] / spread) if spread > 1e-6 else 1.0
    gain = float(np.clip(gain, 0.3, 2.0))
    return {
        "threshold_shift": round(shift, 4),
        "iou_gain": round(gain, 4),
        "iou_offset": round(float(np.mean(reached) - gain * np.mean(expected)), 4),
    }


def found(with_one: Sequence[Map], without: Sequence[Map]) -> dict[str, float]:
    """Return what turns the evidence of a map into the probability that there is a portrait, both kinds alike often.

    Args:
        with_one: calibrated maps of photos with a portrait.
        without: of photos without one.
    """
    x = np.array([parts.evidence(score) for score in (*with_one, *without)])
    y = np.array([1.0] * len(with_one) + [0.0] * len(without))
    # Drawn towards one half: a perfect split of a few photos proves no certainty.
    y = np.where(y > 0, (len(with_one) + 1) / (len(with_one) + 2), 1 / (len(without) + 2))
    weight = np.concatenate([np.full(len(with_one), 1 / len(with_one)), np.full(len(without), 1 / len(without))])
    slope, offset = threshold.fit_logistic(x, y, weight * len(x) / 2)
    return {"found_slope": round(slope, 4), "found_offset": round(offset, 4)}


def shares(mask: NDArray[np.uint8], shape: tuple[int, int]) -> Map:
    """Return on a grid (rows, columns) the share of each cell that is portrait."""
    how = cv2.INTER_AREA if shape[0] <= mask.shape[0] else cv2.INTER_LINEAR
    small = cv2.resize(mask.astype(np.float32), (shape[1], shape[0]), interpolation=how)
    return np.asarray(small, np.float32).reshape(shape) / np.float32(255)


def _strongest(score: Map) -> Map:
    at = threshold.best(threshold.expected_iou(threshold.histogram(score)))[0]
    return np.where(parts.find(score, at).owner == 0, score, np.float32(0))
