"""Both pictures of a pair as the search wants them: grey planes, and the portrait's weight in any frame."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from core.images.picture import Picture
from core.maths.backend import Array, Backend
from core.maths.masks import Mask, close_gaps, erode, fill_holes
from core.maths.warp import Affine, Size, compose, resize, resize_affine, similarity
from core.reconcile.foreground import Foreground

CLOSE = 0.03
"""Gaps of the foreground narrower than twice this share of its size are filled for matching: ink leaves lines."""
ERODE = 0.04
"""The foreground is shrunk by this share of its size before matching, so that the cut-out's edge adds nothing."""
WEIGHT_SIDE = 512
"""The matching weight is at most this long: it is soft, and its edge lies within the portrait."""
MAX_RADIUS = 1.5
"""Foreground further from its centre than this many times its size is left out: a speck must not cost memory."""


def grey(picture: Picture) -> NDArray[np.uint8]:
    """Return the picture's luma (h, w)."""
    return cv2.cvtColor(picture.rgb, cv2.COLOR_RGB2GRAY)  # type: ignore[return-value]


class DesignerView:
    """The designer image with the weight of its foreground.

    ``centre`` is the foreground's centroid and ``extent`` the square root of its area, both in pixels of the
    designer image at full size.
    """

    def __init__(self, picture: Picture, foreground: Foreground, backend: Backend) -> None:
        """Prepare the matching weight: the eroded foreground, or a central ellipse where the background is kept."""
        self.planes = backend.planes(grey(picture))
        self._full: Size = (picture.width, picture.height)
        h, w = foreground.mask.shape
        factor = min(1.0, WEIGHT_SIDE / max(h, w))
        mask = resize(foreground.mask, (max(round(w * factor), 1), max(round(h * factor), 1)))
        if foreground.kind == "kept":
            mask = _ellipse(mask.shape)
        else:
            gap = CLOSE * math.sqrt(max(float(np.count_nonzero(mask >= 128)), 1.0))
            mask = fill_holes(close_gaps(mask, gap))
        small = (mask.shape[1], mask.shape[0])
        self._to_full = resize_affine(small, self._full)
        inside = mask >= 128
        y, x = np.nonzero(inside)
        shrink = self._to_full[0, 0] * self._to_full[1, 1]
        self.extent = math.sqrt(max(float(np.count_nonzero(inside)) * shrink, 1.0))
        self.centre = (
            float(self._to_full[0, 0] * x.mean() + self._to_full[0, 2]),
            float(self._to_full[1, 1] * y.mean() + self._to_full[1, 2]),
        )
        away = np.hypot((x - x.mean()) * self._to_full[0, 0], (y - y.mean()) * self._to_full[1, 1])
        self.radius = min(float(away.max()) + 1.0, MAX_RADIUS * self.extent)
        eroded = erode(np.pad(mask, 1), ERODE * math.sqrt(float(np.count_nonzero(inside))))[1:-1, 1:-1]
        if np.count_nonzero(eroded >= 128) < 0.3 * np.count_nonzero(inside):
            eroded = mask
        self._weight = backend.planes(eroded)

    def weights(self, to_frames: Sequence[Affine], size: Size) -> Array:
        """Return the matching weight (n, h, w), 0 to 1, in frames; each affine takes full designer pixels there."""
        return self._weight.sampled([compose(to_frame, self._to_full) for to_frame in to_frames], size, 0.0) * (1 / 255)

    def weight_on_host(self, to_frame: Affine, size: Size) -> NDArray[np.uint8]:
        """Return the matching weight (h, w), 0 to 255, in one frame, as NumPy has it."""
        return self._weight.host.sampled(compose(to_frame, self._to_full), size)

    def frame(self, extent: float) -> tuple[Affine, Size]:
        """Return an upright square frame in which the foreground is ``extent`` pixels (root of its area)."""
        factor = extent / self.extent
        reach = math.ceil(self.radius * factor) + 1
        to_frame = similarity(factor, 0.0, centre=self.centre, to=(float(reach), float(reach)))
        return to_frame, (2 * reach + 1, 2 * reach + 1)


def _ellipse(shape: tuple[int, ...]) -> Mask:
    """Return the ellipse that touches 80 % of a picture's width and height."""
    h, w = shape[:2]
    y, x = np.mgrid[0:h, 0:w]
    inside = ((x - (w - 1) / 2) / (0.4 * w)) ** 2 + ((y - (h - 1) / 2) / (0.4 * h)) ** 2 <= 1
    return np.where(inside, np.uint8(255), np.uint8(0))
