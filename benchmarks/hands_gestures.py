"""What a person would do next to a mask that is nearly right: paint, erase, go around, fill. Numbers only."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.maths.masks import Mask

Flags = NDArray[np.bool_]
SMALL = 0.0015
"""Share of the portrait that a person lets be."""
BULKY = 7.0
"""View pixels: what is thicker is gone around with the lasso, what is thinner is painted along the edge."""


@dataclass(frozen=True, slots=True)
class Gesture:
    """One stroke, click or line, in pixels of the original."""

    tool: str
    """An action of the table: ``tool_brush``, ``tool_lasso``, ``tool_fill``."""
    adds: bool
    points: tuple[tuple[float, float], ...]
    size: float = 0.0
    """Of the brush."""
    gain: int = 0
    """Pixels that are wrong here."""


def next_gesture(mask: Mask, truth: Mask, scale: float) -> Gesture | None:
    """Return what to do about the largest part that is wrong; None once a person would be content.

    Args:
        mask: as it is shown.
        truth: what the person wants.
        scale: view pixels for each pixel of the original.
    """
    shown, wanted = mask >= 128, truth >= 128
    least = max(SMALL * np.count_nonzero(wanted), 12.0)
    wrong = [
        *((part, True) for part in _parts(wanted & ~shown, least)),
        *((part, False) for part in _parts(shown & ~wanted, least)),
    ]
    for part, adds in sorted(wrong, key=lambda found: -int(np.count_nonzero(found[0]))):
        found = _for_part(part, adds, shown, wanted, scale)
        if found is not None:
            return found
    return None


def _parts(flags: Flags, least: float) -> list[Flags]:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(flags.astype(np.uint8), connectivity=4)
    return [labels == number for number in range(1, len(stats)) if stats[number, cv2.CC_STAT_AREA] >= least]


def _for_part(part: Flags, adds: bool, shown: Flags, wanted: Flags, scale: float) -> Gesture | None:
    gain = int(np.count_nonzero(part))
    depth = _depth(part)
    thick = float(depth.max())
    room = wanted if adds else ~wanted
    if adds and _is_hole(part, shown):
        y, x = np.unravel_index(int(depth.argmax()), depth.shape)
        return Gesture("tool_fill", True, ((float(x), float(y)),), gain=gain)
    if thick * scale <= BULKY:
        radius = max(1.2 * thick, 3.5 / scale)
        way = _along_edge(part, room, radius)
        if way is not None:
            return Gesture("tool_brush", adds, way, 2 * radius, gain)
    line = _around(part, room, 4 / scale)
    return None if line is None else Gesture("tool_lasso", adds, line, gain=gain)


def _depth(flags: Flags) -> NDArray[np.float32]:
    """Return how far each pixel lies inside; the picture's frame is no edge."""
    around = np.pad(flags.astype(np.uint8), 1, mode="edge")
    return np.asarray(cv2.distanceTransform(around, cv2.DIST_L2, 5), np.float32)[1:-1, 1:-1]


def _is_hole(part: Flags, shown: Flags) -> bool:
    """Say whether a part that is missing is all of a hole of the mask."""
    ring = (cv2.dilate(part.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0) & ~part
    touches = part[0].any() or part[-1].any() or part[:, 0].any() or part[:, -1].any()
    return bool(shown[ring].all()) and not touches


def _along_edge(part: Flags, room: Flags, radius: float) -> tuple[tuple[float, float], ...] | None:
    """Return the way of a brush whose rim goes along the wanted edge, past a part; None if there is no room for it."""
    # the brush reaches half a pixel beyond the centres that it is to cover
    depth = _depth(room)
    lines, _ = cv2.findContours((depth >= radius + 0.5).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    near = _depth(~part) <= radius + 1.5
    best: NDArray[np.int32] | None = None
    for line in lines:
        points = np.asarray(line, np.int32)[:, 0]
        close = near[points[:, 1], points[:, 0]] & ~_at_frame(points, part.shape)
        if not close.any():
            continue
        run = _longest_run(points, close)
        if best is None or len(run) > len(best):
            best = run
    if best is None:
        return None
    return tuple((float(x), float(y)) for x, y in best[:: max(1, len(best) // 60)].tolist())


def _at_frame(points: NDArray[np.int32], shape: tuple[int, ...]) -> Flags:
    return np.asarray(((points == 0) | (points == (shape[1] - 1, shape[0] - 1))).any(axis=1))


def _longest_run(points: NDArray[np.int32], wanted: Flags) -> NDArray[np.int32]:
    """Return the longest stretch of a closed line that is wanted."""
    if wanted.all():
        return np.concatenate([points, points[:1]])
    start = int(np.flatnonzero(~wanted)[0])
    points, wanted = np.roll(points, -start, axis=0), np.roll(wanted, -start)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], wanted.astype(np.int8), [0]])))
    first, last = max(zip(edges[::2], edges[1::2], strict=True), key=lambda run: run[1] - run[0])
    return points[first:last]


def _around(part: Flags, room: Flags, more: float) -> tuple[tuple[float, float], ...] | None:
    """Return a line around a part, wider where that does no harm."""
    side = 2 * round(max(more, 1)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    wide = (cv2.dilate(part.astype(np.uint8), disc) > 0) & room
    lines, _ = cv2.findContours(wide.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not lines:
        return None
    line = max(lines, key=cv2.contourArea)
    points = np.asarray(cv2.approxPolyDP(line, 0.6, True), np.float64)[:, 0]
    if len(points) < 3:
        return None
    return tuple((float(x), float(y)) for x, y in points.tolist())
