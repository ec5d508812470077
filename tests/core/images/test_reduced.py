"""Reduced reading: exact sizes, area means, no halo round cut-outs, no drift of the geometry."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.images.io import read
from core.images.shrink import area_mean, fitted


def _area(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    """Area means by their definition, one axis at a time, in float64."""

    def weights(count: int, parts: int) -> np.ndarray:
        edges = np.linspace(0, count, parts + 1)
        cells = np.arange(count)
        shared = np.minimum(edges[1:, None], cells + 1) - np.maximum(edges[:-1, None], cells)
        return np.clip(shared, 0, None) * parts / count

    rows = np.tensordot(weights(pixels.shape[0], height), pixels.astype(float), (1, 0))
    return np.moveaxis(np.tensordot(weights(pixels.shape[1], width), rows, (1, 1)), 0, 1)


@pytest.mark.parametrize("form", ["PNG", "TIFF", "BMP", "WEBP", "PNG 16"])
@pytest.mark.parametrize("long_side", [1, 7, 50, 99, 130])
def test_area_means(form, long_side, make, file):
    rgb = make.noise((90, 131, 3))
    options = {"lossless": True} if form == "WEBP" else {}
    data = make.png(rgb.astype(np.uint16) * 257, 2) if form == "PNG 16" else make.saved(rgb, form, **options)
    got = read(file(data), make.LIMITS, long_side)
    height = max(1, round(90 * long_side / 131))
    assert got.rgb.shape == (height, long_side, 3)
    assert np.abs(got.rgb - _area(rgb, long_side, height)).max() <= 1
    assert (got.full_width, got.full_height) == (131, 90)


@pytest.mark.parametrize("long_side", [131, 132, 5000])
def test_nothing_is_enlarged(long_side, make, file):
    rgb = make.picture(90, 131)
    assert np.array_equal(read(file(make.saved(rgb, "PNG")), make.LIMITS, long_side).rgb, rgb)


def test_jpeg_is_decoded_at_less_than_its_size(make, file, monkeypatch):
    from PIL.JpegImagePlugin import JpegImageFile

    path = file(make.saved(make.picture(640, 960), "JPEG", quality=95))
    loaded = []
    real = JpegImageFile.load
    monkeypatch.setattr(JpegImageFile, "load", lambda self: (loaded.append(self.size), real(self))[1])
    for long_side, size in ((100, (120, 80)), (480, (480, 320)), (481, (960, 640)), (None, (960, 640))):
        loaded.clear()
        got = read(path, make.LIMITS, long_side)
        assert loaded[0] == size
        assert max(got.width, got.height) == (long_side or 960)
        assert (got.full_width, got.full_height) == (960, 640)


@pytest.mark.parametrize("width", [960, 961, 963, 967])
@pytest.mark.parametrize("long_side", [37, 100, 240, 300])
def test_reduced_jpeg_is_where_the_full_one_is(width, long_side, make, file):
    """The scaled decoding pads to whole blocks; taken as picture, they would stretch everything to the left."""
    x = np.arange(width)[None].repeat(650, 0)
    wave = np.rint(127 + 120 * np.sin(x / 40)).astype(np.uint8)
    path = file(make.saved(np.dstack([wave] * 3), "JPEG", quality=95))
    got = read(path, make.LIMITS, long_side).rgb[:, :, 1]
    expected = _area(read(path, make.LIMITS).rgb[:, :, 1], got.shape[1], got.shape[0])
    assert np.abs(got - expected).max() <= 4


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_reduced_jpeg_of_other_modes(mode, make, file):
    from PIL import Image

    image = Image.fromarray(make.picture(640, 960)).convert(mode)
    path = file(make.saved(image, "JPEG", quality=95))
    full = read(path, make.LIMITS).rgb
    assert np.abs(read(path, make.LIMITS, 60).rgb - _area(full, 60, 40)).max() <= 4


def test_transparent_colours_do_not_bleed(make, file):
    rgba = np.zeros((64, 64, 4), np.uint8)
    rgba[:, :, 2] = 255  # blue where nobody sees it
    rgba[10:45, 10:45] = (200, 100, 50, 255)
    got = read(file(make.saved(rgba, "PNG")), make.LIMITS, 15)
    seen = got.alpha > 0
    assert np.abs(got.rgb[seen].astype(int) - (200, 100, 50)).max() <= 1
    assert np.abs(got.alpha - _area(rgba[:, :, 3], 15, 15)).max() <= 0.51


def test_alpha_weights_the_colours(make):
    rgba = make.noise((60, 80, 4))
    rgb, alpha = area_mean(rgba[:, :, :3], rgba[:, :, 3], (11, 7))
    weight = _area(rgba[:, :, 3], 11, 7)
    colour = _area(rgba[:, :, :3] * rgba[:, :, 3:].astype(float), 11, 7) / weight[:, :, None]
    assert np.abs(alpha - weight).max() <= 0.51
    assert np.abs(rgb - colour).max() <= 0.6
    grey, _ = area_mean(rgba[:, :, 0], rgba[:, :, 3], (11, 7))
    assert np.array_equal(grey, rgb[:, :, 0])


@given(st.integers(1, 20_000), st.integers(1, 20_000), st.integers(1, 3000))
def test_fitted_sizes(width, height, long_side):
    w, h = fitted(width, height, long_side)
    assert max(w, h) == min(max(width, height), long_side)
    assert 1 <= w <= width
    assert 1 <= h <= height
    assert fitted(height, width, long_side) == (h, w)
    assert fitted(w, h, long_side) == (w, h)
