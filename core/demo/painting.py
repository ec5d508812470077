"""What the demo's designer paints on: a party hat, the pet's name. Both draw into an RGBA layer in place."""

from __future__ import annotations

import unicodedata

import cv2
import numpy as np
from numpy.typing import NDArray

from core.images.picture import Pixels

Colour = tuple[int, int, int]


def paint_hat(layer: Pixels, colour: Colour) -> None:
    """Put a striped party hat on top of what is opaque in ``layer``, (h, w, 4) uint8 RGBA."""
    rows, columns = np.nonzero(layer[..., 3] > 127)
    top, tall = int(rows.min()), int(rows.max() - rows.min())
    brim = int(rows[rows >= top + tall // 8].min())
    across = columns[np.abs(rows - brim) <= 2]
    left, right = float(across.min()), float(across.max())
    half = max(0.25 * (right - left), 0.08 * layer.shape[1])
    middle = (left + right) / 2
    base, tip = float(brim), max(brim - 2.6 * half, 0.03 * layer.shape[0])
    dark = (colour[0] // 3, colour[1] // 3, colour[2] // 2)
    _fill(layer, [(middle - half, base), (middle, tip), (middle + half, base), (middle, base + 0.25 * half)], dark)
    for low, high in ((0.12, 0.3), (0.48, 0.64), (0.8, 0.9)):
        stripe = [(middle + side * half * (1 - at), base + (tip - base) * at) for at, side in
                  ((low, -1), (high, -1), (high, 1), (low, 1))]  # fmt: skip
        _fill(layer, stripe, colour)
    _dot(layer, (middle, tip), 0.22 * half, (250, 250, 250))


def paint_text(layer: Pixels, text: str, colour: Colour) -> None:
    """Write a name across the lower part of ``layer``; letters that OpenCV's font lacks lose their accents."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().strip(" 0123456789_-") or "Pet"
    height, width = layer.shape[:2]
    font, thickness = cv2.FONT_HERSHEY_DUPLEX, max(2, width // 180)
    (natural, _), _ = cv2.getTextSize(plain, font, 1.0, thickness)
    scale = min(0.8 * width / natural, height / 250)
    (across, tall), _ = cv2.getTextSize(plain, font, scale, thickness)
    stencil = np.zeros((height, width), np.uint8)
    corner = ((width - across) // 2, int(0.95 * height) - tall // 4)
    cv2.putText(stencil, plain, corner, font, scale, (255,), thickness, cv2.LINE_AA)
    _blend(layer, stencil, (colour[0] // 4, colour[1] // 4, colour[2] // 4))


def _fill(layer: Pixels, points: list[tuple[float, float]], colour: Colour) -> None:
    stencil = np.zeros(layer.shape[:2], np.uint8)
    cv2.fillPoly(stencil, [_fixed(points)], (255,), lineType=cv2.LINE_AA, shift=4)
    _blend(layer, stencil, colour)


def _dot(layer: Pixels, centre: tuple[float, float], radius: float, colour: Colour) -> None:
    stencil = np.zeros(layer.shape[:2], np.uint8)
    x, y = _fixed([centre])[0].tolist()
    cv2.circle(stencil, (x, y), round(radius * 16), (255,), -1, lineType=cv2.LINE_AA, shift=4)
    _blend(layer, stencil, colour)


def _fixed(points: list[tuple[float, float]]) -> NDArray[np.int32]:
    """Return points in OpenCV's fixed-point form with 4 binary digits."""
    return np.round(np.array(points) * 16).astype(np.int32)


def _blend(layer: Pixels, stencil: Pixels, colour: Colour) -> None:
    share = stencil[..., None].astype(np.float32) / 255
    mixed = layer[..., :3] * (1 - share) + np.array(colour, np.float32) * share
    layer[..., :3] = mixed.round().astype(np.uint8)
    layer[..., 3] = np.maximum(layer[..., 3], stencil)
