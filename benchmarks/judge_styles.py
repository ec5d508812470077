"""The hard edits that judge, by pixels: paintings, drawings, prints, films. Nobody tunes on these."""

from __future__ import annotations

import math

import cv2
import numpy as np
from drafting import Draft, Plane, Rgb, clipped, cover, grid, jpeg, luma, noise, resample
from numpy.typing import NDArray

from core.maths.warp import invert, similarity


def oil(rgb: Rgb, extent: float, rng: np.random.Generator) -> Rgb:
    """Oil: Kuwahara filter (mean of whichever of four quadrants varies least), with a canvas of strokes."""
    half = max(round(extent * rng.uniform(0.008, 0.016)), 2)
    side = half + 1
    grey = luma(rgb)
    best, least = rgb, np.full(grey.shape, np.inf, np.float32)
    for anchor in ((0, 0), (half, 0), (0, half), (half, half)):
        mean = cv2.boxFilter(rgb, -1, (side, side), anchor=anchor)
        flat = cv2.boxFilter(grey, -1, (side, side), anchor=anchor)
        spread = cv2.boxFilter(grey * grey, -1, (side, side), anchor=anchor) - flat * flat
        better = spread < least
        best, least = np.where(better[..., None], mean, best), np.where(better, spread, least)
    strokes = noise((grey.shape[1], grey.shape[0]), max(extent * 0.006, 0.8), rng)
    return clipped(best * 1.05 + 7 * strokes[..., None])


def watercolour(draft: Draft, rng: np.random.Generator) -> None:
    """Watercolour: flat washes, dark rims of dried pigment, paper grain, an edge that bleeds."""
    extent, size = draft.extent, draft.size
    washed = draft.rgb
    for _ in range(3):
        washed = cv2.bilateralFilter(washed, 9, 40, 2 + extent * 0.008)
    uneven = noise(size, extent * 0.06, rng)[..., None] * 10 + noise(size, extent * 0.015, rng)[..., None] * 5
    rims = cv2.GaussianBlur(luma(washed), (0, 0), 1 + extent * 0.004) - luma(washed)
    paper = noise(size, 1.0, rng)[..., None] * 5
    light = 255 - (255 - washed) * rng.uniform(0.7, 0.9)
    draft.rgb = clipped(light + uneven - np.clip(rims, -6, 20)[..., None] + paper)
    ragged = cv2.GaussianBlur(draft.alpha, (0, 0), extent * 0.02) + 0.16 * noise(size, extent * 0.02, rng)
    draft.alpha = np.clip((ragged - 0.4) * 6, 0, 1).astype(np.float32)
    rim = np.clip(1 - np.abs(ragged - 0.6) * 5, 0, 1) * 25
    draft.rgb = clipped(draft.rgb - rim[..., None])


def pencil(draft: Draft, rng: np.random.Generator) -> None:
    """Pencil: grey over its blurred self (dodge and burn), or lines by an extended difference of Gaussians."""
    grey, extent, size = draft.stretched(), draft.extent, draft.size
    if rng.random() < 0.5:
        wide = cv2.GaussianBlur(grey, (0, 0), extent * rng.uniform(0.02, 0.04) + 1)
        drawn = np.clip(grey / (wide + 0.02), 0, 1) ** rng.uniform(2, 3.5)
        drawn = drawn - 0.05 * np.clip(noise(size, 0.8, rng), 0, 3) * (1 - drawn * 0.6)
    else:
        sigma = max(extent * rng.uniform(0.003, 0.005), 0.7)
        one, two = cv2.GaussianBlur(grey, (0, 0), sigma), cv2.GaussianBlur(grey, (0, 0), 1.6 * sigma)
        sharp = one + rng.uniform(14, 20) * (one - two)
        level = float(np.percentile(sharp[draft.portrait > 0.5], rng.uniform(22, 38)))
        drawn = np.where(sharp >= level, 1, 1 + np.tanh(8 * (sharp - level)))
    paper = np.float32(255) if rng.random() < 0.5 else np.float32([248, 242, 228])
    draft.rgb = clipped(np.clip(drawn, 0, 1)[..., None] * np.broadcast_to(paper, (*grey.shape, 3)))


def comic(rgb: Rgb, extent: float, rng: np.random.Generator) -> Rgb:
    """Comic: a handful of colours (k-means in Lab) between dark contour lines."""
    smooth = cv2.bilateralFilter(rgb, 9, 45, 3 + extent * 0.006)
    lab = cv2.cvtColor(smooth / 255, cv2.COLOR_RGB2LAB)
    flat = lab.reshape(-1, 3)
    some = flat[rng.choice(len(flat), min(len(flat), 8000), replace=False)]
    count = int(rng.integers(6, 11))
    cv2.setRNGSeed(int(rng.integers(1 << 30)))
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 0.5)
    _, _, centres = cv2.kmeans(np.ascontiguousarray(some), count, None, stop, 2, cv2.KMEANS_PP_CENTERS)
    nearest = np.stack([((lab - centre) ** 2).sum(axis=2) for centre in centres]).argmin(axis=0)
    centres = (centres - centres.mean(axis=0)) * [1.05, 1.3, 1.3] + centres.mean(axis=0)
    inked = 255 * cv2.cvtColor(centres[nearest].astype(np.float32), cv2.COLOR_LAB2RGB)
    grey = luma(smooth)
    sigma = max(extent * 0.005, 0.8)
    line = cv2.GaussianBlur(grey, (0, 0), 1.6 * sigma) - cv2.GaussianBlur(grey, (0, 0), sigma)
    return clipped(inked * (1 - np.clip((line - 1.5) / 2.5, 0, 1))[..., None])


