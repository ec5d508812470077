"""Tools that pick a region at a point: the magic wand, and the one that fills holes."""

from __future__ import annotations

from gui.current_keys import with_keys
from gui.tools.base import NOTHING, Answer, FillHole, Options, PickColour, Quiet, ToolName, Touch


class WandTool(Quiet):
    """Adds, or takes away, what has the colour of a point."""

    name = ToolName.WAND

    def __init__(self, size: tuple[int, int], options: Options) -> None:
        """``size`` is the mask's width and height."""
        self._size = size
        self._options = options

    def press(self, touch: Touch) -> Answer:
        """Ask for the region."""
        point = pixel(touch, self._size)
        if point is None:
            return NOTHING
        options = self._options
        return Answer(wish=PickColour(point, options.tolerance, options.contiguous, not touch.flipped))

    def hint(self, flipped: bool) -> str:
        """Return what a click will do."""
        verb = "take away" if flipped else "add"
        return f"Click to {verb} what has that colour" + (
            "" if flipped else with_keys(" · hold {flip_held} to take away")
        )


class FillTool(Quiet):
    """Fills the hole under the pointer."""

    name = ToolName.FILL

    def __init__(self, size: tuple[int, int]) -> None:
        """``size`` is the mask's width and height."""
        self._size = size

    def press(self, touch: Touch) -> Answer:
        """Ask for the hole."""
        point = pixel(touch, self._size)
        return NOTHING if point is None else Answer(wish=FillHole(point))

    def hint(self, flipped: bool) -> str:
        """Return what a click will do."""
        return "Click into a hole of the mask to fill it"


def pixel(touch: Touch, size: tuple[int, int]) -> tuple[int, int] | None:
    """Return the pixel that is touched; None outside of the picture."""
    x, y = round(touch.x), round(touch.y)
    return (x, y) if 0 <= x < size[0] and 0 <= y < size[1] else None
