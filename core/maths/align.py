"""Gauss-Newton refinement of similarities between batches of features (efficient second-order minimisation)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.maths.backend import Array
from core.maths.features import Window, correlation
from core.maths.warp import Affine, similarity

WILD = 4.0
"""A longer step, in pixels, keeps its direction only: the planes hardly overlap in shape."""


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """One step for each of n placements."""

    affines: list[Affine]
    """Each maps template coordinates: a pixel x of the template is found in the warped picture at affine x."""
    lengths: NDArray[np.float64]
    """How far each step moves the portrait, pixels."""
    correlations: NDArray[np.float64]
    """Of the two features before the step."""
    deviations: NDArray[np.float64]
    """Predicted standard deviation of the portrait's rim once there, pixels, for independent noise."""


def _slopes(features: Array, window: Window) -> tuple[Array, Array]:
    """Return the central differences of (n, c, h, w) along x and y, 0 at the edge."""
    xp = window.backend.xp
    dx, dy = xp.zeros_like(features), xp.zeros_like(features)
    dx[..., 1:-1] = 0.5 * (features[..., 2:] - features[..., :-2])
    dy[..., 1:-1, :] = 0.5 * (features[..., 2:, :] - features[..., :-2, :])
    return dx, dy


class Aligner:
    """Templates (n, c, h, w), one frame for all, onto which warped pictures are brought."""

    def __init__(
        self,
        template: Array,
        window: Window,
        centre: tuple[float, float],
        radius: float,
        *,
        affine: bool = False,
    ) -> None:
        """``centre`` x, y and ``radius`` in pixels: rotation and scale turn about the one and count at the other.

        ``affine`` lets steps stretch and shear, too.
        """
        xp = window.backend.xp
        self._window, self._centre, self._radius = window, centre, radius
        self._template = template
        self._slopes = _slopes(template, window)
        height, width = template.shape[2:]
        y, x = np.mgrid[0:height, 0:width]
        self._dx = window.backend.array((x - centre[0]) / radius)
        self._dy = window.backend.array((y - centre[1]) / radius)
        self._affine = affine
        self._xp = xp

    def step(self, warped: Array) -> Steps:
        """Return the step that brings each of ``warped`` (n, c, h, w) onto the template (of n or of one).

        Features are locally normalised; where they correlate negatively, the tone is taken to be inverted. The
        Jacobian uses the mean gradient of both (Benhimane and Malis 2004, ESM), the weights are Cauchy's on the
        residual. The four parameters are x, y, rotation and log scale about the centre, the last two times the radius,
        so that all are pixels; two more stretch along x and along the diagonal.
        """
        xp, window = self._xp, self._window
        zncc = correlation(self._template, warped, window)
        gain = xp.where(zncc < 0, xp.clip(zncc, None, -0.1), xp.clip(zncc, 0.1, None))[:, None, None, None]
        fx, fy = self._slopes
        gx, gy = _slopes(warped, window)
        ex, ey = 0.5 * (gain * fx + gx), 0.5 * (gain * fy + gy)
        residual = gain * self._template - warped
        squares = (residual * residual).sum(1)
        # The mean deviation stands in for the median: it needs no sorting. 1.2533 makes it a Gaussian's sigma.
        spread = 1.2533 * window.mean(xp.sqrt(squares)) + 1e-6
        robust = window.weights / (1 + squares / (4 * spread * spread))
        n, c, h, w = warped.shape
        parts = [ex, ey, ey * self._dx - ex * self._dy, ex * self._dx + ey * self._dy]
        if self._affine:
            parts += [ex * self._dx - ey * self._dy, ex * self._dy + ey * self._dx]
        jacobian = xp.stack(parts, axis=1)
        weighted = (jacobian * robust[:, None, None]).reshape((n, len(parts), c * h * w))
        normal = weighted @ xp.permute_dims(jacobian.reshape((n, len(parts), c * h * w)), (0, 2, 1))
        right = (weighted @ residual.reshape((n, c * h * w, 1)))[:, :, 0]
        noise = (robust * squares).sum((1, 2)) / (c * window.area)
        host = window.backend.numpy
        return self._solve(host(normal), host(right), host(noise), host(zncc))

    def _solve(
        self,
        normal: NDArray[np.float32],
        right: NDArray[np.float32],
        noise: NDArray[np.float32],
        zncc: NDArray[np.float32],
    ) -> Steps:
        matrices = normal.astype(np.float64)
        trace = np.trace(matrices, axis1=1, axis2=2)
        matrices += (1e-6 * np.maximum(trace, 1e-6))[:, None, None] * np.eye(matrices.shape[1])
        inverse = np.linalg.inv(matrices)
        parameters = (inverse @ right.astype(np.float64)[:, :, None])[:, :, 0]
        lengths = np.abs(parameters).max(axis=1)
        parameters *= np.minimum(1, WILD / np.maximum(lengths, 1e-9))[:, None]
        deviations = np.sqrt(np.maximum(np.trace(inverse, axis1=1, axis2=2), 0) * noise)
        affines = [self._move(one) for one in parameters.tolist()]
        return Steps(affines, lengths, zncc.astype(np.float64), deviations)

    def _move(self, parameters: list[float]) -> Affine:
        tx, ty, turn, grow, stretch, shear = (*parameters, 0.0, 0.0)[:6]
        (x, y), radius = self._centre, self._radius
        to = (x + tx, y + ty)
        move = similarity(math.exp(grow / radius), math.degrees(turn / radius), False, (x, y), to)
        if self._affine:
            move[:2, :2] += np.array([[stretch, shear], [shear, -stretch]]) / radius
            move[:2, 2] = np.array(to) - move[:2, :2] @ (x, y)
        return move
