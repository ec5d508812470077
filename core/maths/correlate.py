"""Correlation of many templates with a picture through batched FFTs, on any backend."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.maths.backend import Array, Backend
from core.maths.features import Window
from core.maths.filters import Plane

ENERGY_STEP = 4
"""The local energy under a mask changes slowly: it is computed on every fourth pixel and interpolated."""
FAINT = 0.01
"""Templates whose features have a smaller root mean square than this (texture has about 1) are constant."""


def unit_templates(features: Array, window: Window) -> Array:
    """Return templates ready for correlation: weighted, each channel of zero sum, all channels of unit norm together.

    ``features`` are (n, c, h, w) under a window of n. Correlated with a picture I, the answer T fulfils
    NCC = sum T I / sqrt(sum W I^2), the denominator being the picture's alone (Padfield 2012, eq. 1 with the picture's
    mask left out and its local mean, which band-passed pictures do not have, taken as 0). Constant or empty
    templates give zeros.
    """
    xp = window.backend.xp
    weights = window.weights[:, None]
    mean = (features * weights).sum((2, 3)) / window.area[:, None]
    centred = features - mean[:, :, None, None]
    norm = xp.sqrt((weights * centred * centred).sum((1, 2, 3)))[:, None, None, None]
    least = FAINT * xp.sqrt(window.area)[:, None, None, None]
    return xp.where(norm > least, centred * weights / xp.maximum(norm, least), xp.zeros_like(centred))


def spectra(backend: Backend, planes: Array, shape: tuple[int, int]) -> Array:
    """Return the spectra of (n, c, h, w) planes, real or complex, zero-padded to ``shape``: (n, c, H, W)."""
    n, c, h, w = planes.shape
    return backend.fft2(planes.reshape((n * c, h, w)), shape).reshape((n, c, *shape))


def paired_spectra(backend: Backend, templates: Array, shape: tuple[int, int]) -> Array:
    """Return what :func:`correlate` wants of 2 n templates (2 n, c, h, w): (n, c, H, W).

    Two real templates make one complex one: its correlation with a real picture has that of the first as its real and
    that of the second as its imaginary part, for the price of one.
    """
    return backend.xp.conj(spectra(backend, templates[0::2] - 1j * templates[1::2], shape))


def correlate(backend: Backend, picture: Array, templates: Array) -> Array:
    """Return the circular correlation (n, H, W, 2) of one picture's spectra (c, ...) with n pairs' (n, c, ...).

    Entry (k, y, x, i) is the sum over c, u, v of template 2 k + i (c, v, u) times picture (c, y + v, x + u), modulo
    the shape.
    """
    product = picture[0] * templates[:, 0]
    for channel in range(1, templates.shape[1]):
        product = product + picture[channel] * templates[:, channel]
    return backend.ifft2(product)


def gain(backend: Backend, picture: Array, weight: Plane, energy_floor: float) -> Array:
    """Return (H, W): one over the root of the picture's energy (c, H, W) under a weight whose corner lies there.

    H and W are divisible by ``ENERGY_STEP``. ``weight`` is (h, w), 0 to 1. ``energy_floor`` is the smallest local
    energy, in units of the weighted sum of squares, so that flat regions cannot win.
    """
    xp, step = backend.xp, ENERGY_STEP
    _, height, width = picture.shape
    coarse = (height // step, width // step)
    power = (picture * picture).sum(0).reshape((coarse[0], step, coarse[1], step)).sum((1, 3))
    pad = [(0, -side % step) for side in weight.shape]
    padded = np.pad(weight, pad)
    small = padded.reshape(padded.shape[0] // step, step, padded.shape[1] // step, step).mean(axis=(1, 3))
    energy = correlate(
        backend,
        spectra(backend, power[None, None], coarse)[0],
        xp.conj(spectra(backend, backend.array(small)[None, None], coarse)),
    )[0, :, :, 0]
    local = 1 / xp.sqrt(xp.clip(energy, energy_floor, None))
    rows, columns = (backend.array(_upsampling(side)) for side in coarse)
    return rows @ local @ xp.permute_dims(columns, (1, 0))


def _upsampling(count: int) -> NDArray[np.float32]:
    """Return (4 n, n): linear interpolation, entry i of n at pixel 4 i (no half pixel), the last one repeated."""
    at = np.minimum(np.arange(count * ENERGY_STEP) / ENERGY_STEP, count - 1)
    low = np.minimum(at.astype(int), max(count - 2, 0))
    answer = np.zeros((len(at), count), np.float32)
    answer[np.arange(len(at)), low] = 1 - (at - low)
    answer[np.arange(len(at)), np.minimum(low + 1, count - 1)] += at - low
    return answer
