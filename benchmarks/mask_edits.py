"""Hard edits for masks, to look at while developing: fades, ghosts, robes, mounts. None is among those that judge."""

from __future__ import annotations

import math

import accessories
import cv2
import numpy as np
from drafting import Draft, Rgb, clipped, cover, grid, luma, noise

from core.maths.warp import apply


def fade(draft: Draft, rng: np.random.Generator) -> None:
    """The picture's edge faded into black, white or a colour, in a shape from oval to rectangle."""
    w, h = draft.size
    x, y = grid((w, h))
    power, (left, top) = rng.uniform(2, 5), rng.uniform(-0.06, 0.06, 2)
    r = (np.abs(x / w - 0.5 - left) ** power + np.abs(y / h - 0.5 - top) ** power) ** (1 / power) / 0.5
    begin = rng.uniform(0.35, 0.7)
    gone = np.clip((r - begin) / rng.uniform(0.25, 0.6), 0, 1) ** rng.uniform(0.7, 1.6)
    kind = rng.random()
    colour = np.float32(0 if kind < 0.4 else 255 if kind < 0.7 else rng.uniform(20, 235, 3))
    draft.rgb = clipped(draft.rgb * (1 - gone[..., None]) + colour * gone[..., None])


def ghost(draft: Draft, rng: np.random.Generator) -> None:
    """Another photo, or coloured clouds, mixed, screened or multiplied in."""
    share = rng.uniform(0.2, 0.4)
    if draft.others and rng.random() < 0.6:
        other = cover(draft.others[-1][0], draft.size, rng)
    else:
        sigma = draft.extent * rng.uniform(0.02, 0.12)
        other = clipped(128 + 70 * np.stack([noise(draft.size, sigma, rng) for _ in range(3)], axis=2))
    mixes = (
        draft.rgb * (1 - share) + other * share,
        255 - (255 - draft.rgb) * (1 - 1.3 * share * other / 255),
        draft.rgb * (1 - 1.3 * share * (1 - other / 255)),
    )
    draft.rgb = clipped(mixes[int(rng.integers(3))])


def etch(draft: Draft, rng: np.random.Generator) -> None:
    """Edges alone: their strength in black or white, a high pass, or the slope in one direction."""
    grey = cv2.GaussianBlur(luma(draft.rgb), (0, 0), max(draft.extent * rng.uniform(0.002, 0.005), 0.6))
    dx, dy = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    inside, kind = draft.portrait > 0.5, int(rng.integers(3))
    if kind == 0:
        strength = np.hypot(dx, dy)
        drawn = np.clip(strength / (np.percentile(strength[inside], 92) + 1), 0, 1)
        drawn = drawn if rng.random() < 0.5 else 1 - drawn
    else:
        angle = rng.uniform(0, 2 * math.pi)
        wide = cv2.GaussianBlur(grey, (0, 0), draft.extent * rng.uniform(0.01, 0.03) + 1)
        detail = grey - wide if kind == 1 else dx * math.cos(angle) + dy * math.sin(angle)
        drawn = 0.5 + detail / (5 * detail[inside].std() + 1)
    draft.rgb = clipped(255 * np.clip(drawn, 0, 1)[..., None] * np.float32(rng.uniform(0.75, 1, 3)))


def robe(draft: Draft, rng: np.random.Generator) -> None:
    """A body in a robe below the face, with a ruff, and often a crown."""
    neck, wide, cloth = rng.uniform(0.35, 0.65), rng.uniform(0.9, 1.5), accessories.colour(rng)
    half = np.array([[0.45, neck], [wide, neck + 0.5], [1.1 * wide, 2.2]])
    accessories.put(draft, np.concatenate([half, half[::-1] * [-1, 1]]), cloth)
    ruff = accessories.ellipse(0, neck + 0.1, rng.uniform(0.5, 0.8), rng.uniform(0.14, 0.25))
    accessories.put(draft, ruff, np.float32(rng.uniform(120, 250, 3)))
    if rng.random() < 0.6:
        crown = [[-0.55, 0], [-0.6, -0.6], [-0.28, -0.3], [0, -0.7], [0.28, -0.3], [0.6, -0.6], [0.55, 0]]
        accessories.put(draft, np.array(crown) - [0, 0.62], np.float32([rng.uniform(190, 240), 170, 40]))


def caption(draft: Draft, rng: np.random.Generator) -> None:
    """One or two names anywhere over the portrait, and often a speech bubble."""
    x, y = apply(draft.head, np.array([[0.0, 0.0]]))[0]
    paint = accessories.colour(rng)
    for _ in range(int(rng.integers(1, 3))):
        word = str(rng.choice(accessories.NAMES)).upper()
        place = x + rng.uniform(-0.2, 0.2) * draft.extent, y + rng.uniform(-0.55, 0.6) * draft.extent
        width, turn = rng.uniform(0.8, 1.4) * draft.extent, rng.uniform(-30, 30)
        accessories.write(draft, word, place, width=width, turn=turn, paint=paint)
    if rng.random() < 0.5:
        bubble = accessories.ellipse(rng.choice([-0.9, 0.9]), rng.uniform(-0.9, 0.2), 0.45, 0.3)
        accessories.put(draft, bubble, np.float32([250, 250, 250]))


def mount(draft: Draft, rng: np.random.Generator) -> None:
    """A cardboard mount with an oval or rounded opening, over the picture's edge."""
    w, h = draft.size
    x, y = grid((w, h))
    power, edge = float(rng.choice([2, 2, 5, 30])), rng.uniform(0.8, 0.95)
    r = (np.abs((x / w - 0.5) / 0.5) ** power + np.abs((y / h - 0.5) / 0.5) ** power) ** (1 / power)
    bevel = np.clip(1 - np.abs(r - edge) / 0.02, 0, 1)[..., None]
    card = accessories.colour(rng) if rng.random() < 0.7 else np.float32([245, 240, 230])
    draft.put(np.clip((r - edge) * w * 0.4, 0, 1).astype(np.float32), clipped(card * (1 - 0.4 * bevel)))


def tear(draft: Draft, rng: np.random.Generator) -> None:
    """A ragged cut-out."""
    soft = cv2.GaussianBlur(draft.alpha, (0, 0), draft.extent * rng.uniform(0.008, 0.02))
    ragged = soft + rng.uniform(0.05, 0.2) * noise(draft.size, draft.extent * rng.uniform(0.01, 0.05), rng)
    draft.alpha = np.clip((ragged - 0.45) * rng.uniform(3, 8), 0, 1).astype(np.float32)


def rays(draft: Draft, rng: np.random.Generator) -> None:
    """Rays of one colour from a point over everything."""
    w, h = draft.size
    x, y = grid((w, h))
    angle = np.arctan2(y - h * rng.uniform(0.3, 0.7), x - w * rng.uniform(0.3, 0.7))
    lit = (np.sin(angle * int(rng.integers(5, 14)) + rng.uniform(0, 6)) > 0)[..., None] * rng.uniform(0.1, 0.3)
    draft.rgb = clipped(draft.rgb * (1 - lit) + accessories.colour(rng) * lit)


def deepen(rgb: Rgb, extent: float, rng: np.random.Generator) -> Rgb:
    """Nearly all of it dark, or nearly all of it light."""
    share, gamma = np.clip(rgb / 255, 0, 1), rng.uniform(2, 3.5)
    return clipped(255 * (share**gamma if rng.random() < 0.5 else 1 - (1 - share) ** gamma))
