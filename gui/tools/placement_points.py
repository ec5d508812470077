"""Landmarks at work: sets, takes hold of and shows points in the two panes, or in one view; keeps them by pair."""

from __future__ import annotations

import math
from collections.abc import Callable

from core.domain import Pair, Placement
from gui.canvas.linking import Side
from gui.canvas.pair_view import PairView
from gui.canvas.placing_glass import PlacingTouch
from gui.tools.landmarks import Landmarks
from gui.tools.placement_scenes import Scenes


class PointTool:
    """Of one project's view."""

    def __init__(self, view: PairView, scenes: Scenes, show: Callable[[], None]) -> None:
        """Be off; ``show`` is called before the view is made to look at what has changed."""
        self._view, self._scenes, self._show = view, scenes, show
        self._marked: dict[int, Landmarks] = {}
        """By pair: they are there again when one comes back."""
        self._was_fitted = False
        self._held_by: Placement | None = None
        """In one view: the placement through which a designer image's point is held."""
        self.points: Landmarks | None = None
        """Those that are being set; None: the tool is off."""

    def choose(self, pair: Pair | None) -> None:
        """Set points in a pair, or (None) no more."""
        if pair is None:
            if self.points is not None and self._was_fitted:
                self._view.fit()
            self.points = None
            return
        self.points = self._marked.setdefault(pair.id, Landmarks())
        self.points.mirrored = pair.placement is not None and pair.placement.mirrored
        self._scenes.in_panes = True
        self._was_fitted = self._view.fitted

    def look_close(self) -> None:
        """Show the part of the original in which points can be set, as large as it goes, unless a person has chosen."""
        if self._was_fitted:
            self._view.fit_designer()

    def near(self, touch: PlacingTouch) -> tuple[Side, int] | None:
        """Return the point that would be taken hold of, and whose it is."""
        points = self.points
        if points is None:
            return None
        near = points.near(touch.side, touch.at, touch.reach)
        found = None if near is None else (touch.side, near)
        over = self._scenes.over
        if over is None:
            return found
        # one view: the designer image's points lie in it where the placement puts them
        at, scale = over.placement.apply_inverse(*touch.at), over.placement.scale
        other = points.near(Side.DESIGNER, at, touch.reach / scale)
        if other is None:
            return found
        mine = None if near is None else points.at(touch.side, near)
        theirs = points.at(Side.DESIGNER, other)
        assert theirs is not None
        nearer = mine is None or math.dist(theirs, at) * scale < math.dist(mine, touch.at)
        return (Side.DESIGNER, other) if nearer else found

    def press(self, touch: PlacingTouch) -> bool:
        """Take hold of a point (True), or set one."""
        points, side, at = self.points, touch.side, touch.at
        if points is None:
            return False
        near, over = self.near(touch), self._scenes.over
        if near is not None:
            points.take(*near)
            # the placement that the points give moves with them: the hand goes by the one at which it took hold
            self._held_by = over.placement if over is not None and near[0] is Side.DESIGNER else None
            return True
        knew = points.fit is not None
        if over is not None:
            # one view: the first click is the original's, the next one that of the designer image over it
            side = points.expected
            at = at if side is Side.ORIGINAL else over.placement.apply_inverse(*at)
        points.click(side, at)
        if points.fit is not None and not knew and self._scenes.linked_by is None:
            self._show()
            self.look_close()
        return False

    def drag(self, touch: PlacingTouch) -> None:
        """Move the point that is held."""
        if self.points is not None:
            by = self._held_by
            self.points.drag(touch.at if by is None else by.apply_inverse(*touch.at))

    def click(self, touch: PlacingTouch) -> None:
        """A point was clicked, not dragged: chosen, or in one view the same spot for both pictures."""
        points, over = self.points, self._scenes.over
        if points is None or over is None or points.half is None or points.selected != len(points.points):
            return
        if points.half[0] is Side.ORIGINAL:  # what lies over it is the same spot already, or nearly
            points.drop()
            points.click(Side.DESIGNER, over.placement.apply_inverse(*touch.at))
