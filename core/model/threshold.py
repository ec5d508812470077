"""Cuts a density to a mask: the rules, thresholds learned on photos, and what to expect of each on a new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.model.raw_map import Map

RULES = ("absolute", "uniform", "maximum", "mass", "area")
"""What the log-density is held against: nothing (the paper's, set by hand), the uniform density of the photo's grid,
its own maximum, the mass of what is denser, its effective area."""
CLOSE = 0.01
"""Thresholds whose overlap is so near to the best one's are in its interval."""
_CANDIDATES = 512
_BINS = 256


@dataclass(frozen=True, slots=True)
class Learned:
    """A threshold learned on photos, on the scale of its rule."""

    rule: str
    threshold: float
    low: float
    high: float
    iou: float
    """Mean over the photos that it was learned on."""


def values(log_density: Map, rule: str = "area") -> Map:
    """Return what a rule cuts: a map that is higher where the portrait is likelier.

    Inside of a portrait of N cells a log-density is near -log N, so one absolute threshold favours one size of head.
    The effective area, 1 / sum p^2, is the number of cells over which a flat density with that peakedness would
    spread: held against it, log-densities of small and large heads mean the same, whatever the grid.

    Args:
        log_density: (h, w) float32, exp sums to one.
        rule: one of :data:`RULES`.
    """
    wide = log_density.astype(np.float64)
    if rule == "absolute":
        found = wide
    elif rule == "uniform":
        found = wide + np.log(wide.size)
    elif rule == "maximum":
        found = wide - wide.max()
    elif rule == "mass":
        found = 1.0 - _mass_above(wide)
    elif rule == "area":
        top = wide.max()
        found = wide - (2 * top + np.log(np.exp(2 * (wide - top)).sum()))
    else:
        raise ValueError(f"no rule {rule!r}")
    return found.astype(np.float32)


def _mass_above(log_density: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each cell the mass of the cells that are denser; the region of mass m is where it is below m."""
    flat = log_density.ravel()
    order = np.argsort(-flat, kind="stable")
    density = np.exp(flat[order])
    above = np.empty(flat.shape)
    above[order] = np.cumsum(density) - density
    return above.reshape(log_density.shape)


def learn(maps: Sequence[Map], masks: Sequence[Map], rule: str) -> Learned:
    """Return the threshold with the largest mean IoU over photos, and the interval around it that is as good.

    Args:
        maps: what the rule cuts (:func:`values`), a map for each photo.
        masks: the truth on the same grids, 0 to 1, the share of each cell that is portrait.
        rule: recorded with it.
    """
    pooled = np.concatenate([found.ravel() for found in maps])
    candidates = np.unique(np.quantile(pooled, np.linspace(0, 1, _CANDIDATES))).astype(np.float32)
    ious = np.mean([ious_at(found, mask, candidates) for found, mask in zip(maps, masks, strict=True)], axis=0)
    best = int(np.argmax(ious))
    low, high = _run_around(ious, best)
    chosen = [float(candidates[number]) for number in (best, low, high)]
    return Learned(rule, chosen[0], chosen[1], chosen[2], float(ious[best]))


def ious_at(found: Map, mask: Map, thresholds: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the IoU of a map cut at each of some thresholds with a mask of shares 0 to 1 (1 if both are empty)."""
    flat = found.ravel()
    order = np.argsort(flat, kind="stable")
    inside = np.concatenate([[0.0], np.cumsum(mask.ravel()[order][::-1].astype(np.float64))])
    count = flat.size - np.searchsorted(flat[order], thresholds, side="left")
    common = inside[count]
    union = count + inside[-1] - common
    return np.where(union > 0, common / np.maximum(union, 1e-12), 1.0)


def fit_logistic(
    x: NDArray[np.float64], y: NDArray[np.float64], weight: NDArray[np.float64] | None = None
) -> tuple[float, float]:
    """Return slope and offset of sigmoid(slope x + offset) for shares ``y`` 0 to 1 (Platt), by Newton's method."""
    weight = np.ones_like(x) if weight is None else weight
    centre, scale = float(np.average(x, weights=weight)), float(x.std()) or 1.0
    z = (x - centre) / scale
    design = np.stack([z, np.ones_like(z)], 1)
    theta = np.zeros(2)
    ridge = 1e-6 * float(weight.sum())
    for _ in range(50):
        p = _sigmoid(design @ theta)
        slope = design.T @ (weight * (p - y)) + ridge * theta
        curve = (design * (weight * np.maximum(p * (1 - p), 1e-9))[:, None]).T @ design + ridge * np.eye(2)
        step = np.linalg.solve(curve, slope)
        step *= min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-12))
        theta -= step
        if float(np.abs(step).max()) < 1e-8:
            break
    return float(theta[0] / scale), float(theta[1] - theta[0] * centre / scale)


def score(relative: Map, slope: float, offset: float) -> Map:
    """Return the calibrated probability of each cell from what the rule "area" cuts."""
    return _sigmoid(slope * relative.astype(np.float64) + offset).astype(np.float32)


def on_score_scale(threshold: float, slope: float, offset: float) -> float:
    """Return where a threshold of the rule "area" lies on the scale of the score."""
    return float(_sigmoid(np.array(slope * threshold + offset)))


def _sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)), np.float64)


def histogram(probability: Map) -> NDArray[np.int64]:
    """Return how many cells have each of 256 values, (256,): the value of p is round(255 p)."""
    return np.bincount(np.rint(probability.ravel() * (_BINS - 1)).astype(np.int64), minlength=_BINS)


def expected_iou(counts: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the expected IoU of a calibrated map cut at each threshold i / 255, from its histogram alone.

    Of the cells that are cut out, sum p are expected to be portrait, and so is what is left outside:
    E(t) = sum(p | p >= t) / (count(p >= t) + sum(p | p < t)), a ratio of expectations.

    Args:
        counts: (256,), cells by value; a cell of value v belongs to the mask when v >= i and v > 0.

    Returns:
        (256,) float32; 0 where the mask would be empty.
    """
    wide = counts.astype(np.float64)
    wide[0] = 0.0  # they belong to no mask, and nothing is expected of them
    mass = wide * np.arange(_BINS) / (_BINS - 1)
    inside = np.cumsum(mass[::-1])[::-1]
    count = np.cumsum(wide[::-1])[::-1]
    union = count + (mass.sum() - inside)
    return np.where(count > 0, inside / np.maximum(union, 1e-12), 0.0).astype(np.float32)


def best(expected: NDArray[np.float32]) -> tuple[float, float, float]:
    """Return the threshold, 0 to 1, with the largest expected IoU and the ends of the interval that is as good."""
    usable = expected.copy()
    usable[0] = usable[1]
    top = int(np.argmax(usable[1:])) + 1
    low, high = _run_around(usable, top)
    return top / (_BINS - 1), max(low, 1) / (_BINS - 1), high / (_BINS - 1)


def _run_around(ious: NDArray[np.floating], best_at: int) -> tuple[int, int]:
    """Return the ends of the unbroken run around the best place in which all are within :data:`CLOSE` of it."""
    good = ious >= ious[best_at] - CLOSE
    low = high = best_at
    while low > 0 and good[low - 1]:
        low -= 1
    while high < len(good) - 1 and good[high + 1]:
        high += 1
    return low, high
