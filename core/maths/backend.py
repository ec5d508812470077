"""The few operations that differ between NumPy on the CPU and torch on a GPU; all else is array-API code."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from core.maths.filters import Pyramid
from core.maths.warp import Affine, Size

Array = Any
"""An array of the backend: NumPy's or torch's, float32 unless said."""


class Planes(Protocol):
    """A grey picture that can be sampled through many affines at once."""

    @property
    def host(self) -> Pyramid:
        """The same picture as NumPy has it."""
        ...

    def sampled(self, to_frames: Sequence[Affine], size: Size, border: float | None = None) -> Array:
        """Return (n, h, w): the picture in a frame of ``size`` for each affine, as ``Pyramid.sampled`` does it."""
        ...


class Backend(Protocol):
    """Arrays on one device. The fast path and its reference are the same code over two of these."""

    xp: Any
    """The array-API namespace of its arrays."""
    device: str
    out_of_memory: tuple[type[Exception], ...]
    """What is raised where memory runs out."""
    at_once: int
    """Pixels of planes that are best transformed together: what stays in a cache, or keeps a GPU busy."""

    def release(self) -> None:
        """Give back memory that is held but not used."""
        ...

    def array(self, values: NDArray[Any]) -> Array:
        """Return values (float32, or integers as they are) on this device."""
        ...

    def numpy(self, array: Array) -> NDArray[Any]:
        """Return an array as NumPy's."""
        ...

    def planes(self, picture: NDArray[np.uint8]) -> Planes:
        """Return a grey picture (h, w) ready for sampling."""
        ...

    def blur(self, planes: Array, sigma: float) -> Array:
        """Return (n, h, w) planes under a Gaussian of ``sigma`` pixels, edges repeated."""
        ...

    def wide_blur(self, planes: Array, sigma: float) -> Array:
        """Return what ``blur`` does to one or two percent, for a ``sigma`` of several pixels: on halved planes."""
        ...

    def fft2(self, planes: Array, shape: tuple[int, int]) -> Array:
        """Return the spectra (n, H, W) of (n, h, w) planes, real or complex, padded with zeros to ``shape``."""
        ...

    def ifft2(self, spectra: Array) -> Array:
        """Return the complex planes of spectra (n, H, W), real and imaginary parts along a last axis: (n, H, W, 2)."""
        ...


class NumpyBackend:
    """The CPU: OpenCV for filters, warps and Fourier transforms."""

    xp: Any = np
    device = "cpu"
    at_once = 1
    out_of_memory: tuple[type[Exception], ...] = (MemoryError,)

    def release(self) -> None:
        """See ``Backend``."""

    def array(self, values: NDArray[Any]) -> Array:
        """See ``Backend``."""
        return np.asarray(values, np.float32) if values.dtype.kind == "f" else values

    def numpy(self, array: Array) -> NDArray[Any]:
        """See ``Backend``."""
        return np.asarray(array)

    def planes(self, picture: NDArray[np.uint8]) -> Planes:
        """See ``Backend``."""
        return _NumpyPlanes(picture)

    def blur(self, planes: Array, sigma: float) -> Array:
        """See ``Backend``."""
        answer = np.empty_like(planes)
        for index, plane in enumerate(planes):
            cv2.GaussianBlur(plane, (0, 0), sigma, dst=answer[index], borderType=cv2.BORDER_REPLICATE)
        return answer

    def wide_blur(self, planes: Array, sigma: float) -> Array:
        """See ``Backend``."""
        answer = np.empty_like(planes)
        height, width = planes.shape[1:]
        down, right = height % 2, width % 2
        small = (width + right) // 2, (height + down) // 2
        for index, plane in enumerate(planes):
            if down or right:
                plane = cv2.copyMakeBorder(plane, 0, down, 0, right, cv2.BORDER_REPLICATE)  # noqa: PLW2901
            half = cv2.resize(plane, small, interpolation=cv2.INTER_AREA)
            half = cv2.GaussianBlur(half, (0, 0), halved(sigma), borderType=cv2.BORDER_REPLICATE)
            whole = cv2.resize(half, (2 * small[0], 2 * small[1]), interpolation=cv2.INTER_LINEAR)
            answer[index] = whole[:height, :width]
        return answer

    def fft2(self, planes: Array, shape: tuple[int, int]) -> Array:
        """See ``Backend``."""
        answer = np.zeros((planes.shape[0], *shape), np.complex64)
        answer[:, : planes.shape[1], : planes.shape[2]] = planes
        for parts in _parts(answer):
            cv2.dft(parts, dst=parts)
        return answer

    def ifft2(self, spectra: Array) -> Array:
        """See ``Backend``."""
        answer = np.empty((*spectra.shape, 2), np.float32)
        for index, parts in enumerate(_parts(spectra)):
            cv2.dft(parts, dst=answer[index], flags=cv2.DFT_INVERSE | cv2.DFT_SCALE)
        return answer


def halved(sigma: float) -> float:
    """Return the Gaussian that makes one of ``sigma`` pixels on halved planes: halving and doubling add the rest."""
    return math.sqrt(sigma * sigma - 1) / 2


def _parts(planes: NDArray[np.complex64]) -> NDArray[np.float32]:
    """Return complex planes (n, h, w) as OpenCV wants them: (n, h, w, 2) of the same memory."""
    return np.ascontiguousarray(planes).view(np.float32).reshape(*planes.shape, 2)


class _NumpyPlanes:
    """``Planes`` over a pyramid."""

    def __init__(self, picture: NDArray[np.uint8]) -> None:
        self.host = Pyramid(picture)

    def sampled(self, to_frames: Sequence[Affine], size: Size, border: float | None = None) -> Array:
        answer = np.empty((len(to_frames), size[1], size[0]), np.float32)
        for index, to_frame in enumerate(to_frames):
            answer[index] = self.host.sampled(to_frame, size, border)
        return answer
