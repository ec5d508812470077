"""Each backend does what the protocol says, and both do the same: for odd sizes, empty batches and tiny planes too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from core.maths import warp
from core.maths.backend import Backend
from core.maths.warp import Affine, Size
from tests.core.maths.conftest import NUMPY, TORCH, gaussian, slow_blur, slow_wide_blur, texture, wide_gaussian

SHAPES = [(40, 53), (7, 5), (1, 9), (9, 1), (1, 1)]


def _batch(shape: tuple[int, int], count: int = 3) -> Any:
    return np.stack([texture((shape[1], shape[0]), seed, 0.7) for seed in range(count)])


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("sigma", [0.6, 1.2, 2.5, 10.0])
def test_blur_is_the_gaussian_mean_with_edges_repeated(backend: Backend, sigma: float, shape: tuple[int, int]) -> None:
    planes = _batch(shape)
    answer = backend.numpy(backend.blur(backend.array(planes), sigma))
    assert answer.dtype == np.float32
    for plane, blurred in zip(planes, answer, strict=True):
        assert np.abs(blurred - slow_blur(plane.astype(np.float64), sigma)).max() < 2e-3


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("sigma", [5.0, 10.0])
def test_a_wide_blur_is_its_definition(backend: Backend, sigma: float, shape: tuple[int, int]) -> None:
    planes = _batch(shape)
    answer = backend.numpy(backend.wide_blur(backend.array(planes), sigma))
    assert answer.dtype == np.float32
    for plane, blurred in zip(planes, answer, strict=True):
        assert np.abs(blurred - slow_wide_blur(plane.astype(np.float64), sigma)).max() < 2e-3


@pytest.mark.parametrize("sigma", [5.0, 6.0, 10.0])
def test_a_wide_blur_is_nearly_the_gaussian(sigma: float) -> None:
    exact, wide = gaussian(200, sigma)[60:140], wide_gaussian(200, sigma)[60:140]
    at = np.arange(200)
    assert np.allclose(wide.sum(axis=1), 1)
    assert np.abs(wide @ at - exact @ at).max() < 1e-9  # it does not shift
    assert np.abs(wide - exact).max() < 0.07 * exact.max()


def test_blur_keeps_single_precision_on_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """TF32, cuDNN's default there, keeps ten bits; a band is a small difference of two blurs."""
    seen: list[bool] = []
    convolve = functional.conv2d

    def watched(*args: Any) -> torch.Tensor:
        seen.append(torch.backends.cudnn.allow_tf32)
        return convolve(*args)

    before = torch.backends.cudnn.allow_tf32
    monkeypatch.setattr(functional, "conv2d", watched)
    TORCH.blur(TORCH.array(_batch((9, 9))), 1.0)
    assert seen == [False, False]
    assert torch.backends.cudnn.allow_tf32 == before


@pytest.mark.parametrize(
    ("shape", "padded"),
    [((40, 53), (48, 60)), ((7, 5), (45, 75)), ((1, 1), (8, 9)), ((9, 9), (9, 9)), ((9, 8), (9, 8))],
)
def test_spectra_are_numpys_and_come_back(backend: Backend, shape: tuple[int, int], padded: tuple[int, int]) -> None:
    planes = _batch(shape) - 128
    spectra = backend.fft2(backend.array(planes[:2]) + 1j * backend.array(planes[1:]), padded)
    expected = np.fft.fft2(planes[:2].astype(np.float64) + 1j * planes[1:], s=padded)
    assert spectra.shape == expected.shape
    assert np.abs(backend.numpy(spectra) - expected).max() < 1e-4 * max(np.abs(expected).max(), 1)
    back = backend.numpy(backend.ifft2(spectra))
    assert back.shape == (2, *padded, 2)
    assert np.abs(back[:, : shape[0], : shape[1], 0] - planes[:2]).max() < 1e-2
    assert np.abs(back[:, : shape[0], : shape[1], 1] - planes[1:]).max() < 1e-2
    assert np.abs(back[:, shape[0] :]).max(initial=0) < 1e-2


def test_empty_batches_stay_empty(backend: Backend) -> None:
    nothing = backend.array(np.zeros((0, 6, 5), np.float32))
    assert backend.blur(nothing, 1.0).shape == (0, 6, 5)
    assert backend.wide_blur(nothing, 6.0).shape == (0, 6, 5)
    spectra = backend.fft2(nothing, (8, 9))
    assert spectra.shape == (0, 8, 9)
    assert backend.ifft2(spectra).shape == (0, 8, 9, 2)
    assert backend.planes(np.zeros((6, 5), np.uint8)).sampled([], (4, 3)).shape == (0, 3, 4)