def solarise(draft: Draft, rng: np.random.Generator) -> None:
    """Solarised: the tone curve turns round at the portrait's middle grey, in all channels or in the lightness."""
    turn = min(max(draft.levels([rng.uniform(45, 75)])[0], 50.0), 200.0)
    depth, rgb = rng.uniform(0.8, 1.2), draft.rgb
    if rng.random() < 0.5:
        draft.rgb = clipped(np.where(rgb > turn, turn - (rgb - turn) * depth, rgb) * (230 / turn))
    else:
        grey = luma(rgb)
        curved = np.where(grey > turn, turn - (grey - turn) * depth, grey) * (230 / turn)
        draft.rgb = clipped(rgb + (curved - grey)[..., None])


def duotone(draft: Draft, rng: np.random.Generator) -> None:
    """Gradient map: the grey picture in three colours, dark to light."""
    hues = rng.uniform(0, 360) + np.array([0.0, rng.uniform(40, 120), rng.uniform(120, 240)])
    values, strength = np.array([0.22, 0.62, 1.0]), np.array([0.9, 0.8, 0.4])
    hsv = np.stack([hues % 360, strength, values], axis=1).astype(np.float32)[None]
    ends = 255 * cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0]
    stops, grey = [0.0, rng.uniform(0.35, 0.65), 1.0], draft.stretched()
    draft.rgb = np.stack([np.interp(grey, stops, ends[:, channel]) for channel in range(3)], axis=2).astype(np.float32)


def _screen(tone: Plane, cell: float, angle: float, lines: bool) -> Plane:
    """Return how much ink a print lays on each pixel for a ``tone`` of 0 (paper) to 1 (ink)."""
    x, y = grid((tone.shape[1], tone.shape[0]))
    u = 2 * math.pi / cell * (x * math.cos(angle) + y * math.sin(angle))
    v = 2 * math.pi / cell * (y * math.cos(angle) - x * math.sin(angle))
    # For lines the share of a cell that is darker exactly, for dots near enough.
    level = np.arccos(np.clip(np.cos(u), -1, 1)) / math.pi if lines else (2 - np.cos(u) - np.cos(v)) / 4
    return np.clip((tone - level) * cell * 0.8 + 0.5, 0, 1).astype(np.float32)


def halftone(draft: Draft, rng: np.random.Generator) -> None:
    """Print: round dots or a line screen, in one ink or in three."""
    cell, angle, lines = max(draft.extent / rng.uniform(55, 80), 3.0), rng.uniform(0, math.pi), bool(rng.random() < 0.4)
    if rng.random() < 0.6:
        ink = np.float32(rng.uniform(0, 70, 3))
        laid = _screen(1 - draft.stretched(), cell, angle, lines)[..., None]
        draft.rgb = clipped(255 * (1 - laid) + ink * laid)
    else:
        inks = [_screen(1 - draft.rgb[..., c] / 255, cell, angle + c * math.pi / 6, lines) for c in range(3)]
        draft.rgb = clipped(255 * (1 - np.stack(inks, axis=2)))


def film(rgb: Rgb, extent: float, rng: np.random.Generator) -> Rgb:
    """Old film: faded, tinted, soft grain, scratches, light that leaked in."""
    size = (rgb.shape[1], rgb.shape[0])
    lift = rng.uniform(45, 80)
    faded = lift + rgb * (rng.uniform(190, 215) - lift) / 255
    faded = faded * np.float32([rng.uniform(1.02, 1.15), 1.0, rng.uniform(0.75, 0.95)])
    faded = faded + rng.uniform(7, 13) * noise(size, max(extent * 0.003, 0.7), rng)[..., None]
    x, y = grid(size)
    leak = np.exp(-(((x / size[0] - rng.choice([0.0, 1.0])) / 0.25) ** 2)) * rng.uniform(30, 90)
    faded = faded + leak[..., None] * np.float32([1.0, 0.5, 0.2])
    for _ in range(int(rng.integers(2, 7))):
        at, bend = rng.uniform(0, size[0]), rng.uniform(0, 0.02) * size[0]
        near = np.abs(x - at - bend * np.sin(y / size[1] * 5)) < max(extent * 0.002, 0.6)
        faded = faded + 70 * near[..., None]
    return clipped(faded)


