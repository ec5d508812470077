"""Maps of probability, 8 bit: where they are cut, and the mask of a whole photo that comes of it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from core.maths.masks import Mask

Map8 = NDArray[np.uint8]
"""(height, width) uint8 over a photo, probability 0 to 255; cells of equal size that cover it without margin."""
SOFT = 0.1
"""Where a map crosses its threshold, the mask's edge goes from 0 to 255 within this difference of probability."""
_BAND = 256


def cut(found: Map8, threshold: float, size: tuple[int, int]) -> Mask:
    """Return the mask of a photo from its map, with an edge about as soft as the map's own is steep.

    The map is interpolated at the photo's pixels (centres at integers, OpenCV's convention). A pixel of probability p
    gets 1/2 + (p - t) / w, held between 0 and 1, so that "at least one half" is "at least t". The ramp is w =
    :data:`SOFT` wide, less near the ends: probability 0 is background and 1 is portrait whatever the threshold.

    Args:
        found: the map.
        threshold: t, 0 to 1; below 1/255 it counts as that, as 0 would take everything.
        size: width and height of the photo.

    Returns:
        (height, width) uint8, 0 to 255; at least 128 where the probability reaches the threshold.
    """
    level = min(max(threshold, 1 / 255), 1.0)
    ramp = max(min(SOFT, 2 * level, 2 * (1 - level)), 1 / 255)
    # 16 bits keep what lies between two values of the map, at half the memory of floats; the ramp goes band by band.
    wide = np.multiply(found, 257, dtype=np.uint16)
    fine = np.asarray(cv2.resize(wide, size, interpolation=cv2.INTER_LINEAR), np.uint16).reshape(size[1], size[0])
    mask = np.empty(fine.shape, np.uint8)
    for top in range(0, len(fine), _BAND):
        band = fine[top : top + _BAND].astype(np.float32) / np.float32(65535)
        share = (band - np.float32(level)) * np.float32(255 / ramp) + np.float32(128)
        mask[top : top + _BAND] = np.clip(share, 0, 255)
    return mask
