"""The rules, learned thresholds, and what to expect of a new photo."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.model import threshold
from core.model.raw_map import Map, normalised
from core.model.threshold import RULES


def _disc(radius: float, size: int = 60, softness: float = 3.0) -> tuple[Map, Map]:
    """A density around a disc, and the disc."""
    y, x = np.mgrid[:size, :size]
    away = np.hypot(x - size / 2, y - size / 2)
    density = normalised((-np.maximum(away - radius, 0) / softness - 0.02 * away).astype(np.float32))
    return density, (away <= radius + 2).astype(np.float32)


def test_uniform_and_absolute_differ_by_the_size_of_the_grid() -> None:
    density, _ = _disc(10)
    gap = threshold.values(density, "uniform") - threshold.values(density, "absolute")
    assert gap == pytest.approx(np.log(density.size), abs=1e-5)


def test_relative_to_the_maximum_ends_at_nought() -> None:
    assert threshold.values(_disc(10)[0], "maximum").max() == 0


def test_the_region_of_a_mass_holds_that_mass() -> None:
    density, _ = _disc(10)
    inside = threshold.values(density, "mass") > 1 - 0.7
    assert np.exp(density[inside].astype(np.float64)).sum() == pytest.approx(0.7, abs=0.01)


def test_a_flat_density_has_the_area_that_it_covers() -> None:
    flat = np.full((10, 10), -40.0, np.float32)
    flat[2:5, 3:8] = np.log(1 / 15)
    assert threshold.values(flat, "area")[3, 4] == pytest.approx(0.0, abs=1e-5)


@pytest.mark.parametrize("rule", ["maximum", "mass", "area"])
def test_relative_rules_do_not_see_the_grid(rule: str) -> None:
    density, _ = _disc(14)
    fine = normalised(np.asarray(cv2.resize(density, None, fx=3, fy=3, interpolation=cv2.INTER_NEAREST), np.float32))
    one, other = threshold.values(density, rule), threshold.values(fine, rule)[1::3, 1::3]
    assert one == pytest.approx(other, abs=0.01)


def test_an_unknown_rule_is_a_bug() -> None:
    with pytest.raises(ValueError, match="sift"):
        threshold.values(_disc(5)[0], "sift")


def _brute(found: Map, mask: Map, at: float) -> float:
    cut = found >= at
    common = float(mask[cut].sum())
    return common / (int(cut.sum()) + float(mask.sum()) - common)


def test_ious_agree_with_cutting() -> None:
    rng = np.random.default_rng(3)
    found = rng.normal(size=(9, 11)).astype(np.float32)
    mask = rng.uniform(size=(9, 11)).astype(np.float32)
    at = np.array([-1.0, 0.1, 0.5], np.float32)
    assert threshold.ious_at(found, mask, at) == pytest.approx([_brute(found, mask, float(t)) for t in at])


def test_the_learned_threshold_is_the_best_and_lies_in_its_interval() -> None:
    pairs = [_disc(radius) for radius in (6.0, 10.0, 18.0)]
    for rule in RULES:
        maps = [threshold.values(density, rule) for density, _ in pairs]
        masks = [mask for _, mask in pairs]
        learned = threshold.learn(maps, masks, rule)
        assert learned.low <= learned.threshold <= learned.high
        around = np.linspace(learned.threshold - 2, learned.threshold + 2, 41, dtype=np.float32)
        tried = np.mean([threshold.ious_at(m, k, around) for m, k in zip(maps, masks, strict=True)], axis=0)
        assert tried.max() <= learned.iou + 0.01


def test_the_area_serves_heads_of_all_sizes_and_an_absolute_threshold_does_not() -> None:
    pairs = [_disc(radius, 120) for radius in (6.0, 12.0, 24.0, 40.0)]
    learned = {
        rule: threshold.learn([threshold.values(d, rule) for d, _ in pairs], [m for _, m in pairs], rule).iou
        for rule in RULES
    }
    assert learned["area"] > learned["absolute"] + 0.05


def test_the_logistic_finds_its_own_truth() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(3, 2, 40000)
    y = (rng.uniform(size=x.size) < 1 / (1 + np.exp(-(1.7 * x - 4)))).astype(np.float64)
    slope, offset = threshold.fit_logistic(x, y)
    assert (slope, offset) == pytest.approx((1.7, -4), rel=0.05)


def test_separable_pixels_give_a_finite_logistic() -> None:
    x = np.array([-1.0, -0.5, 0.5, 1.0])
    slope, offset = threshold.fit_logistic(x, (x > 0).astype(np.float64))
    assert slope > 1 and abs(offset) < 1


def test_the_threshold_on_the_score_cuts_the_same_pixels() -> None:
    relative = threshold.values(_disc(12)[0], "area")
    score = threshold.score(relative, 1.3, 0.4)
    assert ((score >= threshold.on_score_scale(-0.8, 1.3, 0.4)) == (relative >= -0.8)).all()
    assert score.min() >= 0 and score.max() <= 1


def test_expected_iou_by_hand() -> None:
    counts = np.zeros(256, np.int64)
    counts[255], counts[51], counts[0] = 2, 5, 100  # p = 1, 0.2, 0
    expected = threshold.expected_iou(counts)
    assert expected[52:].tolist() == pytest.approx([2 / (2 + 1)] * 204)
    assert expected[1:52].tolist() == pytest.approx([3 / 7] * 51)
    assert expected[0] == expected[1]
    best, low, high = threshold.best(expected)
    assert (low, high) == pytest.approx((52 / 255, 1.0)) and low <= best <= high


def test_expected_iou_is_what_happens_on_average() -> None:
    rng = np.random.default_rng(5)
    p = np.rint(rng.beta(0.4, 1.2, (200, 200)) * 255).astype(np.float32) / 255
    expected = threshold.expected_iou(threshold.histogram(p))
    truth = (rng.uniform(size=p.shape) < p).astype(np.float32)
    at = np.array([0.2, 0.4, 0.7], np.float32)
    seen = threshold.ious_at(p, truth, at)
    assert [float(expected[int(np.ceil(t * 255))]) for t in at] == pytest.approx(seen.tolist(), abs=0.02)


@pytest.mark.parametrize("counts", [np.zeros(256, np.int64), np.eye(256, dtype=np.int64)[0] * 50])
def test_nothing_to_cut_is_no_error(counts: NDArray[np.int64]) -> None:
    expected = threshold.expected_iou(counts)
    assert (expected == 0).all()
    best, low, high = threshold.best(expected)
    assert 0 < low <= best <= high <= 1
