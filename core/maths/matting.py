"""Alpha of fur and hair: closed-form matting in the unknown band around a mask, and the foreground's own colours."""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from core.maths.masks import Mask
from core.maths.patches import Plane8
from core.maths.snapping import Rgb8

EPSILON = 1e-7
"""Levin's regularisation of the colour lines, for colours of 0 to 1."""
MOST_UNKNOWN = 150_000
"""More unknown pixels are solved at reduced size, and brought to full size along the picture's colours."""
FIRST_LOOK = 15_000
"""So few of them give a first look, in a fraction of the time."""
ROUNDS, GOOD = 400, 2e-5
"""Steps of the solver at most, and the share of the residual at which it stops."""
FUSED = (45, 5)
"""Radii, in pixels, over which the foreground's and the background's colours are averaged, one after the other."""
_CHUNK = 20_000
_ROWS = 512


def unknown_band(mask: Mask, radius: float) -> Plane8:
    """Return 255 where alpha is open: within ``radius`` pixels of the mask's edge (at 128), and where it is soft."""
    inside = (mask >= 128).astype(np.uint8)
    near_in = cv2.distanceTransform(inside, cv2.DIST_L2, 5) <= radius
    near_out = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5) <= radius
    return np.where(near_in & near_out | (mask > 0) & (mask < 255), np.uint8(255), np.uint8(0))


def matte(
    rgb: Rgb8, mask: Mask, band: Plane8, check: Callable[[], None] = lambda: None, most: int = MOST_UNKNOWN
) -> Mask:
    """Return the mask with the alpha of each pixel in a band estimated from the colours around it.

    Closed-form matting (Levin, Lischinski and Weiss 2008): colours lie on a line in each window of 3 x 3 pixels. Only
    the unknown pixels are solved for, by conjugate gradients from coarse to fine.

    Args:
        rgb: (height, width, 3), the part of the picture around the band with some room.
        mask: of the same size; what it says outside of the band stands.
        band: of the same size, at least 128 where alpha is open.
        check: asked now and then; raises to stop.
        most: unknown pixels that are solved for; where there are more, at reduced size.
    """
    unknown = band >= 128
    count = int(np.count_nonzero(unknown))
    if not count or not (~unknown).any():
        return mask
    factor = min(1.0, math.sqrt(most / count))
    if factor == 1:
        alpha = _solved(rgb, mask, unknown, check)
    else:
        size = max(round(rgb.shape[1] * factor), 3), max(round(rgb.shape[0] * factor), 3)
        small = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
        small_mask = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.uint8)
        small_band = np.asarray(cv2.resize(unknown.astype(np.uint8), size, interpolation=cv2.INTER_AREA)) > 0
        coarse = _solved(small, small_mask, small_band, check)
        check()
        return _along_colours(rgb, mask, unknown, _lines(small, coarse, small_band))
    return np.where(unknown, np.rint(255 * np.clip(alpha, 0, 1)).astype(np.uint8), mask)


def _solved(
    rgb: Rgb8, mask: Mask, unknown: NDArray[np.bool_], check: Callable[[], None], depth: int = 4
) -> NDArray[np.float64]:
    """Return alpha, 0 to 1, of all pixels."""
    known = mask / 255.0
    height, width = mask.shape
    if depth and min(height, width) >= 32:
        size = (width + 1) // 2, (height + 1) // 2
        open_half = np.asarray(cv2.resize(unknown.astype(np.uint8), size, interpolation=cv2.INTER_AREA)) > 0
        half_rgb, half_mask = (np.asarray(cv2.resize(img, size, interpolation=cv2.INTER_AREA)) for img in (rgb, mask))
        half = _solved(half_rgb.astype(np.uint8), half_mask.astype(np.uint8), open_half, check, depth - 1)
        guess = np.asarray(cv2.resize(half, (width, height), interpolation=cv2.INTER_LINEAR), np.float64)
    else:
        guess = known
    index = np.full(mask.shape, -1, np.int64)
    index[unknown] = np.arange(np.count_nonzero(unknown))
    check()
    matrix, right = _equations(rgb, known, unknown, index, check)
    alpha: NDArray[np.float64] = np.where(unknown, guess, known)
    alpha[unknown] = _conjugate_gradients(matrix, right, guess[unknown], check)
    return alpha


