"""Landmarks: the similarity comes back, residuals tell, the bad point is named, and what is no placement is none."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain import Placement
from core.maths.landmarks import Landmark, fit_landmarks

CORNERS = [(10.0, 20.0), (400.0, 35.0), (380.0, 500.0), (30.0, 460.0), (200.0, 210.0), (120.0, 333.0)]
PLACEMENTS = st.builds(
    Placement, st.floats(0.05, 20), st.floats(-179, 179), st.booleans(), st.floats(-5000, 5000), st.floats(-5000, 5000)
)


def _points(placement: Placement, count: int, wrong: int | None = None) -> list[Landmark]:
    points = []
    for index, (x, y) in enumerate(CORNERS[:count]):
        to_x, to_y = placement.apply(x, y)
        off = 40.0 * placement.scale if index == wrong else 0.0
        points.append((x, y, to_x + off, to_y + off))
    return points


@given(PLACEMENTS, st.integers(2, 6))
def test_a_placement_comes_back_from_its_points(placement, count):
    fit = fit_landmarks(_points(placement, count), placement.mirrored)
    assert fit is not None
    assert np.allclose(fit.placement.matrix(), placement.matrix(), rtol=1e-6, atol=1e-6 * max(placement.scale, 1))
    assert fit.rms < 1e-6 * (1 + placement.scale * 1000)
    assert fit.hint is None
    assert fit.mirror_told == (count > 2)


@given(PLACEMENTS, st.integers(4, 6), st.integers(0, 3))
def test_the_point_that_is_off_is_named(placement, count, wrong):
    fit = fit_landmarks(_points(placement, count, wrong))
    assert fit is not None
    if fit.rms < 1:
        return
    assert fit.hint is not None
    assert fit.hint.index == wrong
    assert fit.hint.before == fit.rms
    assert fit.hint.after < 1e-3 * fit.rms
    assert fit.hint.words.startswith(f"without point {wrong + 1}: ")


def test_residuals_are_distances_in_the_original():
    points = _points(Placement(2.0, 30.0, False, 5.0, 6.0), 5, wrong=3)
    fit = fit_landmarks(points)
    assert fit is not None
    for (x, y, ox, oy), residual in zip(points, fit.residuals, strict=True):
        at = fit.placement.apply(x, y)
        assert math.hypot(at[0] - ox, at[1] - oy) == pytest.approx(residual)
    assert fit.residuals.index(max(fit.residuals)) == 3
    assert fit.rms == pytest.approx(math.sqrt(sum(r * r for r in fit.residuals) / 5))


def test_a_small_error_is_no_hint_and_three_points_give_none():
    placement = Placement(1.0, 0.0, False, 0.0, 0.0)
    slightly = [(x, y, ox + 0.5 * (i == 1), oy) for i, (x, y, ox, oy) in enumerate(_points(placement, 5))]
    fit = fit_landmarks(slightly)
    assert fit is not None
    assert fit.hint is None
    three = fit_landmarks(_points(placement, 3, wrong=1))
    assert three is not None
    assert three.rms > 1
    assert three.hint is None


@pytest.mark.parametrize("mirrored", [True, False])
def test_two_points_and_points_on_a_line_keep_the_mirror_state(mirrored):
    for points in ([(0, 0, 50, 50), (100, 0, 150, 70)], [(0, 0, 5, 5), (50, 0, 55, 5), (100, 0, 105, 5)]):
        fit = fit_landmarks(points, mirrored)
        assert fit is not None
        assert fit.placement.mirrored is mirrored
        assert not fit.mirror_told
        assert fit.rms < 1e-9


@pytest.mark.parametrize(
    "points",
    [
        [],
        [(1, 2, 3, 4)],
        [(1, 2, 3, 4), (1, 2, 30, 40)],
        [(1, 2, 3, 4), (50, 60, 3, 4.5)],
        [(1, 2, math.nan, 4), (50, 60, 30, 40)],
        [(1, 2, 3, math.inf), (50, 60, 30, 40)],
    ],
)
def test_what_gives_no_placement(points):
    assert fit_landmarks(points) is None


def test_points_that_contradict_each_other_give_none():
    assert fit_landmarks([(0, 0, 0, 0), (100, 100, 0, 0), (100, 0, 100, 100), (0, 100, 100, 100)]) is None
