"""Handles, steps and numbers of a placement, with numbers alone."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain import Placement
from gui.tools import placement_handles as handles
from gui.tools.placement_handles import Grip, PlacementDrag

SIZE = (200, 100)
PLACE = Placement(0.5, 30.0, False, 40.0, 60.0)
MIRRORED = Placement(1.5, -70.0, True, 400.0, 60.0)

numbers = st.floats(-300, 300)
placements = st.builds(Placement, st.floats(0.05, 5), st.floats(-179, 179), st.booleans(), numbers, numbers)


def close(one: tuple[float, float], other: tuple[float, float], within: float = 1e-6) -> bool:
    return math.dist(one, other) <= within


@given(placements, st.floats(-170, 170), st.floats(0.5, 2), numbers, numbers)
def test_turning_and_scaling_about_a_point_leaves_it_where_it_is(
    place: Placement, turn: float, factor: float, x: float, y: float
) -> None:
    after = handles.about(place, (x, y), factor, turn)
    assert close(after.apply(*place.apply_inverse(x, y)), (x, y), 1e-4)
    assert after.scale == pytest.approx(place.scale * factor)
    assert after.mirrored == place.mirrored
    assert (after.rotation_deg - place.rotation_deg - turn) % 360 == pytest.approx(0, abs=1e-6) or (
        after.rotation_deg - place.rotation_deg - turn
    ) % 360 == pytest.approx(360, abs=1e-6)


@given(placements)
def test_mirroring_twice_is_nothing_and_keeps_the_middle(place: Placement) -> None:
    once = handles.mirrored(place, SIZE)
    assert once.mirrored != place.mirrored
    assert close(handles.middle_of(once, SIZE), handles.middle_of(place, SIZE))
    twice = handles.mirrored(once, SIZE)
    assert close((twice.tx, twice.ty), (place.tx, place.ty), 1e-6)
    assert once.apply(0, 0) == pytest.approx(place.apply(SIZE[0] - 1, 0), abs=1e-6)


@pytest.mark.parametrize("place", [PLACE, MIRRORED])
def test_what_lies_under_the_hand(place: Placement) -> None:
    corners = handles.corners_of(place, SIZE)
    assert handles.grip_at(corners[2], place, SIZE, 1.0) is Grip.SCALE
    assert handles.grip_at(handles.knob_of(place, SIZE, 1.0), place, SIZE, 1.0) is Grip.TURN
    assert handles.grip_at(handles.middle_of(place, SIZE), place, SIZE, 1.0) is Grip.MOVE
    assert handles.grip_at(handles.middle_of(place, SIZE), place, SIZE, 1.0, turning=True) is Grip.TURN
    assert handles.grip_at((-5000.0, -5000.0), place, SIZE, 1.0) is None


def test_a_grab_is_twelve_view_pixels_at_any_zoom() -> None:
    x, y = handles.corners_of(PLACE, SIZE)[0]
    assert handles.grip_at((x - 11.0, y), PLACE, SIZE, 1.0) is Grip.SCALE
    assert handles.grip_at((x - 13.0, y), PLACE, SIZE, 1.0) is None
    assert handles.grip_at((x - 13.0, y), PLACE, SIZE, 2.0) is Grip.SCALE


def test_a_move_follows_the_hand_and_shift_keeps_one_direction() -> None:
    drag = PlacementDrag(Grip.MOVE, (100.0, 100.0), PLACE, SIZE)
    assert drag.at((130.0, 90.0)) == handles.moved(PLACE, 30.0, -10.0)
    assert drag.at((130.0, 90.0), kept=True) == handles.moved(PLACE, 30.0, 0.0)


@pytest.mark.parametrize("place", [PLACE, MIRRORED])
def test_a_corner_follows_the_hand_and_the_opposite_one_stays(place: Placement) -> None:
    corners = handles.corners_of(place, SIZE)
    for taken in range(4):
        kept = corners[(taken + 2) % 4]
        out = tuple(c + 0.5 * (c - k) for c, k in zip(corners[taken], kept, strict=True))
        after = PlacementDrag(Grip.SCALE, corners[taken], place, SIZE).at((out[0], out[1]))
        now = handles.corners_of(after, SIZE)
        assert close(now[taken], (out[0], out[1]))
        assert close(now[(taken + 2) % 4], kept)
        assert after.scale == pytest.approx(place.scale * 1.5)
        middle = PlacementDrag(Grip.SCALE, corners[taken], place, SIZE).at((out[0], out[1]), kept=True)
        assert close(handles.middle_of(middle, SIZE), handles.middle_of(place, SIZE))


def test_a_corner_pulled_through_the_other_one_leaves_something() -> None:
    corners = handles.corners_of(PLACE, SIZE)
    after = PlacementDrag(Grip.SCALE, corners[0], PLACE, SIZE).at((5000.0, 5000.0))
    assert 0 < after.scale < PLACE.scale


@pytest.mark.parametrize("place", [PLACE, MIRRORED])
def test_a_turn_follows_the_hand_about_the_middle(place: Placement) -> None:
    middle = handles.middle_of(place, SIZE)
    start, end = (middle[0] + 50.0, middle[1]), (middle[0], middle[1] + 50.0)
    after = PlacementDrag(Grip.TURN, start, place, SIZE).at(end)
    assert (after.rotation_deg - place.rotation_deg) % 360 == pytest.approx(90)
    assert close(handles.middle_of(after, SIZE), middle)
    slightly = (middle[0] + 50.0, middle[1] + 4.0)
    assert PlacementDrag(Grip.TURN, start, place, SIZE).at(slightly, kept=True).rotation_deg % 5 == pytest.approx(0)


def test_who_has_no_placement_begins_in_the_middle() -> None:
    place = handles.first_placement((1000, 800), SIZE)
    assert close(handles.middle_of(place, SIZE), (499.5, 399.5))
    assert place.scale * SIZE[0] == pytest.approx(600)


def test_a_gesture_is_said_and_named() -> None:
    after = handles.about(handles.moved(PLACE, 3.0, -2.5), handles.middle_of(PLACE, SIZE), 1.0, 0.0)
    assert handles.words_of(PLACE, after, SIZE) == "moved +3.0, −2.5 px"
    assert handles.words_of(PLACE, PLACE, SIZE) == "nothing moved"
    assert handles.words_of(PLACE, handles.turned(PLACE, SIZE, 0.4), SIZE) == "turned +0.40°"
    assert handles.label_of(PLACE, after) == "Move placement"
    assert handles.label_of(PLACE, handles.turned(PLACE, SIZE, 1)) == "Turn placement"
    assert handles.label_of(PLACE, handles.scaled(PLACE, SIZE, 1.1)) == "Scale placement"
    assert handles.label_of(PLACE, handles.mirrored(PLACE, SIZE)) == "Mirror placement"
    assert handles.label_of(None, PLACE) == "Place by hand"
