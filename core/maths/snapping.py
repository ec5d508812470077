"""Rough strokes that find the picture's edges: a lasso that snaps, and a painted band in which colours decide."""

from __future__ import annotations

import math
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from core.maths.masks import Mask
from core.maths.patches import Plane8
from core.maths.polygons import Points

Rgb8 = NDArray[np.uint8]
"""(height, width, 3) uint8 sRGB."""

MOST_PIXELS = 400_000
"""A band is cut at reduced size where its box has more pixels."""
ANCHOR_STEP = 2.5
"""Anchors of a snapped path lie so many times its reach apart."""
NEAR = 0.15
"""What it costs to lie at the end of the reach, as a share of crossing a plain area."""


def edge_cost(rgb: Rgb8) -> NDArray[np.float32]:
    """Return what a path pays for each pixel, 0.02 on the strongest edges to 1 where the picture is plain.

    The gradient is the largest of Lab's three channels (Scharr, after a Gaussian of one pixel); it counts as strong
    from its 95th percentile on, at least 10 levels a pixel.
    """
    lab = cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2LAB)
    soft = cv2.GaussianBlur(lab, (0, 0), 1.0).astype(np.float32)
    dx, dy = (cv2.Scharr(soft, cv2.CV_32F, *order, scale=1 / 32).reshape(soft.shape) for order in ((1, 0), (0, 1)))
    strength = np.sqrt(np.max(dx * dx + dy * dy, axis=2))
    strong = max(float(np.percentile(strength, 95)), 10.0)
    answer: NDArray[np.float32] = (0.02 + 0.98 * (1 - np.minimum(strength / strong, 1)) ** 2).astype(np.float32)
    return answer


def snap_path(rgb: Rgb8, points: Points, reach: float) -> Points:
    """Return a rough path drawn along an edge as one that runs on it (live-wire, Mortensen and Barrett 1995).

    The path is cut at anchors, each is moved to the best edge within ``reach``, and the cheapest way between each two
    is found in the box around them, so that time grows with the length alone.

    Args:
        rgb: the picture, or the part of it in whose pixels ``points`` are given.
        points: (n, 2) x, y along the rough path.
        reach: how far the edge may lie from it, pixels.
    """
    from skimage.graph import MCP_Geometric

    height, width = rgb.shape[:2]
    rough = _resampled(points, max(ANCHOR_STEP * reach, 2.0))
    if len(rough) < 2:
        return points
    low = np.floor(rough.min(axis=0) - 2 * reach - 2).astype(int)
    high = np.ceil(rough.max(axis=0) + 2 * reach + 3).astype(int)
    left, top = np.clip(low, 0, [width - 1, height - 1]).tolist()
    right, bottom = np.clip(high, [left + 1, top + 1], [width, height]).tolist()
    cost = edge_cost(rgb[top:bottom, left:right])
    anchors = [_anchor(cost, point - (left, top), reach) for point in rough]
    if np.hypot(*(points[0] - points[-1])) <= reach:
        anchors[-1] = anchors[0]
    path: list[tuple[int, int]] = [anchors[0]]
    pad = math.ceil(reach)
    for one, other in pairwise(anchors):
        if one == other:
            continue
        x0, y0 = max(min(one[0], other[0]) - pad, 0), max(min(one[1], other[1]) - pad, 0)
        x1, y1 = max(one[0], other[0]) + pad + 1, max(one[1], other[1]) + pad + 1
        ways = MCP_Geometric(cost[y0:y1, x0:x1] + _off_line(one, other, (x0, y0), cost[y0:y1, x0:x1].shape, reach))
        start, end = (one[1] - y0, one[0] - x0), (other[1] - y0, other[0] - x0)
        ways.find_costs([start], [end])
        path += [(x + x0, y + y0) for y, x in ways.traceback(end)[1:]]
    answer: Points = np.array(path, np.float64) + np.array([left, top])
    return answer


def _resampled(points: Points, step: float) -> Points:
    """Return points at even steps along a path, its ends among them."""
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    if len(points) < 2 or lengths[-1] == 0:
        return points[:1]
    at = np.linspace(0, lengths[-1], max(round(lengths[-1] / step), 1) + 1)
    return np.stack([np.interp(at, lengths, points[:, axis]) for axis in (0, 1)], axis=1)


def _anchor(cost: NDArray[np.float32], point: NDArray[np.float64], reach: float) -> tuple[int, int]:
    """Return the pixel, x and y, of the cheapest edge near a point; nearer ones are preferred."""
    height, width = cost.shape
    x, y = (min(max(round(float(value)), 0), end - 1) for value, end in zip(point, (width, height), strict=True))
    r = math.ceil(reach)
    x0, y0 = max(x - r, 0), max(y - r, 0)
    part = cost[y0 : y + r + 1, x0 : x + r + 1]
    rows, columns = np.ogrid[y0 : y0 + part.shape[0], x0 : x0 + part.shape[1]]
    away = ((rows - y) ** 2 + (columns - x) ** 2) / max(reach, 1.0) ** 2
    best = int(np.argmin(np.where(away <= 1, part + NEAR * away, np.inf)))
    return x0 + best % part.shape[1], y0 + best // part.shape[1]


