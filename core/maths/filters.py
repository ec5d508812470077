"""Filters that keep what recolouring and relighting leave alone: edges, bands, local normalisation."""

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


def masked_blur(img: Plane, weight: Plane, sigma: float) -> Plane:
    """Return the Gaussian mean of the pixels that ``weight`` (0 to 1) counts; 0 where none is near.

    Normalised convolution (Knutsson and Westin 1993): what lies outside of the weight adds nothing.
    """
    total = blur(weight, sigma)
    return np.where(total > 1e-3, blur(img * weight, sigma) / np.maximum(total, 1e-3), 0).astype(np.float32)


def local_normalise(
    img: Plane,
    weight: Plane | None = None,
    *,
    inner: float = 0.6,
    outer: float = 2.5,
    spread: float = 6.0,
    floor: float = 0.2,
) -> Plane:
    """Return the band between two Gaussians over its local standard deviation.

    Args:
        img: any range; the answer does not depend on its gain or offset.
        weight: 0 to 1, which pixels count (None: all); the answer is 0 where it is 0.
        inner: finer detail than this many pixels (standard deviation) is smoothed away.
        outer: slower changes than this many pixels are taken off.
        spread: the local standard deviation is measured over this many pixels.
        floor: share of the plane's own standard deviation that is added, so that flat regions stay flat.
    """
    if weight is None:
        band = blur(img, inner) - blur(img, outer)
        power = blur(band * band, spread)
        mean_power = float(power.mean())
    else:
        band = (masked_blur(img, weight, inner) - masked_blur(img, weight, outer)) * (weight > 0)
        power = masked_blur(band * band, weight, spread)
        mean_power = float((power * weight).sum() / max(float(weight.sum()), 1e-6))
    if mean_power <= 1e-6:
        return np.zeros_like(img)
    answer: Plane = (band / np.sqrt(power + floor * floor * mean_power)).astype(np.float32)
    return answer


def gradient(img: Plane) -> tuple[Plane, Plane]:
    """Return the central differences of a plane along x and along y, per pixel, edges repeated."""
    kernel = np.array([-0.5, 0, 0.5], np.float32)
    one = np.ones(1, np.float32)
    gx = cv2.sepFilter2D(img, cv2.CV_32F, kernel, one, borderType=cv2.BORDER_REPLICATE)
    gy = cv2.sepFilter2D(img, cv2.CV_32F, one, kernel, borderType=cv2.BORDER_REPLICATE)
    return gx, gy  # type: ignore[return-value]  # OpenCV's stubs forget the dtype


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
