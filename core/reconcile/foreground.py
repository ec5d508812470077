"""Tells the portrait from the background within a designer image, before it has been placed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

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
SEEN = 8
"""An alpha that stays below this level shows nothing."""
PLAIN_SHARE = 0.4
"""At least this part of the border must follow one smooth colour for the background to be called plain."""
MODEL_SIDE, EVALUATED = 256, 128
"""The background's colour is found at this size, and evaluated at that one: it is smooth."""
QUADRATIC, LARGE = 6, 15
"""Terms of a smooth colour that the border alone can tell, and those that all of the background can (fourth degree)."""
PART_SHARE = 0.15
"""Parts of a foreground that cover this share of it may be animals of their own."""
PART_SOLID = 0.75
"""Such parts cover this share of their convex hulls; lines do not."""
GROWTHS, GROWN = 4, 1.03
"""How often the background is followed inwards, while it grows by this factor at least."""
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
    domain: Mask | None = None
    """Of one of several parts that the whole foreground has: 255 where that is the nearest one."""


def is_transparent(designer: Picture) -> bool:
    """Return whether nothing of a designer image can be seen, whatever colours lie under its alpha."""
    return designer.alpha is not None and int(designer.alpha.max(initial=0)) < SEEN


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
    if _are_animals(np.asarray(labels), np.asarray(stats)):
        return None
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


def _are_animals(labels: NDArray[Any], stats: NDArray[Any]) -> bool:
    """Return whether there are several large parts, each solid in itself: what lies between them is no drawing."""
    areas = stats[1:, cv2.CC_STAT_AREA]
    large = [index for index, area in enumerate(areas, start=1) if area >= PART_SHARE * areas.sum()]
    if len(large) < 2:
        return False
    hulls = (cv2.convexHull(cv2.findNonZero((labels == index).astype(np.uint8))) for index in large)
    return all(stats[i, cv2.CC_STAT_AREA] > PART_SOLID * cv2.contourArea(h) for i, h in zip(large, hulls, strict=True))


def _plain_background(rgb: NDArray[np.uint8], check: Callable[[], None]) -> tuple[Mask, NDArray[np.float32]] | None:
    """Return the mask of what differs from the border's smooth colour, and that colour; None if there is none."""
    h, w = rgb.shape[:2]
    if min(h, w) < 8:
        return None
    factor = min(1.0, MODEL_SIDE / max(h, w))
    small = resize(rgb, (max(round(w * factor), 8), max(round(h * factor), 8)))
    model = _smooth_border(small, check)
    if model is None:
        return None
    curve, tolerance = model
    background = _evaluated(curve, (h, w))
    check()
    edge = _border((h, w))
    outside = _reached(_difference(_lab(rgb.astype(np.float32)), background) < tolerance, edge)
    check()
    mask = np.where(outside, np.uint8(0), np.uint8(255))
    mask = fill_holes(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)).astype(np.uint8))
    share = float((mask >= 128).mean())
    return (mask, background) if MIN_SHARE <= share <= MAX_SHARE else None


def _smooth_border(rgb: NDArray[np.uint8], check: Callable[[], None]) -> tuple[NDArray[np.float32], float] | None:
    """Return the polynomial of the border's colour, (terms, 3), and how far pixels lie from it; None if it has none."""
    h, w = rgb.shape[:2]
    lab = _lab(rgb.astype(np.float32))
    edge = _border((h, w))
    terms = _terms((h, w), LARGE)
    points, colours = terms[edge], rgb[edge].astype(np.float32)
    plane = _consensus(points[:, :3], colours)
    inlier = np.abs(points[:, :3] @ plane - colours).max(axis=1) < NEAR
    if inlier.mean() < PLAIN_SHARE:
        return None
    check()
    curve, *_ = np.linalg.lstsq(points[inlier][:, :QUADRATIC], colours[inlier], rcond=None)
    distance = _difference(lab, _evaluated(curve, (h, w)))
    tolerance = float(np.clip(2.5 * np.quantile(distance[edge][inlier], 0.9) + 2, 3, 12))
    outside = _reached(distance < tolerance, edge)
    for _ in range(GROWTHS):  # a vignette bends more than its border shows: follow it inwards
        points, colours = terms[outside].astype(np.float64), rgb[outside].astype(np.float64)
        better = np.linalg.solve(points.T @ points + 1e-3 * np.eye(LARGE), points.T @ colours).astype(np.float32)
        grown = _reached(_difference(lab, _evaluated(better, (h, w))) < tolerance, edge)
        check()
        if np.count_nonzero(grown) < GROWN * np.count_nonzero(outside):
            break
        outside, curve = grown, better
    return curve, tolerance