def _off_line(
    one: tuple[int, int], other: tuple[int, int], corner: tuple[int, int], shape: tuple[int, ...], reach: float
) -> NDArray[np.float64]:
    """Return the cost of lying off the straight way between two anchors, for a window at ``corner``."""
    y, x = np.ogrid[corner[1] : corner[1] + shape[0], corner[0] : corner[0] + shape[1]]
    dx, dy = other[0] - one[0], other[1] - one[1]
    away = np.abs((x - one[0]) * dy - (y - one[1]) * dx) / math.hypot(dx, dy)
    answer: NDArray[np.float64] = NEAR * (away / max(reach, 1.0)) ** 2
    return answer


def refine_band(rgb: Rgb8, mask: Mask, band: Plane8) -> Mask:
    """Return the mask with its edge set anew in a painted band, where colours decide (GrabCut).

    Args:
        rgb: (height, width, 3), the part of the picture around the band with some room.
        mask: of the same size; what it says outside of the band stands, and is what the colours are learned from.
        band: of the same size, at least 128 where the edge is to be found.
    """
    inside = band >= 128
    labels = np.where(mask >= 128, cv2.GC_FGD, cv2.GC_BGD).astype(np.uint8)
    labels[inside] = np.where(mask[inside] >= 128, cv2.GC_PR_FGD, cv2.GC_PR_BGD)
    return _decided(rgb, mask, labels, inside)


def paint_to_edge(rgb: Rgb8, mask: Mask, stroke: Plane8, radius: float, *, adds: bool = True) -> Mask:
    """Return the mask with a rough stroke painted on (or erased) up to the picture's edges.

    The stroke's middle is sure; between it and a little beyond its rim, colours decide (GrabCut).

    Args:
        rgb: (height, width, 3), the part of the picture around the stroke with some room.
        mask: of the same size.
        stroke: of the same size, the alpha of the stroke.
        radius: of the brush, pixels.
        adds: False erases.
    """
    touched = (stroke >= 128).astype(np.uint8)
    depth = cv2.distanceTransform(touched, cv2.DIST_L2, 5)
    beyond = cv2.distanceTransform(1 - touched, cv2.DIST_L2, 5)
    core = depth >= 0.5 * min(radius, float(depth.max()))
    zone = (touched > 0) | (beyond <= 0.25 * radius)
    kept = (mask >= 128) == adds  # what is as wanted already stays
    open_zone = zone & ~kept & ~core
    labels = np.where(mask >= 128, cv2.GC_FGD, cv2.GC_BGD).astype(np.uint8)
    likely, unlikely = (cv2.GC_PR_FGD, cv2.GC_PR_BGD) if adds else (cv2.GC_PR_BGD, cv2.GC_PR_FGD)
    labels[open_zone] = np.where(touched[open_zone] > 0, likely, unlikely)
    labels[core & (touched > 0)] = cv2.GC_FGD if adds else cv2.GC_BGD
    return _decided(rgb, mask, labels, (zone & ~kept) | (core & (touched > 0)))


def _decided(rgb: Rgb8, mask: Mask, labels: Plane8, where: NDArray[np.bool_]) -> Mask:
    height, width = labels.shape
    factor = min(1.0, math.sqrt(MOST_PIXELS / (height * width)))
    size = max(round(width * factor), 1), max(round(height * factor), 1)
    if factor < 1:
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
        labels = np.asarray(cv2.resize(labels, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    found = np.where(grab_cut(rgb, labels, 3), np.uint8(255), np.uint8(0))
    if factor < 1:
        found = np.asarray(cv2.resize(found, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    soft = np.asarray(cv2.GaussianBlur(found, (0, 0), 0.7), np.uint8)
    return np.where(where, soft, mask)


def grab_cut(rgb: Rgb8, labels: Plane8, rounds: int) -> NDArray[np.bool_]:
    """Return the foreground that GrabCut finds from labels (Rother et al. 2004), or theirs where they are one-sided."""
    labels = labels.copy()
    if (labels & 1).any() and not (labels & 1).all():
        cv2.setRNGSeed(0)  # its clustering draws at random
        model = np.zeros((1, 65)), np.zeros((1, 65))
        box = (0, 0, 1, 1)  # not read: the labels start it
        cv2.grabCut(np.ascontiguousarray(rgb), labels, box, *model, rounds, cv2.GC_INIT_WITH_MASK)
    answer: NDArray[np.bool_] = (labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)
    return answer
