from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain import Placement
from gui.canvas.linking import PairViews, Side
from gui.canvas.viewport import Viewport, frame

PANE = (400.0, 300.0)
coordinate = st.floats(-2000, 2000)
point = st.tuples(coordinate, coordinate)
in_pane = st.tuples(st.floats(0, PANE[0]), st.floats(0, PANE[1]))
placements = st.builds(Placement, st.floats(0.05, 8), st.floats(-180, 180), st.booleans(), coordinate, coordinate)
sides = st.sampled_from(Side)
Gesture = Callable[[PairViews], PairViews]
pans = st.builds(
    lambda side, by: lambda views: views.panned(side, *by), sides, st.tuples(st.floats(-90, 90), st.floats(-90, 90))
)
zooms = st.builds(
    lambda side, at, by: lambda views: views.zoomed_at(side, at, by, PANE), sides, in_pane, st.floats(0.3, 3)
)
others = st.sampled_from(
    [
        lambda views: views.fitted(PANE),
        lambda views: views.fitted_to_footprint(PANE),
        lambda views: views.at_scale(1.0, PANE, 1.0),
        lambda views: views.recentred(PANE, (500.0, 200.0)),
    ]
)
gestures = st.lists(st.one_of(pans, zooms, others), max_size=6)


def near(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return math.dist(one, other) <= 1e-6 * (1 + math.hypot(*one))


def made(placement: Placement | None, linked: bool = True) -> PairViews:
    return PairViews((3000.0, 2000.0), (900.0, 1200.0), placement, linked).fitted(PANE)


@given(placements, gestures, point)
def test_linked_panes_show_the_same_thing_at_the_same_place(
    placement: Placement, done: list[Gesture], at: tuple[float, float]
) -> None:
    views = made(placement)
    for gesture in done:
        views = gesture(views)
    assert near(views.original.to_view(placement.apply(*at)), views.designer.to_view(at))


@given(placements, gestures, in_pane)
def test_the_mouse_and_its_counterpart_are_one_place_of_the_placement(
    placement: Placement, done: list[Gesture], at: tuple[float, float]
) -> None:
    views = made(placement)
    for gesture in done:
        views = gesture(views)
    here = views.designer.to_image(at)
    match = views.counterpart(Side.DESIGNER, here)
    assert match is not None
    assert near(match, placement.apply(*here))
    assert near(views.original.to_view(match), at)
    back = views.counterpart(Side.ORIGINAL, match)
    assert back is not None
    assert near(back, here)


def test_a_mirrored_turned_designer_image_is_shown_as_the_original_is() -> None:
    """A step to the right in the original is a step to the right on the screen, whatever the designer did."""
    placement = Placement(2.0, 90.0, True, 500.0, 100.0)
    views = made(placement)
    start, step = placement.apply_inverse(1000.0, 800.0), placement.apply_inverse(1100.0, 800.0)
    (x0, y0), (x1, y1) = views.designer.to_view(start), views.designer.to_view(step)
    assert x1 - x0 == pytest.approx(100 * views.original.scale)
    assert y1 == pytest.approx(y0)
    # the designer's own x axis runs elsewhere: it was turned and mirrored
    assert start[0] == pytest.approx(step[0], abs=1e-9)


@given(placements, sides, st.floats(-50, 50), st.floats(-50, 50))
def test_a_pan_alone_moves_one_view_only(placement: Placement, side: Side, dx: float, dy: float) -> None:
    before = made(placement)
    after = before.panned(side, dx, dy, alone=True)
    x, y = before.view(side).to_view((10.0, 20.0))
    assert near(after.view(side).to_view((10.0, 20.0)), (x + dx, y + dy))
    assert near(after.view(side.other).to_view((10.0, 20.0)), before.view(side.other).to_view((10.0, 20.0)))


@given(placements, st.lists(st.one_of(pans, zooms), max_size=5), point)
def test_views_moved_apart_go_on_together_until_fitted(
    placement: Placement, done: list[Gesture], at: tuple[float, float]
) -> None:
    views = made(placement).panned(Side.DESIGNER, 30.0, -20.0, alone=True)
    start = views.original.scale
    for gesture in done:
        views = gesture(views)
    (x0, y0), (x1, y1) = views.original.to_view(placement.apply(*at)), views.designer.to_view(at)
    growth = views.original.scale / start
    assert x1 - x0 == pytest.approx(30 * growth, abs=1e-5)
    assert y1 - y0 == pytest.approx(-20 * growth, abs=1e-5)
    views = views.fitted(PANE)
    assert near(views.original.to_view(placement.apply(*at)), views.designer.to_view(at))


@given(st.one_of(st.none(), placements), sides, in_pane)
def test_unlinked_panes_move_on_their_own(placement: Placement | None, side: Side, at: tuple[float, float]) -> None:
    before = made(placement, linked=False)
    after = before.panned(side, 5.0, 7.0).zoomed_at(side, at, 2.0, PANE)
    assert after.view(side) != before.view(side)
    assert after.view(side.other) == before.view(side.other)


def test_without_a_placement_nothing_is_linked() -> None:
    views = made(None)
    assert not views.linked
    assert views.counterpart(Side.ORIGINAL, (1.0, 1.0)) is None
    (_, skew, _), _ = views.designer.matrix
    assert skew == 0


def inside(view: Viewport, size: tuple[float, float]) -> bool:
    seen = [view.to_view(corner) for corner in frame(size)]
    return all(-1e-6 <= x <= PANE[0] + 1e-6 and -1e-6 <= y <= PANE[1] + 1e-6 for x, y in seen)


def test_fit_shows_both_images_whole_where_the_designer_image_hardly_stands_out() -> None:
    views = made(Placement(1.6, 5.0, True, 2300.0, 100.0))
    assert views.original != made(None).original
    assert inside(views.original, views.original_size)
    assert inside(views.designer, views.designer_size)


def test_empty_room_around_the_portrait_does_not_shrink_the_original() -> None:
    views = made(Placement(2.2, 17.0, True, 2600.0, -300.0))
    assert not inside(views.designer, views.designer_size)
    assert views.original == made(None).original


def test_a_placement_gone_astray_does_not_shrink_the_original() -> None:
    views = made(Placement(0.5, 0.0, False, 90_000.0, 0.0))
    assert views.original == made(None).original


def test_fit_to_footprint_fills_the_pane_with_the_designer_image() -> None:
    views = made(Placement(0.4, 30.0, False, 1500.0, 900.0)).fitted_to_footprint(PANE)
    assert inside(views.designer, views.designer_size)
    xs, ys = zip(*(views.designer.to_view(corner) for corner in frame(views.designer_size)), strict=True)
    assert max(max(xs) - min(xs) - PANE[0] + 24, max(ys) - min(ys) - PANE[1] + 24) == pytest.approx(0, abs=1e-6)


def test_actual_size_keeps_the_middle_within_a_pixel() -> None:
    views = made(None)
    middle = (PANE[0] / 2, PANE[1] / 2)
    at = views.at_scale(0.5, PANE, 2.0)
    assert at.original.scale == pytest.approx(0.5)
    assert at.alone.scale == pytest.approx(0.5)
    assert math.dist(at.original.to_view(views.original.to_image(middle)), middle) < 0.5
