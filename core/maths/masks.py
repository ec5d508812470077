"""Masks as arrays: erode, clean up, outline, overlap."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.uint8]
"""(height, width) uint8: 0 background, 255 portrait, a soft edge between; at least 128 counts as portrait."""


def iou(one: Mask, other: Mask) -> float:
    """Return intersection over union of two masks of one size, each cut at 128; 1 if both are empty."""
    a, b = one >= 128, other >= 128
    union = int(np.count_nonzero(a | b))
    return int(np.count_nonzero(a & b)) / union if union else 1.0


def distance(mask: Mask) -> NDArray[np.float32]:
    """Return how far each pixel lies from the portrait's nearest pixel (at least 128); large where there is none."""
    outside = (mask < 128).astype(np.uint8)
    return cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)  # type: ignore[return-value]


def dilate(mask: Mask, radius: float) -> Mask:
    """Return the mask, cut to 0 and 255, grown by ``radius`` pixels."""
    return np.where(distance(mask) ** 2 <= radius**2 + 0.5, np.uint8(255), np.uint8(0))


def erode(mask: Mask, radius: float) -> Mask:
    """Return the mask, cut to 0 and 255, shrunk by ``radius`` pixels; outside of the picture counts as portrait."""
    cut = np.where(mask >= 128, np.uint8(0), np.uint8(255))
    return np.where(distance(cut) ** 2 <= radius**2 + 0.5, np.uint8(0), np.uint8(255))


def close_gaps(mask: Mask, radius: float) -> Mask:
    """Return the mask, cut to 0 and 255, with gaps and bays narrower than twice ``radius`` filled."""
    pad = int(np.ceil(radius)) + 2
    return np.ascontiguousarray(erode(dilate(np.pad(mask, pad), radius), radius)[pad:-pad, pad:-pad])


def cut_whiskers(mask: Mask, radius: float) -> Mask:
    """Return the mask, cut to 0 and 255, without parts narrower than twice ``radius``."""
    return dilate(erode(mask, radius), radius)


def fill_holes(mask: Mask) -> Mask:
    """Return the mask (0 or 255) with every hole that does not touch the frame filled."""
    padded = np.pad(mask, 1)
    _, labels = cv2.connectedComponents((padded < 128).astype(np.uint8), connectivity=4)
    return np.where(labels[1:-1, 1:-1] == labels[0, 0], np.uint8(0), np.uint8(255))


def largest_part(mask: Mask) -> Mask:
    """Return only the largest connected part of a mask (0 or 255); an empty mask stays empty."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((mask >= 128).astype(np.uint8), connectivity=4)
    if count <= 1:
        return np.zeros_like(mask)
    best = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    return np.where(labels == best, np.uint8(255), np.uint8(0))


def trace_outline(mask: Mask) -> tuple[NDArray[np.float32], ...]:
    """Return closed polygons through the border pixels of the portrait (at least 128), outer ones and holes.

    Each is (n, 2) float32 x, y in pixels of the mask, pixel centres at integers, n >= 1; straight runs are
    given by their ends. The order of the polygons is not defined.
    """
    binary = (mask >= 128).astype(np.uint8)
    found, _ = cv2.findContours(binary, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    return tuple(np.ascontiguousarray(polygon[:, 0, :], np.float32) for polygon in found)
