"""The original in the designer image's colours: what then differs was changed by hand, and not by the recolouring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

GRID = 64
"""Levels of each channel in the table: 262 144 colours in all, four levels apart."""
LEAST = 64
"""Fewer pixels tell nothing of the colours."""
ALIKE_SIGMA, ALIKE_FROM = 4.0, 0.6
"""Where light and dark go together by more than this, in a window so wide (pixels), both show the same thing."""
UNALIKE, FLAT = 0.003, 0.03
"""Trust where they do not: at first, so that there always is some; and later, where the colours turn out to fit."""
FIT_SIDE = 256
"""Long side at which pictures are best handed to the fit: it needs no finer ones, and takes some 20 ms."""


@dataclass(frozen=True, slots=True, eq=False)
class ColourTable:
    """What each colour of the original became: (64, 64, 64, 3) uint8, by red, green and blue divided by four."""

    table: NDArray[np.uint8]
    spread: float
    """Typical difference that is left, in levels."""

    def applied(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return a picture (h, w, 3) in the new colours: one look-up for each pixel."""
        index = (rgb[..., 0] >> 2).astype(np.int32)
        index <<= 6
        index |= rgb[..., 1] >> 2
        index <<= 6
        index |= rgb[..., 2] >> 2
        return np.take(self.table.reshape(-1, 3), index, axis=0)


def unchanged() -> ColourTable:
    """Return the table that leaves colours as they are."""
    return ColourTable(np.clip(np.rint(_grid()), 0, 255).astype(np.uint8).reshape(GRID, GRID, GRID, 3), 0.0)


def fit_table(original: NDArray[np.uint8], designer: NDArray[np.uint8], weight: NDArray[np.float32]) -> ColourTable:
    """Return what the original's colours became in the designer image, where both show the same thing.

    A robust quadratic polynomial of the three channels, which exposure, contrast, tint, and black and white follow;
    what was painted on or put behind the portrait takes no part.

    Args:
        original: (h, w, 3), the part of the original around the footprint, best at ``FIT_SIDE``.
        designer: of the same size, the designer image warped over it.
        weight: of the same size, 1 within the footprint or the mask, 0 outside.
    """
    inside = weight > 0.5
    if np.count_nonzero(inside) < LEAST:
        return unchanged()
    alike = _alike(original, designer)[inside]
    x, y = original[inside].astype(np.float64) / 255, designer[inside].astype(np.float64)
    terms, trusted, spread = _terms(x), alike, 0.0
    polynomial: NDArray[np.float64] = np.zeros((terms.shape[1], 3))
    for _ in range(6):
        weighed = terms * trusted[:, None]
        # Where few colours are seen, the polynomial stays near the identity instead of bending freely.
        ridge = 1e-5 * max(float(trusted.sum()), 1.0) * np.eye(terms.shape[1])
        prior = np.zeros_like(polynomial)
        prior[1:4] = 255 * np.eye(3)
        polynomial = np.linalg.solve(weighed.T @ terms + ridge, weighed.T @ y + ridge @ prior).astype(np.float64)
        left = np.sqrt(np.mean((y - terms @ polynomial) ** 2, axis=1))
        spread = 1.0 + 1.4826 * _median(left, alike)
        trusted = np.exp(-0.5 * (left / (2 * spread)) ** 2) * (FLAT + alike)
    table = np.clip(np.rint(_terms(_grid() / 255) @ polynomial), 0, 255).astype(np.uint8)
    return ColourTable(table.reshape(GRID, GRID, GRID, 3), spread)


def _alike(original: NDArray[np.uint8], designer: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return how likely both show the same thing, whatever became of the colours, up to 1.

    A new background may cover more than the portrait does, and follow the old one's colours somehow; light and dark
    it does not share.
    """
    from core.maths.colour import local_ncc  # brings OpenCV, which only the fit needs

    one, other = (rgb.mean(axis=2, dtype=np.float32) for rgb in (original, designer))
    together = np.abs(local_ncc(one, other, ALIKE_SIGMA)).astype(np.float64)  # light and dark may have been exchanged
    return UNALIKE + np.clip((together - ALIKE_FROM) / (1 - ALIKE_FROM), 0, 1) ** 2


def _median(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    order = np.argsort(values)
    summed = np.cumsum(weights[order])
    return float(values[order[np.searchsorted(summed, summed[-1] / 2)]])


def difference(recoloured: NDArray[np.uint8], designer: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the largest difference of the three channels of two pictures (h, w, 3), (h, w) uint8."""
    apart = np.maximum(recoloured, designer)
    apart -= np.minimum(recoloured, designer)
    answer: NDArray[np.uint8] = np.maximum(apart[..., 0], apart[..., 1])
    return np.maximum(answer, apart[..., 2], out=answer)


def _grid() -> NDArray[np.float64]:
    """Return the colours in the middle of the table's cells, (262144, 3)."""
    levels = np.arange(GRID) * 4 + 1.5
    answer: NDArray[np.float64] = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 3)
    return answer


def _terms(rgb: NDArray[np.floating]) -> NDArray[np.float64]:
    r, g, b = (rgb[:, channel].astype(np.float64) for channel in range(3))
    return np.stack([np.ones_like(r), r, g, b, r * r, g * g, b * b, r * g, r * b, g * b], axis=1)
