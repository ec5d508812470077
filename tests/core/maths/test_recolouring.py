"""The difference view shows what was painted, not the recolouring."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from core.maths.recolouring import difference, fit_table, unchanged


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    noise = np.random.default_rng(0).integers(0, 256, (150, 200, 3)).astype(np.float32)
    wide = cv2.GaussianBlur(noise, (0, 0), 4)
    return np.clip((wide - 128) * 9 + 128, 0, 255).astype(np.uint8)


EDITS = {
    "as it was": lambda rgb: rgb,
    "lighter": lambda rgb: 255 * (rgb / 255) ** 0.7,
    "warmer": lambda rgb: rgb * (1.0, 0.85, 0.6) + (10, 5, 0),
    "black and white": lambda rgb: (rgb @ np.array([0.3, 0.59, 0.11]))[..., None] * np.ones(3),
    "negative": lambda rgb: 255 - rgb,
}


@pytest.mark.parametrize("name", EDITS)
def test_a_recolouring_differs_by_nothing_and_what_was_painted_stands_out(photo, name):
    designer = np.clip(EDITS[name](photo.astype(float)), 0, 255).astype(np.uint8)
    designer[20:60, 30:80] = (250, 20, 200)
    table = fit_table(photo, designer, np.ones(photo.shape[:2], np.float32))
    left = difference(table.applied(photo), designer)
    painted = np.zeros(left.shape, bool)
    painted[20:60, 30:80] = True
    assert np.median(left[~painted]) <= 4
    assert np.percentile(left[~painted], 95) <= 16
    assert np.median(left[painted]) > 60


def test_a_new_background_does_not_take_the_fit_over_and_a_shift_is_seen():
    """A white animal before a white wall, made much darker, before a gradient that covers most of the frame."""
    rng = np.random.default_rng(2)
    size = 160, 200
    fur = cv2.GaussianBlur(rng.normal(0, 1, (*size, 1)).astype(np.float32), (0, 0), 2)
    animal = np.s_[50:130, 60:150]
    wall = cv2.GaussianBlur(rng.normal(0, 1, (*size, 1)).astype(np.float32), (0, 0), 3)
    original = np.clip(np.array([205, 205, 200]) + 300 * wall[..., None], 0, 255)
    original[animal] = np.clip(np.array([205, 200, 190]) + 300 * fur[..., None], 0, 255)[animal]
    ramp = np.linspace(0, 1, size[1])[None, :, None]
    designer = np.broadcast_to(np.array([244, 194, 194]) * (1 - 0.45 * ramp), (*size, 3)).copy()
    designer[animal] = (0.4 * original)[animal]
    original, designer = original.astype(np.uint8), designer.astype(np.uint8)
    left = {}
    for off in (0, 3):
        moved = np.roll(designer, off, axis=1)
        table = fit_table(original, moved, np.ones(size, np.float32))
        left[off] = difference(table.applied(original), moved)[54:126, 66:144]
    assert np.percentile(left[0], 98) <= 14, "the recolouring"
    assert left[3].mean() > 3 * left[0].mean()


def test_only_what_is_weighed_takes_part(photo):
    designer = photo.copy()
    designer[:, 100:] = 255 - designer[:, 100:]
    weight = np.zeros(photo.shape[:2], np.float32)
    weight[:, :100] = 1
    left = difference(fit_table(photo, designer, weight).applied(photo), designer)
    assert np.median(left[:, :100]) <= 2
    assert np.median(left[:, 100:]) > 40


def test_too_little_changes_nothing(photo):
    table = fit_table(photo, photo, np.zeros(photo.shape[:2], np.float32))
    assert table.spread == 0
    assert np.abs(table.applied(photo).astype(int) - photo).max() <= 2
    assert np.array_equal(table.table, unchanged().table)


def test_colours_that_were_not_seen_stay_near_what_they_were():
    grey = np.repeat(np.arange(60, 190, dtype=np.uint8)[None, :, None], 3, axis=2).repeat(40, axis=0)
    table = fit_table(grey, grey, np.ones(grey.shape[:2], np.float32))
    red = np.array([[[220, 30, 30]]], np.uint8)
    assert np.abs(table.applied(red).astype(int) - red).max() <= 6


def test_difference_is_the_largest_of_the_channels():
    one, other = np.array([[[1, 200, 30]]], np.uint8), np.array([[[5, 100, 31]]], np.uint8)
    assert difference(one, other)[0, 0] == difference(other, one)[0, 0] == 100
