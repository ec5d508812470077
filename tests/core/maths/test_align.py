"""A Gauss-Newton step goes the right way, and a few of them arrive."""

from __future__ import annotations

import numpy as np
import pytest

from core.maths import align, warp
from core.maths.filters import Plane, blur, local_normalise


def _texture(seed: int = 0) -> Plane:
    noise = np.random.default_rng(seed).normal(size=(121, 121)).astype(np.float32)
    return blur(noise, 2.0)


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize(
    ("scale", "turn", "dx", "dy"), [(1.0, 0.0, 1.3, -0.7), (1.03, 2.0, 0.5, 0.5), (0.97, -2, 0, 1)]
)
def test_steps_arrive_at_the_truth(scale: float, turn: float, dx: float, dy: float, sign: float) -> None:
    picture = _texture()
    size, centre = (121, 121), (60.0, 60.0)
    weight = np.zeros((121, 121), np.float32)
    weight[25:95, 25:95] = 1
    template = local_normalise(sign * picture, weight)
    truth = warp.similarity(scale, turn, False, centre, (centre[0] + dx, centre[1] + dy))
    moved = warp.warp(picture, truth, size)  # template pixel x lies at truth x of the other picture
    placement = np.eye(3)
    for _ in range(8):
        warped = warp.warp(moved, warp.invert(placement), size)
        step = align.step(template, local_normalise(warped, weight), weight, centre, radius=35.0, sign=sign)
        placement = warp.compose(placement, step.affine)
    corners = np.array([[25.0, 25.0], [95.0, 25.0], [95.0, 95.0]])
    error = np.abs(warp.apply(placement, corners) - warp.apply(truth, corners)).max()
    assert error < 0.1
    assert step.length < 0.05
    assert step.zncc * sign > 0.9


def test_at_the_truth_the_step_is_nothing() -> None:
    plane = local_normalise(_texture())
    step = align.step(plane, plane, np.ones_like(plane), (60.0, 60.0), radius=40.0)
    assert step.length < 1e-3
    assert step.zncc == pytest.approx(1.0)


def test_no_texture_moves_nothing() -> None:
    flat = np.zeros((50, 50), np.float32)
    step = align.step(flat, flat, np.ones_like(flat), (25.0, 25.0), radius=20.0)
    assert np.allclose(step.affine, np.eye(3))
    assert step.zncc == 0


def test_a_wild_step_is_cut() -> None:
    step = align.step(
        local_normalise(_texture(1)),
        local_normalise(_texture(2)) * 1e-3,
        np.ones((121, 121), np.float32),
        (60.0, 60.0),
        radius=40.0,
    )
    moved = warp.apply(step.affine, np.array([[60.0, 60.0]])) - 60
    assert np.abs(moved).max() <= 4.001


def test_weighted_ncc_ignores_gain_offset_and_what_has_no_weight() -> None:
    plane = _texture()
    weight = (_texture(5) > 0).astype(np.float32)
    other = np.where(weight > 0, -3 * plane + 7, 99).astype(np.float32)
    assert align.weighted_ncc(plane, other, weight) == pytest.approx(-1.0, abs=1e-4)
    assert align.weighted_ncc(plane, other, weight * 0) == 0
    assert align.weighted_ncc(plane, plane * 0, weight) == 0
