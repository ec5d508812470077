"""Tools that pick a region at a point: the magic wand, and the hole under the pointer."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from core.domain import Box
from core.maths.masks import Mask
from core.maths.patches import Plane8, clipped

WAND_WINDOW = 2048
"""The wand looks at a square of so many pixels around the point, so that a click takes the same time on any photo."""
SEED_REACH = 2
"""The colour under the pointer is the median over so many pixels around it: fur and noise are not one colour."""


def magic_wand(
    rgb: NDArray[np.uint8],
    point: tuple[int, int],
    tolerance: float,
    *,
    contiguous: bool = True,
    window: int = WAND_WINDOW,
) -> tuple[Box, Plane8] | None:
    """Return the region that has the colour of a point, its box and its alpha there; None outside of the picture.

    Args:
        rgb: (height, width, 3) sRGB.
        point: x, y.
        tolerance: largest difference, CIE Lab's ΔE (2 is just seen, 100 is black to white).
        contiguous: only what hangs together with the point.
        window: side of the square that is looked at.
    """
    height, width = rgb.shape[:2]
    x, y = point
    if not (0 <= x < width and 0 <= y < height):
        return None
    half = window // 2
    around = clipped((x - half, y - half, x + half, y + half), width, height)
    assert around is not None
    left, top, right, bottom = around
    lab = cv2.cvtColor(rgb[top:bottom, left:right], cv2.COLOR_RGB2LAB)
    seed = np.s_[max(y - top - SEED_REACH, 0) : y - top + SEED_REACH + 1]
    seed_across = np.s_[max(x - left - SEED_REACH, 0) : x - left + SEED_REACH + 1]
    colour = np.median(lab[seed, seed_across].reshape(-1, 3), axis=0)
    # Byte Lab has L stretched to 255: tables give squares of true differences, which are added channel by channel.
    levels = np.arange(256, dtype=np.float32)
    total = np.zeros(lab.shape[:2], np.float32)
    for channel, scale in enumerate((100 / 255, 1.0, 1.0)):
        total += (((levels - np.float32(colour[channel])) * np.float32(scale)) ** 2)[lab[..., channel]]
    inside = (total <= max(tolerance, 0.0) ** 2).astype(np.uint8)
    inside[y - top, x - left] = 1
    if contiguous:
        _, labels = cv2.connectedComponents(inside, connectivity=4)
        inside = (labels == labels[y - top, x - left]).astype(np.uint8)
    # The edge gets as soft as a pixel is wide; what is taken stays at least one half.
    soft = np.asarray(cv2.blur(inside * np.uint8(255), (3, 3)), np.uint8)
    alpha = np.where(inside > 0, np.maximum(soft, 128), np.minimum(soft, 127)).astype(np.uint8)
    return _cropped(alpha, left, top)


def hole_at(mask: Mask, point: tuple[int, int]) -> tuple[Box, Plane8] | None:
    """Return the hole of a mask in which a point lies, its box and its alpha there; None if it lies in none.

    A hole is background (below 128) that does not touch the frame. Laid over the mask it leaves no seam.
    """
    height, width = mask.shape
    x, y = point
    if not (0 <= x < width and 0 <= y < height) or mask[y, x] >= 128:
        return None
    background = (mask < 128).astype(np.uint8)
    _, _, _, (left, top, w, h) = cv2.floodFill(background, None, (x, y), 2, flags=4)
    if left == 0 or top == 0 or left + w == width or top + h == height:
        return None
    box = clipped((left - 2, top - 2, left + w + 2, top + h + 2), width, height)
    assert box is not None
    hole = background[box[1] : box[3], box[0] : box[2]] == 2
    grown = cv2.dilate(hole.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0  # its soft edge goes with it
    return box, np.where(grown, np.uint8(255), np.uint8(0))


def _cropped(alpha: Plane8, left: int, top: int) -> tuple[Box, Plane8]:
    x, y, w, h = cv2.boundingRect(alpha)
    return (left + x, top + y, left + x + w, top + y + h), np.ascontiguousarray(alpha[y : y + h, x : x + w])
