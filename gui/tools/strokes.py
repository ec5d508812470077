"""Tools that paint along the pointer's way: brush, eraser, the brush that stops at edges, and the edge's band."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.domain import Box
from core.maths.brush import BrushStroke, Way
from core.maths.patches import Mark, Plane8, clipped
from gui.current_keys import with_keys
from gui.tools.base import NOTHING, Answer, FindEdge, Options, Point, Quiet, Ring, ToolName, Touch, Trail

ROOM = 48
"""Pixels around a band that are looked at as well: there the colours are learned."""


class BrushTool:
    """Paints on the mask, or off it; while it does, only in the level of the pyramid that is shown."""

    def __init__(self, name: ToolName, size: tuple[int, int], options: Options) -> None:
        """``size`` is the mask's width and height."""
        self.name = name
        self._size = size
        self._options = options
        self._erases = name is ToolName.ERASER
        self._level = 0
        self._stroke: BrushStroke | None = None
        self._plane: Plane8 | None = None
        self._points: list[tuple[float, float, float]] = []
        self._adds = not self._erases

    @property
    def busy(self) -> bool:
        """Whether a stroke is under way."""
        return self._stroke is not None

    @property
    def adds(self) -> bool | None:
        """Whether the stroke under way adds."""
        return self._adds if self._stroke is not None else None

    def look_through(self, scale: float, level: int) -> None:
        """Take note of the level that is shown; a stroke under way stays in its own."""
        if self._stroke is None:
            self._level = level

    def press(self, touch: Touch) -> Answer:
        """Begin a stroke."""
        self._adds = self._erases == touch.flipped
        step = 1 << self._level
        width, height = (-(-side // step) for side in self._size)
        # the plane is kept for the next stroke: a new one costs time where memory is first touched
        if self._plane is None or self._plane.shape != (height, width):
            self._plane = np.zeros((height, width), np.uint8)
        self._stroke = BrushStroke(self._options.brush.shrunk(step), width, height, self._plane)
        self._points = []
        return self.move(touch)

    def move(self, touch: Touch) -> Answer:
        """Paint on."""
        if self._stroke is None:
            return NOTHING
        self._points.append((touch.x, touch.y, touch.pressed))
        step = 1 << self._level
        return Answer(self._stroke.move_to((touch.x + 0.5) / step - 0.5, (touch.y + 0.5) / step - 0.5, touch.pressed))

    def release(self, touch: Touch) -> Answer:
        """End the stroke where the pointer is."""
        if self._stroke is None:
            return NOTHING
        self.move(touch)
        way = Way(self._options.brush, tuple(self._points), self._adds)
        return replace(self.cancel(), mark=way)

    def finish(self) -> Answer:
        """There is nothing that takes several clicks."""
        return NOTHING

    def cancel(self) -> Answer:
        """Give the stroke up."""
        if self._stroke is not None:
            self._stroke.forget()
        self._stroke = None
        return NOTHING

    def covers(self, box: Box) -> Plane8:
        """Return the alpha of the stroke under way in a box of the level that it is drawn in."""
        assert self._stroke is not None
        return self._stroke.alpha_in(box)

    def ring(self) -> Ring:
        """Return the brush's size and hardness."""
        radius = self._options.brush.size / 2
        return Ring(radius, radius * self._options.brush.hardness)

    def hint(self, flipped: bool) -> str:
        """Return what a drag will do."""
        if self._erases == flipped:
            return with_keys("Drag to paint on the mask · hold {flip_held} to erase")
        return "Drag to erase from the mask" + ("" if flipped else with_keys(" · hold {flip_held} to paint"))


class BandTool(Quiet):
    """Paints a band, then asks for the edge in it: of the mask that is there (refine), or up to which to paint."""

    def __init__(self, name: ToolName, size: tuple[int, int], options: Options) -> None:
        """``size`` is the mask's width and height."""
        self.name = name
        self._size = size
        self._brush = replace(options.brush, hardness=1.0, pressure=0.0)
        self._stroke: BrushStroke | None = None
        self._points: list[Point] = []
        self._adds = True

    @property
    def busy(self) -> bool:
        """Whether a band is being painted."""
        return self._stroke is not None

    @property
    def _trail(self) -> Trail:
        return Trail(tuple(self._points), width=self._brush.size)

    def press(self, touch: Touch) -> Answer:
        """Begin a band."""
        self._adds = not touch.flipped
        self._stroke = BrushStroke(self._brush, *self._size)
        self._points = []
        return self.move(touch)

    def move(self, touch: Touch) -> Answer:
        """Paint on."""
        if self._stroke is None:
            return NOTHING
        self._stroke.move_to(touch.x, touch.y)
        self._points.append(touch.point)
        return Answer(trail=self._trail)

    def release(self, touch: Touch) -> Answer:
        """Ask for the edge."""
        stroke = self._stroke
        if stroke is None:
            return NOTHING
        stroke.move_to(touch.x, touch.y)
        stroke.finish()
        self._stroke = None
        if stroke.box is None:
            return NOTHING
        left, top, right, bottom = stroke.box
        room = clipped((left - ROOM, top - ROOM, right + ROOM, bottom + ROOM), *self._size)
        assert room is not None
        painted = Mark(room, stroke.alpha_in(room).copy(), self._adds)
        adds = None if self.name is ToolName.REFINE else self._adds
        return Answer(trail=self._trail, wish=FindEdge(painted, adds, self._brush.size / 2))

    def cancel(self) -> Answer:
        """Give the band up."""
        self._stroke, self._points = None, []
        return NOTHING

    def ring(self) -> Ring:
        """Return the band's width."""
        return Ring(self._brush.size / 2, self._brush.size / 2)

    def hint(self, flipped: bool) -> str:
        """Return what a drag will do."""
        if self.name is ToolName.REFINE:
            return "Paint over the mask's edge: it is set anew where the colours change"
        verb = "erase" if flipped else "paint"
        more = "" if flipped else with_keys(" · hold {flip_held} to erase")
        return f"Drag roughly to {verb} up to the picture's edge{more}"
