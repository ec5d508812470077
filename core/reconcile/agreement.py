"""Where a placed designer image shows what the original shows: the evidence that masks are made of."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.maths.colour import fit_colours, local_ncc
from core.maths.filters import Plane, blur
from core.maths.masks import Mask, cut_whiskers, dilate
from core.reconcile.scene import Scene

WEIGHTS = np.array([1.62, 1.55, 0.07, 0.32, 1.57, 2.18, -0.7, -0.02, -0.28, -2.08], np.float32)
"""Logistic weights of :func:`features`; fitted by ``benchmarks/reconciliation.py DATA --fit``."""
OUTER = 1.1
"""Pixels at least this far from the designer image's middle (1: the middle of its sides) are its corners."""
KEPT_SHARE = 0.33
"""The background was kept if at least this share of the corners correlates with the original."""
PAINTED = 0.4
"""Foreground with a lower probability of agreeing was painted on …"""
PAINTED_AREA, PAINTED_WIDTH = 0.006, 0.04
"""… in parts of at least this share of the foreground, nowhere narrower than this share of its size."""


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """Where both pictures of a scene agree, and what that says of the background."""

    probability: Plane
    """0 to 1: the designer image shows the original here."""
    coarse: Plane
    """Correlation around each pixel, 0 to 1."""
    kept: bool
    """They agree out to the corners: the original's own background was kept."""


def weigh(scene: Scene) -> Agreement:
    """Weigh where both pictures agree."""
    found = features(scene)
    probability = 1 / (1 + np.exp(-(found @ WEIGHTS)))
    probability = (probability * (scene.inside > 0.5)).astype(np.float32)
    coarse, radius = found[..., 2], found[..., -1]
    covered = scene.inside > 0.9
    outer = covered & (radius > min(OUTER, 0.7 * float(radius[covered].max(initial=0))))
    kept = bool(outer.any()) and float((coarse[outer] > 0.5).mean()) >= KEPT_SHARE
    return Agreement(probability, coarse, kept)


def features(scene: Scene) -> NDArray[np.float32]:
    """Return (h, w, 10): a constant, five correlations, three residuals of a colour fit, distance from the middle."""
    extent = scene.extent
    grey = cv2.cvtColor(scene.original, cv2.COLOR_RGB2GRAY).astype(np.float32)
    other = cv2.cvtColor(scene.designer, cv2.COLOR_RGB2GRAY).astype(np.float32)
    fine, coarse, wide = (np.abs(local_ncc(grey, other, 1 + share * extent)) for share in (0.012, 0.03, 0.07))
    one, two = _doubled(grey), _doubled(other)
    edges, wide_edges = (_edge_ncc(one, two, 1 + share * extent) for share in (0.02, 0.05))
    radius = scene.radius()
    trusted = np.clip((np.maximum(coarse, edges) - 0.5) * 3, 0, 1) * np.exp(-0.5 * radius) * scene.inside
    fit = fit_colours(scene.original, scene.designer, trusted.astype(np.float32), 0.2 * extent)
    near = np.minimum(blur(fit.residual, 0.7) / fit.spread, 6)
    around = np.minimum(blur(fit.residual, 1 + 0.012 * extent) / fit.spread, 6)
    residual = np.minimum(fit.residual, 100) / 40
    planes = [np.ones_like(fine), fine, coarse, wide, edges, wide_edges, near, around, residual, np.minimum(radius, 2)]
    return np.stack(planes, axis=2)


def painted_parts(agreement: Agreement, foreground: Plane) -> Mask:
    """Return what of a soft foreground shows nothing of the original, 0 or 255."""
    inside = foreground > 0.5
    area = float(inside.sum())
    extent = np.sqrt(max(area, 1.0))
    sigma = 0.01 * extent + 0.5
    around = blur(agreement.probability * foreground, sigma) / np.maximum(blur(foreground, sigma), 0.05)
    strange = np.where((around < PAINTED) & inside, np.uint8(255), np.uint8(0))
    strange = cut_whiskers(strange, 0.5 * PAINTED_WIDTH * extent)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(strange)
    large = stats[:, cv2.CC_STAT_AREA] > PAINTED_AREA * area
    large[0] = False
    parts = np.where(large[labels], np.uint8(255), np.uint8(0))
    return np.where(inside, dilate(parts, 0.015 * extent), np.uint8(0)) if large.any() else parts


def _doubled(plane: Plane) -> tuple[Plane, Plane]:
    """Return the gradient by doubled angle, per pixel: the same for either sign of an edge."""
    smooth = blur(plane, 1.0)
    dx = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    dy = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    strength = np.hypot(dx, dy) + 0.5
    return ((dx * dx - dy * dy) / strength).astype(np.float32), (2 * dx * dy / strength).astype(np.float32)


def _edge_ncc(one: tuple[Plane, Plane], other: tuple[Plane, Plane], sigma: float) -> Plane:
    """Return the correlation of two doubled gradients in a Gaussian window around each pixel, -1 to 1."""
    common = blur(one[0] * other[0] + one[1] * other[1], sigma)
    power_one = blur(one[0] * one[0] + one[1] * one[1], sigma) + 0.3
    power_other = blur(other[0] * other[0] + other[1] * other[1], sigma) + 0.3
    answer: Plane = (common / np.sqrt(power_one * power_other)).astype(np.float32)
    return answer
