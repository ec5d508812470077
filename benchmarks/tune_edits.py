"""The hard edits one may look at while developing; none of them is among the edits that judge."""

from __future__ import annotations

import accessories
import cv2
import numpy as np
from drafting import Draft, Rgb, clipped, draw_tone, luma, relight


def paint(rgb: Rgb, extent: float, rng: np.random.Generator) -> Rgb:
    """Brush strokes by median, bilateral filter and few levels."""
    level = int(rng.integers(16, 33))
    smooth = cv2.medianBlur(rgb.astype(np.uint8), max(3, round(extent * 0.03)) | 1)
    return clipped(cv2.bilateralFilter(smooth, 9, 60, extent * 0.015 + 2) // level * level + level / 2)


def ink(rgb: Rgb, extent: float, rng: np.random.Generator) -> Rgb:
    """Dark strokes on white where the picture is darker than its surroundings."""
    grey = luma(rgb)
    dark = grey / (cv2.GaussianBlur(grey, (0, 0), extent * rng.uniform(0.013, 0.025) + 1) + 1) < 0.87
    return np.repeat(np.where(dark, grey / 2, 255)[..., None], 3, axis=2).astype(np.float32)


def posterise(rgb: Rgb, extent: float, rng: np.random.Generator) -> Rgb:
    """Four to six levels for each channel."""
    levels = int(rng.integers(4, 7))
    return clipped(np.floor(rgb / 256 * levels) * (255 / (levels - 1)))


def negative(rgb: Rgb, extent: float, rng: np.random.Generator) -> Rgb:
    """Light and dark exchanged."""
    return 255 - rgb


def grain(rgb: Rgb, extent: float, rng: np.random.Generator) -> Rgb:
    """Strong noise in every pixel."""
    return clipped(rgb + rng.normal(0, rng.uniform(30, 50), rgb.shape))


def small(rgb: Rgb, extent: float, rng: np.random.Generator) -> Rgb:
    """Shrunk until its shorter side has 60 to 80 pixels, and grown again."""
    h, w = rgb.shape[:2]
    factor = min(rng.uniform(60, 80) / min(h, w), 1.0)
    less = cv2.resize(rgb, (max(round(w * factor), 1), max(round(h * factor), 1)), interpolation=cv2.INTER_AREA)
    return clipped(cv2.resize(less, (w, h), interpolation=cv2.INTER_CUBIC))


def blur(rgb: Rgb, extent: float, rng: np.random.Generator) -> Rgb:
    """Out of focus."""
    return np.asarray(cv2.GaussianBlur(rgb, (0, 0), extent * rng.uniform(0.015, 0.03)), np.float32)


def recolour(rgb: Rgb, extent: float, rng: np.random.Generator) -> Rgb:
    """Other colours and another light, both stronger than is usual."""
    return relight(draw_tone(rng, [], 1.8)(rgb), rng, 0.55)


STYLES = {
    "paint": paint,
    "ink": ink,
    "posterise": posterise,
    "negative": negative,
    "grain": grain,
    "small": small,
    "blur": blur,
}


def hide(draft: Draft, rng: np.random.Generator) -> None:
    """Three ellipses over the face."""
    for _ in range(3):
        x, y = rng.uniform(-0.7, 0.7, 2)
        a, b = rng.uniform(0.15, 0.36, 2)
        draft.put(accessories.fill(draft, accessories.ellipse(x, y, a, b)), accessories.colour(rng))


def bleach(draft: Draft, rng: np.random.Generator) -> None:
    """White fur: hardly darker than the white behind it."""
    dark, middle = draft.levels([3, 50])
    factor = min(rng.uniform(22, 45) / (255 - middle + 1), rng.uniform(90, 130) / (255 - dark + 1))
    light = 255 - (255 - draft.rgb) * min(factor, 1.0)
    draft.rgb = clipped(light * 0.4 + luma(light.astype(np.float32))[..., None] * 0.6)


def dress_up(draft: Draft, rng: np.random.Generator) -> None:
    """A large hat, a bow and a name."""
    accessories.hat(draft, rng, rng.uniform(1.1, 1.4))
    accessories.bow(draft, rng, rng.uniform(1.0, 1.3))
    accessories.text(draft, rng, rng.uniform(0.9, 1.2))
