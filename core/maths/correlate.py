"""Masked normalised cross-correlation of many templates with a picture, through batched real FFTs."""

from __future__ import annotations

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from core.maths.filters import Plane
from core.maths.warp import similarity, warp

Spectra = NDArray[np.complex64]
ENERGY_STEP = 4
"""The local energy under a mask changes slowly: it is computed on every fourth pixel and interpolated."""


def unit_template(feature: Plane, weight: Plane) -> Plane:
    """Return a template ready for correlation: weighted, of zero sum and unit norm.

    ``feature`` and ``weight`` (0 to 1) are (h, w). Correlated with a picture I, the answer T fulfils
    NCC = sum T I / sqrt(sum W (I - mean)^2), the denominator being the picture's alone (Padfield 2012, eq. 1 with
    the picture's mask left out). Constant or empty templates give zeros.
    """
    total = float(weight.sum())
    if total <= 0:
        return np.zeros_like(feature)
    centred = feature - float((feature * weight).sum()) / total
    norm = float(np.sqrt((weight * centred * centred).sum()))
    if norm <= 1e-6:
        return np.zeros_like(feature)
    return (centred * weight / norm).astype(np.float32)


def spectra(templates: NDArray[np.float32], shape: tuple[int, int]) -> Spectra:
    """Return the conjugate spectra of (n, h, w) templates, zero-padded to ``shape``: (n, H, W // 2 + 1).

    Rows that are known to be zero are not transformed.
    """
    rows = scipy.fft.rfft(templates, n=shape[1], axis=2)
    return np.conj(scipy.fft.fft(rows, n=shape[0], axis=1))  # type: ignore[no-any-return]


def correlate(picture_spectrum: Spectra, template_spectra: Spectra, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return the circular correlation of one picture with n templates, (n, H, W).

    Entry (y, x) is the sum over u, v of template (v, u) times picture (y + v, x + u), indices modulo ``shape``.
    """
    return scipy.fft.irfft2(picture_spectrum[None] * template_spectra, s=shape)  # type: ignore[no-any-return]


def masked_ncc(
    picture: Plane,
    templates: Spectra,
    weights: Spectra,
    energy_floor: float,
) -> NDArray[np.float32]:
    """Return the normalised correlation of n templates with a picture of zero local mean, (n, H, W).

    Args:
        picture: (H, W), both divisible by ``ENERGY_STEP``; circular: pad it with zeros by the templates' reach.
        templates: spectra at (H, W) of :func:`unit_template`.
        weights: spectra at (H, W) / ``ENERGY_STEP`` of the templates' weights, shrunk by as much (area means).
        energy_floor: smallest local energy, in units of the weighted sum of squares, so that flat regions
            cannot win.

    The picture's mean under the mask is taken to be zero, as band-passed pictures have it.
    """
    h, w = picture.shape
    numerator = correlate(scipy.fft.rfft2(picture), templates, (h, w))
    coarse = (h // ENERGY_STEP, w // ENERGY_STEP)
    power = (picture * picture).reshape(coarse[0], ENERGY_STEP, coarse[1], ENERGY_STEP).sum(axis=(1, 3))
    energy = correlate(scipy.fft.rfft2(power), weights, coarse)
    gain = 1 / np.sqrt(np.maximum(energy, energy_floor))
    up = similarity(float(ENERGY_STEP), 0.0)  # entry i of the coarse plane belongs to pixel 4 i: no half pixel
    for index, local in enumerate(gain):
        numerator[index] *= warp(local, up, (w, h), border=None)
    return numerator
