"""Pixels for the canvas: the only place that changes layout or dtype between a picture and the screen."""

from __future__ import annotations

import numpy as np

from core.images.picture import Picture, Pixels

_LAST = 512


def display_levels(picture: Picture) -> tuple[Pixels, ...]:
    """Return a picture as a pyramid that Qt can show without another copy.

    Returns:
        Levels (h, w, 4) uint8, C-contiguous, bytes B, G, R, A with premultiplied alpha (ARGB32_Premultiplied on
        little-endian machines). The first has the size of ``picture.rgb``, each next half of the one before (rounded
        up), the last is at most 512 pixels long. Each level shows the whole picture: its pixels are the area means of
        what they lie over, taken after the multiplication by alpha.
    """
    import cv2

    level = cv2.cvtColor(picture.rgb, cv2.COLOR_RGB2BGRA)
    if picture.alpha is not None:
        cv2.insertChannel(picture.alpha, level, 3)
        level = cv2.cvtColor(level, cv2.COLOR_RGBA2mRGBA)
    return _pyramid(np.asarray(level, np.uint8))


def mask_levels(mask: Pixels) -> tuple[Pixels, ...]:
    """Return an (h, w) uint8 mask as a pyramid of area means, halved as in :func:`display_levels`.

    The first level is ``mask`` itself where it is C-contiguous.
    """
    return _pyramid(np.ascontiguousarray(mask))


def _pyramid(level: Pixels) -> tuple[Pixels, ...]:
    import cv2

    levels = [level]
    while max(level.shape[:2]) > _LAST:
        half = (level.shape[1] + 1) // 2, (level.shape[0] + 1) // 2
        level = np.asarray(cv2.resize(level, half, interpolation=cv2.INTER_AREA), np.uint8)
        levels.append(level)
    return tuple(levels)
