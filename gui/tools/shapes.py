"""Tools that go around an area: the lasso, drawn freely, and the polygon, set corner by corner."""

from __future__ import annotations

import math

from core.maths.polygons import Around
from gui.current_keys import with_keys
from gui.tools.base import NOTHING, Answer, Options, Point, Quiet, SnapLine, ToolName, Touch, Trail

CLOSE = 8.0
"""A click so near to the first corner, in view pixels, closes a polygon."""
STEP = 0.75
"""Points of a lasso that lie nearer together, in view pixels, are one."""


class _Around(Quiet):
    """What lasso and polygon have in common."""

    name: ToolName

    def __init__(self, options: Options) -> None:
        self._options = options
        self._scale = 1.0
        self._points: list[Point] = []
        self._adds = True

    def look_through(self, scale: float, level: int) -> None:
        """Take note of the zoom: points lie near to one another where they do so on the screen."""
        self._scale = scale

    @property
    def busy(self) -> bool:
        """Whether a line is under way."""
        return bool(self._points)

    def cancel(self) -> Answer:
        """Give the line up."""
        self._points = []
        return NOTHING

    def _done(self) -> Answer:
        points, self._points = tuple(self._points), []
        if len(points) < 3:
            return Answer(words="A line needs three points to go around something.")
        if self._options.snaps:
            return Answer(trail=Trail(points, closed=True), wish=SnapLine(points, self._options.reach, self._adds))
        return Answer(mark=Around(points, self._adds))

    def hint(self, flipped: bool) -> str:
        """Return what a drag will do."""
        verb = "take away" if flipped else "add"
        how = (
            with_keys("Click corner by corner, {commit} closes,")
            if self.name is ToolName.POLYGON
            else "Draw around an area"
        )
        return f"{how} to {verb} it" + ("" if flipped else with_keys(" · hold {flip_held} to take away"))


class LassoTool(_Around):
    """Draws freely around an area."""

    name = ToolName.LASSO

    def press(self, touch: Touch) -> Answer:
        """Begin the line."""
        self._adds = not touch.flipped
        self._points = [touch.point]
        return Answer(trail=Trail(tuple(self._points), closed=True))

    def move(self, touch: Touch) -> Answer:
        """Draw on."""
        if not self._points:
            return NOTHING
        if math.dist(touch.point, self._points[-1]) * self._scale >= STEP:
            self._points.append(touch.point)
        return Answer(trail=Trail(tuple(self._points), closed=True))

    def release(self, touch: Touch) -> Answer:
        """Close the line."""
        if not self._points:
            return NOTHING
        self.move(touch)
        return self._done()


class PolygonTool(_Around):
    """Sets corners; the first of them clicked again, Enter or a double click closes the polygon."""

    name = ToolName.POLYGON

    def press(self, touch: Touch) -> Answer:
        """Set a corner, or close."""
        if not self._points:
            self._adds = not touch.flipped
        elif math.dist(touch.point, self._points[0]) * self._scale <= CLOSE and len(self._points) >= 3:
            return self._done()
        if not self._points or math.dist(touch.point, self._points[-1]) * self._scale >= STEP:
            self._points.append(touch.point)
        return Answer(trail=Trail(tuple(self._points)))

    def move(self, touch: Touch) -> Answer:
        """Stretch the last side to the pointer."""
        if not self._points:
            return NOTHING
        return Answer(trail=Trail((*self._points, touch.point), closed=len(self._points) >= 2))

    def finish(self) -> Answer:
        """Close the polygon."""
        return self._done() if self._points else NOTHING

    def take_back(self) -> Answer:
        """Take the last corner away."""
        self._points = self._points[:-1]
        return Answer(trail=Trail(tuple(self._points))) if self._points else NOTHING
