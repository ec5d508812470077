"""Filters ignore gain, offset and whatever the weight leaves out; the pyramid samples without shift or aliasing."""

from __future__ import annotations

import numpy as np
import pytest

from core.maths import filters, warp


def _texture(size: warp.Size, seed: int = 0) -> filters.Plane:
    noise = np.random.default_rng(seed).normal(size=(size[1], size[0])).astype(np.float32)
    plane = filters.blur(noise, 2.0)
    return (128 + 400 * plane).astype(np.float32)


def test_laplacian_of_a_parabola_is_its_curvature() -> None:
    x = np.arange(20, dtype=np.float32)
    plane = np.tile(x * x, (10, 1))
    assert np.allclose(filters.laplacian(plane)[2:-2, 2:-2], 2.0)


def test_local_normalise_ignores_gain_and_offset() -> None:
    plane = _texture((80, 60))
    assert np.allclose(filters.local_normalise(plane), filters.local_normalise(3 * plane - 50), atol=1e-3)


def test_local_normalise_sees_nothing_outside_of_the_weight() -> None:
    plane = _texture((80, 60))
    weight = np.zeros_like(plane)
    weight[15:45, 20:60] = 1
    other = np.where(weight > 0, plane, _texture((80, 60), seed=1) * 5).astype(np.float32)
    one, two = filters.local_normalise(plane, weight), filters.local_normalise(other, weight)
    assert np.allclose(one, two, atol=1e-3)
    assert (one[weight == 0] == 0).all()


def test_flat_planes_have_no_features() -> None:
    flat = np.full((30, 30), 200, np.float32)
    assert not filters.local_normalise(flat).any()
    assert not filters.local_normalise(flat, np.ones_like(flat)).any()
    assert not filters.local_normalise(_texture((30, 30)), np.zeros_like(flat)).any()


def test_masked_blur_is_the_mean_of_what_counts() -> None:
    plane = np.where(np.arange(40) < 20, np.float32(10), np.float32(90)) * np.ones((40, 1), np.float32)
    weight = (plane == 10).astype(np.float32)
    answer = filters.masked_blur(plane, weight, 2.0)
    assert np.allclose(answer[:, :22], 10, atol=1e-3)
    assert (answer[:, 35:] == 0).all()


def test_gradient_of_a_ramp() -> None:
    y, x = np.mgrid[0:20, 0:30].astype(np.float32)
    gx, gy = filters.gradient(3 * x - 2 * y)
    assert np.allclose(gx[2:-2, 2:-2], 3)
    assert np.allclose(gy[2:-2, 2:-2], -2)


def test_unit_goes_from_zero_to_one() -> None:
    answer = filters.unit(np.array([[0, 51, 255]], np.uint8))
    assert answer.dtype == np.float32
    assert np.allclose(answer, [[0, 0.2, 1]])


@pytest.mark.parametrize("scale", [0.11, 0.3, 0.49, 0.5, 0.77, 1.0, 2.3])
def test_the_pyramid_samples_without_a_shift(scale: float) -> None:
    """Rounding to levels adds the same to two opposite ramps; a shift would not."""
    y, x = np.mgrid[0:301, 0:403].astype(np.float32)
    to_frame = warp.similarity(scale, 17.0, True, (200.0, 150.0), (30.0, 30.0))
    v, u = np.mgrid[0:61, 0:61]
    source = warp.apply(warp.invert(to_frame), np.stack([u.ravel(), v.ravel()], axis=1).astype(np.float64))
    inside = ((source > 8) & (source < [394, 292])).all(axis=1)
    for ramp, truth in ((0.6 * x, 0.6 * source[:, 0]), (0.8 * y, 0.8 * source[:, 1])):
        up = filters.Pyramid(ramp.astype(np.uint8)).sampled(to_frame, (61, 61)).ravel() - truth
        down = filters.Pyramid((255 - ramp).astype(np.uint8)).sampled(to_frame, (61, 61)).ravel() - (255 - truth)
        assert abs(float(np.mean((up - down)[inside]))) / 2 < 0.06
        assert np.abs((up - down)[inside]).max() < 2.5


def test_the_pyramid_does_not_alias() -> None:
    checks = (np.indices((256, 256)).sum(axis=0) % 2 * 255).astype(np.uint8)
    answer = filters.Pyramid(checks).sampled(warp.similarity(0.2, 30.0), (30, 20), border=None)
    assert np.ptp(answer[2:-2, 2:-2]) < 20


def test_pyramid_levels_are_halves() -> None:
    pyramid = filters.Pyramid(np.zeros((50, 101), np.uint8))
    assert pyramid.size == (101, 50)
    assert pyramid.level(1).shape == (25, 50)
    assert pyramid.level(6).shape == (1, 1)
    assert pyramid.resized((10, 5)).shape == (5, 10)
    assert pyramid.resized((202, 100)).shape == (100, 202)
    assert (pyramid.level_for(0.6), pyramid.level_for(0.5), pyramid.level_for(0.2)) == (0, 1, 2)
