"""The parts of a probability map: which blobs are portraits, and which pixels belong to which."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.model.raw_map import Map

Box = tuple[int, int, int, int]
"""Left, top, right, bottom, right and bottom exclusive."""
SECOND = 0.35
"""A second portrait has at least this share of the first one's summed probability …"""
SMALL, CLEAR = 0.1, 0.5
"""… or this share and this mean probability: a small pet beside a large one."""
MOST = 2


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Portraits of one map, best first, and whose each cell is."""

    boxes: tuple[Box, ...]
    """Around each portrait, in cells; empty where nothing was found."""
    owner: NDArray[np.uint8]
    """(h, w): the number of the portrait that a cell may belong to, 255 none: the nearest part decides."""


def heads(score: Map, threshold: float) -> list[Box]:
    """Return the boxes of the largest parts of a map at a threshold, by summed probability, at most two.

    The largest by area is not taken: a faint blob may be wide.
    """
    return [box for box, _ in _strongest(score, threshold)[0]]


def find(score: Map, threshold: float) -> Parts:
    """Return the portraits of a map cut at a threshold."""
    chosen, labels = _strongest(score, threshold)
    owner = np.full(score.shape, 255, np.uint8)
    if not chosen:
        return Parts((), owner)
    # Every cell goes to the part that is nearest, so that a lower threshold lets each portrait grow on its own side.
    _, nearest = cv2.distanceTransformWithLabels(
        (labels == 0).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    seeds = np.zeros(int(nearest.max()) + 1, np.int32)
    seeds[nearest[labels > 0]] = labels[labels > 0]
    part = seeds[nearest]
    for number, (_, label) in enumerate(chosen):
        owner[part == label] = number
    return Parts(tuple(box for box, _ in chosen), owner)


def evidence(score: Map) -> float:
    """Return how strongly a map speaks for a portrait, 0 to 1: the mean of its best part above one half of its peak."""
    peak = float(score.max())
    if peak <= 0:
        return 0.0
    _, labels, _, _ = cv2.connectedComponentsWithStats((score >= peak / 2).astype(np.uint8), connectivity=4)
    mass = np.bincount(labels.ravel(), score.ravel().astype(np.float64))
    count = np.bincount(labels.ravel())
    mass[0] = 0
    best = int(np.argmax(mass))
    return float(mass[best] / count[best]) if len(mass) > 1 else peak


def _strongest(score: Map, threshold: float) -> tuple[list[tuple[Box, int]], NDArray[np.int32]]:
    count, labels, stats, _ = cv2.connectedComponentsWithStats((score >= threshold).astype(np.uint8), connectivity=4)
    if count <= 1:
        return [], labels  # type: ignore[return-value]
    mass = np.bincount(labels.ravel(), score.ravel().astype(np.float64), count)
    mass[0] = 0
    top, cells = mass.max(), stats[:, cv2.CC_STAT_AREA]
    worthy = (mass >= SECOND * top) | ((mass >= SMALL * top) & (mass >= CLEAR * cells))
    worthy[0] = False  # what lies below the threshold
    order = np.argsort(-mass)
    order = order[worthy[order]][:MOST]
    boxes = []
    for label in order:
        x, y, width, height = (int(v) for v in stats[label, :4])
        boxes.append(((x, y, x + width, y + height), int(label)))
    return boxes, labels  # type: ignore[return-value]
