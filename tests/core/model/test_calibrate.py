"""What is learned after the weights: temperatures, shifts and gains that are known come back."""

from __future__ import annotations

import numpy as np
import pytest

from core.model import calibrate, parts
from core.model.raw_map import Map
from tests.core.model.conftest import blob


def _sigmoid(z: object) -> np.ndarray:
    return 1 / (1 + np.exp(-np.asarray(z, float)))


def _logits(seed: int, shape: tuple[int, int] = (90, 120)) -> Map:
    return np.random.default_rng(seed).normal(0, 2.5, shape).astype(np.float32)


@pytest.mark.parametrize(("slope", "offset"), [(1.0, 0.0), (0.5, 0.3), (1.8, -1.0)])
def test_platt_finds_a_known_temperature(slope: float, offset: float) -> None:
    logits = [_logits(seed) for seed in range(6)]
    rng = np.random.default_rng(9)
    masks = [(rng.random(z.shape) < _sigmoid(slope * z + offset)).astype(np.float32) for z in logits]
    assert calibrate.probabilities(logits, masks) == pytest.approx((slope, offset), abs=0.06)


def test_every_photo_counts_alike() -> None:
    """A small photo with another temperature pulls as hard as a large one."""
    sizes = (20, 30), (100, 150)
    rng = np.random.default_rng(2)
    logits, masks = [], []
    for slope, size in zip((0.5, 2.0), sizes, strict=True):
        for _ in range(20):
            z = rng.normal(0, 1.5, size).astype(np.float32)
            logits.append(z)
            masks.append((rng.random(size) < _sigmoid(slope * z)).astype(np.float32))
    both, _ = calibrate.probabilities(logits, masks)
    swapped, _ = calibrate.probabilities(
        [z[:20, :30] if z.shape == sizes[1] else z for z in logits],
        [m[:20, :30] if m.shape == sizes[1] else m for m in masks],
    )
    assert both == pytest.approx(swapped, abs=0.06)


def test_where_all_is_sure_nothing_is_changed() -> None:
    assert calibrate.probabilities([np.full((4, 4), 9, np.float32)], [np.ones((4, 4), np.float32)]) == (1.0, 0.0)


def _pairs(count: int, narrower: float = 1.0) -> tuple[list[Map], list[Map]]:
    """Calibrated maps of blobs, and truths that are cut out of them ``narrower`` than half way."""
    scores, masks = [], []
    for number in range(count):
        score = blob((80, 100), (45 + number % 7, 40, 14 + number % 9, 0.99))
        scores.append(score)
        masks.append((score >= narrower / 2).astype(np.float32))
    return scores, masks


@pytest.mark.parametrize(("narrower", "sign"), [(0.7, -1), (1.3, 1)])
def test_masks_that_are_narrower_than_forecast_shift_the_threshold_up(narrower: float, sign: int) -> None:
    found = calibrate.cuts(*_pairs(20, narrower))
    usual = calibrate.cuts(*_pairs(20))["threshold_shift"]
    assert sign * (found["threshold_shift"] - usual) > 0.03


def test_the_gain_is_that_of_the_overlaps() -> None:
    """Forecasts that are right on average but twice too timid come out with a gain of about two."""
    rng = np.random.default_rng(0)
    scores, masks = [], []
    for number in range(60):
        y, x = np.mgrid[:80, :100]
        softness = 1 + 4 * number / 60
        score = _sigmoid((22 - np.hypot(x - 50, y - 40)) / softness).astype(np.float32)
        scores.append(score)
        masks.append((rng.random(score.shape) < score).astype(np.float32))
    found = calibrate.cuts(scores, masks)
    assert found["iou_gain"] == pytest.approx(1.0, abs=0.25)
    expected, reached = [], []
    from core.maths.masks import iou
    from core.model import threshold

    for score, mask in zip(scores, masks, strict=True):
        forecast = threshold.expected_iou(threshold.histogram(score))
        at = threshold.best(forecast)[0] + found["threshold_shift"]
        expected.append(float(forecast.max()))
        reached.append(iou(((score >= at) * 255).astype(np.uint8), (mask * 255).astype(np.uint8)))
    line = np.polyfit(expected, reached, 1)
    assert found["iou_gain"] == pytest.approx(line[0], rel=0.005)
    assert found["iou_gain"] * np.mean(expected) + found["iou_offset"] == pytest.approx(np.mean(reached), abs=0.005)


def test_one_photo_or_many_alike_keep_the_forecast_s_slope() -> None:
    scores, masks = _pairs(1)
    assert calibrate.cuts(scores, masks)["iou_gain"] == 1.0
    assert calibrate.cuts(scores * 5, masks * 5)["iou_gain"] == 1.0


def test_photos_with_and_without_are_told_apart_but_never_for_certain() -> None:
    with_one = [blob((40, 50), (25, 20, 9, h)) for h in (0.8, 0.9, 0.95, 0.99)] * 5
    without = [blob((40, 50), (25, 20, 9, h)) for h in (0.05, 0.1, 0.2, 0.3)] * 10
    table = calibrate.found(with_one, without)
    said = [
        _sigmoid(table["found_slope"] * parts.evidence(score) + table["found_offset"])
        for score in (*with_one, *without)
    ]
    assert min(said[:20]) > 0.7 and max(said[20:]) < 0.3
    assert max(said) < 0.999 and min(said) > 0.001


@pytest.mark.parametrize("shape", [(7, 9), (14, 18), (21, 28)])
def test_shares_keep_the_area(shape: tuple[int, int]) -> None:
    mask = np.zeros((14, 18), np.uint8)
    mask[4:10, 5:13] = 255
    found = calibrate.shares(mask, shape)
    assert found.shape == shape and found.dtype == np.float32
    assert found.mean() == pytest.approx(48 / 252, abs=0.01)
