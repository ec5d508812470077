"""The wand and the hole under the pointer: what they take, and that they look no further than they must."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from core.maths.picking import hole_at, magic_wand


def _two_patches() -> np.ndarray:
    rgb = np.full((60, 100, 3), (40, 60, 90), np.uint8)
    cv2.circle(rgb, (25, 30), 12, (200, 150, 90), -1)
    cv2.circle(rgb, (75, 30), 12, (205, 150, 90), -1)
    return rgb


def _full(found, shape):
    (left, top, right, bottom), part = found
    alpha = np.zeros(shape, np.uint8)
    alpha[top:bottom, left:right] = part
    return alpha


def test_the_wand_takes_what_hangs_together_or_all_of_the_colour():
    rgb = _two_patches()
    near = _full(magic_wand(rgb, (25, 30), 8), (60, 100))
    disc = (rgb[..., 0] == 200).astype(bool)
    assert np.array_equal(near >= 128, disc)
    both = _full(magic_wand(rgb, (25, 30), 8, contiguous=False), (60, 100))
    assert np.array_equal(both >= 128, rgb[..., 0] > 100)
    background = _full(magic_wand(rgb, (0, 0), 8), (60, 100))
    assert np.array_equal(background >= 128, rgb[..., 0] == 40)


def test_tolerance_is_a_perceived_difference():
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2).repeat(20, axis=0)
    lightness = cv2.cvtColor(ramp.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[0, :, 0]
    for tolerance in (3.0, 10.0, 30.0):
        alpha = _full(magic_wand(ramp, (128, 10), tolerance), (20, 256))
        taken = lightness[alpha[10] >= 128]
        assert taken.min() == pytest.approx(lightness[128] - tolerance, abs=1)
        assert taken.max() == pytest.approx(lightness[128] + tolerance, abs=1)


def test_the_wand_looks_at_a_window_alone():
    plain = np.full((300, 400, 3), 90, np.uint8)
    box, alpha = magic_wand(plain, (200, 150), 5, window=64)
    assert box == (168, 118, 232, 182)
    assert (alpha == 255).all()
    assert magic_wand(plain, (400, 10), 5) is None
    assert magic_wand(plain, (-1, 10), 5) is None


def test_a_tolerance_of_nothing_still_takes_the_point():
    noise = np.random.default_rng(0).integers(0, 256, (30, 30, 3), dtype=np.uint8)
    _, alpha = magic_wand(noise, (10, 10), 0)
    assert alpha.any()


def test_a_hole_is_filled_at_a_click_without_a_seam():
    mask = np.zeros((60, 80), np.uint8)
    cv2.circle(mask, (40, 30), 20, 255, -1)
    cv2.circle(mask, (40, 30), 5, 0, -1)
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), 0.8), np.uint8)
    filled = np.maximum(mask, _full(hole_at(mask, (41, 31)), mask.shape))
    assert (filled[22:39, 32:49] >= 250).all()
    assert hole_at(mask, (25, 30)) is None  # portrait
    assert hole_at(mask, (2, 2)) is None  # the outside is no hole
    assert hole_at(mask, (99, 2)) is None
