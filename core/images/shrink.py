"""Geometry of whole pictures: upright by EXIF orientation, and smaller by area means."""

from __future__ import annotations

import numpy as np

from core.images.picture import Pixels


def upright(pixels: Pixels, orientation: int) -> Pixels:
    """Apply an EXIF orientation, 1 to 8 (Exif 2.32, tag 274); anything else is left as it is."""
    import cv2

    match orientation:
        case 2:
            turned = cv2.flip(pixels, 1)
        case 3:
            turned = cv2.rotate(pixels, cv2.ROTATE_180)
        case 4:
            turned = cv2.flip(pixels, 0)
        case 5:
            turned = cv2.transpose(pixels)
        case 6:
            turned = cv2.rotate(pixels, cv2.ROTATE_90_CLOCKWISE)
        case 7:
            turned = cv2.flip(cv2.transpose(pixels), -1)
        case 8:
            turned = cv2.rotate(pixels, cv2.ROTATE_90_COUNTERCLOCKWISE)
        case _:
            return pixels
    return np.asarray(turned, np.uint8)


def fitted(width: int, height: int, long_side: int) -> tuple[int, int]:
    """Return the size with the same proportions that is ``long_side`` long; never larger than it was."""
    longest = max(width, height)
    if longest <= long_side:
        return width, height
    return max(1, round(width * long_side / longest)), max(1, round(height * long_side / longest))


def area_mean(
    pixels: Pixels, alpha: Pixels | None, size: tuple[int, int], covered: tuple[float, float] | None = None
) -> tuple[Pixels, Pixels | None]:
    """Shrink by area means; transparent pixels do not bleed into the colour of their neighbours.

    Args:
        pixels: (h, w) or (h, w, c) uint8, not premultiplied.
        alpha: (h, w) uint8, or None.
        size: width and height wanted, not larger than ``pixels``.
        covered: columns and rows that hold the picture, where the last ones do so only in part.

    Returns:
        Pixels and alpha of the wanted size.
    """
    if (pixels.shape[1], pixels.shape[0]) == size and covered is None:
        return pixels, alpha
    if alpha is None:
        return np.asarray(_resize(pixels, size, covered), np.uint8), None
    # 255 * 255 fits 16 bits: the weighted colours are exact before they are averaged.
    wide = alpha if pixels.ndim == 2 else alpha[:, :, None]
    weighted = _resize(np.multiply(pixels, wide, dtype=np.uint16), size, covered).astype(np.float32)
    weight = _resize(np.multiply(alpha, 255, dtype=np.uint16), size, covered).astype(np.float32)
    factor = 255 / np.maximum(weight, 1)
    colour = weighted * (factor if pixels.ndim == 2 else factor[:, :, None])
    return np.rint(np.minimum(colour, 255)).astype(np.uint8), np.rint(weight / 255).astype(np.uint8)


def _resize(
    values: np.ndarray[tuple[int, ...], np.dtype[np.uint8 | np.uint16]],
    size: tuple[int, int],
    covered: tuple[float, float] | None,
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8 | np.uint16]]:
    import cv2

    width, height = size
    if covered is None:
        return cv2.resize(values, size, interpolation=cv2.INTER_AREA)  # type: ignore[return-value]
    # Told the factors instead of the size, OpenCV takes them as they are; a column or row over is the padding.
    fx, fy = width / covered[0], height / covered[1]
    return cv2.resize(values, None, fx=fx, fy=fy, interpolation=cv2.INTER_AREA)[:height, :width]  # type: ignore[return-value]
