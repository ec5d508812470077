"""Hypotheses from SIFT keypoints, for when correlation is not sure: each fails where the other works."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from core.maths.filters import Pyramid
from core.maths.warp import Affine, compose, nearest_similarity, resize_affine, similarity
from core.reconcile.views import DesignerView

ORIGINAL_SIDE, EXTENT = 1000, 360.0
"""Keypoints are looked for with the original at most this long, and the portrait at most this large (pixels)."""
TILE, OVERLAP = 320, 48
"""Keypoints are found tile by tile, so that the search can be stopped between two of them."""
RATIO = 0.8
"""A match must be this much nearer than the second nearest (Lowe 2004)."""
FEWEST = 5
"""Inliers without which a similarity (two matches) is chance."""


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """A similarity, designer to original, that many keypoints agree on."""

    affine: Affine
    inliers: int


@dataclass(frozen=True, slots=True, eq=False)
class _Keypoints:
    points: NDArray[np.float32]
    descriptors: NDArray[np.float32]


def keypoint_hypotheses(
    original: Pyramid, designer: DesignerView, mirror: bool, check: Callable[[], None]
) -> list[Agreement]:
    """Return what the keypoints agree on, one similarity for each mirror state at most, most inliers first."""
    factor = min(1.0, ORIGINAL_SIDE / max(original.size))
    size = max(round(original.size[0] * factor), 1), max(round(original.size[1] * factor), 1)
    photo = _describe(original.resized(size), None, check)
    to_original = resize_affine(size, original.size)
    shrink = min(1.0, EXTENT / designer.extent)
    reach = math.ceil(designer.radius * shrink) + 1
    square = (2 * reach + 1, 2 * reach + 1)

    def to_frame(mirrored: bool) -> Affine:
        return similarity(shrink, 0.0, mirrored, designer.centre, (float(reach), float(reach)))

    plane = designer.planes.host.sampled(to_frame(False), square, border=None)
    weight = designer.weight_on_host(to_frame(False), square)
    points = _describe(plane, np.where(weight >= 128, np.uint8(255), np.uint8(0)), check)
    found = []
    for mirrored in (False, True) if mirror else (False,):
        agreement = _agree(_mirrored(points, 2 * reach) if mirrored else points, photo)
        check()
        if agreement is not None:
            affine = compose(to_original, agreement.affine, to_frame(mirrored))
            found.append(Agreement(nearest_similarity(affine, designer.centre), agreement.inliers))
    return sorted(found, key=lambda one: -one.inliers)


def _mirrored(points: _Keypoints, last: int) -> _Keypoints:
    """Return what would be found in the mirrored picture whose last column is ``last``.

    A descriptor is 4 rows by 4 columns by 8 directions about the keypoint's own direction, which is that of the
    columns: mirrored, rows and directions run the other way.
    """
    there = points.points * np.array([-1, 1], np.float32) + np.array([last, 0], np.float32)
    cells = points.descriptors.reshape(-1, 4, 4, 8)[:, ::-1, :, (0, 7, 6, 5, 4, 3, 2, 1)]
    return _Keypoints(there, np.ascontiguousarray(cells).reshape(-1, 128))


def _describe(plane: NDArray[np.uint8], mask: NDArray[np.uint8] | None, check: Callable[[], None]) -> _Keypoints:
    sift = cv2.SIFT.create(nfeatures=1500, contrastThreshold=0.02, enable_precise_upscale=True)
    points, descriptors = [np.zeros((0, 2), np.float32)], [np.zeros((0, 128), np.float32)]
    height, width = plane.shape
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            check()
            y, x = max(top - OVERLAP, 0), max(left - OVERLAP, 0)
            part = np.s_[y : top + TILE + OVERLAP, x : left + TILE + OVERLAP]
            tile = np.ascontiguousarray(plane[part])
            allowed = None if mask is None else np.ascontiguousarray(mask[part])
            if min(tile.shape) < 16 or (allowed is not None and not allowed.any()):
                continue
            keypoints, found = sift.detectAndCompute(tile, allowed)
            if not keypoints:
                continue
            at = np.array([(keypoint.pt[0] + x, keypoint.pt[1] + y) for keypoint in keypoints], np.float32)
            mine = (at[:, 0] >= left) & (at[:, 0] < left + TILE) & (at[:, 1] >= top) & (at[:, 1] < top + TILE)
            points.append(at[mine])
            descriptors.append(np.asarray(found, np.float32)[mine])
    return _Keypoints(np.concatenate(points), np.concatenate(descriptors))


def _agree(designer: _Keypoints, original: _Keypoints) -> Agreement | None:
    if len(designer.points) < FEWEST or len(original.points) < FEWEST:
        return None
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(designer.descriptors, original.descriptors, k=2)
    good = [pair[0] for pair in pairs if len(pair) == 2 and pair[0].distance < RATIO * pair[1].distance]
    if len(good) < FEWEST:
        return None
    here = designer.points[[match.queryIdx for match in good]]
    there = original.points[[match.trainIdx for match in good]]
    # OpenCV's stubs do not say that both are None where no similarity is found.
    answer: tuple[Any, Any] = cv2.estimateAffinePartial2D(
        here, there, method=cv2.RANSAC, ransacReprojThreshold=3.0, maxIters=2000, confidence=0.99
    )
    matrix, inliers = answer
    if matrix is None or not np.isfinite(matrix).all() or int(inliers.sum()) < FEWEST:
        return None
    affine = np.eye(3)
    affine[:2] = matrix
    if abs(float(np.linalg.det(affine[:2, :2]))) < 1e-6:
        return None
    distinct = len(np.unique(np.round(there[inliers[:, 0] > 0]), axis=0))
    return Agreement(affine, distinct) if distinct >= FEWEST else None
