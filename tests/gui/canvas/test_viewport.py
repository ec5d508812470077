from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain import Placement
from gui.canvas.viewport import (
    IDENTITY,
    Viewport,
    choose_level,
    compose,
    fit,
    frame,
    invert,
    level_matrix,
    transform,
    visible,
    whole_pixels,
    zoom_limits,
)

coordinate = st.floats(-5000, 5000)
point = st.tuples(coordinate, coordinate)
scale = st.floats(0.02, 60)
placements = st.builds(Placement, scale, st.floats(-180, 180), st.booleans(), coordinate, coordinate)
viewports = placements.map(lambda placement: Viewport(placement.matrix()))
images = st.tuples(st.integers(1, 12000), st.integers(1, 12000))
panes = st.tuples(st.floats(50, 3000), st.floats(50, 3000))


def near(one: tuple[float, float], other: tuple[float, float], tolerance: float = 1e-6) -> bool:
    return math.dist(one, other) <= tolerance * (1 + math.hypot(*one))


@given(viewports, viewports, point)
def test_composed_maps_apply_one_after_the_other(outer: Viewport, inner: Viewport, at: tuple[float, float]) -> None:
    both = compose(outer.matrix, inner.matrix)
    assert near(transform(both, at), transform(outer.matrix, transform(inner.matrix, at)))


@given(viewports, point)
def test_view_and_image_points_round_trip(view: Viewport, at: tuple[float, float]) -> None:
    assert near(view.to_image(view.to_view(at)), at, 1e-5)


def test_a_singular_map_has_no_inverse() -> None:
    with pytest.raises(ValueError, match="singular"):
        invert(((1.0, 2.0, 0.0), (2.0, 4.0, 0.0)))


@given(viewports, point, st.floats(0.1, 10), images, panes)
def test_zoom_keeps_the_point_under_the_mouse_and_stays_in_range(
    view: Viewport, at: tuple[float, float], factor: float, image: tuple[int, int], pane: tuple[float, float]
) -> None:
    low, high = zoom_limits(image, pane)
    zoomed = view.zoomed_at(at, factor, (low, high))
    assert near(zoomed.to_view(view.to_image(at)), at, 1e-5)
    assert min(low, view.scale) * 0.999 <= zoomed.scale <= max(high, view.scale) * 1.001
    if low <= view.scale * factor <= high:
        assert zoomed.scale == pytest.approx(view.scale * factor)


@given(viewports, point, point)
def test_pan_moves_every_point_alike(view: Viewport, by: tuple[float, float], at: tuple[float, float]) -> None:
    x, y = view.to_view(at)
    assert near(view.panned(*by).to_view(at), (x + by[0], y + by[1]))


@given(images, panes, st.floats(0, 20))
def test_fit_shows_all_of_the_image_as_large_as_it_goes(
    image: tuple[int, int], pane: tuple[float, float], margin: float
) -> None:
    view = fit(image, pane, margin)
    (left, top), _, (right, bottom), _ = (view.to_view(corner) for corner in frame(image))
    assert left >= -1e-6 and top >= -1e-6 and right <= pane[0] + 1e-6 and bottom <= pane[1] + 1e-6
    assert left == pytest.approx(pane[0] - right, abs=1e-6)
    assert top == pytest.approx(pane[1] - bottom, abs=1e-6)
    room = min(left, top)
    if margin * 4 <= min(pane):
        assert room == pytest.approx(margin, abs=1e-6) or view.scale == pytest.approx(64)


def test_fit_of_a_pane_without_area_is_still_a_view() -> None:
    assert fit((6000, 4000), (0, 0), 12).scale > 0


@given(viewports, st.sampled_from([1.0, 1.25, 1.5, 2.0]))
def test_whole_pixels_moves_edges_onto_device_pixels(view: Viewport, ratio: float) -> None:
    snapped = whole_pixels(view, ratio)
    before, after = view.to_view((-0.5, -0.5)), snapped.to_view((-0.5, -0.5))
    for side in (0, 1):
        assert abs(after[side] - before[side]) <= 0.5 / ratio + 1e-6
        assert after[side] * ratio == pytest.approx(round(after[side] * ratio), abs=1e-4)


@given(images, images)
def test_a_level_covers_the_frame_of_the_full_image(level: tuple[int, int], full: tuple[int, int]) -> None:
    matrix = level_matrix(level, full)
    for corner, wanted in zip(frame(level), frame(full), strict=True):
        assert near(transform(matrix, corner), wanted)


def test_a_level_of_full_size_changes_nothing() -> None:
    assert level_matrix((640, 480), (640, 480)) == IDENTITY


@given(st.floats(0.001, 70), st.integers(600, 12000))
def test_level_is_the_coarsest_that_has_a_pixel_for_each_device_pixel(zoom: float, full: int) -> None:
    widths = [full]
    while widths[-1] > 512:
        widths.append((widths[-1] + 1) // 2)
    chosen = choose_level(zoom, widths, full)
    assert widths[chosen] >= zoom * full * 0.999 or chosen == 0
    if chosen + 1 < len(widths):
        assert widths[chosen + 1] < zoom * full


def test_a_preview_is_never_sought_finer_than_it_is() -> None:
    assert choose_level(1.0, [1500, 750, 375], 6000) == 0
    assert choose_level(0.1, [1500, 750, 375], 6000) == 1


@given(viewports, panes, images, st.data())
def test_visible_pixels_hold_all_that_the_pane_shows(
    view: Viewport, pane: tuple[float, float], image: tuple[int, int], data: st.DataObject
) -> None:
    left, top, right, bottom = visible(view, pane, image)
    assert left >= 0 and top >= 0 and right <= image[0] and bottom <= image[1]
    at = (data.draw(st.floats(0, pane[0])), data.draw(st.floats(0, pane[1])))
    x, y = view.to_image(at)
    column, row = math.floor(x + 0.5), math.floor(y + 0.5)
    if 0 <= column < image[0] and 0 <= row < image[1]:
        assert left <= column < right and top <= row < bottom


def test_an_image_beyond_the_pane_has_no_visible_pixels() -> None:
    left, top, right, bottom = visible(Viewport(((1.0, 0.0, 900.0), (0.0, 1.0, 0.0))), (400, 400), (100, 100))
    assert right <= left or bottom <= top
