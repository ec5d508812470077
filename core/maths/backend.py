"""The few operations that differ between NumPy on the CPU and torch on a GPU; all else is array-API code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import cv2
import numpy as np
import scipy.fft
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

    def rfft2(self, planes: Array, shape: tuple[int, int]) -> Array:
        """Return the spectra (n, H, W // 2 + 1) of (n, h, w) planes, padded with zeros to ``shape``."""
        ...

    def irfft2(self, spectra: Array, shape: tuple[int, int]) -> Array:
        """Return the planes (n, H, W) of their spectra."""
        ...


class NumpyBackend:
    """The CPU: OpenCV for filters and warps, SciPy for Fourier transforms."""

    xp: Any = np
    device = "cpu"
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

    def rfft2(self, planes: Array, shape: tuple[int, int]) -> Array:
        """See ``Backend``."""
        rows = scipy.fft.rfft(planes, n=shape[1], axis=2)  # rows known to be zero are not transformed
        return scipy.fft.fft(rows, n=shape[0], axis=1, overwrite_x=True)

    def irfft2(self, spectra: Array, shape: tuple[int, int]) -> Array:
        """See ``Backend``."""
        return scipy.fft.irfft2(spectra, s=shape)


class _NumpyPlanes:
    """``Planes`` over a pyramid."""

    def __init__(self, picture: NDArray[np.uint8]) -> None:
        self.host = Pyramid(picture)

    def sampled(self, to_frames: Sequence[Affine], size: Size, border: float | None = None) -> Array:
        answer = np.empty((len(to_frames), size[1], size[0]), np.float32)
        for index, to_frame in enumerate(to_frames):
            answer[index] = self.host.sampled(to_frame, size, border)
        return answer
