"""Landmarks: the same points clicked in both pictures, left, right, left, right. Numbers only, no Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass

from core.maths.landmarks import Landmark, LandmarkFit, fit_landmarks
from gui.canvas.linking import Side
from gui.canvas.viewport import Point

GRAB = 12.0
"""View pixels around a point within which it is taken hold of."""


@dataclass(frozen=True, slots=True)
class Marked:
    """What has been clicked: one state of undo."""

    points: tuple[Landmark, ...] = ()
    half: tuple[Side, Point] | None = None
    """The point that waits for its counterpart."""


class Landmarks:
    """The points of one pair."""

    def __init__(self) -> None:
        """Begin with none."""
        self.mirrored = False
        """Taken where the points do not tell, as two never do."""
        self.selected: int | None = None
        self._now = Marked()
        self._done: list[Marked] = []
        self._undone: list[Marked] = []
        self._dragged: tuple[int, Side] | None = None
        self._before: Marked | None = None

    @property
    def points(self) -> tuple[Landmark, ...]:
        """Pairs of points that are whole."""
        return self._now.points

    @property
    def half(self) -> tuple[Side, Point] | None:
        """The point that waits for its counterpart, and whose it is."""
        return self._now.half

    @property
    def expected(self) -> Side:
        """Whose picture is to be clicked next: the original's, then the designer image's."""
        return Side.ORIGINAL if self.half is None else self.half[0].other

    @property
    def fit(self) -> LandmarkFit | None:
        """The placement nearest to the points; None before there are two pairs."""
        return fit_landmarks(self.points, self.mirrored)

    def at(self, side: Side, index: int) -> Point | None:
        """Return a point of one picture; one past the whole pairs is the one that waits."""
        if index == len(self.points):
            return self.half[1] if self.half is not None and self.half[0] is side else None
        designer_x, designer_y, x, y = self.points[index]
        return (x, y) if side is Side.ORIGINAL else (designer_x, designer_y)

    def near(self, side: Side, point: Point, reach: float) -> int | None:
        """Return the point that lies nearest within the grab; ``reach`` is image pixels for each view pixel."""
        found: tuple[float, int] | None = None
        for index in range(len(self.points) + 1):
            at = self.at(side, index)
            if at is not None and (way := math.dist(at, point)) <= GRAB * reach and (found is None or way < found[0]):
                found = way, index
        return None if found is None else found[1]

    def click(self, side: Side, point: Point) -> None:
        """Set a point; a second one in the same picture takes the place of the one that waits."""
        half = self.half
        if half is None or half[0] is side:
            self._put(Marked(self.points, (side, point)))
            self.selected = len(self.points)
            return
        designer, original = (point, half[1]) if side is Side.DESIGNER else (half[1], point)
        self.selected = len(self.points)
        self._put(Marked((*self.points, (*designer, *original))))

    def take(self, side: Side, index: int) -> None:
        """Take hold of a point."""
        self.selected = index
        self._dragged, self._before = (index, side), self._now

    def drag(self, point: Point) -> None:
        """Move the point that is held."""
        if self._dragged is None:
            return
        index, side = self._dragged
        if index == len(self.points):
            self._now = Marked(self.points, (side, point))
            return
        designer_x, designer_y, x, y = self.points[index]
        new = (designer_x, designer_y, *point) if side is Side.ORIGINAL else (*point, x, y)
        self._now = Marked((*self.points[:index], new, *self.points[index + 1 :]), self.half)

    def drop(self) -> None:
        """Let go of it: one step of undo."""
        before, self._before, self._dragged = self._before, None, None
        if before is not None and before != self._now:
            self._done.append(before)
            self._undone.clear()

    def delete(self) -> bool:
        """Take away the selected point, else the last one; False if there is none."""
        self.drop()
        count = len(self.points)
        index = self.selected if self.selected is not None else (count if self.half is not None else count - 1)
        if index < 0 or (index >= count and self.half is None):
            return False
        if index >= count:
            self._put(Marked(self.points))
        else:
            self._put(Marked((*self.points[:index], *self.points[index + 1 :]), self.half))
        self.selected = None
        return True

    @property
    def can_undo(self) -> bool:
        """Whether there is something to take back."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether there is something to do again."""
        return bool(self._undone)

    def undo(self) -> bool:
        """Take back what was done last; False if there is nothing."""
        return self._step(self._done, self._undone)

    def redo(self) -> bool:
        """Do again what was taken back last; False if there is nothing."""
        return self._step(self._undone, self._done)

    def _step(self, source: list[Marked], to: list[Marked]) -> bool:
        self.drop()  # what was dragged so far is a step of its own
        if not source:
            return False
        to.append(self._now)
        self._now = source.pop()
        self.selected = None
        return True

    def _put(self, now: Marked) -> None:
        self._done.append(self._now)
        self._undone.clear()
        self._now = now

    @property
    def words(self) -> str:
        """What is known so far, and what to do next."""
        fit, count = self.fit, len(self.points)
        number = count + 1
        if fit is None:
            if self.half is not None:
                return f"Point {number}: now the same spot in {NAMES[self.expected]}."
            if count > 1:
                return "The points lie too close together to tell anything."
            return (
                f"Point {number}: click a spot in {NAMES[Side.ORIGINAL]}, then the same one in {NAMES[Side.DESIGNER]}."
            )
        said = f"{count} pairs, {fit.rms:.1f} px off on average" if count > 2 else "2 pairs"
        if self.half is not None:
            return f"{said} · point {number}: now the same spot in {NAMES[self.expected]}."
        return f"{said} · {fit.hint.words}" if fit.hint is not None else said


NAMES = {Side.ORIGINAL: "the original", Side.DESIGNER: "the designer image"}