def crush(rgb: Rgb, extent: float, rng: np.random.Generator) -> Rgb:
    """Sent through a messenger once too often: few pixels, heavy JPEG."""
    h, w = rgb.shape[:2]
    factor = min(rng.uniform(80, 120) / extent, 1.0)
    less = cv2.resize(rgb, (max(round(w * factor), 8), max(round(h * factor), 8)), interpolation=cv2.INTER_AREA)
    coarse = jpeg(np.rint(clipped(less)).astype(np.uint8), int(rng.integers(12, 26)))
    return clipped(cv2.resize(coarse.astype(np.float32), (w, h), interpolation=cv2.INTER_LINEAR))


def motion(rgb: Rgb, extent: float, rng: np.random.Generator) -> Rgb:
    """Moved while the shutter was open."""
    half, angle = extent * rng.uniform(0.025, 0.045), rng.uniform(0, math.pi)
    reach = math.ceil(half) + 1
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float32)
    along, across = x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)
    kernel = np.clip(half + 0.5 - np.abs(along), 0, 1) * np.clip(1 - np.abs(across), 0, 1)
    return np.asarray(cv2.filter2D(rgb, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT_101), np.float32)


def vignette(rgb: Rgb, extent: float, rng: np.random.Generator) -> Rgb:
    """Dark, or light, towards the edge."""
    h, w = rgb.shape[:2]
    x, y = grid((w, h))
    r = np.hypot(x / w - 0.5 - rng.uniform(-0.08, 0.08), y / h - 0.5 - rng.uniform(-0.08, 0.08)) / 0.5
    share = 1 / (1 + np.exp((r - rng.uniform(0.6, 0.8)) * 8))
    share = 0.06 + 0.94 * share[..., None]
    end = 0.0 if rng.random() < 0.7 else 255.0
    return clipped(rgb * share + end * (1 - share))


def glitter(rgb: Rgb, extent: float, rng: np.random.Generator) -> Rgb:
    """Sparkles all over, and a woven or paper texture."""
    h, w = rgb.shape[:2]
    x, y = grid((w, h))
    thread = max(extent * 0.012, 2.5)
    woven = np.cos(2 * math.pi * x / thread) * np.cos(2 * math.pi * y / thread)
    texture = woven if rng.random() < 0.5 else noise((w, h), max(extent * 0.006, 1.0), rng)
    answer = rgb * (1 + rng.uniform(0.08, 0.18) * texture[..., None])
    sparkle = np.zeros((h, w), np.float32)
    for _ in range(int(rng.uniform(60, 140) * w * h / extent**2 / 2)):
        reach = rng.uniform(0.008, 0.04) * extent + 1
        at_x, at_y = rng.uniform(0, w), rng.uniform(0, h)
        left, top = max(int(at_x - 2 * reach), 0), max(int(at_y - 2 * reach), 0)
        part = np.s_[top : int(at_y + 2 * reach) + 1, left : int(at_x + 2 * reach) + 1]
        dx, dy = np.abs(x[part] - at_x) / reach, np.abs(y[part] - at_y) / reach
        star = np.exp(-4 * np.sqrt(dx * dy + 1e-4)) * np.exp(-1.5 * (dx + dy))
        sparkle[part] = np.maximum(sparkle[part], star)
    tint = 255 - rng.uniform(0, 80, 3)
    return clipped(answer + (tint - answer) * np.clip(1.6 * sparkle, 0, 1)[..., None])


def expose_twice(draft: Draft, rng: np.random.Generator) -> None:
    """Tint, and another picture at 35 % on top."""
    if draft.others:
        other = cover(draft.others[-1][0], draft.size, rng)
    else:
        other = 128 + 60 * np.stack([noise(draft.size, draft.extent * 0.05, rng)] * 3, axis=2)
    tint = rng.uniform(0.6, 1.1, 3)
    draft.rgb = clipped((0.65 * draft.rgb + 0.35 * other) * tint)


def relief(draft: Draft, rng: np.random.Generator) -> None:
    """Embossed: the slope of the grey picture in one direction, as if lit from there."""
    grey, size = cv2.GaussianBlur(luma(draft.rgb), (0, 0), max(draft.extent * 0.003, 0.6)), draft.size
    angle, step = rng.uniform(0, 2 * math.pi), max(draft.extent * 0.006, 1.0)
    ahead, back = (_moved(grey, side * step * math.cos(angle), side * step * math.sin(angle), size) for side in (-1, 1))
    slope = ahead - back
    stone = 128 + rng.uniform(28, 45) * slope / (slope[draft.portrait > 0.5].std() + 1)
    tint = np.float32([1.0, 1.0, 1.0]) if rng.random() < 0.5 else np.float32(rng.uniform(0.75, 1.1, 3))
    draft.rgb = clipped(stone[..., None] * tint + rng.uniform(0, 0.2) * (draft.rgb - 128))


def _moved(plane: Plane, dx: float, dy: float, size: tuple[int, int]) -> NDArray[np.float32]:
    return resample(plane, invert(similarity(1.0, 0.0, to=(dx, dy))), size, cv2.BORDER_REPLICATE)
