"""Carries out a recipe: cleans a base up, step by step, and lays what was painted over it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from core.domain import Box, CleanUp, CleanUpKind
from core.maths.masks import Mask
from core.maths.patches import Change, PaintedLayer
from core.maths.warp import Size, resize

HALO = 8
"""Pixels around a speck or a hole that go with it, as its soft edge."""
SMOOTH_EDGE = 1.5
"""Width, in pixels, of the edge that smoothing leaves."""
WIDEST_DISC = 15
"""A disc with a larger radius is made of several."""


def derive(base: Mask, steps: Sequence[CleanUp], layer: PaintedLayer | None = None) -> Mask:
    """Return a recipe's mask: the base, cleaned up, with what was painted over it (decision 0013)."""
    mask = clean_up(base, steps)
    return mask if layer is None else layer.over(mask)


def clean_up(mask: Mask, steps: Sequence[CleanUp]) -> Mask:
    """Return a mask after all steps, in their order; soft edges stay soft. What is handed in is not changed."""
    for step in steps:
        mask = _STEPS[step.kind](mask, step.amount)
    return mask


def scaled(steps: Sequence[CleanUp], factor: float) -> tuple[CleanUp, ...]:
    """Return the steps for a mask that is ``factor`` times as large as the original (less than 1: a preview)."""
    areas = (CleanUpKind.FILL_HOLES, CleanUpKind.DROP_SPECKS)
    return tuple(CleanUp(step.kind, step.amount * (factor**2 if step.kind in areas else factor)) for step in steps)


def reduced(layer: PaintedLayer, size: Size) -> PaintedLayer:
    """Return a layer at a preview's width and height (area means): it goes over a map as it goes over the photo."""
    small = PaintedLayer(*size)
    if layer.cover.any():
        small.cover, small.paint = resize(layer.cover, size), resize(layer.paint, size)
    return small


def fill_holes(mask: Mask, area: float) -> Mask:
    """Return the mask with holes of at most ``area`` pixels filled; bays and what touches the frame are no holes."""
    box = _around(mask, 1)  # a bay reaches its border, and the picture's frame is one
    if box is None:
        return mask
    return _with_part(mask, box, 255 - _without_parts(255 - _part(mask, box), area, touching=False))


def drop_specks(mask: Mask, area: float) -> Mask:
    """Return the mask without parts of at most ``area`` pixels (at least 128), their soft edges included."""
    return _without_parts(mask, area, touching=True)


def grow(mask: Mask, radius: float) -> Mask:
    """Return the mask grown by ``radius`` pixels, its edge as soft as before (grey dilation with a disc)."""
    whole = math.floor(radius)
    grown = _dilated(mask, whole)
    share = radius - whole
    if share < 1e-3:
        return grown
    return cv2.addWeighted(grown, 1 - share, _dilated(mask, whole + 1), share, 0)  # type: ignore[return-value]


def shrink(mask: Mask, radius: float) -> Mask:
    """Return the mask shrunk by ``radius`` pixels; the frame takes nothing away."""
    return 255 - grow(255 - mask, radius)


def feather(mask: Mask, radius: float) -> Mask:
    """Return the mask with its edge blurred over about ``radius`` pixels to either side."""
    if radius < 0.05:
        return mask
    return cv2.GaussianBlur(mask, (0, 0), radius / 2, borderType=cv2.BORDER_REPLICATE)  # type: ignore[return-value]


def smooth(mask: Mask, radius: float) -> Mask:
    """Return the mask with bumps and bays narrower than about ``radius`` evened out, and a crisp edge."""
    if radius < 0.05:
        return mask
    box = _around(mask, math.ceil(3 * radius) + 2)
    if box is None:
        return mask
    blurred = cv2.GaussianBlur(_part(mask, box), (0, 0), radius, borderType=cv2.BORDER_REPLICATE)
    # A blurred step rises by 1 / (sigma sqrt(2 pi)) a pixel: this makes it rise within SMOOTH_EDGE pixels.
    gain = max(radius * math.sqrt(2 * math.pi) / SMOOTH_EDGE, 1.0)
    table = np.clip((np.arange(256) - 127.5) * gain + 127.5, 0, 255).astype(np.uint8)
    return _with_part(mask, box, np.asarray(cv2.LUT(blurred, table), np.uint8))


