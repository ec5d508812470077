"""The same operations in torch: for a GPU, and on its CPU device for the tests that hold the two against each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any

import array_api_compat.torch
import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from core.maths.backend import Array, Planes, halved
from core.maths.filters import Pyramid
from core.maths.warp import Affine, Size, compose, invert, resize_affine


class TorchBackend:
    """Arrays of torch on "cuda" (or "cpu")."""

    xp: Any = array_api_compat.torch
    out_of_memory: tuple[type[Exception], ...] = (torch.OutOfMemoryError, MemoryError)
    at_once = 1_500_000

    def __init__(self, device: str) -> None:
        """Compute on that device, as torch names it."""
        self.device = device

    def release(self) -> None:
        """See ``Backend``."""
        if self.device == "cuda":
            torch.cuda.empty_cache()

    def array(self, values: NDArray[Any]) -> Array:
        """See ``Backend``."""
        kept = values.astype(np.float32, copy=False) if values.dtype.kind == "f" else values
        return torch.from_numpy(np.ascontiguousarray(kept)).to(self.device)

    def numpy(self, array: Array) -> NDArray[Any]:
        """See ``Backend``."""
        answer: NDArray[Any] = array.cpu().numpy()
        return answer

    def planes(self, picture: NDArray[np.uint8]) -> Planes:
        """See ``Backend``."""
        return _TorchPlanes(picture, self.device)

    def blur(self, planes: Array, sigma: float) -> Array:
        """See ``Backend``."""
        kernel = torch.from_numpy(_kernel(sigma)).to(self.device)
        reach = kernel.shape[0] // 2
        padded = functional.pad(planes[:, None], (reach, reach, reach, reach), mode="replicate")
        with torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
            # TF32, which a GPU takes by default, keeps ten bits: a band is the small difference of two blurs.
            rows = functional.conv2d(padded, kernel[None, None, None, :])
            return functional.conv2d(rows, kernel[None, None, :, None])[:, 0]

    def wide_blur(self, planes: Array, sigma: float) -> Array:
        """See ``Backend``."""
        height, width = planes.shape[1:]
        even = functional.pad(planes[:, None], (0, width % 2, 0, height % 2), mode="replicate")
        half = self.blur(functional.avg_pool2d(even, 2)[:, 0], halved(sigma))
        whole = functional.interpolate(half[:, None], scale_factor=2, mode="bilinear", align_corners=False)
        return whole[:, 0, :height, :width]

    def fft2(self, planes: Array, shape: tuple[int, int]) -> Array:
        """See ``Backend``."""
        if planes.shape[0] == 0:  # MKL refuses an empty batch
            return torch.zeros((0, *shape), dtype=torch.complex64, device=self.device)
        return torch.fft.fft2(planes, s=shape)

    def ifft2(self, spectra: Array) -> Array:
        """See ``Backend``."""
        return torch.view_as_real(spectra if spectra.shape[0] == 0 else torch.fft.ifft2(spectra))


@cache
def _kernel(sigma: float) -> NDArray[np.float32]:
    """Return OpenCV's own Gaussian for float planes, so that both backends blur alike."""
    size = round(sigma * 8 + 1) | 1
    return cv2.getGaussianKernel(size, sigma, cv2.CV_32F)[:, 0].astype(np.float32)


class _TorchPlanes:
    """``Planes`` over a pyramid whose levels go to the device when they are first sampled."""

    def __init__(self, picture: NDArray[np.uint8], device: str) -> None:
        self.host = Pyramid(picture)
        self._device = device
        self._levels: dict[int, torch.Tensor] = {}

    def sampled(self, to_frames: Sequence[Affine], size: Size, border: float | None = None) -> Array:
        groups: dict[tuple[int, int], list[int]] = defaultdict(list)
        for index, to_frame in enumerate(to_frames):
            groups[self.host.sampling(to_frame)].append(index)
        answer = torch.empty((len(to_frames), size[1], size[0]), dtype=torch.float32, device=self._device)
        for (level, samples), indices in groups.items():
            some = [to_frames[index] for index in indices]
            answer[indices] = self._group(level, samples, some, size, border)
        return answer

    def _group(
        self, index: int, samples: int, to_frames: list[Affine], size: Size, border: float | None
    ) -> torch.Tensor:
        level = self._level(index)
        height, width = level.shape
        fine = (size[0] * samples, size[1] * samples)
        to_level = resize_affine(self.host.size, (width, height))
        finer = resize_affine(size, fine)
        back = np.stack([compose(to_level, invert(to_frame), invert(finer))[:2] for to_frame in to_frames])
        matrix = torch.from_numpy(back.astype(np.float32)).to(self._device)
        x = torch.arange(fine[0], dtype=torch.float32, device=self._device)
        y = torch.arange(fine[1], dtype=torch.float32, device=self._device)
        at_x = matrix[:, 0, 0, None, None] * x + (matrix[:, 0, 1, None] * y + matrix[:, 0, 2, None])[..., None]
        at_y = matrix[:, 1, 0, None, None] * x + (matrix[:, 1, 1, None] * y + matrix[:, 1, 2, None])[..., None]
        grid = torch.stack([(2 * at_x + 1) / width - 1, (2 * at_y + 1) / height - 1], dim=3)
        shifted = level if border is None else level - border
        mode = "border" if border is None else "zeros"
        found = functional.grid_sample(
            shifted[None, None].expand(len(to_frames), 1, height, width), grid, padding_mode=mode, align_corners=False
        )
        if border is not None:
            found = found + border
        return (functional.avg_pool2d(found, samples) if samples > 1 else found)[:, 0]

    def _level(self, index: int) -> torch.Tensor:
        if index not in self._levels:
            plane = np.ascontiguousarray(self.host.level(index))
            self._levels[index] = torch.from_numpy(plane).to(self._device).float()
        return self._levels[index]