def _border(shape: tuple[int, int]) -> NDArray[np.bool_]:
    edge = np.zeros(shape, bool)
    edge[:2] = edge[-2:] = edge[:, :2] = edge[:, -2:] = True
    return edge


def _reached(near: NDArray[np.bool_], edge: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which of the pixels that are near the background's colour hang together with the border."""
    count, labels = cv2.connectedComponents(near.astype(np.uint8), connectivity=4)
    reached = np.zeros(count, bool)
    reached[np.unique(labels[edge & near])] = True
    reached[0] = False
    answer: NDArray[np.bool_] = reached[labels]
    return answer


def _terms(shape: tuple[int, int], count: int) -> NDArray[np.float32]:
    """Return the first ``count`` monomials of x and y (h, w, count), those of lower degree first."""
    h, w = shape
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    x, y = x / w - 0.5, y / h - 0.5
    answer = np.ones((h, w, count), np.float32)
    powers = [(i, degree - i) for degree in range(5) for i in range(degree, -1, -1)][:count]
    for index, (i, j) in enumerate(powers):
        for factor in (x,) * i + (y,) * j:
            answer[..., index] *= factor
    return answer


def _evaluated(curve: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return a polynomial colour (h, w, 3), 0 to 255; computed small, as it is smooth."""
    h, w = shape
    small = min(h, EVALUATED), min(w, EVALUATED)
    return resize(np.clip(_terms(small, len(curve)) @ curve, 0, 255).astype(np.float32), (w, h))


def _difference(lab: NDArray[np.float32], background: NDArray[np.float32]) -> NDArray[np.float32]:
    answer: NDArray[np.float32] = np.abs(lab - _lab(background)).max(axis=2)
    return answer


def _lab(rgb: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (h, w, 3) RGB of 0 to 255 as CIE Lab."""
    return cv2.cvtColor(rgb / 255, cv2.COLOR_RGB2LAB)  # type: ignore[return-value]  # OpenCV's stubs forget the dtype


def _consensus(points: NDArray[np.float32], colours: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the colour plane (3 terms, 3 channels) that most border pixels agree on: RANSAC with a fixed seed."""
    rng = np.random.default_rng(0)
    some = rng.choice(len(points), min(len(points), 600), replace=False)
    threes = np.array([rng.choice(some, 3, replace=False) for _ in range(150)])
    threes = threes[np.abs(np.linalg.det(points[threes])) >= 1e-3]
    flat = np.zeros((1, 3, 3), np.float32)
    flat[0, 0] = np.median(colours, axis=0)
    if not len(threes):
        return np.ascontiguousarray(flat[0])
    planes: NDArray[np.float32] = np.linalg.solve(points[threes], colours[threes])
    votes = (np.abs(points[some] @ planes - colours[some]).max(axis=2) < NEAR).sum(axis=1)
    return np.ascontiguousarray(planes[int(np.argmax(votes))])


def separate(foreground: Foreground) -> list[Foreground]:
    """Return a foreground of several large parts as one of each, largest first; nothing if it is a single one.

    A designer image may show several animals, of which only one is in the original.
    """
    if foreground.kind == "kept":
        return []
    cut = np.where(foreground.mask >= 128, np.uint8(255), np.uint8(0))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(cut, connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    if count < 3:
        return []
    large = [1 + int(index) for index in np.argsort(-areas) if areas[index] >= PART_SHARE * areas.sum()]
    if len(large) < 2:
        return []
    # A soft edge, however wide, belongs to the part that it surrounds: the nearest one.
    _, nearest = cv2.distanceTransformWithLabels(255 - cut, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_CCOMP)
    domains = (np.isin(nearest, np.unique(nearest[labels == part])) for part in large)
    return [
        replace(
            foreground,
            mask=np.where(inside, foreground.mask, np.uint8(0)),
            domain=np.where(inside, np.uint8(255), np.uint8(0)),
        )
        for inside in domains
    ]
