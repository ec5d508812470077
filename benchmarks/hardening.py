"""Edits that make a designer image hard to recognise: painted, inked, posterised, negative, noisy, small, blurred …"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from core.images.picture import Picture

KINDS = ("paint", "ink", "posterise", "negative", "grain", "small", "blur", "hidden")


def harden(designer: Picture, kind: str, seed: int) -> Picture:
    """Return a designer image with one hard edit; the same seed gives the same picture."""
    random = np.random.default_rng(seed)
    rgb = designer.rgb
    short = min(rgb.shape[:2])
    edited: NDArray[np.generic]
    if kind == "paint":
        smooth = cv2.medianBlur(rgb, max(3, short // 50) | 1)
        edited = cv2.bilateralFilter(smooth, 9, 60, short * 0.01 + 2) // 24 * 24 + 12
    elif kind == "ink":
        grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
        dark = grey / (cv2.GaussianBlur(grey, (0, 0), short * 0.01 + 1) + 1) < 0.85
        edited = np.repeat(np.where(dark, grey / 2, 255)[..., None], 3, axis=2)
    elif kind == "posterise":
        edited = rgb // 64 * 85
    elif kind == "negative":
        edited = 255 - rgb
    elif kind == "grain":
        edited = rgb + random.normal(0, 45, rgb.shape)
    elif kind == "small":
        size = max(round(rgb.shape[1] * 60 / short), 1), max(round(rgb.shape[0] * 60 / short), 1)
        less = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
        edited = cv2.resize(less, (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_CUBIC)
    elif kind == "blur":
        edited = cv2.GaussianBlur(rgb, (0, 0), short * 0.02)
    else:
        edited = _hidden(rgb, random)
    return replace(designer, rgb=np.ascontiguousarray(np.clip(edited, 0, 255), np.uint8))


def _hidden(rgb: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """Paint three ellipses over the middle of a picture."""
    answer = rgb.copy()
    size = np.array([rgb.shape[1], rgb.shape[0]])
    for _ in range(3):
        x, y = (random.uniform(0.25, 0.75, 2) * size).astype(int).tolist()
        across, down = (random.uniform(0.08, 0.2, 2) * size).astype(int).tolist()
        colour = random.integers(0, 256, 3).tolist()
        cv2.ellipse(answer, (x, y), (across, down), random.uniform(0, 180), 0, 360, colour, -1)
    return answer
