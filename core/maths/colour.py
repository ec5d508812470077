"""How one picture's colours follow from another's: a polynomial with a slowly changing offset."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.maths.filters import Plane, blur

Rgb = NDArray[np.float32]
"""(height, width, 3) float32, 0 to 255."""

FITTED = 20_000
"""At most this many pixels take part in the fit of the polynomial."""


@dataclass(frozen=True, slots=True, eq=False)
class ColourFit:
    """What a picture would look like with the other one's colours, and how well that holds.

    ``predicted`` is (h, w, 3); ``residual`` (h, w) the root mean square over the channels of what is left, in levels;
    ``spread`` its typical value where the fit was trusted.
    """

    predicted: Rgb
    residual: Plane
    spread: float


def wide_blur(img: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Return the Gaussian mean over many pixels, computed on a shrunken picture; (h, w) or (h, w, channels)."""
    h, w = img.shape[:2]
    factor = max(int(sigma / 4), 1)
    if factor == 1:
        return blur(img, sigma)
    small = max(w // factor, 1), max(h // factor, 1)
    shrunk = blur(cv2.resize(img, small, interpolation=cv2.INTER_AREA).astype(np.float32), sigma / factor)
    return cv2.resize(shrunk, (w, h), interpolation=cv2.INTER_LINEAR).astype(np.float32)


def fit_colours(source: Rgb, wanted: Rgb, weight: Plane, reach: float, rounds: int = 4) -> ColourFit:
    """Predict ``wanted`` from ``source`` where ``weight`` trusts that both show the same thing.

    A quadratic polynomial of the three channels (recolouring, gamma, black and white, inverted tone) plus an offset
    that changes over ``reach`` pixels (relighting). Each round trusts pixels less that disagree (Welsch's weight).
    """
    h, w = source.shape[:2]
    terms = _terms((source / 255 - 0.5).astype(np.float32))
    step = max(int(np.sqrt(h * w / FITTED)), 1)
    some = np.s_[::step, ::step]
    x, y = terms[some].reshape(-1, terms.shape[2]).astype(np.float64), wanted[some].reshape(-1, 3)
    trust = weight
    for _ in range(rounds):
        wx = x * trust[some].reshape(-1, 1)
        ridge = 1e-4 * max(float(trust[some].sum()), 1e-3) * np.eye(x.shape[1])
        polynomial = np.linalg.solve(wx.T @ x + ridge, wx.T @ y).astype(np.float32)
        predicted = terms @ polynomial
        offset = wide_blur((wanted - predicted) * trust[..., None], reach)
        predicted += offset / (wide_blur(trust, reach) + 0.02)[..., None]
        residual = np.sqrt(np.mean((wanted - predicted) ** 2, axis=2))
        total = max(float(trust.sum()), 1e-3)
        spread = 1.0 + float(np.sqrt(float((trust * np.minimum(residual, 40) ** 2).sum()) / total))
        trust = (weight * np.exp(-0.5 * (residual / (2 * spread)) ** 2)).astype(np.float32)
    return ColourFit(predicted, residual.astype(np.float32), spread)


def _terms(rgb: Rgb) -> NDArray[np.float32]:
    """Return 1, the channels, their squares and products: (h, w, 10)."""
    r, g, b = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    return np.stack([np.ones_like(r), r, g, b, r * r, r * g, r * b, g * g, g * b, b * b], axis=2)


def local_ncc(one: Plane, other: Plane, sigma: float) -> Plane:
    """Return the correlation of two planes (levels) in a Gaussian window around each pixel, -1 to 1.

    A variance of four square levels is added, so that noise in flat regions does not count as agreement.
    """
    mean_one, mean_other = blur(one, sigma), blur(other, sigma)
    var_one = np.maximum(blur(one * one, sigma) - mean_one * mean_one, 0) + 4
    var_other = np.maximum(blur(other * other, sigma) - mean_other * mean_other, 0) + 4
    common = blur(one * other, sigma) - mean_one * mean_other
    answer: Plane = (common / np.sqrt(var_one * var_other)).astype(np.float32)
    return answer
