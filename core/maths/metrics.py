"""How far an answer lies from the truth, and how alike two planes are."""

from __future__ import annotations

import math

import numpy as np

from core.maths.filters import Plane
from core.maths.masks import Mask, distance, erode
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


def dice(one: Mask, other: Mask) -> float:
    """Return twice the common area over the sum of both, each cut at 128; 1 if both are empty."""
    a, b = one >= 128, other >= 128
    both = int(np.count_nonzero(a)) + int(np.count_nonzero(b))
    return 2 * int(np.count_nonzero(a & b)) / both if both else 1.0


def boundary_f(found: Mask, truth: Mask, tolerance: float) -> float:
    """Return how well two masks' edges agree, 0 to 1 (the F measure of Martin, Fowlkes, Malik 2004).

    The harmonic mean of the shares of each edge that lies within ``tolerance`` pixels of the other. Edge pixels are
    those of a mask, cut at 128, with one beside them that is not of it; the picture's frame is no edge. 1 if both have
    none, 0 if one has.
    """
    one, other = _edge(found), _edge(truth)
    if not one.any() or not other.any():
        return float(one.any() == other.any())
    precision = float(np.mean(distance(other)[one >= 128] <= tolerance))
    recall = float(np.mean(distance(one)[other >= 128] <= tolerance))
    return 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0


def _edge(mask: Mask) -> Mask:
    cut = np.where(mask >= 128, np.uint8(255), np.uint8(0))
    return cut - erode(cut, 1)
