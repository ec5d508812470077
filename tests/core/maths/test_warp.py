"""Geometry composes exactly: round trips, resizes with odd sizes, agreement with the domain's placement."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain import Placement
from core.maths import warp

positions = st.floats(-5000, 5000)
similarities = st.builds(
    warp.similarity,
    st.floats(0.01, 100),
    st.floats(-180, 180),
    st.booleans(),
    st.tuples(positions, positions),
    st.tuples(positions, positions),
)
sides = st.integers(1, 4000)
sizes = st.tuples(sides, sides)
POINTS = np.array([[0.0, 0.0], [10.5, -3.25], [1234.0, 987.0]])


@given(similarities)
def test_invert_takes_points_back(affine: warp.Affine) -> None:
    there = warp.apply(affine, POINTS)
    assert np.allclose(warp.apply(warp.invert(affine), there), POINTS, atol=1e-4)


@given(similarities, similarities)
def test_compose_applies_the_last_first(one: warp.Affine, other: warp.Affine) -> None:
    step_by_step = warp.apply(one, warp.apply(other, POINTS))
    assert np.allclose(warp.apply(warp.compose(one, other), POINTS), step_by_step, rtol=1e-9, atol=1e-3)


@given(similarities)
def test_a_similarity_is_the_nearest_to_itself(affine: warp.Affine) -> None:
    again = warp.nearest_similarity(affine, (100.0, 50.0))
    assert np.allclose(again, affine, rtol=1e-9, atol=1e-5)


@given(st.floats(0.05, 20), st.floats(-179, 179), st.booleans(), positions, positions)
def test_placements_and_affines_are_the_same_thing(
    scale: float, turn: float, mirrored: bool, tx: float, ty: float
) -> None:
    placement = Placement(scale, turn, mirrored, tx, ty)
    affine = warp.similarity(scale, turn, mirrored, to=(tx, ty))
    assert np.allclose(warp.affine_from_matrix(placement.matrix()), affine)
    again = Placement.from_matrix(warp.matrix_from_affine(affine))
    assert again.mirrored == mirrored
    assert again.scale == pytest.approx(scale)
    assert again.rotation_deg == pytest.approx(turn)


@given(sizes, sizes, sizes)
def test_resizes_compose_and_take_back(one: warp.Size, two: warp.Size, three: warp.Size) -> None:
    direct = warp.resize_affine(one, three)
    assert np.allclose(warp.compose(warp.resize_affine(two, three), warp.resize_affine(one, two)), direct)
    assert np.allclose(warp.compose(warp.resize_affine(three, one), direct), np.eye(3))


@pytest.mark.parametrize("new_size", [(64, 48), (33, 25), (97, 50), (128, 96)])
def test_resize_affine_is_what_opencv_does(new_size: warp.Size) -> None:
    """A ramp says where each pixel of the answer came from."""
    x = np.tile(np.arange(64, dtype=np.float32), (48, 1))
    y = np.tile(np.arange(48, dtype=np.float32)[:, None], (1, 64))
    affine = warp.resize_affine((64, 48), new_size)
    points = np.array([[u, v] for v in range(4, new_size[1] - 4) for u in range(4, new_size[0] - 4)], np.float64)
    come_from = warp.apply(warp.invert(affine), points)
    for way in (cv2.INTER_LINEAR, cv2.INTER_AREA):
        if way == cv2.INTER_AREA and new_size[0] > 64:
            continue
        u, v = points[:, 0].astype(int), points[:, 1].astype(int)
        assert np.allclose(cv2.resize(x, new_size, interpolation=way)[v, u], come_from[:, 0], atol=0.26)
        assert abs(np.mean(cv2.resize(x, new_size, interpolation=way)[v, u] - come_from[:, 0])) < 0.01
        assert abs(np.mean(cv2.resize(y, new_size, interpolation=way)[v, u] - come_from[:, 1])) < 0.01


def test_warp_moves_a_dot_to_where_the_affine_says() -> None:
    img = np.zeros((60, 80), np.float32)
    img[20, 30] = 100
    affine = warp.similarity(1.0, 30.0, True, (30.0, 20.0), (41.0, 25.0))
    answer = warp.warp(img, affine, (90, 70))
    assert answer.shape == (70, 90)
    assert np.unravel_index(answer.argmax(), answer.shape) == (25, 41)


def test_warp_border_is_a_value_or_the_repeated_edge() -> None:
    img = np.full((10, 10), 50, np.uint8)
    away = warp.shift(20, 0)
    assert warp.warp(img, away, (10, 10)).max() == 0
    assert warp.warp(img, away, (10, 10), border=7).min() == 7
    assert warp.warp(img, away, (10, 10), border=None).min() == 50


def test_frame_holds_the_whole_picture() -> None:
    affine, size = warp.frame(warp.similarity(0.7, 33.0, True), (200, 120))
    corners = warp.apply(affine, warp.corners((200, 120)))
    assert corners.min() >= 0
    assert (corners.max(axis=0) <= np.array(size) - 1).all()


@pytest.mark.parametrize("size", [(100, 50), (400, 200), (200, 100)])
def test_resize_keeps_a_flat_picture_flat(size: warp.Size) -> None:
    img = np.full((100, 200), 77, np.uint8)
    answer = warp.resize(img, size)
    assert (answer.shape[1], answer.shape[0]) == size
    assert (answer == 77).all()


def test_a_singular_affine_has_no_inverse() -> None:
    with pytest.raises(ValueError, match="singular"):
        warp.invert(np.diag([1.0, 0.0, 1.0]))


def test_scale_is_the_root_of_the_change_of_area() -> None:
    assert warp.scale_of(warp.similarity(3.0, 77.0, True)) == pytest.approx(3.0)
    assert warp.scale_of(warp.resize_affine((100, 100), (50, 200))) == pytest.approx(1.0)
