"""Tells the portrait from the background within a designer image, before it has been placed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.images.picture import Picture
from core.maths.masks import Mask, close_gaps, fill_holes
from core.maths.warp import resize

LONG_SIDE = 1024
"""The background is looked for at this size; larger designer images are shrunk first."""
MIN_SHARE, MAX_SHARE = 0.02, 0.97
"""A foreground outside of these shares of the picture is no cut-out."""
NEAR = 10.0
"""Border pixels this close to a smooth colour (levels, each channel) follow it."""
PLAIN_SHARE = 0.4
"""At least this part of the border must follow one smooth colour for the background to be called plain."""
DRAWN_SHARE = 0.92
"""A foreground that covers less of its own silhouette is a drawing: lines, with the background between them."""
BRIDGES = (0.12, 0.2, 0.3)
"""Gaps up to twice these shares of a drawing's size are bridged to find its silhouette, until it is solid …"""
SOLID_SHARE = 0.6
"""… which it is when it covers this share of its convex hull."""
SPECK_SHARE = 0.01
"""Parts smaller than this share of the largest are no part of a silhouette."""


@dataclass(frozen=True, slots=True, eq=False)
class Foreground:
    """Which part of a designer image shows the portrait.

    ``mask`` has the designer image's aspect, at most ``LONG_SIDE`` long. ``kind`` is "alpha" (the file says so),
    "plain" (a flat colour, white or a gradient lies around it) or "kept" (no plain background: the mask is the whole
    frame, and what belongs to the portrait is not known).
    """

    mask: Mask
    kind: str
    background: NDArray[np.float32] | None = None
    """(h, w, 3) RGB, 0 to 255: the colour behind the portrait where ``kind`` is "plain"."""
    drawn: bool = False
    """A line drawing: ``mask`` is its silhouette, the background's colour shows between the lines."""


def find_foreground(designer: Picture, check: Callable[[], None] = lambda: None) -> Foreground:
    """Return the foreground of a designer image: by its alpha, else by its border colour, else all of it."""
    factor = min(1.0, LONG_SIDE / max(designer.width, designer.height))
    size = max(round(designer.width * factor), 1), max(round(designer.height * factor), 1)
    if designer.alpha is not None:
        mask = resize(designer.alpha, size)
        share = float((mask >= 128).mean())
        if MIN_SHARE <= share <= MAX_SHARE:
            return Foreground(mask, "alpha")
    plain = _plain_background(resize(designer.rgb, size), check)
    if plain is not None:
        check()
        silhouette = _silhouette(plain[0])
        drawn = silhouette is not None
        return Foreground(plain[0] if silhouette is None else silhouette, "plain", plain[1], drawn)
    return Foreground(np.full((size[1], size[0]), 255, np.uint8), "kept")


def _silhouette(mask: Mask) -> Mask | None:
    """Return what a line drawing encloses; None if the mask (0 or 255) is solid, and so no drawing."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    large = stats[:, cv2.CC_STAT_AREA] >= SPECK_SHARE * stats[1:, cv2.CC_STAT_AREA].max(initial=0)
    large[0] = False
    parts = np.where(large[labels], np.uint8(255), np.uint8(0))
    # Sizes are those of a shrunken mask: bridging costs time, and its edge need not be sharp.
    factor = min(1.0, 256 / max(mask.shape))
    small = resize(parts, (max(round(mask.shape[1] * factor), 1), max(round(mask.shape[0] * factor), 1)))
    small = np.where(small > 0, np.uint8(255), np.uint8(0)) if factor < 1 else small
    if not small.any():
        return None
    hull = max(cv2.contourArea(cv2.convexHull(cv2.findNonZero(small))), 1.0)
    covered = np.count_nonzero(parts) * factor**2
    for bridge in BRIDGES:
        solid = fill_holes(close_gaps(small, bridge * hull**0.5))
        area = np.count_nonzero(solid)
        if covered >= DRAWN_SHARE * area:
            return None
        if area >= SOLID_SHARE * hull:
            break
    whole = cv2.resize(solid, (mask.shape[1], mask.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.where(whole >= 128, np.uint8(255), np.uint8(0))


def _plain_background(rgb: NDArray[np.uint8], check: Callable[[], None]) -> tuple[Mask, NDArray[np.float32]] | None:
    """Return the mask of what differs from the border's smooth colour, and that colour; None if there is none."""
    h, w = rgb.shape[:2]
    if min(h, w) < 8:
        return None
    edge = np.zeros((h, w), bool)
    edge[:2] = edge[-2:] = edge[:, :2] = edge[:, -2:] = True
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    x, y = x / w - 0.5, y / h - 0.5
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=2)
    points, colours = terms[edge], rgb[edge].astype(np.float32)
    plane = _consensus(points[:, :3], colours)
    inlier = np.abs(points[:, :3] @ plane - colours).max(axis=1) < NEAR
    if inlier.mean() < PLAIN_SHARE:
        return None
    check()
    curve, *_ = np.linalg.lstsq(points[inlier], colours[inlier], rcond=None)
    background = np.clip(terms @ curve, 0, 255).astype(np.float32)
    distance = np.abs(_lab(rgb.astype(np.float32)) - _lab(background)).max(axis=2)
    check()
    tolerance = float(np.clip(2.5 * np.quantile(distance[edge][inlier], 0.9) + 2, 3, 12))
    near = (distance < tolerance).astype(np.uint8)
    count, labels = cv2.connectedComponents(near, connectivity=4)
    outside = np.zeros(count, bool)
    outside[np.unique(labels[edge & (near > 0)])] = True
    outside[0] = False
    mask = np.where(outside[labels], np.uint8(0), np.uint8(255))
    mask = fill_holes(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)).astype(np.uint8))
    share = float((mask >= 128).mean())
    return (mask, background) if MIN_SHARE <= share <= MAX_SHARE else None


def _lab(rgb: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (h, w, 3) RGB of 0 to 255 as CIE Lab."""
    return cv2.cvtColor(rgb / 255, cv2.COLOR_RGB2LAB)  # type: ignore[return-value]  # OpenCV's stubs forget the dtype


def _consensus(points: NDArray[np.float32], colours: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the colour plane (3 terms, 3 channels) that most border pixels agree on: RANSAC with a fixed seed."""
    rng = np.random.default_rng(0)
    some = rng.choice(len(points), min(len(points), 600), replace=False)
    best, most = np.zeros((3, 3), np.float32), -1
    best[0] = np.median(colours, axis=0)
    for _ in range(150):
        three = rng.choice(some, 3, replace=False)
        if abs(np.linalg.det(points[three])) < 1e-3:
            continue
        plane = np.linalg.solve(points[three], colours[three])
        votes = int((np.abs(points[some] @ plane - colours[some]).max(axis=1) < NEAR).sum())
        if votes > most:
            best, most = plane, votes
    return best