def test_arrays_keep_their_numbers_and_index_each_other(backend: Backend) -> None:
    planes = backend.array(np.arange(24, dtype=np.float64).reshape(4, 2, 3))
    assert backend.numpy(planes).dtype == np.float32
    which = backend.array(np.array([3, 0, 3], np.int64))
    assert backend.numpy(planes[which])[:, 0, 0].tolist() == [18, 0, 18]


def _picture(size: Size) -> Any:
    return np.clip(texture(size, 5, 1.2), 0, 255).astype(np.uint8)


def _turns(size: Size, scale: float, mirrored: bool) -> list[Affine]:
    middle = (size[0] / 2, size[1] / 2)
    places = [(0.0, (30.0, 25.0)), (17.0, (30.3, 24.0)), (90.0, (9.6, 25.0)), (-143.0, (2000.0, 25.0))]
    return [warp.similarity(scale, turn, mirrored, middle, to) for turn, to in places]


@pytest.mark.parametrize("border", [None, 0.0, 200.0])
@pytest.mark.parametrize("size", [(403, 301), (500, 20), (5, 3), (1, 1)], ids=str)
def test_both_sample_alike(size: Size, border: float | None) -> None:
    """NumPy's rounds to whole levels, once or twice; torch's does not."""
    picture = _picture(size)
    one, other = NUMPY.planes(picture), TORCH.planes(picture)
    for scale in (0.003, 0.05, 0.11, 0.3, 0.49, 0.5, 0.77, 1.0, 1.7, 4.0):
        for mirrored in (False, True):
            turns = _turns(size, scale, mirrored)
            a = one.sampled(turns, (61, 50), border)
            b = other.sampled(turns, (61, 50), border).numpy()
            assert a.shape == b.shape == (4, 50, 61)
            assert np.abs(a - b).max() < 1.2
            assert np.abs(np.mean(a - b)) < 0.2


def test_enlarging_is_bilinear(backend: Backend) -> None:
    picture = _picture((40, 30))
    to_frame = warp.similarity(2.3, 31.0, True, (20.0, 15.0), (32.0, 32.0))
    answer = backend.numpy(backend.planes(picture).sampled([to_frame], (64, 64)))[0]
    v, u = np.mgrid[0:64, 0:64]
    source = warp.apply(warp.invert(to_frame), np.stack([u.ravel(), v.ravel()], axis=1).astype(np.float64))
    x, y = np.clip(source, 0, (39, 29)).T
    left, top = np.minimum(x.astype(int), 38), np.minimum(y.astype(int), 28)
    right, down = x - left, y - top
    levels = picture.astype(np.float64)
    upper = levels[top, left] * (1 - right) + levels[top, left + 1] * right
    lower = levels[top + 1, left] * (1 - right) + levels[top + 1, left + 1] * right
    expected = (upper * (1 - down) + lower * down).reshape(64, 64)
    assert np.abs(answer - expected).max() < (0.51 if backend is NUMPY else 0.02)


@pytest.mark.parametrize("scale", [0.11, 0.3, 0.5, 0.77, 1.0, 2.3])
def test_sampling_does_not_shift(backend: Backend, scale: float) -> None:
    """Rounding to levels adds the same to two opposite ramps; a shift would not."""
    ramp = 0.6 * np.mgrid[0:301, 0:403][1]
    to_frame = warp.similarity(scale, 17.0, True, (200.0, 150.0), (30.0, 30.0))
    v, u = np.mgrid[0:61, 0:61]
    source = warp.apply(warp.invert(to_frame), np.stack([u.ravel(), v.ravel()], axis=1).astype(np.float64))
    inside = ((source > 8) & (source < [394, 292])).all(axis=1)
    up, down = (
        backend.numpy(backend.planes(levels.astype(np.uint8)).sampled([to_frame], (61, 61)))[0].ravel()
        for levels in (ramp, 255 - ramp)
    )
    assert abs(float(np.mean(((up - down) - (1.2 * source[:, 0] - 255))[inside]))) / 1.2 < 0.1


def test_a_batch_is_its_parts_in_order(backend: Backend) -> None:
    """Placements of one batch need different levels of the pyramid."""
    planes = backend.planes(_picture((200, 150)))
    turns = [warp.similarity(scale, 10.0, False, (100, 75), (20, 20)) for scale in (1.5, 0.1, 0.4, 1.2, 0.1, 0.04)]
    together = backend.numpy(planes.sampled(turns, (41, 37)))
    apart = [backend.numpy(planes.sampled([turn], (41, 37)))[0] for turn in turns]
    assert np.abs(together - np.stack(apart)).max() < 1e-3


def test_pictures_longer_than_opencvs_short_integers_are_sampled(backend: Backend) -> None:
    long = np.tile(np.arange(256, dtype=np.uint8), (20, 160))
    answer = backend.numpy(backend.planes(long).sampled([warp.shift(-40_000, 0)], (50, 20)))[0]
    assert np.abs(answer - long[:, 40_000:40_050]).max() < 0.1
