"""What the left button does over the pictures while a placement is set by hand."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import Qt

from gui.canvas.linking import Side
from gui.canvas.placing_glass import PlacingTouch
from gui.canvas.superposed import CompareMode
from gui.tools import placement_handles as handles
from gui.tools.placement_draft import Draft
from gui.tools.placement_handles import Grip, PlacementDrag
from gui.tools.placement_points import PointTool
from gui.tools.placement_scenes import Scenes

SPLIT_GRAB = 8.0
"""View pixels beside a swipe's line within which it is taken hold of."""
DRAGGED = 3.0
"""View pixels from which on a press on the line, or on a point, is a drag, and no click."""
_SPLIT, _POINT = "split", "point"
_CURSORS = {
    Grip.MOVE: Qt.CursorShape.SizeAllCursor,
    Grip.TURN: Qt.CursorShape.PointingHandCursor,
    Grip.SCALE: Qt.CursorShape.SizeFDiagCursor,
}


class PlacementMouse:
    """Takes hold of a handle, a point or a swipe's line."""

    def __init__(
        self, draft: Draft, scenes: Scenes, tool: PointTool, show: Callable[[], None], hint: Callable[[str], None]
    ) -> None:
        """Hold nothing; ``show`` is called after what has no signal of its own, ``hint`` with what a drag will do."""
        self._draft, self._scenes, self._tool = draft, scenes, tool
        self._show, self._hint = show, hint
        self._held: PlacementDrag | str | None = None
        self._clicked: PlacingTouch | None = None
        """Where the line or a point was taken, as long as the mouse has not moved."""
        self.turning = False
        """The tool that turns wherever it takes hold is chosen."""

    def press(self, touch: PlacingTouch) -> bool:
        """Take hold of a handle, a point or a swipe's line, or set a point."""
        points = self._tool.points
        if self._on_split(touch):
            self._held, self._clicked = _SPLIT, touch
            return True
        if self._draft.read_only:
            return False
        if points is not None:
            if self._tool.press(touch):
                self._held, self._clicked = _POINT, touch
            self._hint(points.words)
            self._show()
            return True
        now, grip = self._draft.placement, self._grip(touch)
        if now is None or grip is None:
            return False
        self._draft.settle()
        self._draft.held = True
        self._held = PlacementDrag(grip, touch.at, now, self._draft.size)
        return True

    def drag(self, touch: PlacingTouch) -> None:
        """Move what is held."""
        if isinstance(self._held, PlacementDrag):
            if self._draft.held:  # another pair may have come under the hand
                self._draft.move_to(self._held.at(touch.at, touch.kept))
            return
        if self._clicked is not None and math.dist(touch.at, self._clicked.at) < DRAGGED * touch.reach:
            return
        self._clicked = None
        if self._held == _SPLIT:
            self._scenes.split = min(max(touch.share, 0.0), 1.0)
        elif self._held == _POINT:
            self._tool.drag(touch)
        self._show()

    def release(self) -> None:
        """Let go: one step of undo."""
        held, self._held = self._held, None
        clicked, self._clicked = self._clicked, None
        points = self._tool.points
        if held == _SPLIT and clicked is not None and points is not None and not self._draft.read_only:
            self._tool.press(clicked)  # a click on the line sets a point as it does beside it
            self._hint(points.words)
        elif held == _POINT and points is not None:
            if clicked is not None:
                self._tool.click(clicked)
                self._hint(points.words)
            points.drop()
        elif isinstance(held, PlacementDrag) and self._draft.held:
            self._draft.settle()
        self._show()

    def hover(self, touch: PlacingTouch | None) -> Qt.CursorShape | None:
        """Say what a drag would do."""
        if touch is None:
            return None
        points = self._tool.points
        if self._on_split(touch):
            self._hint("Drag moves the line between original and designer image.")
            return Qt.CursorShape.SplitHCursor
        if points is not None:
            near = self._tool.near(touch)
            self._hint(points.words if near is None else f"Drag moves point {near[1] + 1}; Delete takes it away.")
            return Qt.CursorShape.CrossCursor if near is None else Qt.CursorShape.SizeAllCursor
        if self._draft.read_only:
            return Qt.CursorShape.OpenHandCursor
        grip = self._grip(touch)
        self._hint(handles.OUTSIDE if grip is None else handles.WORDS[grip])
        return Qt.CursorShape.OpenHandCursor if grip is None else _CURSORS[grip]

    def _grip(self, touch: PlacingTouch) -> Grip | None:
        now = self._draft.placement
        if now is None or touch.side is not Side.ORIGINAL:
            return None
        return handles.grip_at(touch.at, now, self._draft.size, touch.reach, self.turning)

    def _on_split(self, touch: PlacingTouch) -> bool:
        if self._scenes.over is None or self._scenes.mode is not CompareMode.SWIPE:
            return False
        near = abs(touch.share - self._scenes.split) * touch.width <= SPLIT_GRAB
        return near and not self._on_mark(touch)

    def _on_mark(self, touch: PlacingTouch) -> bool:
        """Say whether the mouse is on what goes before the line, which runs past it.

        With landmarks a point; else a corner, the knob, or the cross: the line begins in the middle, where the cross
        is, and where most people take hold of a picture.
        """
        if self._tool.points is not None:
            return self._tool.near(touch) is not None
        now, grip = self._draft.placement, self._grip(touch)
        if grip is Grip.SCALE or (grip is Grip.TURN and not self.turning):
            return True
        return now is not None and handles.on_cross(touch.at, now, self._draft.size, touch.reach)
