"""Every tool with numbers alone: points in, marks and wishes out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.jobs.hands import Painting
from core.maths.brush import Brush, Way
from core.maths.polygons import Around
from gui.tools.base import Answer, FillHole, FindEdge, Options, PickColour, SnapLine, Tool, ToolName, Touch
from gui.tools.kit import make_tool

SIZE = (200, 120)
HARD = Options(brush=Brush(size=20, hardness=1.0, pressure=0.5))


def drag(tool: Tool, *points: tuple[float, float], flipped: bool = False, pressed: float = 1.0) -> Answer:
    """Press at the first point, go through the others, let go at the last."""
    touches = [Touch(x, y, pressed, flipped) for x, y in points]
    tool.press(touches[0])
    for touch in touches[1:]:
        tool.move(touch)
    return tool.release(touches[-1])


def whole(painting: Painting | None) -> np.ndarray:
    """Return the alpha of what was painted in the whole picture."""
    assert isinstance(painting, Way | Around)
    mark = painting.mark(*SIZE)
    assert mark is not None
    made = np.zeros((SIZE[1], SIZE[0]), np.uint8)
    left, top, right, bottom = mark.box
    made[top:bottom, left:right] = mark.alpha
    return made


@pytest.mark.parametrize(
    ("name", "flipped", "adds"),
    [
        (ToolName.BRUSH, False, True),
        (ToolName.BRUSH, True, False),
        (ToolName.ERASER, False, False),
        (ToolName.ERASER, True, True),
    ],
)
def test_a_brush_paints_on_and_off(name: ToolName, flipped: bool, adds: bool) -> None:
    answer = drag(make_tool(name, SIZE, HARD), (50, 60), (100, 60), flipped=flipped)
    alpha = whole(answer.mark)
    assert isinstance(answer.mark, Way)
    assert answer.mark.adds is adds
    assert alpha[60, 45] == alpha[60, 75] == alpha[60, 105] == 255
    assert alpha[60, 115] == alpha[75, 75] == 0
    assert np.count_nonzero(alpha[:, 75]) == pytest.approx(20, abs=1)


def test_a_stroke_shows_what_it_covers_while_it_goes_on() -> None:
    tool = make_tool(ToolName.BRUSH, SIZE, HARD)
    assert not tool.busy
    first = tool.press(Touch(30, 30))
    assert first.dirty is not None
    assert tool.busy
    assert tool.adds is True
    assert tool.covers((30, 30, 31, 31))[0, 0] == 255
    tool.cancel()
    assert not tool.busy
    assert tool.adds is None
    assert whole(drag(tool, (100, 60)).mark)[30, 30] == 0, "what was given up is forgotten"


def test_pressure_makes_a_brush_thinner() -> None:
    light = whole(drag(make_tool(ToolName.BRUSH, SIZE, HARD), (50, 60), pressed=0.0).mark)
    assert np.count_nonzero(light[60]) == pytest.approx(10, abs=1)


def test_smoothing_calms_a_line_and_still_reaches_its_end() -> None:
    calm = replace(HARD, brush=replace(HARD.brush, size=4, smoothing=0.8))
    jagged = [(20 + 5 * step, 60 + 8 * (step % 2)) for step in range(20)]
    alpha = whole(drag(make_tool(ToolName.BRUSH, SIZE, calm), *jagged).mark)
    rough = whole(
        drag(make_tool(ToolName.BRUSH, SIZE, replace(calm, brush=replace(calm.brush, smoothing=0))), *jagged).mark
    )
    assert np.count_nonzero(alpha) < np.count_nonzero(rough)
    assert alpha[round(jagged[-1][1]), round(jagged[-1][0])] == 255


def test_a_stroke_outside_of_the_picture_paints_nothing() -> None:
    answer = drag(make_tool(ToolName.BRUSH, SIZE, HARD), (-100, -100), (-90, -100))
    assert answer.dirty is None
    assert isinstance(answer.mark, Way)
    assert answer.mark.mark(*SIZE) is None


@pytest.mark.parametrize("flipped", [False, True])
def test_a_lasso_fills_what_it_goes_around(flipped: bool) -> None:
    answer = drag(make_tool(ToolName.LASSO, SIZE, HARD), (20, 20), (80, 20), (80, 70), (20, 70), flipped=flipped)
    alpha = whole(answer.mark)
    assert isinstance(answer.mark, Around)
    assert answer.mark.adds is not flipped
    assert alpha[45, 50] == 255
    assert alpha[45, 90] == 0
    assert alpha.sum() / 255 == pytest.approx(60 * 50, rel=0.01)


def test_a_click_with_the_lasso_says_why_nothing_comes_of_it() -> None:
    answer = drag(make_tool(ToolName.LASSO, SIZE, HARD), (20, 20))
    assert answer.mark is None
    assert "three points" in answer.words


def test_a_polygon_goes_corner_by_corner() -> None:
    tool = make_tool(ToolName.POLYGON, SIZE, HARD)
    for corner in ((20, 20), (80, 20), (80, 70)):
        tool.press(Touch(*corner))
        tool.release(Touch(*corner))
    hovered = tool.move(Touch(30, 70)).trail
    assert hovered is not None
    assert hovered.points[-1] == (30, 70)
    assert tool.busy
    assert whole(tool.finish().mark)[30, 70] == 255
    assert not tool.busy
    assert tool.finish() == tool.cancel(), "nothing is under way"


def test_a_polygon_closes_at_its_first_corner() -> None:
    tool = make_tool(ToolName.POLYGON, SIZE, HARD)
    tool.look_through(0.5, 0)
    for corner in ((20, 20), (80, 20), (80, 70)):
        tool.press(Touch(*corner))
    assert tool.press(Touch(30, 24)).mark is not None


@pytest.mark.parametrize("name", [ToolName.LASSO, ToolName.POLYGON])
def test_a_line_may_be_laid_onto_edges_first(name: ToolName) -> None:
    tool = make_tool(name, SIZE, replace(HARD, snaps=True, reach=9))
    for corner in ((20, 20), (80, 20), (80, 70)):
        (tool.press if name is ToolName.POLYGON or not tool.busy else tool.move)(Touch(*corner))
    wish = (tool.finish() if name is ToolName.POLYGON else tool.release(Touch(80, 70))).wish
    assert isinstance(wish, SnapLine)
    assert (wish.reach, wish.adds, wish.points[0]) == (9, True, (20, 20))


def test_the_wand_and_the_filler_wish_for_a_region() -> None:
    wand = make_tool(ToolName.WAND, SIZE, replace(HARD, tolerance=7, contiguous=False))
    assert wand.press(Touch(10.4, 20.6, flipped=True)).wish == PickColour((10, 21), 7, False, False)
    assert wand.press(Touch(-3, 5)).wish is None
    assert make_tool(ToolName.FILL, SIZE, HARD).press(Touch(10, 20)).wish == FillHole((10, 20))


@pytest.mark.parametrize(
    ("name", "flipped", "adds"),
    [(ToolName.REFINE, False, None), (ToolName.EDGE_BRUSH, False, True), (ToolName.EDGE_BRUSH, True, False)],
)
def test_bands_ask_for_the_edge_with_room_around_them(name: ToolName, flipped: bool, adds: bool | None) -> None:
    tool = make_tool(name, SIZE, HARD)
    begun = tool.press(Touch(60, 60, flipped=flipped))
    assert begun.trail is not None
    assert begun.trail.width == 20
    assert tool.adds is None, "the mask stays as it is until the answer is here"
    wish = tool.release(Touch(90, 60, flipped=flipped)).wish
    assert isinstance(wish, FindEdge)
    assert (wish.adds, wish.radius) == (adds, 10)
    left, top, right, bottom = wish.painted.box
    assert left <= 60 - 10 - 40
    assert (top, bottom) == (60 - 10 - 48 - 2, 120) or top <= 2
    assert right >= 90 + 10 + 40


@pytest.mark.parametrize("name", list(ToolName))
def test_every_tool_says_what_a_drag_will_do(name: ToolName) -> None:
    tool = make_tool(name, SIZE, HARD)
    assert tool.hint(False)
    assert tool.hint(True)
    assert not tool.busy
    tool.cancel()
    ring = tool.ring()
    assert ring.inner <= ring.radius
    assert (ring.radius > 0) == (name in (ToolName.BRUSH, ToolName.ERASER, ToolName.REFINE, ToolName.EDGE_BRUSH))


def test_sizes_and_hardness_stay_within_reason() -> None:
    options = HARD
    for _ in range(100):
        options = options.sized(1.15).hardened(0.1)
    assert (options.brush.size, options.brush.hardness) == (2000, 1)
    for _ in range(100):
        options = options.sized(1 / 1.15).hardened(-0.1)
    assert (options.brush.size, options.brush.hardness) == (1, 0)
    assert Options().sized(1.15).brush.size == 69
