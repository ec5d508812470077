"""Landmarks, with numbers alone."""

from __future__ import annotations

import pytest

from core.domain import Placement
from gui.canvas.linking import Side
from gui.tools.landmarks import Landmarks

TRUTH = Placement(0.8, 12.0, False, 30.0, -20.0)
SPOTS = ((10.0, 20.0), (180.0, 35.0), (90.0, 140.0), (40.0, 90.0), (150.0, 120.0))
LEFT, RIGHT = Side.ORIGINAL, Side.DESIGNER


def set_points(tool: Landmarks, count: int, off: dict[int, tuple[float, float]] | None = None) -> None:
    for index, spot in enumerate(SPOTS[:count]):
        x, y = TRUTH.apply(*spot)
        dx, dy = (off or {}).get(index, (0.0, 0.0))
        tool.click(LEFT, (x + dx, y + dy))
        tool.click(RIGHT, spot)


def test_left_right_left_right_gives_a_placement_from_two_pairs_on() -> None:
    tool = Landmarks()
    assert tool.expected is LEFT
    assert tool.fit is None
    set_points(tool, 1)
    assert tool.fit is None
    tool.click(LEFT, TRUTH.apply(*SPOTS[1]))
    assert tool.expected is RIGHT
    assert "designer image" in tool.words
    tool.click(RIGHT, SPOTS[1])
    assert tool.fit is not None
    assert tool.fit.placement.apply(50.0, 60.0) == pytest.approx(TRUTH.apply(50.0, 60.0))


def test_either_side_may_be_first_and_a_second_click_moves_the_one_that_waits() -> None:
    tool = Landmarks()
    tool.click(RIGHT, (5.0, 5.0))
    tool.click(RIGHT, (6.0, 7.0))
    assert tool.half == (RIGHT, (6.0, 7.0))
    assert tool.expected is LEFT
    tool.click(LEFT, (1.0, 2.0))
    assert tool.points == ((6.0, 7.0, 1.0, 2.0),)


def test_one_bad_point_is_named() -> None:
    tool = Landmarks()
    set_points(tool, 5, {2: (20.0, -15.0)})
    fit = tool.fit
    assert fit is not None
    assert fit.hint is not None
    assert fit.hint.index == 2
    assert max(fit.residuals) == fit.residuals[2]
    assert "without point 3:" in tool.words
    assert tool.words.endswith("→ 0.0 px")


def test_a_point_is_grabbed_within_twelve_view_pixels_and_moved_as_one_step() -> None:
    tool = Landmarks()
    set_points(tool, 3, {1: (6.0, 0.0)})
    x, y = tool.points[1][2:]
    assert tool.near(LEFT, (x + 11.0, y), 1.0) == 1
    assert tool.near(LEFT, (x + 13.0, y), 1.0) is None
    assert tool.near(LEFT, (x + 13.0, y), 2.0) == 1
    before = tool.points
    tool.take(LEFT, 1)
    for step in range(1, 7):
        tool.drag((x - step, y))
    tool.drop()
    assert tool.fit is not None
    assert tool.fit.rms == pytest.approx(0.0, abs=1e-9)
    assert tool.undo()
    assert tool.points == before


def test_a_click_on_a_point_without_a_move_is_no_step() -> None:
    tool = Landmarks()
    set_points(tool, 1)
    tool.take(LEFT, 0)
    tool.drop()
    tool.undo()
    assert tool.half is not None, "it is the last click that was taken back"


def test_the_point_that_waits_can_be_moved_too() -> None:
    tool = Landmarks()
    tool.click(LEFT, (10.0, 10.0))
    assert tool.near(LEFT, (10.0, 12.0), 1.0) == 0
    assert tool.near(RIGHT, (10.0, 12.0), 1.0) is None
    tool.take(LEFT, 0)
    tool.drag((20.0, 20.0))
    tool.drop()
    assert tool.half == (LEFT, (20.0, 20.0))


def test_delete_takes_the_chosen_point_else_the_last() -> None:
    tool = Landmarks()
    set_points(tool, 3)
    tool.take(RIGHT, 0)
    tool.drop()
    assert tool.delete()
    assert [point[:2] for point in tool.points] == list(SPOTS[1:3])
    assert tool.delete()
    assert [point[:2] for point in tool.points] == [SPOTS[1]]
    tool.click(LEFT, (1.0, 1.0))
    tool.selected = None
    assert tool.delete()
    assert tool.half is None
    assert tool.delete()
    assert not tool.delete()


def test_a_point_that_is_being_moved_is_let_go_of_before_anything_else() -> None:
    tool = Landmarks()
    set_points(tool, 2)
    tool.undo()
    tool.take(LEFT, 0)
    tool.drag((400.0, 400.0))
    assert not tool.redo(), "a move is a new step: there is nothing to do again"
    tool.take(LEFT, 0)
    tool.drag((500.0, 500.0))
    assert tool.delete()
    tool.drag((600.0, 600.0))
    assert tool.points == ()
    assert tool.undo()
    assert tool.at(LEFT, 0) == (500.0, 500.0)


def test_everything_is_undone_and_done_again() -> None:
    tool = Landmarks()
    set_points(tool, 3)
    tool.selected = 0
    tool.delete()
    states = []
    while tool.can_undo:
        states.append((tool.points, tool.half))
        assert tool.undo()
    assert (tool.points, tool.half) == ((), None)
    assert not tool.undo()
    for state in reversed(states):
        assert tool.redo()
        assert (tool.points, tool.half) == state
    assert not tool.can_redo


def test_two_points_keep_the_mirror_state_that_was_given() -> None:
    tool = Landmarks()
    tool.mirrored = True
    set_points(tool, 2)
    assert tool.fit is not None
    assert tool.fit.placement.mirrored
