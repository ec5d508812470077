"""How well a density says where people look: information gain over the centre bias, AUC, NSS, what can be explained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from core.errors import UsageProblem
from core.model import centre_bias
from core.model.fixation_tables import Picture
from core.model.raw_map import Map, normalised

Floats = NDArray[np.float64]
Density = Callable[[Picture], Map]
"""Gives a picture's log-density on any grid; its exponential sums to one."""
LONG_SIDE = 160
"""Cells along the long side of the grid on which all densities are compared."""
BANDWIDTHS = (0.015, 0.02, 0.027, 0.035, 0.045, 0.06, 0.08)
"""Of the kernel density of people's fixations, as shares of the picture's long side."""
_FOLDS = 5


@dataclass(frozen=True, slots=True)
class FixationScore:
    """How a model does on pictures that people looked at."""

    pictures: int
    fixations: int
    information_gain_bits: float
    """Over the centre bias of all other pictures in the table, bits for each fixation."""
    explainable_bits: float
    """The same for a kernel density of the other people's fixations on the picture (leave one person out)."""
    explained: float
    """Share of the second that the first reaches."""
    auc: float
    """Fixated places against all places of the picture, mean over pictures."""
    nss: float
    """The density at fixations in its standard deviations above its mean, mean over pictures."""


def grid_of(picture: Picture) -> tuple[int, int]:
    """Return (height, width) of the grid on which densities over a picture are compared."""
    scale = LONG_SIDE / max(picture.width, picture.height)
    return max(1, round(picture.height * scale)), max(1, round(picture.width * scale))


def on_grid(log_density: Map, shape: tuple[int, int]) -> Map:
    """Return a log-density on another grid over the same picture, summing to one there."""
    if log_density.shape == shape:
        return log_density
    shrinks = log_density.size > shape[0] * shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return normalised(np.asarray(cv2.resize(log_density, shape[::-1], interpolation=method), np.float32))


