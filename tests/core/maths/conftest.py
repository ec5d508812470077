"""Both backends, and textures to compute on."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.maths.backend import Backend, NumpyBackend, halved
from core.maths.backend_torch import TorchBackend
from core.maths.filters import Plane, blur
from core.maths.warp import Size

NUMPY, TORCH = NumpyBackend(), TorchBackend("cpu")
"""The CPU's arrays, and the GPU's code on torch's CPU device."""


@pytest.fixture(params=[NUMPY, TORCH], ids=["numpy", "torch"])
def backend(request: pytest.FixtureRequest) -> Backend:
    """Each of the two."""
    chosen: Backend = request.param
    return chosen


def texture(size: Size, seed: int = 0, sigma: float = 2.0) -> Plane:
    """Return a random plane (h, w) of the levels of a picture, smooth over ``sigma`` pixels."""
    noise = np.random.default_rng(seed).normal(size=(size[1], size[0])).astype(np.float32)
    return (128 + 200 * sigma * blur(noise, sigma)).astype(np.float32)


def gaussian(count: int, sigma: float) -> NDArray[np.float64]:
    """Return the matrix (count, count) that blurs a column of pixels, edges repeated: the definition, in float64."""
    reach = round(sigma * 8 + 1) // 2
    at = np.arange(-reach, reach + 1)
    kernel = np.exp(-0.5 * (at / sigma) ** 2)
    answer = np.zeros((count, count))
    for row in range(count):
        np.add.at(answer[row], np.clip(row + at, 0, count - 1), kernel / kernel.sum())
    return answer


def wide_gaussian(count: int, sigma: float) -> NDArray[np.float64]:
    """Return the matrix (count, count) that blurs a column widely: halved, blurred, doubled linearly."""
    half = (count + 1) // 2
    halving, doubling = np.zeros((half, count)), np.zeros((count, half))
    for row in range(half):
        np.add.at(halving[row], np.minimum([2 * row, 2 * row + 1], count - 1), 0.5)
    for row in range(count):
        near, next_to_it = row // 2, np.clip(row // 2 + 2 * (row % 2) - 1, 0, half - 1)
        np.add.at(doubling[row], [near, next_to_it], [0.75, 0.25])
    return doubling @ gaussian(half, halved(sigma)) @ halving


def slow_wide_blur(plane: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    """Return a plane (h, w) under a wide blur: the definition."""
    return wide_gaussian(plane.shape[0], sigma) @ plane @ wide_gaussian(plane.shape[1], sigma).T


def slow_blur(plane: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    """Return a plane (h, w) under a Gaussian: the definition."""
    return gaussian(plane.shape[0], sigma) @ plane @ gaussian(plane.shape[1], sigma).T
