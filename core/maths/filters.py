"""Filters on planes, and pyramids from which they are sampled without aliasing."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from core.maths.warp import Affine, Size, compose, invert, resize_affine, scale_of, warp

Plane = NDArray[np.float32]
"""(height, width) float32."""


def unit(levels: NDArray[np.uint8]) -> Plane:
    """Return 8-bit levels as 0 to 1."""
    answer: Plane = np.multiply(levels, 1 / 255, dtype=np.float32)
    return answer


def laplacian(img: Plane) -> Plane:
    """Return the four-neighbour Laplacian of a plane, edges repeated (Mueller et al., figure 1)."""
    return cv2.Laplacian(img, cv2.CV_32F, ksize=1, borderType=cv2.BORDER_REPLICATE)  # type: ignore[return-value]


def blur(img: Plane, sigma: float) -> Plane:
    """Return the Gaussian mean with a standard deviation of ``sigma`` pixels, edges reflected."""
    return cv2.GaussianBlur(img, (0, 0), sigma)  # type: ignore[return-value]  # OpenCV's stubs forget the dtype


class Pyramid:
    """A plane at full size and at halves of it, each made once, when it is first asked for."""

    def __init__(self, full: NDArray[np.uint8]) -> None:
        """Start from an 8-bit plane (h, w) or picture (h, w, channels)."""
        self._levels = [full]

    @property
    def size(self) -> Size:
        """Width and height of the full plane."""
        return int(self._levels[0].shape[1]), int(self._levels[0].shape[0])

    def level(self, index: int) -> NDArray[np.uint8]:
        """Return the plane halved ``index`` times (area means; rounded down, at least one pixel)."""
        while len(self._levels) <= index:
            last = self._levels[-1]
            size = max(last.shape[1] // 2, 1), max(last.shape[0] // 2, 1)
            self._levels.append(cv2.resize(last, size, interpolation=cv2.INTER_AREA))  # type: ignore[arg-type]
        return self._levels[index]

    def level_for(self, factor: float) -> int:
        """Return the smallest level that still has ``factor`` times the full resolution (or more)."""
        index = 0
        while factor <= 0.5 and min(self.size) >> (index + 1) >= 1:
            factor *= 2
            index += 1
        return index

    def resized(self, size: Size) -> NDArray[np.uint8]:
        """Return the whole plane at ``size``, from the nearest larger level."""
        factor = max(size[0] / self.size[0], size[1] / self.size[1])
        level = self.level(self.level_for(factor))
        if (level.shape[1], level.shape[0]) == size:
            return level
        shrinks = size[0] < level.shape[1]
        way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        return cv2.resize(level, size, interpolation=way)  # type: ignore[return-value]

    def sampled(self, to_frame: Affine, size: Size, border: float | None = 0.0) -> NDArray[np.uint8]:
        """Return the plane warped into a frame of ``size``, without aliasing.

        ``to_frame`` takes a pixel of the full plane to a pixel of the frame. Where it shrinks, two samples a pixel and
        axis are taken from the matching level and averaged. ``border`` is the value outside (None repeats the edge).
        """
        index, samples = self.sampling(to_frame)
        if samples == 1:
            return warp(self._levels[0], to_frame, size, border)
        level = self.level(index)
        to_level = resize_affine(self.size, (level.shape[1], level.shape[0]))
        double = resize_affine(size, (2 * size[0], 2 * size[1]))
        fine = warp(level, compose(double, to_frame, invert(to_level)), (2 * size[0], 2 * size[1]), border)
        return cv2.resize(fine, size, interpolation=cv2.INTER_AREA)  # type: ignore[return-value]

    def sampling(self, to_frame: Affine) -> tuple[int, int]:
        """Return from which level, and with how many samples a pixel and axis, a warp is made."""
        scale = scale_of(to_frame)
        return (0, 1) if scale >= 1 else (self.level_for(min(2 * scale, 1.0)), 2)
