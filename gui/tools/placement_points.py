"""Landmarks at work: sets, takes hold of and shows points in the two panes, or in one view; keeps them by pair."""

from __future__ import annotations

from collections.abc import Callable

from core.domain import Pair
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

    def press(self, touch: PlacingTouch) -> bool:
        """Take hold of a point (True), or set one."""
        points, side, at = self.points, touch.side, touch.at
        if points is None:
            return False
        near = points.near(side, at, touch.reach)
        if near is not None:
            points.take(side, near)
            return True
        over, knew = self._scenes.over, points.fit is not None
        if over is not None:
            # one view: the first click is the original's, the next one that of the designer image over it
            side = points.expected
            at = at if side is Side.ORIGINAL else over.placement.apply_inverse(*at)
        points.click(side, at)
        if points.fit is not None and not knew and self._scenes.linked_by is None:
            self._show()
            self.look_close()
        return False
