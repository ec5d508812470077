"""Both pictures of a pair as the search wants them: grey pyramids, and the portrait's weight in any frame."""

from __future__ import annotations

import math

import cv2
import numpy as np

from core.images.picture import Picture
from core.maths.filters import Plane, Pyramid, local_normalise, unit
from core.maths.masks import Mask, close_gaps, erode, fill_holes
from core.maths.warp import Affine, Size, compose, invert, resize_affine, similarity
from core.reconcile.foreground import Foreground

CLOSE = 0.03
"""Gaps of the foreground narrower than twice this share of its size are filled for matching: ink leaves lines."""
ERODE = 0.04
"""The foreground is shrunk by this share of its size before matching, so that the cut-out's edge adds nothing."""


def grey(picture: Picture) -> Pyramid:
    """Return the picture's luma as a pyramid."""
    return Pyramid(cv2.cvtColor(picture.rgb, cv2.COLOR_RGB2GRAY))  # type: ignore[arg-type]


MAX_RADIUS = 1.5
"""Foreground further from its centre than this many times its size is left out: a speck must not cost memory."""


class DesignerView:
    """The designer image with the weight of its foreground.

    ``centre`` is the foreground's centroid and ``extent`` the square root of its area, both in pixels of the
    designer image at full size.
    """

    def __init__(self, picture: Picture, foreground: Foreground) -> None:
        """Prepare the matching weight: the eroded foreground, or a central ellipse where the background is kept."""
        self.pyramid = grey(picture)
        if foreground.kind == "kept":
            mask = _ellipse(foreground.mask.shape)
        else:
            gap = CLOSE * math.sqrt(max(float(np.count_nonzero(foreground.mask >= 128)), 1.0))
            mask = fill_holes(close_gaps(foreground.mask, gap))
        small = (mask.shape[1], mask.shape[0])
        self._to_full = resize_affine(small, self.pyramid.size)
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
        self._weight = Pyramid(eroded)

    def weight(self, to_frame: Affine, size: Size) -> Plane:
        """Return the matching weight, 0 to 1, in a frame; ``to_frame`` takes full designer pixels there."""
        return unit(self._weight.sampled(compose(to_frame, self._to_full), size))

    def plane(self, to_frame: Affine, size: Size) -> Plane:
        """Return the grey designer image in a frame, its edge repeated."""
        return self.pyramid.sampled(to_frame, size, border=None).astype(np.float32)

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


def feature(plane: Plane, weight: Plane | None = None) -> Plane:
    """Return the locally normalised band that both pictures are compared in."""
    return local_normalise(plane, weight)


def original_in_frame(original: Pyramid, placement: Affine, to_frame: Affine, size: Size) -> Plane:
    """Return the grey original in the designer image's frame, as a placement (designer to original) has it."""
    return original.sampled(compose(to_frame, invert(placement)), size, border=None).astype(np.float32)
