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
