"""Lets the photo's own colours and edges (GrabCut) decide what is the portrait, where the designer image cannot."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from core.maths import snapping
from core.maths.colour import Rgb
from core.maths.filters import Plane, blur, unit
from core.maths.masks import Mask, close_gaps, cut_whiskers, erode, fill_holes, largest_part
from core.reconcile.scene import Scene

Labels = NDArray[np.uint8]
"""What GrabCut starts from: cv2's GC_BGD, GC_FGD (both certain), GC_PR_BGD and GC_PR_FGD."""

BAY_EXTENT = 160.0
"""Bays are looked into with the portrait no larger than this (root of its area, pixels)."""
BAY_AREA = 0.01
"""Bays that together are smaller than this share of the portrait are left as they are."""
COVERED = 0.2
"""Before another photo, gaps up to twice this share of the portrait's size may be covered by something painted on."""
LIKELY = 0.5
"""Share of a map's maximum in the footprint above which a pixel probably is the portrait …"""
SURELY, UNLIKELY = 0.85, 0.3
"""… above which it is, though another picture shows there, and below which gaps are the new background."""


def beneath(scene: Scene, guess: Plane, painted: Mask) -> Plane:
    """Return 1 where the photo shows the portrait beneath what was painted on, 0 elsewhere in it.

    Colours and edges of the photo decide; they start from the convex hull of the portrait that can be seen.
    """
    extent = math.sqrt(max(float(guess.sum()), 1.0))
    seen = cut_whiskers(np.where((guess > 0.5) & (painted == 0), np.uint8(255), np.uint8(0)), 0.01 * extent)
    hull = within_hull(seen)
    labels = np.where(painted > 0, np.where(hull == cv2.GC_BGD, cv2.GC_PR_BGD, hull), cv2.GC_BGD).astype(np.uint8)
    labels[seen > 0] = cv2.GC_FGD
    return grab_cut(scene.original, labels, 1).astype(np.float32)


def enclosed(scene: Scene, guess: Plane) -> Plane:
    """Return the portrait of a line drawing: its silhouette, and what the photo adds to that within its convex hull."""
    silhouette = np.where(guess > 0.5, np.uint8(255), np.uint8(0))
    labels = within_hull(silhouette)
    labels[erode(silhouette, 0.02 * math.sqrt(float(guess.sum())) + 1) > 0] = cv2.GC_FGD
    return blur(unit(whole(grab_cut(scene.original, labels, 2), 1.0)), 1.0)


def bays(scene: Scene, portrait: Mask, doubtful: NDArray[np.bool_]) -> Mask:
    """Return what the photo adds to a portrait within its convex hull, where that is ``doubtful``; 0 or 255.

    Fur that has the background's colour is lost with it, and leaves a bay.
    """
    factor = min(1.0, BAY_EXTENT / math.sqrt(max(float(np.count_nonzero(portrait)), 1.0)))
    size = max(round(scene.size[0] * factor), 1), max(round(scene.size[1] * factor), 1)
    small = cv2.resize(portrait, size, interpolation=cv2.INTER_AREA) >= 128
    unsure = cv2.resize(doubtful.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    solid = np.where(small, np.uint8(255), np.uint8(0))
    labels = within_hull(solid)
    wanted = (labels != cv2.GC_BGD) & ~small & unsure
    area = max(float(np.count_nonzero(small)), 1.0)
    if np.count_nonzero(wanted) < BAY_AREA * area:
        return np.zeros_like(portrait)
    labels[~small & ~wanted] = cv2.GC_BGD
    labels[erode(solid, 0.03 * math.sqrt(area)) > 0] = cv2.GC_FGD
    photo = cv2.resize(scene.original, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    added = small | (grab_cut(photo, labels, 1) & wanted)
    grown = cut_whiskers(np.where(added, np.uint8(255), np.uint8(0)), 0.015 * math.sqrt(area))
    more = np.where((grown > 0) & ~small, np.uint8(255), np.uint8(0))
    return np.where(cv2.resize(more, scene.size, interpolation=cv2.INTER_LINEAR) >= 128, np.uint8(255), np.uint8(0))


def covered(scene: Scene, seen: Plane, likely: Plane | None) -> Plane:
    """Return the portrait before another photo with what was painted over, where the photo shows it to go on there.

    Only gaps and narrow bays are asked: what is wide open is the new background; where a map (0 to 1) is known, all
    that it is sure of.
    """
    solid = np.where(seen > 0.5, np.uint8(255), np.uint8(0))
    extent = math.sqrt(max(float(np.count_nonzero(solid)), 1.0))
    gaps = close_gaps(solid, COVERED * extent) > 0
    if likely is not None:
        gaps &= likely > UNLIKELY
        gaps |= likely > SURELY
    labels = within_hull(solid)
    labels[gaps & (labels == cv2.GC_BGD)] = cv2.GC_PR_BGD if likely is None else cv2.GC_PR_FGD
    labels[~gaps | (scene.inside < 0.5)] = cv2.GC_BGD
    if not (labels & 2).any():
        return seen
    labels[solid > 0] = cv2.GC_FGD
    found = whole(grab_cut(scene.original, labels, 1), 0.02 * extent)
    return np.maximum(seen, blur(unit(found), 1.0))


def from_middle(scene: Scene) -> Plane:
    """Return the likely portrait where the background was kept: the photo's cut from the frame's middle outwards."""
    radius = scene.radius()
    labels = np.full(radius.shape, cv2.GC_BGD, np.uint8)
    labels[radius < 0.75] = cv2.GC_PR_BGD
    labels[radius < 0.5] = cv2.GC_PR_FGD
    labels[radius < 0.15] = cv2.GC_FGD
    labels[scene.inside < 0.5] = cv2.GC_BGD
    probable = int((labels == cv2.GC_PR_FGD).sum())
    inside = grab_cut(scene.original, labels, 3)
    if inside.sum() < 0.3 * probable:
        inside = radius < 0.5
    extent = math.sqrt(max(float(inside.sum()), 1.0))
    return blur(unit(whole(inside, 0.03 * extent)), 1.0)


def from_map(scene: Scene, likely: Plane) -> Plane:
    """Return the likely portrait where the background was kept: what a map (0 to 1) calls likely.

    The photo's own cut, started from the map, is worse: the colours of an animal and its surroundings overlap, and
    whoever made the map knew more than colours.
    """
    found = (likely > LIKELY) & (scene.inside > 0.5)
    extent = math.sqrt(max(float(found.sum()), 1.0))
    return blur(unit(whole(found, 0.01 * extent)), 1.0)


def within_hull(mask: Mask) -> Labels:
    """Return labels: probably portrait within the convex hull of a mask, background outside."""
    labels = np.full(mask.shape, cv2.GC_BGD, np.uint8)
    if mask.any():
        cv2.fillConvexPoly(labels, cv2.convexHull(cv2.findNonZero(mask)), cv2.GC_PR_FGD)
    return labels


def grab_cut(picture: Rgb, labels: Labels, rounds: int) -> NDArray[np.bool_]:
    """Return the foreground that GrabCut finds from labels in a picture of 0 to 255."""
    return snapping.grab_cut(np.clip(picture, 0, 255).astype(np.uint8), labels, rounds)


def whole(mask: NDArray[np.bool_], radius: float) -> Mask:
    """Return the largest part of a mask without holes, gaps closed and whiskers cut off."""
    part = fill_holes(largest_part(np.where(mask, np.uint8(255), np.uint8(0))))
    return fill_holes(cut_whiskers(close_gaps(part, 2 * radius), radius))
