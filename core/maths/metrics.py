"""How far an answer lies from the truth."""

from __future__ import annotations

import math

import numpy as np

from core.maths.warp import Affine, Size, apply, corners


def corner_error(found: Affine, truth: Affine, size: Size) -> float:
    """Return the mean distance, in original pixels, of a designer image's corners under two placements."""
    distance = apply(found, corners(size)) - apply(truth, corners(size))
    return float(np.mean(np.hypot(distance[:, 0], distance[:, 1])))


def relative_corner_error(found: Affine, truth: Affine, size: Size) -> float:
    """Return the corner error as a share of the designer image's diagonal where it truly lies in the original."""
    scale = math.sqrt(abs(float(np.linalg.det(truth[:2, :2]))))
    return corner_error(found, truth, size) / (scale * math.hypot(*size))
