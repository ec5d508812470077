"""Training views of photos and masks: turned, scaled, mirrored, recoloured; pure functions of a random generator."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels, right and bottom exclusive."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One training view: a square photo, and on a grid of half its size the mask and where the photo is."""

    photo: Pixels
    """(side, side, 3) uint8 sRGB."""
    mask: NDArray[np.float32]
    """(side / 2, side / 2), 0 to 1."""
    inside: NDArray[np.float32]
    """(side / 2, side / 2): 1 within the photo, 0 in the padding."""


def whole(photo: Pixels, mask: Pixels, side: int, rng: np.random.Generator) -> View:
    """Return a view of a whole photo, or of most of it, on a square."""
    height, width = mask.shape
    scale = side / max(height, width) * float(np.exp(rng.uniform(np.log(0.8), np.log(1.8))))
    # Larger than the square: the window lies anywhere over the photo. Smaller: the photo lies anywhere within.
    slack_x, slack_y = width * scale - side, height * scale - side
    centre_x = width / 2 + rng.uniform(-0.5, 0.5) * slack_x / scale
    centre_y = height / 2 + rng.uniform(-0.5, 0.5) * slack_y / scale
    return _warped(photo, mask, (centre_x, centre_y, scale), side, rng)


def head(photo: Pixels, mask: Pixels, side: int, rng: np.random.Generator) -> View:
    """Return a view of the portrait with some of what is around it, as the second stage sees it."""
    left, top, right, bottom = box_of(mask)
    extent = max(right - left, bottom - top)
    scale = side / (extent * float(np.exp(rng.uniform(np.log(1.15), np.log(2.1)))))
    centre_x = (left + right) / 2 + rng.normal(0, 0.07) * extent
    centre_y = (top + bottom) / 2 + rng.normal(0, 0.07) * extent
    return _warped(photo, mask, (centre_x, centre_y, scale), side, rng)


def box_of(mask: Pixels) -> Box:
    """Return the box around a mask's portrait; the whole mask where there is none."""
    points = np.argwhere(mask >= 128)
    if not len(points):
        return 0, 0, mask.shape[1], mask.shape[0]
    (top, left), (bottom, right) = points.min(0), points.max(0)
    return int(left), int(top), int(right) + 1, int(bottom) + 1


def _warped(
    photo: Pixels, mask: Pixels, window: tuple[float, float, float], side: int, rng: np.random.Generator
) -> View:
    """Return the square around a point (x, y) of the photo at a scale, a little turned and stretched."""
    x, y, scale = window
    angle = float(np.deg2rad(rng.normal(0, 10)))
    stretch = float(np.exp(rng.normal(0, 0.05)))
    flip = -1.0 if rng.random() < 0.5 else 1.0
    a = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = scale * a @ np.diag([flip * stretch, 1 / stretch])
    matrix = np.hstack([linear, (np.full(2, (side - 1) / 2) - linear @ np.array([x, y]))[:, None]])
    fill = tuple(int(v) for v in rng.integers(0, 256, 3))
    reduced = scale < 0.6  # shrinking further without a blur would alias
    source = cv2.GaussianBlur(photo, (0, 0), 0.4 / scale) if reduced else photo
    warped = cv2.warpAffine(source, matrix, (side, side), flags=cv2.INTER_LINEAR, borderValue=fill)
    half = matrix.copy() * 0.5
    half[:, 2] = matrix[:, 2] * 0.5 - 0.25  # pixel centres at integers: the half grid's cell 0 covers pixels 0 and 1
    small = (side // 2, side // 2)
    soft = cv2.warpAffine(mask, half, small, flags=cv2.INTER_LINEAR)
    inside = cv2.warpAffine(np.full_like(mask, 255), half, small, flags=cv2.INTER_LINEAR)
    return View(
        recoloured(np.asarray(warped, np.uint8), rng),
        np.divide(soft, 255, dtype=np.float32),
        np.asarray(inside > 250, np.float32),
    )


def recoloured(photo: Pixels, rng: np.random.Generator) -> Pixels:
    """Return a photo in other light: exposure, contrast, saturation, tint, grey, blur, noise."""
    x: NDArray[np.float32] = np.divide(photo, 255, dtype=np.float32)
    if rng.random() < 0.8:
        x = np.power(x, float(np.exp(rng.normal(0, 0.25))))
        x = (x - 0.5) * float(np.exp(rng.normal(0, 0.2))) + 0.5 + float(rng.normal(0, 0.07))
        x = x * np.asarray(np.exp(rng.normal(0, 0.06, 3)), np.float32)
        grey = x @ np.array([0.299, 0.587, 0.114], np.float32)
        amount = 0.0 if rng.random() < 0.07 else float(np.exp(rng.normal(0, 0.25)))
        x = grey[..., None] + amount * (x - grey[..., None])
    if rng.random() < 0.15:
        x = np.asarray(cv2.GaussianBlur(x, (0, 0), float(rng.uniform(0.5, 1.5))), np.float32)
    if rng.random() < 0.15:
        x = x + np.asarray(rng.normal(0, rng.uniform(0.01, 0.06), x.shape), np.float32)
    return np.asarray(np.clip(x * 255 + 0.5, 0, 255), np.uint8)