def cells_of(picture: Picture, shape: tuple[int, int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the row and the column of each fixation on a grid over the picture."""
    row = np.minimum((picture.y / picture.height * shape[0]).astype(np.int64), shape[0] - 1)
    column = np.minimum((picture.x / picture.width * shape[1]).astype(np.int64), shape[1] - 1)
    return row, column


def counts_on(picture: Picture, shape: tuple[int, int]) -> Map:
    """Return the number of fixations in each cell of a grid over the picture."""
    row, column = cells_of(picture, shape)
    return np.bincount(row * shape[1] + column, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a density says of where people looked at one picture."""

    bits: Floats
    """Of each fixation, over the uniform density."""
    auc: float
    nss: float


def evaluate(pictures: Sequence[Picture], density: Density, others: Sequence[Picture] = ()) -> FixationScore:
    """Score a model.

    Args:
        pictures: those that it is judged on; it should not have been trained on them.
        density: the model.
        others: more pictures of the same table, from which the centre bias is made as well.

    Raises:
        UsageProblem: too few people or pictures to compare with.
    """
    judges = usable(pictures)
    return score(judges, [look(picture, density(picture)) for picture in judges], others)


def usable(pictures: Sequence[Picture]) -> list[Picture]:
    """Return the pictures that a model can be judged on.

    Raises:
        UsageProblem: too few people or pictures to compare with.
    """
    found = [picture for picture in pictures if picture.x.size and np.unique(picture.subject).size > 1]
    if len(found) < 2:
        raise UsageProblem(
            "There are too few fixations to judge by.", "Two pictures at which two people looked are the least."
        )
    return found


def look(picture: Picture, log_density: Map) -> Seen:
    """Return what a log-density over a picture, on any grid, says of where people looked."""
    shape = grid_of(picture)
    found = on_grid(log_density, shape).astype(np.float64)
    at = cells_of(picture, shape)
    p = np.exp(found)
    nss = float(np.mean((p[at] - p.mean()) / (p.std() + 1e-12)))
    return Seen((found[at] + np.log(found.size)) / np.log(2), _auc(found, found[at]), nss)


def score(pictures: Sequence[Picture], seen: Sequence[Seen], others: Sequence[Picture] = ()) -> FixationScore:
    """Score what a model says of :func:`usable` pictures; ``others`` see :func:`evaluate`."""
    bias = _centre_bias_bits(pictures, [*pictures, *(other for other in others if other.x.size)])
    gold = explainable_bits(pictures, bias)
    gain = float(np.mean(np.concatenate([one.bits for one in seen]) - np.concatenate(bias)))
    possible = float(np.mean(np.concatenate(gold) - np.concatenate(bias)))
    return FixationScore(
        pictures=len(pictures),
        fixations=sum(picture.x.size for picture in pictures),
        information_gain_bits=gain,
        explainable_bits=possible,
        explained=gain / possible if possible > 1e-9 else 0.0,
        auc=float(np.mean([one.auc for one in seen])),
        nss=float(np.mean([one.nss for one in seen])),
    )


def _auc(found: Floats, hits: Floats) -> float:
    """Return how likely a fixated place has a higher density than any place of the picture."""
    ordered = np.sort(found.ravel())
    below = np.searchsorted(ordered, hits, side="left")
    upto = np.searchsorted(ordered, hits, side="right")
    return float(np.mean((below + upto) / 2 / ordered.size))


def _centre_bias_bits(judged: Sequence[Picture], known: Sequence[Picture]) -> list[Floats]:
    """Return each fixation's log-density under the centre bias of all other pictures, in bits over uniform."""
    counts = [centre_bias.of_points(one.x, one.y, one.width, one.height) for one in known]
    like, total = centre_bias.fit(counts), np.sum(counts, axis=0)
    bits = []
    for picture, own in zip(judged, counts, strict=False):  # the judged ones come first
        shape = grid_of(picture)
        found = centre_bias.without(total, own, like).on(*shape).astype(np.float64)
        bits.append((found[cells_of(picture, shape)] + np.log(found.size)) / np.log(2))
    return bits


def explainable_bits(pictures: Sequence[Picture], bias: Sequence[Floats]) -> list[Floats]:
    """Return what the other people's fixations on the picture say of each fixation, in bits over uniform.

    A kernel density of all other people's fixations, mixed with the centre bias and the uniform density. Bandwidth
    and weights are chosen by cross-validation over pictures: those of a fold come from the other folds (Kümmerer,
    Wallis, Bethge 2015, "Information-theoretic model comparison unifies saliency metrics").

    Args:
        pictures: each looked at by two people or more.
        bias: for each picture the bits of its fixations under the centre bias.
    """
    centre = [2.0**bits for bits in bias]
    kernels = [[_others(picture, share) for picture in pictures] for share in BANDWIDTHS]
    folds = min(_FOLDS, len(pictures))
    answer: list[Floats] = [np.empty(0)] * len(pictures)
    for fold in range(folds):
        learn = [number for number in range(len(pictures)) if number % folds != fold]
        best = max(
            (_mix(np.concatenate([of[n] for n in learn]), np.concatenate([centre[n] for n in learn])), number)
            for number, of in enumerate(kernels)
        )
        (_, kernel_weight, centre_weight), chosen = best
        for number in range(fold, len(pictures), folds):
            mixed = kernel_weight * kernels[chosen][number] + centre_weight * centre[number]
            answer[number] = np.log2(mixed + 1 - kernel_weight - centre_weight)
    return answer


def _others(picture: Picture, share: float) -> Floats:
    """Return the density of the others' kernels at each fixation, against uniform; no kernel leaves the picture."""
    bandwidth = share * max(picture.width, picture.height)
    inside = _inside(picture.x, picture.width, bandwidth) * _inside(picture.y, picture.height, bandwidth)
    away = (picture.x[:, None] - picture.x[None]) ** 2 + (picture.y[:, None] - picture.y[None]) ** 2
    kernel = np.exp(-0.5 * away / bandwidth**2) / (2 * np.pi * bandwidth**2) / inside[None]
    other = picture.subject[:, None] != picture.subject[None]
    return np.asarray((kernel * other).sum(1) / np.maximum(other.sum(1), 1) * picture.width * picture.height)


def _inside(x: Floats, extent: float, bandwidth: float) -> Floats:
    """Return which share of a Gaussian around each place lies between 0 and ``extent``."""
    reach = bandwidth * np.sqrt(2)
    return np.asarray(0.5 * (erf((extent - x) / reach) + erf(x / reach)))


def _mix(kernel: Floats, centre: Floats) -> tuple[float, float, float]:
    """Return the best mean log-likelihood of a mixture of two densities and the uniform one, and its two weights."""
    parts = np.stack([kernel, centre, np.ones_like(kernel)])
    weights = np.array([0.6, 0.3, 0.1])
    for _ in range(60):  # expectation-maximisation; it climbs in every step
        shares = weights[:, None] * parts
        weights = (shares / shares.sum(0)).mean(1)
    weights = np.maximum(weights, [0, 0, 1e-4])
    weights /= weights.sum()
    return float(np.log(weights @ parts).mean()), float(weights[0]), float(weights[1])
