"""How far an answer lies from the truth, and how alike two planes are."""

from __future__ import annotations

import math

import numpy as np

from core.maths.filters import Plane
from core.maths.warp import Affine, Size, apply, corners


def corner_error(found: Affine, truth: Affine, size: Size) -> float:
    """Return the mean distance, in original pixels, of a designer image's corners under two placements."""
    distance = apply(found, corners(size)) - apply(truth, corners(size))
    return float(np.mean(np.hypot(distance[:, 0], distance[:, 1])))


def relative_corner_error(found: Affine, truth: Affine, size: Size) -> float:
    """Return the corner error as a share of the designer image's diagonal where it truly lies in the original."""
    scale = math.sqrt(abs(float(np.linalg.det(truth[:2, :2]))))
    return corner_error(found, truth, size) / (scale * math.hypot(*size))


def weighted_ncc(one: Plane, other: Plane, weight: Plane) -> float:
    """Return the zero-mean normalised correlation of two planes under a weight; 0 where one of them is flat."""
    total = float(weight.sum())
    if total <= 0:
        return 0.0
    a = one - float((one * weight).sum()) / total
    b = other - float((other * weight).sum()) / total
    power = float((weight * a * a).sum()) * float((weight * b * b).sum())
    return float((weight * a * b).sum()) / math.sqrt(power) if power > 1e-12 else 0.0
