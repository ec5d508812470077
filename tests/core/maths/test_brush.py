"""The brush: round, exact to a fraction of a pixel, the same however the pointer's way is cut up, and local."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.maths.brush import Brush, BrushStroke, Way, swept

WIDTH, HEIGHT = 120, 90
PLACES = st.tuples(st.floats(-20, 140), st.floats(-20, 110))


def _draw(brush: Brush, *points: tuple[float, ...]) -> BrushStroke:
    stroke = BrushStroke(brush, WIDTH, HEIGHT)
    for point in points:
        stroke.move_to(*point)
    stroke.finish()
    return stroke


@given(st.floats(2, 40), st.floats(30, 80), st.floats(30, 60))
def test_a_hard_dab_has_the_area_of_its_disc(size, x, y):
    alpha = _draw(Brush(size, hardness=1.0), (x, y)).alpha
    assert alpha.sum() / 255 == pytest.approx(math.pi * size**2 / 4, rel=0.03, abs=0.7)


@given(st.floats(30, 80), st.floats(30, 60))
def test_a_dab_lies_where_the_pointer_is(x, y):
    alpha = _draw(Brush(21.0, hardness=0.5), (x, y)).alpha.astype(float)
    rows, columns = np.indices(alpha.shape)
    assert (alpha * columns).sum() / alpha.sum() == pytest.approx(x, abs=0.05)
    assert (alpha * rows).sum() / alpha.sum() == pytest.approx(y, abs=0.05)


def test_the_edge_falls_off_from_the_hard_core():
    alpha = _draw(Brush(40.0, hardness=0.5), (60, 45)).alpha[45, 60:]
    assert (alpha[:10] == 255).all()
    assert (np.diff(alpha.astype(int)) <= 0).all()
    assert alpha[15] == pytest.approx(128, abs=1)
    assert (alpha[21:] == 0).all()


@settings(max_examples=15)
@given(
    st.lists(st.tuples(st.floats(-50, 950), st.floats(-50, 750), st.floats(0.2, 1)), min_size=1, max_size=5),
    st.floats(380, 800),
    st.floats(0, 1),
    st.floats(0.3, 1),
)
def test_a_large_brush_leaves_out_nothing_that_could_change(points, size, hardness, opacity):
    """What is covered wholly is not worked on again; the plain way works on every box."""
    way = Way(Brush(size, hardness, opacity, pressure=0.4), tuple(points), True)
    plain = BrushStroke(way.brush, 900, 700)
    plain._open_parts = lambda box: [box]
    for point in points:
        plain.move_to(*point)
    plain.finish()
    mark = way.mark(900, 700)
    assert mark is not None
    assert mark.box == plain.box
    assert np.array_equal(mark.alpha, plain.alpha_in(mark.box))


@given(st.lists(PLACES, min_size=1, max_size=6), st.floats(1, 60), st.floats(0, 1))
def test_only_the_boxes_that_are_told_change(points, size, hardness):
    stroke = BrushStroke(Brush(size, hardness), WIDTH, HEIGHT)
    for step in [*points, None]:
        before = stroke.alpha.copy()
        box = stroke.finish() if step is None else stroke.move_to(*step)
        changed = before != stroke.alpha
        if box is not None:
            changed[box[1] : box[3], box[0] : box[2]] = False
        assert not changed.any()
        assert (stroke.alpha >= before).all()
    rows, columns = np.nonzero(stroke.alpha)
    if len(rows):
        left, top, right, bottom = stroke.box
        assert left <= columns.min() <= columns.max() < right
        assert top <= rows.min() <= rows.max() < bottom
    stroke.forget()
    assert not stroke.alpha.any()


def test_a_way_cut_into_pieces_covers_the_same():
    brush = Brush(16.0, 0.7, spacing=0.0)
    one = _draw(brush, (20, 20), (100, 60)).alpha.astype(int)
    many = _draw(brush, *((20 + 80 * at / 37, 20 + 40 * at / 37) for at in range(38))).alpha.astype(int)
    assert np.abs(one - many).max() <= 1


def test_turning_back_covers_no_pixel_twice():
    brush = Brush(16.0, 0.3, opacity=0.5)
    there = _draw(brush, (20, 20), (100, 60)).alpha
    back = _draw(brush, (20, 20), (100, 60), (20, 20)).alpha
    assert np.abs(there.astype(int) - back).max() <= 1
    assert there.max() == 128


def test_pressure_narrows_the_brush_and_the_way_between_is_even():
    brush = Brush(40.0, 1.0, pressure=1.0)
    assert brush.radius(1.0) == 20
    assert brush.radius(0.5) == 10
    assert Brush(40.0).radius(0.1) == 20
    alpha = _draw(brush, (20, 45, 1.0), (100, 45, 0.25)).alpha
    heights = (alpha >= 128).sum(axis=0)
    assert heights[20] == pytest.approx(40, abs=1)
    assert heights[60] == pytest.approx(25, abs=1.5)
    assert heights[100] == pytest.approx(10, abs=1)


def test_smoothing_calms_a_trembling_pointer_and_still_ends_where_it_is():
    points = [(20.0 + 2 * at, 45.0 + 4 * (at % 2)) for at in range(41)]

    def spread(smoothing: float) -> int:
        rows, _ = np.nonzero(_draw(Brush(3.0, 1.0, smoothing=smoothing), *points[:-1]).alpha[:, 40:90])
        return int(np.ptp(rows))

    assert spread(0.8) < spread(0.0)
    assert _draw(Brush(3.0, 1.0, smoothing=0.8), *points).alpha[45, 100] == 255


def test_points_closer_than_the_spacing_wait_for_the_end():
    stroke = BrushStroke(Brush(40.0, spacing=0.5), WIDTH, HEIGHT)
    assert stroke.move_to(60, 45) is not None
    assert stroke.move_to(65, 45) is None
    assert stroke.finish() is not None
    assert stroke.alpha[45, 84] > 0
    assert BrushStroke(Brush(), WIDTH, HEIGHT).finish() is None


def test_a_sweep_without_length_is_a_dab():
    dab = swept((0, 0, 9, 9), (4, 4, 3), (4, 4, 3), 1.0)
    assert dab[4, 4] == 255
    assert np.array_equal(dab, dab.T)
    assert np.array_equal(dab, dab[::-1])
