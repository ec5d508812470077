"""Brings a coarse probability map to the photo's edges: the guided filter (He, Sun, Tang 2013) with a colour guide."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Map = NDArray[np.float32]


def guided(probability: Map, photo: NDArray[np.uint8], radius: float, epsilon: float = 1e-4) -> Map:
    """Return the map as a locally linear function of the photo's colours.

    Args:
        probability: (h, w) float32.
        photo: (h, w, 3) uint8, the same size.
        radius: of the window, pixels.
        epsilon: how much variance of colour (0 to 1) counts as flat.

    Returns:
        (h, w) float32; may leave the range of ``probability`` a little.
    """
    mean_a, mean_b = coefficients(probability, photo, radius, epsilon)
    return applied(mean_a, mean_b, photo)


def coefficients(
    probability: Map, photo: NDArray[np.uint8], radius: float, epsilon: float
) -> tuple[NDArray[np.float32], Map]:
    """Return the filter's averaged coefficients: (h, w, 3) for the colours and (h, w) for the constant."""
    guide: NDArray[np.float32] = np.divide(photo, 255, dtype=np.float32)
    side = 2 * max(1, round(radius)) + 1

    def mean(x: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(cv2.blur(x, (side, side), borderType=cv2.BORDER_REFLECT), np.float32)

    centre, target = mean(guide), mean(probability)
    covariance = mean(guide * probability[..., None]) - centre * target[..., None]
    sigma = np.empty((*probability.shape, 3, 3), np.float32)
    for i in range(3):
        for j in range(i, 3):
            sigma[..., i, j] = mean(guide[..., i] * guide[..., j]) - centre[..., i] * centre[..., j]
            sigma[..., j, i] = sigma[..., i, j]
        sigma[..., i, i] += epsilon
    a = _solved(sigma, covariance)
    b = target - (a * centre).sum(-1)
    return mean(a), mean(b)


def applied(a: NDArray[np.float32], b: Map, photo: NDArray[np.uint8]) -> Map:
    """Return the map that coefficients of :func:`coefficients` give for a photo of the same size."""
    out = b.copy()
    for channel in range(3):
        out += a[..., channel] * (photo[..., channel].astype(np.float32) / 255)
    return out


def _solved(m: NDArray[np.float32], v: NDArray[np.float32]) -> NDArray[np.float32]:
    """Solve symmetric 3 x 3 systems by Cramer's rule: much faster than LAPACK for as many as there are pixels."""
    a, b, c = m[..., 0, 0], m[..., 0, 1], m[..., 0, 2]
    d, e, f = m[..., 1, 1], m[..., 1, 2], m[..., 2, 2]
    aa, bb, cc = d * f - e * e, c * e - b * f, b * e - c * d
    dd, ee, ff = a * f - c * c, b * c - a * e, a * d - b * b
    determinant = a * aa + b * bb + c * cc
    x, y, z = v[..., 0], v[..., 1], v[..., 2]
    return (
        np.stack([aa * x + bb * y + cc * z, bb * x + dd * y + ee * z, cc * x + ee * y + ff * z], -1)
        / determinant[..., None]
    )


_WORKING = 900
"""Coefficients are computed at this long side and applied at full size (He and Sun 2015, fast guided filter)."""
_SURE = 0.02


def to_photo(score: Map, photo: NDArray[np.uint8], relative_radius: float, epsilon: float = 1e-4) -> Map:
    """Return a map at the photo's size, its edge moved to the photo's.

    Only the neighbourhood of cells that are neither surely in nor surely out is filtered.

    Args:
        score: (gh, gw) float32, 0 to 1, cells of equal size over the photo.
        photo: (h, w, 3) uint8.
        relative_radius: of the window, as a share of the portrait's extent.
        epsilon: see :func:`guided`.

    Returns:
        (h, w) float32, 0 to 1.
    """
    height, width = photo.shape[:2]
    full = np.zeros((height, width), np.float32)
    rows, columns = np.nonzero(score > _SURE)
    if not len(rows):
        return full
    extent = max(int(rows.max() - rows.min()), int(columns.max() - columns.min())) + 1
    margin = extent // 8 + 2
    top, bottom = max(0, int(rows.min()) - margin), min(score.shape[0], int(rows.max()) + 1 + margin)
    left, right = max(0, int(columns.min()) - margin), min(score.shape[1], int(columns.max()) + 1 + margin)
    kx, ky = width / score.shape[1], height / score.shape[0]
    x0, x1 = int(left * kx), min(width, int(np.ceil(right * kx)))
    y0, y1 = int(top * ky), min(height, int(np.ceil(bottom * ky)))
    size = x1 - x0, y1 - y0
    here = _part(score, (left, top, right, bottom), (x0, y0), (kx, ky), size)
    crop = photo[y0:y1, x0:x1]
    factor = min(1.0, _WORKING / max(size))
    radius = relative_radius * extent * max(kx, ky) * factor
    if factor == 1:
        full[y0:y1, x0:x1] = np.clip(guided(here, crop, radius, epsilon), 0, 1)
        return full
    small = max(1, round(size[0] * factor)), max(1, round(size[1] * factor))
    shrunk = cv2.resize(crop, small, interpolation=cv2.INTER_AREA).astype(np.uint8)
    a, b = coefficients(np.asarray(cv2.resize(here, small), np.float32), shrunk, radius, epsilon)
    packed = np.dstack([a / np.float32(255), b])
    # Rows at a time: what is computed for 24 megapixels must not take gigabytes.
    for start in range(0, size[1], 512):
        stop = min(size[1], start + 512)
        rows_of = _rows(packed, size, start, stop)
        block = np.einsum("ijk,ijk->ij", rows_of[..., :3], crop[start:stop].astype(np.float32)) + rows_of[..., 3]
        full[y0 + start : y0 + stop, x0:x1] = np.clip(block, 0, 1)
    return full


def _rows(packed: NDArray[np.float32], size: tuple[int, int], start: int, stop: int) -> NDArray[np.float32]:
    """Return rows of coefficients brought to a size (width, height), bilinear, as ``cv2.resize`` would."""
    kx, ky = packed.shape[1] / size[0], packed.shape[0] / size[1]
    matrix = np.array([[kx, 0, 0.5 * kx - 0.5], [0, ky, (start + 0.5) * ky - 0.5]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped = cv2.warpAffine(packed, matrix, (size[0], stop - start), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, np.float32)


def _part(
    score: Map,
    box: tuple[int, int, int, int],
    origin: tuple[int, int],
    scale: tuple[float, float],
    size: tuple[int, int],
) -> Map:
    """Return part of a map on the photo's pixels from ``origin`` on, bilinear."""
    kx, ky = scale
    left, top, right, bottom = box
    matrix = np.array(
        [
            [1 / kx, 0, (origin[0] + 0.5) / kx - 0.5 - left],
            [0, 1 / ky, (origin[1] + 0.5) / ky - 0.5 - top],
        ]
    )
    inner = np.ascontiguousarray(score[top:bottom, left:right])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(inner, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32)
