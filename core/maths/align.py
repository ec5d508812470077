"""Gauss-Newton refinement of a similarity between two planes (efficient second-order minimisation)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.maths.filters import Plane, gradient
from core.maths.warp import Affine, similarity


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the similarity to apply in the template's frame, and how far it moves the portrait, in pixels."""

    affine: Affine
    length: float
    zncc: float
    """Weighted correlation of the two planes before the step."""


def weighted_ncc(one: Plane, other: Plane, weight: Plane) -> float:
    """Return the zero-mean normalised correlation of two planes under a weight; 0 where one of them is flat."""
    total = float(weight.sum())
    if total <= 0:
        return 0.0
    a = one - float((one * weight).sum()) / total
    b = other - float((other * weight).sum()) / total
    power = float((weight * a * a).sum()) * float((weight * b * b).sum())
    return float((weight * a * b).sum()) / math.sqrt(power) if power > 1e-12 else 0.0


def step(
    template: Plane, warped: Plane, weight: Plane, centre: tuple[float, float], *, radius: float, sign: float = 1.0
) -> Step:
    """Return the Gauss-Newton step that brings ``warped`` onto ``template``.

    Both planes are (h, w), locally normalised, in the template's frame; ``warped`` is the other picture as the present
    placement takes it there. ``sign`` is -1 where the tone is inverted. The Jacobian uses the mean gradient of both
    planes (Benhimane and Malis 2004, ESM), the weights are Cauchy's on the residual. The four parameters are x, y,
    rotation and log scale about ``centre``, the last two times ``radius``, so that all are pixels.

    The step maps template coordinates: a pixel x of the template is found in ``warped`` at ``step.affine`` x.
    """
    zncc = weighted_ncc(template, warped, weight)
    gain = sign * max(abs(zncc), 0.1)
    fx, fy = gradient(template)
    gx, gy = gradient(warped)
    used = weight > 0
    h, w = template.shape
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    dx, dy = (x[used] - centre[0]) / radius, (y[used] - centre[1]) / radius
    ex = (0.5 * (gain * fx + gx))[used]
    ey = (0.5 * (gain * fy + gy))[used]
    residual = (gain * template - warped)[used]
    spread = 1.4826 * float(np.median(np.abs(residual))) + 1e-6
    robust = weight[used] / (1 + (residual / (2 * spread)) ** 2)
    jacobian = np.stack([ex, ey, ey * dx - ex * dy, ex * dx + ey * dy], axis=1)
    weighted = jacobian * robust[:, None]
    normal = (weighted.T @ jacobian).astype(np.float64)
    right = (weighted.T @ residual).astype(np.float64)
    normal[np.diag_indices(4)] += 1e-6 * max(float(np.trace(normal)), 1e-9)
    parameters: NDArray[np.float64] = np.linalg.solve(normal, right)
    length = float(np.abs(parameters).max())
    if length > 4:  # a wild step: the planes hardly overlap in shape; keep its direction only
        parameters *= 4 / length
    tx, ty, turn, grow = parameters
    affine = similarity(
        math.exp(grow / radius), math.degrees(turn / radius), False, centre, (centre[0] + tx, centre[1] + ty)
    )
    return Step(affine, length, zncc)
