"""The methods that are measured: this program's, and others with the same foreground mask on one thread."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

import cv2
import numpy as np
from numpy.typing import NDArray
from peers_found import Found, as_found, placed

from core.images.picture import Picture
from core.maths.masks import Mask
from core.maths.warp import similarity
from core.reconcile.foreground import find_foreground
from core.reconcile.options import ReconcileOptions
from core.reconcile.pipeline import reconcile

INLIERS = 10
"""Fewer inliers than this, and a method of keypoints says "no match"."""


Method = Callable[[Picture, Picture], Found]
Points = NDArray[np.float32]
Match = Callable[[NDArray[np.uint8], NDArray[np.uint8], Mask], tuple[Points, Points]]
"""Grey original, grey designer image and its foreground to (n, 2) designer and original points that belong together."""


def by_program(method: str, device: str = "cpu") -> Method:
    """Return one of the program's own methods."""

    def run(original: Picture, designer: Picture) -> Found:
        return as_found(reconcile(original, designer, ReconcileOptions(method=method, device=device), lambda: None))

    return run


def by_matches(match: Match, original: Picture, designer: Picture) -> Found:
    """Place by matched points: RANSAC similarity, both mirror states, pictures at full size."""
    size = (designer.width, designer.height)
    inside = cv2.resize(find_foreground(designer).mask, size)
    plain = cv2.cvtColor(designer.rgb, cv2.COLOR_RGB2GRAY)
    there = cv2.cvtColor(original.rgb, cv2.COLOR_RGB2GRAY)
    best, most = None, 0
    for mirrored in (False, True):
        here, mask = (np.ascontiguousarray(plane[:, ::-1] if mirrored else plane) for plane in (plain, inside))
        points = match(there, here, mask)
        if len(points[0]) < 3:
            continue
        matrix, inliers = cv2.estimateAffinePartial2D(*points, method=cv2.RANSAC, ransacReprojThreshold=3.0)
        if matrix is None or abs(np.linalg.det(matrix[:, :2])) < 1e-6 or int(inliers.sum()) <= most:
            continue
        flip = similarity(1.0, 0.0, mirrored, to=(designer.width - 1.0 if mirrored else 0.0, 0.0))
        best, most = np.vstack([matrix, [0, 0, 1]]) @ flip, int(inliers.sum())
    if most < INLIERS:
        return Found(None, None, most / 50)
    return placed(original, designer, best, min(most / 50, 1.0))


def _described(detector: cv2.Feature2D, norm: int, ratio: float) -> Match:
    def match(original: NDArray[np.uint8], designer: NDArray[np.uint8], inside: Mask) -> tuple[Points, Points]:
        there, described = detector.detectAndCompute(original, None)
        here, descriptors = detector.detectAndCompute(designer, inside)
        if descriptors is None or described is None or len(there) < 2:
            return np.zeros((0, 2), np.float32), np.zeros((0, 2), np.float32)
        pairs = cv2.BFMatcher(norm).knnMatch(descriptors, described, k=2)
        good = [first for first, second in pairs if first.distance < ratio * second.distance]
        return np.float32([here[m.queryIdx].pt for m in good]), np.float32([there[m.trainIdx].pt for m in good])

    return match


def by_sift(original: Picture, designer: Picture) -> Found:
    """SIFT, ratio test, RANSAC."""
    return by_matches(_described(cv2.SIFT.create(), cv2.NORM_L2, 0.75), original, designer)


def by_orb(original: Picture, designer: Picture) -> Found:
    """ORB, ratio test, RANSAC."""
    return by_matches(_described(cv2.ORB.create(3000), cv2.NORM_HAMMING, 0.8), original, designer)


def by_template(original: Picture, designer: Picture) -> Found:
    """Masked template matching over a grid."""
    from peers_search import by_template as run

    return run(original, designer)


def by_fourier_mellin(original: Picture, designer: Picture) -> Found:
    """Log-polar spectra and phase correlation."""
    from peers_search import by_fourier_mellin as run

    return run(original, designer)


def by_aliked(original: Picture, designer: Picture) -> Found:
    """ALIKED keypoints and LightGlue."""
    from peers_learned import match

    return by_matches(match, original, designer)


def by_guided(original: Picture, designer: Picture) -> Found:
    """Ours, guided by the model's map."""
    from peers_guided import by_guided as run

    return run(original, designer)


METHODS: dict[str, Method] = {
    "pawtrait": by_program("pawtrait"),
    "pawtrait-guided": by_guided,
    "pawtrait-cuda": by_program("pawtrait", "cuda"),
    "paper": by_program("paper"),
    "template": by_template,
    "sift": by_sift,
    "orb": by_orb,
    "fourier-mellin": by_fourier_mellin,
    "aliked": by_aliked,
}


def why_not(method: str) -> str | None:
    """Return in one line why a method cannot run on this machine, or None if it can."""
    if method == "pawtrait-cuda":
        import torch

        return None if torch.cuda.is_available() else "there is no CUDA device"
    if method == "pawtrait-guided":
        from core.model.registry import DEFAULT, shipped

        return None if (shipped() / f"{DEFAULT}.safetensors").is_file() else "the model is not there"
    if method == "aliked":
        if find_spec("kornia") is None:
            return "kornia is not installed"
        from peers_learned import why_not_loaded

        return why_not_loaded()
    return None
