"""Errors of placements."""

from __future__ import annotations

import numpy as np
import pytest

from core.maths import metrics, warp
from tests.core.maths.conftest import texture


def test_a_shift_moves_every_corner_by_as_much() -> None:
    truth = warp.similarity(0.5, 20.0, True, to=(30.0, 40.0))
    found = warp.compose(warp.shift(3, 4), truth)
    assert metrics.corner_error(found, truth, (200, 100)) == pytest.approx(5.0)
    diagonal = 0.5 * (200**2 + 100**2) ** 0.5
    assert metrics.relative_corner_error(found, truth, (200, 100)) == pytest.approx(5.0 / diagonal)


def test_the_truth_has_no_error() -> None:
    truth = warp.similarity(2.0, -70.0)
    assert metrics.corner_error(truth, truth, (10, 10)) == 0


def test_a_wrong_mirror_state_shows() -> None:
    one, other = (
        warp.similarity(1.0, 0.0, False, (50, 50), (50, 50)),
        warp.similarity(1.0, 0.0, True, (50, 50), (50, 50)),
    )
    assert metrics.relative_corner_error(one, other, (101, 101)) > 0.5


def test_weighted_ncc_ignores_gain_offset_and_what_has_no_weight() -> None:
    plane = texture((40, 30))
    weight = (texture((40, 30), 5) > 128).astype(np.float32)
    other = np.where(weight > 0, -3 * plane + 7, 99).astype(np.float32)
    assert metrics.weighted_ncc(plane, other, weight) == pytest.approx(-1.0, abs=1e-4)
    assert metrics.weighted_ncc(plane, other, weight * 0) == 0
    assert metrics.weighted_ncc(plane, plane * 0, weight) == 0


def test_dice_by_hand() -> None:
    one, other = np.zeros((4, 4), np.uint8), np.zeros((4, 4), np.uint8)
    one[:2], other[1:3] = 255, 200
    assert metrics.dice(one, other) == pytest.approx(0.5)
    assert metrics.dice(one * 0, one * 0) == 1


def test_boundary_f_forgives_what_lies_within_the_tolerance() -> None:
    truth = np.zeros((60, 60), np.uint8)
    truth[20:40, 20:40] = 255
    assert metrics.boundary_f(truth, truth, 1) == 1
    assert metrics.boundary_f(np.roll(truth, 2, 1), truth, 2) == 1
    assert metrics.boundary_f(np.roll(truth, 2, 1), truth, 1) < 0.75
    assert metrics.boundary_f(truth * 0, truth, 2) == 0
    assert metrics.boundary_f(truth * 0, truth * 0, 2) == 1


def test_the_pictures_frame_is_no_edge() -> None:
    half = np.zeros((30, 30), np.uint8)
    half[:, :15] = 255
    whole = np.full((30, 30), 255, np.uint8)
    assert metrics.boundary_f(half, half, 1) == 1
    assert metrics.boundary_f(whole, half, 1) == 0
