"""What the left button does over the pictures while a placement is set by hand."""

from __future__ import annotations

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
_SPLIT, _POINT = "split", "point"
_CURSORS = {
    Grip.MOVE: Qt.CursorShape.SizeAllCursor,
    Grip.TURN: Qt.CursorShape.PointingHandCursor,
    Grip.SCALE: Qt.CursorShape.SizeFDiagCursor,
}


class PlacementMouse:
    """Takes hold of a handle, a point or a swipe's line."""

    def __init__(
        self, draft: Draft, scenes: Scenes, tool: PointTool, show: Callable[[], None], tell: Callable[[str], None]
    ) -> None:
        """Hold nothing; ``show`` is called after what has no signal of its own."""
        self._draft, self._scenes, self._tool = draft, scenes, tool
        self._show, self._tell = show, tell
        self._held: PlacementDrag | str | None = None
        self._hint = ""
        self.turning = False
        """The tool that turns wherever it takes hold is chosen."""

    def press(self, touch: PlacingTouch) -> bool:
        """Take hold of a handle, a point or a swipe's line, or set a point."""
        points = self._tool.points
        if points is None and self._on_split(touch):
            self._held = _SPLIT
            return True
        if self._draft.read_only:
            return False
        if points is not None:
            self._held = _POINT if self._tool.press(touch) else None
            self._tell(points.words)
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
        if self._held == _SPLIT:
            self._scenes.split = min(max(touch.share, 0.0), 1.0)
        elif self._held == _POINT and self._tool.points is not None:
            self._tool.points.drag(touch.at)
        self._show()

    def release(self) -> None:
        """Let go: one step of undo."""
        held, self._held = self._held, None
        if held == _POINT and self._tool.points is not None:
            self._tool.points.drop()
        elif isinstance(held, PlacementDrag) and self._draft.held:
            self._draft.settle()
        self._show()

    def hover(self, touch: PlacingTouch | None) -> Qt.CursorShape | None:
        """Say what a drag would do."""
        if touch is None:
            return None
        points = self._tool.points
        if points is not None:
            near = points.near(touch.side, touch.at, touch.reach)
            self._say(points.words if near is None else f"Drag moves point {near + 1}; Delete takes it away.")
            return Qt.CursorShape.CrossCursor if near is None else Qt.CursorShape.SizeAllCursor
        if self._on_split(touch):
            self._say("Drag moves the line between original and designer image.")
            return Qt.CursorShape.SplitHCursor
        if self._draft.read_only:
            return Qt.CursorShape.OpenHandCursor
        grip = self._grip(touch)
        self._say(handles.OUTSIDE if grip is None else handles.WORDS[grip])
        return Qt.CursorShape.OpenHandCursor if grip is None else _CURSORS[grip]

    def _say(self, words: str) -> None:
        if words != self._hint:
            self._hint = words
            self._tell(words)

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
        """Say whether the mouse is on a corner, the knob or the cross: those go before the line, which runs past them.

        The line begins in the middle, where the cross is, and where most people take hold of a picture.
        """
        now, grip = self._draft.placement, self._grip(touch)
        if grip is Grip.SCALE or (grip is Grip.TURN and not self.turning):
            return True
        return now is not None and handles.on_cross(touch.at, now, self._draft.size, touch.reach)