_STEPS = {
    CleanUpKind.FILL_HOLES: fill_holes,
    CleanUpKind.DROP_SPECKS: drop_specks,
    CleanUpKind.GROW: grow,
    CleanUpKind.SHRINK: shrink,
    CleanUpKind.FEATHER: feather,
    CleanUpKind.SMOOTH: smooth,
}


def change(old: Mask, new: Mask) -> Change:
    """Return what would change if ``new`` took the place of ``old``; both of one size."""
    was, now = old >= 128, new >= 128
    added, removed = now & ~was, was & ~now
    common = int(np.count_nonzero(was & now))
    more, less = int(np.count_nonzero(added)), int(np.count_nonzero(removed))
    whole = common + more + less
    return Change(more, less, common / whole if whole else 1.0, _around((added | removed).astype(np.uint8), 0))


def _without_parts(mask: Mask, area: float, *, touching: bool) -> Mask:
    """Return the mask without parts of at most ``area`` pixels; those at the frame only if ``touching``."""
    box = _around(mask, 0)
    if area < 1 or box is None:
        return mask
    part = _part(mask, box)
    _, labels, stats, _ = cv2.connectedComponentsWithStats((part >= 128).astype(np.uint8), connectivity=4)
    small = stats[:, cv2.CC_STAT_AREA] <= area
    if not touching:
        left, top = stats[:, cv2.CC_STAT_LEFT] + box[0], stats[:, cv2.CC_STAT_TOP] + box[1]
        right, bottom = left + stats[:, cv2.CC_STAT_WIDTH], top + stats[:, cv2.CC_STAT_HEIGHT]
        small &= (left > 0) & (top > 0) & (right < mask.shape[1]) & (bottom < mask.shape[0])
    small[0] = False
    if not small.any():
        return mask
    answer = mask.copy()
    gone = _part(answer, box)
    if np.count_nonzero(small) > MANY:
        _drop(gone, np.asarray(small[labels]), np.asarray(labels > 0))
        return answer
    for number in np.flatnonzero(small).tolist():
        x, y, w, h = (int(value) for value in stats[number, :4])
        window = np.s_[max(y - HALO, 0) : y + h + HALO, max(x - HALO, 0) : x + w + HALO]
        near = labels[window]
        _drop(gone[window], np.asarray(near == number), np.asarray((near > 0) & ~small[near]))
    return answer


MANY = 200
"""More parts than these are dropped all at once."""
_HALO_DISC = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * HALO + 1, 2 * HALO + 1))
_KEPT_DISC = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))


def _drop(gone: Mask, parts: np.ndarray, others: np.ndarray) -> None:
    """Set parts of a mask to 0, and the soft edges around them, but for what lies close to others."""
    halo = cv2.dilate(parts.astype(np.uint8), _HALO_DISC) > 0
    kept = (others & ~parts).astype(np.uint8)
    close = cv2.dilate(kept, _KEPT_DISC) > 0
    gone[(halo & ~close & (gone < 128)) | parts] = 0


def _dilated(mask: Mask, radius: int) -> Mask:
    box = _around(mask, radius)
    if radius < 1 or box is None:
        return mask
    part = _part(mask, box)
    while radius > 0:
        step = min(radius, WIDEST_DISC)
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * step + 1, 2 * step + 1))
        part = np.asarray(cv2.dilate(part, disc, borderType=cv2.BORDER_REPLICATE), np.uint8)
        radius -= step
    return _with_part(mask, box, part)


def _around(mask: Mask, margin: int) -> Box | None:
    """Return the box around what is not 0, with a margin, within the mask; None if all is."""
    left, top, width, height = cv2.boundingRect(mask)
    if not width:
        return None
    right, bottom = min(left + width + margin, mask.shape[1]), min(top + height + margin, mask.shape[0])
    return max(left - margin, 0), max(top - margin, 0), right, bottom


def _part(mask: Mask, box: Box) -> Mask:
    return mask[box[1] : box[3], box[0] : box[2]]


def _with_part(mask: Mask, box: Box, part: Mask) -> Mask:
    answer = mask.copy()
    answer[box[1] : box[3], box[0] : box[2]] = part
    return answer
