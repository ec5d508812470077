"""Where portraits (or gazes) lie before a photo is looked at: a kernel density on a grid laid over every photo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from core.model.raw_map import Map, normalised

GRID = 64
"""Cells across and down."""
BANDWIDTHS = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 9.0)
"""Of the Gaussian kernel, in cells."""
UNIFORM = (0.001, 0.01, 0.05, 0.1, 0.3)
"""Shares of the uniform density that are mixed in, so that no place is impossible."""
_FOLDS = 5


@dataclass(frozen=True, slots=True, eq=False)
class CentreBias:
    """A density over the unit square. ``log_density`` is (GRID, GRID) float32, its exponential sums to one."""

    log_density: Map
    bandwidth: float = 0.0
    uniform: float = 1.0

    def on(self, height: int, width: int) -> Map:
        """Return it on a photo's grid, (height, width), summing to one there."""
        resized = cv2.resize(self.log_density, (width, height), interpolation=cv2.INTER_LINEAR)
        return normalised(np.asarray(resized, np.float32))


def flat() -> CentreBias:
    """Return the centre bias of somebody who knows nothing."""
    return CentreBias(np.full((GRID, GRID), -2 * np.log(GRID), np.float32))


def fit(counts: Sequence[NDArray[np.float64]]) -> CentreBias:
    """Return the kernel density of what was seen on many photos; bandwidth and regularisation by cross-validation.

    Args:
        counts: for each photo a (GRID, GRID) histogram, of its fixations or of its mask normalised to sum one. The
            folds are made of photos, so that no photo helps to explain itself.
    """
    if len(counts) < 2 or not any(one.any() for one in counts):
        return flat()
    stack = np.stack(counts)
    folds = np.arange(len(stack)) % _FOLDS
    seen = [stack[folds == fold].sum(0) for fold in range(_FOLDS) if (folds == fold).any()]
    total = stack.sum(0)
    best = (-np.inf, BANDWIDTHS[0], UNIFORM[0])
    for bandwidth in BANDWIDTHS:
        others = [_smooth(total - own, bandwidth) for own in seen]
        for uniform in UNIFORM:
            likelihood = sum(
                float((own * np.log(_mixed(density, uniform))).sum()) for own, density in zip(seen, others, strict=True)
            )
            best = max(best, (likelihood, bandwidth, uniform))
    _, bandwidth, uniform = best
    density = _mixed(_smooth(total, bandwidth), uniform)
    return CentreBias(normalised(np.log(density).astype(np.float32)), bandwidth, uniform)


def without(total: NDArray[np.float64], own: NDArray[np.float64], like: CentreBias) -> CentreBias:
    """Return the centre bias of all photos but one, with the bandwidth and regularisation of ``like``.

    Args:
        total: (GRID, GRID) sum of the histograms of all photos.
        own: the histogram of the one that is left out.
        like: what :func:`fit` gave.
    """
    if like.bandwidth == 0 or float((total - own).sum()) <= 0:
        return flat()
    density = _mixed(_smooth(total - own, like.bandwidth), like.uniform)
    return CentreBias(normalised(np.log(density).astype(np.float32)), like.bandwidth, like.uniform)


def of_points(x: NDArray[np.float64], y: NDArray[np.float64], width: float, height: float) -> NDArray[np.float64]:
    """Return the histogram of points on a photo; x and y in pixels from its upper left corner, all inside."""
    column = np.minimum((x / width * GRID).astype(np.int64), GRID - 1)
    row = np.minimum((y / height * GRID).astype(np.int64), GRID - 1)
    return np.bincount(row * GRID + column, minlength=GRID * GRID).reshape(GRID, GRID).astype(np.float64)


def of_mask(mask: Map) -> NDArray[np.float64]:
    """Return a mask (shares 0 to 1, any size) on the grid, normalised to sum one; all zero if it is empty."""
    shrinks = mask.size > GRID * GRID
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(mask, (GRID, GRID), interpolation=method), np.float64)
    total = float(small.sum())
    return small / total if total > 0 else small


def _smooth(counts: NDArray[np.float64], bandwidth: float) -> NDArray[np.float64]:
    smooth = gaussian_filter(np.maximum(counts, 0), bandwidth, mode="constant", truncate=4.0)
    total = float(smooth.sum())
    return np.asarray(smooth / total if total > 0 else np.full_like(smooth, 1 / smooth.size))


def _mixed(density: NDArray[np.float64], uniform: float) -> NDArray[np.float64]:
    return (1 - uniform) * density + uniform / density.size
