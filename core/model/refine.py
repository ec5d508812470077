"""Brings a coarse probability map to the photo's edges: the guided filter (He, Sun, Tang 2013) with a colour guide."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

Map = NDArray[np.float32]


def guided(probability: Map, photo: NDArray[np.uint8], radius: float, epsilon: float = 1e-3) -> Map:
    """Return the map as a locally linear function of the photo's colours.

    Args:
        probability: (h, w) float32.
        photo: (h, w, 3) uint8, the same size.
        radius: of the window, pixels.
        epsilon: how much variance of colour (0 to 1) counts as flat.

    Returns:
        (h, w) float32; may leave the range of ``probability`` a little.
    """
    return applied(*coefficients(probability, photo, radius, epsilon), photo)


def coefficients(
    probability: Map, photo: NDArray[np.uint8], radius: float, epsilon: float
) -> tuple[NDArray[np.float32], Map]:
    """Return the filter's averaged coefficients: (3, h, w) for the colours (0 to 255) and (h, w) for the constant."""
    side = 2 * max(1, round(radius)) + 1

    def mean(x: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(cv2.blur(x, (side, side), borderType=cv2.BORDER_REFLECT), np.float32)

    guide = [np.asarray(plane, np.float32) / np.float32(255) for plane in cv2.split(photo)]
    centre, target = [mean(plane) for plane in guide], mean(probability)
    covariance = [mean(guide[i] * probability) - centre[i] * target for i in range(3)]
    sigma = {
        (i, j): mean(guide[i] * guide[j]) - centre[i] * centre[j] + np.float32(epsilon if i == j else 0)
        for i in range(3)
        for j in range(i + 1)
    }
    a = _solved(sigma, covariance)
    b = target - (a[0] * centre[0] + a[1] * centre[1] + a[2] * centre[2])
    return np.stack([mean(plane) / np.float32(255) for plane in a]), mean(b)


def applied(a: Iterable[Map], b: Map, photo: NDArray[np.uint8]) -> Map:
    """Return the map that coefficients of :func:`coefficients` give for a photo of the same size."""
    out = b.copy()
    for slope, plane in zip(a, cv2.split(photo), strict=True):
        out += cv2.multiply(slope, plane, dtype=cv2.CV_32F)
    return out


def _solved(m: dict[tuple[int, int], Map], v: list[Map]) -> list[Map]:
    """Solve symmetric 3 x 3 systems, one a pixel, by the factors L D L'.

    Much faster than LAPACK for so many; and where the colours are nearly one (a grey photo), single precision is
    enough, as it is not for Cramer's rule.
    """
    l10, l20 = m[1, 0] / m[0, 0], m[2, 0] / m[0, 0]
    d1 = m[1, 1] - l10 * m[1, 0]
    between = m[2, 1] - l20 * m[1, 0]
    l21 = between / d1
    d2 = m[2, 2] - l20 * m[2, 0] - l21 * between
    y1 = v[1] - l10 * v[0]
    y2 = v[2] - l20 * v[0] - l21 * y1
    x2 = y2 / d2
    x1 = y1 / d1 - l21 * x2
    return [np.asarray(x, np.float32) for x in (v[0] / m[0, 0] - l10 * x1 - l20 * x2, x1, x2)]


_WORKING = 1000
"""Coefficients are computed at this long side at most and applied at full size (He and Sun 2015, the fast one)."""
_SURE = 0.02
_CELLS = 2.5
"""Cells of the map that the window reaches at least: finer than that the map says nothing."""
_BAND = 64
"""About how many rows are computed at a time: they stay in the processor's cache, and take little memory."""


def to_photo(score: Map, photo: NDArray[np.uint8], relative_radius: float, epsilon: float = 1e-3) -> Map:
    """Return a map at the photo's size, its edge moved to the photo's.

    What lies far from all cells that may be portrait is 0, and is not looked at.

    Args:
        score: (gh, gw) float32, 0 to 1, cells of equal size over the photo.
        photo: (h, w, 3) uint8.
        relative_radius: of the window, as a share of the portrait's extent; of a coarse map a few cells.
        epsilon: see :func:`guided`.

    Returns:
        (h, w) float32, 0 to 1.
    """
    height, width = photo.shape[:2]
    full = np.zeros((height, width), np.float32)
    maybe = score > _SURE
    rows, columns = np.flatnonzero(maybe.any(1)), np.flatnonzero(maybe.any(0))
    if not len(rows):
        return full
    extent = max(int(rows[-1] - rows[0]), int(columns[-1] - columns[0])) + 1
    margin = extent // 8 + 2
    top, bottom = max(0, int(rows[0]) - margin), min(score.shape[0], int(rows[-1]) + 1 + margin)
    left, right = max(0, int(columns[0]) - margin), min(score.shape[1], int(columns[-1]) + 1 + margin)
    kx, ky = width / score.shape[1], height / score.shape[0]
    x0, x1 = int(left * kx), min(width, int(np.ceil(right * kx)))
    y0, y1 = int(top * ky), min(height, int(np.ceil(bottom * ky)))
    crop, out = photo[y0:y1, x0:x1], full[y0:y1, x0:x1]
    # A whole number of pixels to a cell: means are quick then, and rows can be computed one band after another.
    step = -(-max(crop.shape[:2]) // _WORKING)
    step = min(step, *crop.shape[:2])
    cells = crop.shape[0] // step, crop.shape[1] // step
    shrunk = crop
    if step > 1:
        whole = crop[: cells[0] * step, : cells[1] * step]
        shrunk = np.asarray(cv2.resize(whole, cells[::-1], interpolation=cv2.INTER_AREA), np.uint8)
    here = _part(score, (x0, y0), step, (kx, ky), cells)
    radius = max(relative_radius * extent, _CELLS) * max(kx, ky) / step
    a, b = coefficients(here, shrunk.reshape(*cells, 3), radius, epsilon)
    if step == 1:
        np.clip(applied(a, b, crop), 0, 1, out=out)
    else:
        _apply_enlarged(np.concatenate([a, b[None]]), crop, step, out)
    return full


def _apply_enlarged(planes: NDArray[np.float32], photo: NDArray[np.uint8], step: int, out: Map) -> None:
    """Apply coefficients (4, h, w), each of ``step`` x ``step`` pixels, to a photo: bilinear, a band of rows at a time.

    Each band is the same as those rows of the whole would be.
    """
    height, width = photo.shape[:2]
    # Cells more on each side, for the pixels beyond the outermost cells' centres and those that fill no whole cell.
    padded = np.pad(planes, ((0, 0), (1, 2), (1, 2)), mode="edge")
    count = max(1, _BAND // step)
    for first in range(0, planes.shape[1] + 1, count):
        band = padded[:, first : first + count + 2]
        size = band.shape[2] * step, band.shape[1] * step
        start, stop = first * step, min(height, (first + band.shape[1] - 2) * step)
        if start >= stop:
            break
        large = [
            np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR), np.float32)[
                step : step + stop - start, step : step + width
            ]
            for plane in band
        ]
        np.clip(applied(large[:3], large[3], photo[start:stop]), 0, 1, out=out[start:stop])


def _part(score: Map, origin: tuple[int, int], step: int, scale: tuple[float, float], cells: tuple[int, int]) -> Map:
    """Return a map on cells (rows, columns) of ``step`` pixels of the photo from the pixel ``origin`` on, bilinear."""
    kx, ky = scale
    matrix = np.array(
        [
            [step / kx, 0, (origin[0] + 0.5 * step) / kx - 0.5],
            [0, step / ky, (origin[1] + 0.5 * step) / ky - 0.5],
        ]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    found = cv2.warpAffine(score, matrix, cells[::-1], flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.float32).reshape(cells)
