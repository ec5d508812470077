"""Features are their definitions on either backend, and blind to gain, offset and what the window leaves out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from core.maths.backend import Backend
from core.maths.features import FLOOR, NOISE, WIDE, Feature, Window, band, correlation, edges, wide_band
from tests.core.maths.conftest import NUMPY, TORCH, slow_blur, slow_wide_blur, texture

Slow = NDArray[np.float64]
FEATURES = [band, wide_band, edges]


def _weights(size: tuple[int, int]) -> NDArray[np.float32]:
    """All, a box, and something soft and ragged: (3, h, w)."""
    weights = np.zeros((3, size[1], size[0]), np.float32)
    weights[0] = 1
    weights[1, size[1] // 4 : 3 * size[1] // 4, size[0] // 5 :] = 1
    weights[2] = np.clip((texture(size, 9, 3.0) - 128) / 100, 0, 1)
    return weights


def _mean(plane: Slow, weight: Slow, sigma: float) -> Slow:
    blur = slow_blur if sigma < WIDE else slow_wide_blur
    total = blur(weight, sigma)
    return np.where(total > 1e-3, blur(plane * weight, sigma) / np.maximum(total, 1e-3), 0)


def _normalised(detail: Slow, power: Slow, weight: Slow, spread: float) -> Slow:
    mean_power = (power * weight).sum() / weight.sum()
    return detail / np.sqrt(_mean(power, weight, spread) + FLOOR**2 * mean_power + NOISE**2)


def _slow_band(plane: Slow, weight: Slow, inner: float, outer: float, spread: float) -> Slow:
    detail = (_mean(plane, weight, inner) - _mean(plane, weight, outer)) * (weight > 0)
    return _normalised(detail, detail**2, weight, spread)[None]


def _slow_edges(plane: Slow, weight: Slow) -> Slow:
    """Twice the angle of the gradient: (cos 2a, sin 2a) times its strength, smoothed, over their local strength."""
    smooth = _mean(plane, weight, 1.0)
    dx, dy = np.zeros_like(smooth), np.zeros_like(smooth)
    dx[:, 1:-1] = (smooth[:, 2:] - smooth[:, :-2]) * (weight[:, 1:-1] > 0)
    dy[1:-1] = (smooth[2:] - smooth[:-2]) * (weight[1:-1] > 0)
    strength, angle = np.hypot(dx, dy), np.arctan2(dy, dx)
    along = _mean(strength * np.cos(2 * angle), weight, 1.0) * (weight > 0)
    across = _mean(strength * np.sin(2 * angle), weight, 1.0) * (weight > 0)
    power = along**2 + across**2
    return np.stack([_normalised(part, power, weight, 6.0) for part in (along, across)])


def _apply(backend: Backend, feature: Feature, planes: NDArray[Any], weights: NDArray[np.float32]) -> NDArray[Any]:
    answer = feature(backend.array(planes.astype(np.float32)), Window(backend, backend.array(weights)))
    return backend.numpy(answer)


@pytest.mark.parametrize("size", [(61, 57), (13, 40)], ids=str)
def test_features_are_their_definitions(backend: Backend, size: tuple[int, int]) -> None:
    planes = np.stack([texture(size, seed) for seed in range(3)])
    weights = _weights(size)
    for feature, slow in (
        (band, lambda p, w: _slow_band(p, w, 0.6, 2.5, 6.0)),
        (wide_band, lambda p, w: _slow_band(p, w, 1.2, 5.0, 10.0)),
        (edges, _slow_edges),
    ):
        answer = _apply(backend, feature, planes, weights)
        expected = [slow(p.astype(float), w.astype(float)) for p, w in zip(planes, weights, strict=True)]
        assert np.abs(answer - np.stack(expected)).max() < 5e-3


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize("size", [(64, 64), (61, 57), (6, 5), (3, 3), (9, 2), (1, 1)], ids=str)
def test_both_backends_agree(feature: Feature, size: tuple[int, int]) -> None:
    planes = np.stack([texture(size, seed) for seed in range(3)])
    weights = _weights(size)
    one, other = (_apply(backend, feature, planes, weights) for backend in (NUMPY, TORCH))
    assert one.shape == other.shape == (3, 2 if feature is edges else 1, size[1], size[0])
    assert np.isfinite(one).all()
    assert np.abs(one - other).max() < 2e-3


@pytest.mark.parametrize("feature", FEATURES)
def test_gain_offset_and_sign_do_not_matter(backend: Backend, feature: Feature) -> None:
    size = (60, 50)
    planes, weights = np.stack([texture(size)] * 3), _weights(size)
    plain = _apply(backend, feature, planes, weights)
    louder = _apply(backend, feature, 3 * planes - 50, weights)
    inverted = _apply(backend, feature, 255 - planes, weights)
    assert np.abs(plain - louder).max() < 0.02
    assert np.abs(plain - (inverted if feature is edges else -inverted)).max() < 2e-3
    assert np.abs(plain).max() > 1


@pytest.mark.parametrize("feature", FEATURES)
def test_nothing_outside_of_the_window_matters(backend: Backend, feature: Feature) -> None:
    size = (60, 50)
    planes, weights = np.stack([texture(size)] * 3), _weights(size)
    other = np.where(weights > 0, planes, 5 * texture(size, 1) - 300)
    one, two = (_apply(backend, feature, some, weights) for some in (planes, other))
    assert np.abs(one - two).max() < 5e-3
    assert (one.transpose(1, 0, 2, 3)[:, weights == 0] == 0).all()


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize("level", [0, 3, 90, 255])
def test_flat_planes_have_no_features(backend: Backend, feature: Feature, level: int) -> None:
    flat = np.full((3, 70, 80), level, np.float32)
    weights = _weights((80, 70))
    assert np.abs(_apply(backend, feature, flat, weights)).max() < 5e-3
    assert not _apply(backend, feature, np.stack([texture((80, 70))] * 3), weights * 0).any()


def test_a_windows_mean_is_that_of_what_counts(backend: Backend) -> None:
    plane = np.where(np.arange(40) < 20, np.float32(10), np.float32(90)) * np.ones((1, 40, 1), np.float32)
    window = Window(backend, backend.array((plane == 10).astype(np.float32)))
    answer = backend.numpy(window.blur(backend.array(plane), 2.0))
    assert np.allclose(answer[..., :22], 10, atol=1e-3)
    assert (answer[..., 35:] == 0).all()
    assert backend.numpy(window.mean(backend.array(plane))).item() == pytest.approx(10)


def test_a_window_taken_apart_is_the_same(backend: Backend) -> None:
    size = (30, 20)
    planes, weights = np.stack([texture(size, seed) for seed in range(3)]), _weights(size)
    window = Window(backend, backend.array(weights))
    whole = backend.numpy(band(backend.array(planes), window))
    which = np.array([2, 0, 2], np.int64)
    part = band(backend.array(planes[which]), window.take(backend.array(which)))
    assert np.abs(backend.numpy(part) - whole[which]).max() < 1e-5
    alone = Window(backend, backend.array(weights[:1]))
    assert alone.take(backend.array(which)) is alone
    together = backend.numpy(band(backend.array(planes), alone))
    assert np.abs(together[0] - whole[0]).max() < 1e-5


def test_correlation_ignores_gain_offset_and_what_has_no_weight(backend: Backend) -> None:
    size = (40, 30)
    weights = np.stack([(texture(size, 5) > 128).astype(np.float32)] * 4)
    one = np.stack([[texture(size, 1), texture(size, 2)]] * 4) / 100
    shift = np.array([7, -4], np.float32)[:, None, None]
    other = np.stack([one[0], -3 * one[1] + shift, one[2] * 0, one[3][::-1]])
    other = np.where(weights[:, None] > 0, other, 99).astype(np.float32)
    answer = correlation(backend.array(one), backend.array(other), Window(backend, backend.array(weights)))
    found = backend.numpy(answer)
    assert found[0] == pytest.approx(1, abs=1e-4)
    assert found[1] == pytest.approx(-1, abs=1e-4)
    assert found[2] == pytest.approx(0, abs=1e-4)
    assert abs(found[3]) < 0.6
    nowhere = correlation(backend.array(one), backend.array(one), Window(backend, backend.array(weights * 0)))
    assert not backend.numpy(nowhere).any()
