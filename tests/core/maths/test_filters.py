"""Filters do what they say; the pyramid samples without shift or aliasing."""

from __future__ import annotations

import numpy as np
import pytest

from core.maths import filters, warp


def test_laplacian_of_a_parabola_is_its_curvature() -> None:
    x = np.arange(20, dtype=np.float32)
    plane = np.tile(x * x, (10, 1))
    assert np.allclose(filters.laplacian(plane)[2:-2, 2:-2], 2.0)


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
