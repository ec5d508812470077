"""Two classical searches as peers: masked template matching over a grid, and Fourier-Mellin. Neither refuses."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray
from peers_found import Found, placed
from skimage.registration import phase_cross_correlation
from skimage.transform import warp_polar

from core.images.picture import Picture
from core.maths.backend import NumpyBackend
from core.maths.features import Window, band
from core.maths.filters import Plane, Pyramid
from core.maths.metrics import weighted_ncc
from core.maths.warp import Affine, Size, compose, invert, resize_affine, shift, similarity
from core.reconcile.foreground import find_foreground
from core.reconcile.views import DesignerView, grey

_BACKEND = NumpyBackend()
SHORT = 160
"""Long side of the original for template matching: each of some 700 templates is compared everywhere."""
ROTATION_STEP, MOST_DEG, SCALE_STEP = 7.0, 60.0, 1.12
SMALLEST_HEAD, LARGEST = 60.0, 1.25
"""Heads from so many pixels of the original up to this share of its root area."""
CANVAS = 512
"""Fourier-Mellin: both pictures on squares of this size, the original no longer than three quarters of it."""
USUAL_SHARE = 0.45
"""Fourier-Mellin: the portrait starts at this share of the original's root area; log-polar shifts do the rest."""


def by_template(original: Picture, designer: Picture) -> Found:
    """cv2.matchTemplate with mask (TM_CCORR_NORMED) for every scale, rotation and mirror state."""
    photo = Pyramid(grey(original))
    view = DesignerView(designer, find_foreground(designer), _BACKEND)
    small = _fitted(photo.size, SHORT)
    to_small = resize_affine(photo.size, small)
    plane = photo.resized(small).astype(np.float32)
    root = math.sqrt(small[0] * small[1])
    best, most = None, -1.0
    head = max(SMALLEST_HEAD * to_small[0, 0], 8.0)
    while head <= LARGEST * root:
        reach = math.ceil(view.radius * head / view.extent) + 1
        around = cv2.copyMakeBorder(plane, reach, reach, reach, reach, cv2.BORDER_REPLICATE)
        for mirrored in (False, True):
            for angle in np.arange(-MOST_DEG, MOST_DEG + 1, ROTATION_STEP):
                to_frame = similarity(head / view.extent, angle, mirrored, view.centre, (reach, reach))
                size = (2 * reach + 1, 2 * reach + 1)
                template, weight = _plane_and_weight(view, to_frame, size)
                if not weight.any():
                    continue
                score = cv2.matchTemplate(around, template, cv2.TM_CCORR_NORMED, None, weight)
                score[~np.isfinite(score) | (score > 1.001)] = -1
                _, peak, _, (x, y) = cv2.minMaxLoc(score)
                if peak > most:
                    best, most = compose(invert(to_small), shift(x - reach, y - reach), to_frame), peak
        head *= SCALE_STEP
    return placed(original, designer, best, max(most, 0.0))


def by_fourier_mellin(original: Picture, designer: Picture) -> Found:
    """Rotation and scale from log-polar spectra, then the place by phase correlation; both mirror states."""
    photo = Pyramid(grey(original))
    view = DesignerView(designer, find_foreground(designer), _BACKEND)
    small = _fitted(photo.size, CANVAS * 3 // 4)
    middle = (CANVAS / 2, CANVAS / 2)
    to_canvas = compose(shift((CANVAS - small[0]) // 2, (CANVAS - small[1]) // 2), resize_affine(photo.size, small))
    there = _windowed(photo.resized(small), to_canvas)
    start = USUAL_SHARE * math.sqrt(small[0] * small[1]) / view.extent
    best, most = None, -2.0
    spectrum = _log_polar(there)
    for mirrored in (False, True):
        first = similarity(start, 0.0, mirrored, view.centre, middle)
        turned, grown = _rotation_and_scale(spectrum, _log_polar(_portrait(view, first)))
        for half_turn in (0.0, 180.0):
            to_frame = compose(similarity(grown, turned + half_turn, False, middle, middle), first)
            here = _portrait(view, to_frame)
            (y, x), _, _ = phase_cross_correlation(there, here, upsample_factor=10)
            moved = compose(shift(x, y), to_frame)
            score = weighted_ncc(_portrait(view, moved), there, _plane_and_weight(view, moved, (CANVAS, CANVAS))[1])
            if score > most:
                best, most = compose(invert(to_canvas), moved), score
    return placed(original, designer, best, float(np.clip(most, 0, 1)))


def _fitted(size: Size, long_side: int) -> Size:
    factor = min(1.0, long_side / max(size))
    return max(round(size[0] * factor), 1), max(round(size[1] * factor), 1)


def _windowed(plane: NDArray[np.uint8], to_canvas: Affine) -> Plane:
    """Return the original's band on the canvas, its border faded out."""
    h, w = plane.shape
    fade = np.minimum(1, 8 * np.outer(np.hanning(h + 2)[1:-1], np.hanning(w + 2)[1:-1])).astype(np.float32)
    canvas = np.zeros((CANVAS, CANVAS), np.float32)
    left, top = (CANVAS - w) // 2, (CANVAS - h) // 2
    canvas[top : top + h, left : left + w] = _band(plane.astype(np.float32), np.ones(plane.shape, np.float32)) * fade
    return canvas


def _portrait(view: DesignerView, to_frame: Affine) -> Plane:
    plane, weight = _plane_and_weight(view, to_frame, (CANVAS, CANVAS))
    return _band(plane, weight) * weight


def _plane_and_weight(view: DesignerView, to_frame: Affine, size: Size) -> tuple[Plane, Plane]:
    """Return the grey designer image and its weight in one frame."""
    return view.planes.sampled([to_frame], size)[0], view.weights([to_frame], size)[0]


def _band(plane: Plane, weight: Plane) -> Plane:
    """Return the band that our method compares, so that the peer has the same pictures."""
    answer: Plane = band(plane[None], Window(_BACKEND, weight[None]))[0, 0]
    return answer


def _log_polar(plane: Plane) -> NDArray[np.float64]:
    """Return the magnitudes of the spectrum over angle (rows: half a degree, half a turn) and log radius."""
    size = np.abs(np.fft.fftshift(np.fft.fft2(plane)))
    polar = warp_polar(np.log1p(size), radius=CANVAS / 2, output_shape=(720, CANVAS), scaling="log")
    return polar[:360] - polar[:360].mean(axis=0)


def _rotation_and_scale(there: NDArray[np.float64], here: NDArray[np.float64]) -> tuple[float, float]:
    """Return by how many degrees and by what factor ``here`` must be turned and grown to be like ``there``."""
    (rows, columns), _, _ = phase_cross_correlation(there, here, upsample_factor=10, normalization=None)
    return rows / 2, math.exp(-columns * math.log(CANVAS / 2) / CANVAS)