def _equations(
    rgb: Rgb8,
    known: NDArray[np.float64],
    unknown: NDArray[np.bool_],
    index: NDArray[np.int64],
    check: Callable[[], None],
) -> tuple[sparse.csr_matrix, NDArray[np.float64]]:
    """Return the matting Laplacian among the unknown pixels, and what the known ones contribute."""
    width = unknown.shape[1]
    inner = np.zeros_like(unknown)
    inner[1:-1, 1:-1] = cv2.dilate(unknown.astype(np.uint8), np.ones((3, 3), np.uint8))[1:-1, 1:-1] > 0
    centres = np.flatnonzero(inner)
    offsets = np.array([dy * width + dx for dy in (-1, 0, 1) for dx in (-1, 0, 1)])
    colours = rgb.reshape(-1, 3) / 255.0
    flat_index, flat_known = index.ravel(), known.ravel()
    count = int(unknown.sum())
    matrix = sparse.csr_matrix((count, count))
    right = np.zeros(count)
    for start in range(0, len(centres), _CHUNK):
        check()
        pixels = centres[start : start + _CHUNK, None] + offsets
        values = _window_laplacians(colours[pixels])
        numbers = flat_index[pixels]
        rows, columns = np.broadcast_arrays(numbers[:, :, None], numbers[:, None, :])
        fixed = np.where(numbers < 0, flat_known[pixels], 0.0)
        share = -(values @ fixed[:, :, None])[..., 0]
        right += np.bincount(numbers[numbers >= 0], share[numbers >= 0], count)
        both = (rows >= 0) & (columns >= 0)
        matrix = matrix + sparse.csr_matrix((values[both], (rows[both], columns[both])), (count, count))
    return matrix, right


