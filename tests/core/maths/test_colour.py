"""Colours of one picture predicted from another's, and where two pictures agree."""

from __future__ import annotations

import numpy as np
import pytest

from core.maths import colour
from core.maths.filters import blur


@pytest.fixture
def photo() -> colour.Rgb:
    random = np.random.default_rng(1)
    planes = [blur(random.normal(size=(120, 160)).astype(np.float32), 3.0) for _ in range(3)]
    return np.clip(128 + 350 * np.stack(planes, axis=2), 0, 255).astype(np.float32)


def _whole(photo: colour.Rgb) -> colour.Plane:
    return np.ones(photo.shape[:2], np.float32)


@pytest.mark.parametrize(
    "edit",
    [
        lambda rgb: 255 - rgb,
        lambda rgb: 255 * (rgb / 255) ** 0.6,
        lambda rgb: rgb[..., [2, 0, 1]] * 0.8 + 20,
        lambda rgb: np.repeat(rgb.mean(axis=2, keepdims=True), 3, axis=2),
    ],
    ids=["inverted", "gamma", "channels", "mono"],
)
def test_recolouring_is_predicted(photo: colour.Rgb, edit: object) -> None:
    assert callable(edit)
    wanted = edit(photo).astype(np.float32)
    fit = colour.fit_colours(photo, wanted, _whole(photo), reach=40.0)
    assert np.median(fit.residual) < 4
    assert fit.spread < 8


def test_relighting_is_predicted(photo: colour.Rgb) -> None:
    light = np.linspace(-40, 40, photo.shape[1], dtype=np.float32)[None, :, None]
    fit = colour.fit_colours(photo, photo + light, _whole(photo), reach=20.0)
    assert np.median(fit.residual) < 8


def test_what_was_painted_on_stands_out(photo: colour.Rgb) -> None:
    wanted = 0.7 * photo + 30
    wanted[40:70, 50:90] = (255, 0, 0)
    fit = colour.fit_colours(photo, wanted, _whole(photo), reach=40.0)
    assert np.median(fit.residual[45:65, 55:85]) > 5 * fit.spread
    outside = np.ones(photo.shape[:2], bool)
    outside[30:80, 40:100] = False
    assert np.median(fit.residual[outside]) < 2 * fit.spread


def test_without_trust_nothing_breaks(photo: colour.Rgb) -> None:
    fit = colour.fit_colours(photo, photo, _whole(photo) * 0, reach=10.0)
    assert np.isfinite(fit.predicted).all()
    assert np.isfinite(fit.residual).all()


def test_local_ncc_tells_the_same_from_another(photo: colour.Rgb) -> None:
    one, other = photo[..., 0], photo[..., 1]
    mixed = np.where(np.arange(160) < 80, 90 - 0.3 * one, other).astype(np.float32)
    answer = colour.local_ncc(one, mixed, 4.0)
    assert np.median(answer[:, :60]) < -0.9
    assert np.abs(np.median(answer[:, 100:])) < 0.5
    assert (np.abs(answer) <= 1).all()


@pytest.mark.parametrize("sigma", [2.0, 30.0])
def test_wide_blur_is_a_gaussian(sigma: float) -> None:
    plane = np.zeros((201, 201), np.float32)
    plane[60:140, 80:120] = 100
    difference = np.abs(colour.wide_blur(plane, sigma) - blur(plane, sigma))
    assert difference.max() < 2.0