def _window_laplacians(colours: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the Laplacians (n, 9, 9) of windows of nine colours (n, 9, 3): equation 12 of the paper."""
    mean = colours.mean(axis=1, keepdims=True)
    away = colours - mean
    covariance = np.einsum("nki,nkj->nij", away, away) / 9 + EPSILON / 9 * np.eye(3)
    lines = np.einsum("nki,nij,nlj->nkl", away, np.linalg.inv(covariance), away, optimize=True)
    answer: NDArray[np.float64] = np.eye(9) - (1 + lines) / 9
    return answer


def _conjugate_gradients(
    matrix: sparse.csr_matrix, right: NDArray[np.float64], guess: NDArray[np.float64], check: Callable[[], None]
) -> NDArray[np.float64]:
    """Solve a symmetric system, preconditioned by its diagonal."""
    scale = 1 / np.maximum(matrix.diagonal(), 1e-9)
    x = guess.copy()
    residual = right - matrix @ x
    preconditioned = scale * residual
    direction = preconditioned.copy()
    energy = float(residual @ preconditioned)
    enough = GOOD**2 * max(float(right @ (scale * right)), 1e-12)
    for step in range(ROUNDS):
        if energy <= enough:
            break
        if step % 20 == 0:
            check()
        moved = matrix @ direction
        length = energy / max(float(direction @ moved), 1e-30)
        x += length * direction
        residual -= length * moved
        preconditioned = scale * residual
        after = float(residual @ preconditioned)
        direction *= after / energy
        direction += preconditioned
        energy = after
    return x


def _lines(rgb: Rgb8, alpha: NDArray[np.float64], where: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return alpha as a line of the colours in each window of 5 x 5 around a band: three slopes and an offset."""
    img, p, box = rgb.astype(np.float32) / 255, alpha.astype(np.float32), (5, 5)
    near = cv2.dilate(where.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    mean_p, mean = cv2.blur(p, box), cv2.blur(img, box)
    slope = np.zeros((*p.shape, 3), np.float32)
    covariance = np.empty((int(near.sum()), 3, 3), np.float32)
    for i in range(3):
        for j in range(i, 3):
            product = cv2.blur(img[..., i] * img[..., j], box) - mean[..., i] * mean[..., j]
            covariance[:, i, j] = covariance[:, j, i] = product[near]
    with_p = (cv2.blur(img * p[..., None], box) - mean * mean_p[..., None])[near]
    slope[near] = np.linalg.solve(covariance + np.float32(1e-4) * np.eye(3, dtype=np.float32), with_p[..., None])[
        ..., 0
    ]
    offset = mean_p - (slope * mean).sum(axis=2)
    return np.asarray(cv2.blur(np.dstack([slope, offset]), box), np.float32)


def _along_colours(rgb: Rgb8, mask: Mask, unknown: NDArray[np.bool_], lines: NDArray[np.float32]) -> Mask:
    """Bring alpha to full size: in each window it is a line of the colours (fast guided filter, He and Sun 2015)."""
    answer = mask.copy()
    height, width = mask.shape
    ky, kx = lines.shape[0] / height, lines.shape[1] / width
    for top in range(0, height, _ROWS):
        rows = np.s_[top : top + _ROWS]
        there = unknown[rows]
        if not there.any():
            continue
        to_small = np.array([[kx, 0.0, kx / 2 - 0.5], [0.0, ky, (top + 0.5) * ky - 0.5]])
        how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        size = width, len(there)
        fine = np.asarray(cv2.warpAffine(lines, to_small, size, flags=how, borderMode=cv2.BORDER_REPLICATE))[there]
        alpha = (fine[:, :3] * rgb[rows][there]).sum(axis=1) / 255 + fine[:, 3]
        answer[rows][there] = np.rint(255 * np.clip(alpha, 0, 1)).astype(np.uint8)
    return answer


def foreground_colours(rgb: Rgb8, alpha: Mask) -> Rgb8:
    """Return the picture with the portrait's own colours where its edge is soft: no old background shines through.

    A pixel of alpha a is a F + (1 - a) B: F is guessed from the portrait's colours around it, and corrected by what the
    pixel shows (Forte 2021, "Approximate Fast Foreground Colour Estimation": blurred twice, far and near).
    """
    soft = (alpha > 0) & (alpha < 255)
    x, y, w, h = cv2.boundingRect(soft.astype(np.uint8))
    answer = rgb.copy()
    room = FUSED[0] + FUSED[1]
    left, right = max(x - room, 0), min(x + w + room, rgb.shape[1])
    for top in range(y, y + h, _ROWS):
        bottom = min(top + _ROWS, y + h)
        first, last = max(top - room, 0), min(bottom + room, rgb.shape[0])
        there = soft[top:bottom, left:right]
        if not there.any():
            continue
        fused = _fused(rgb[first:last, left:right], alpha[first:last, left:right])
        answer[top:bottom, left:right][there] = fused[top - first : bottom - first][there]
    return answer


def _fused(rgb: Rgb8, alpha: Mask) -> Rgb8:
    img, a = rgb.astype(np.float32), (alpha.astype(np.float32) / 255)[..., None]
    front, back = img, img
    for radius in FUSED:
        box = (2 * radius + 1, 2 * radius + 1)
        share = cv2.blur(a, box)[..., None]
        mean_front = cv2.blur(front * a, box) / (share + 1e-5)
        mean_back = cv2.blur(back * (1 - a), box) / (1 - share + 1e-5)
        front = np.clip(mean_front + a * (img - a * mean_front - (1 - a) * mean_back), 0, 255)
        back = mean_back
    return np.rint(front).astype(np.uint8)
