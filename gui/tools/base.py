"""What a tool is fed and what it answers: points of the original in, previews, marks and wishes out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

import numpy as np

from core.domain import Box
from core.jobs.hands import Painting
from core.maths.brush import Brush
from core.maths.patches import Mark, Plane8

Point = tuple[float, float]


class ToolName(StrEnum):
    """The tools that edit a mask; the value is what the history calls their strokes."""

    BRUSH = "brush"
    ERASER = "eraser"
    EDGE_BRUSH = "edge brush"
    LASSO = "lasso"
    POLYGON = "polygon"
    WAND = "wand"
    FILL = "fill"
    REFINE = "refine"


@dataclass(frozen=True, slots=True)
class Touch:
    """Where the pointer is, in pixels of the original (centres at integers), and how it is held."""

    x: float
    y: float
    pressed: float = 1.0
    """Of a pen, 0 to 1; a mouse has 1."""
    flipped: bool = False
    """Alt is held, or the pen is turned to its eraser end: what adds takes away, and the other way round."""

    @property
    def point(self) -> Point:
        """x, y."""
        return self.x, self.y


@dataclass(frozen=True, slots=True)
class Trail:
    """A line that shows what a gesture is about to do; it is no part of the mask."""

    points: tuple[Point, ...]
    closed: bool = False
    width: float = 0.0
    """Pixels of the original; 0: a thin line."""


@dataclass(frozen=True, slots=True)
class PickColour:
    """A wish: pick what has the colour of a point."""

    point: tuple[int, int]
    tolerance: float
    contiguous: bool
    adds: bool


@dataclass(frozen=True, slots=True)
class FillHole:
    """A wish: fill the hole in which a point lies."""

    point: tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class FindEdge:
    """A wish: set the edge where something was painted; see ``core.jobs.hands.SetEdge``."""

    painted: Mark
    adds: bool | None
    radius: float


@dataclass(frozen=True, slots=True, eq=False)
class SnapLine:
    """A wish: lay a closed line onto the picture's edges, then fill it."""

    points: tuple[Point, ...]
    reach: float
    adds: bool


Wish = PickColour | FillHole | FindEdge | SnapLine
"""What needs the picture, and time: a job does it."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a touch comes to. All empty: nothing."""

    dirty: Box | None = None
    """Here the stroke under way covers more than before (see ``Tool.covers``): a box of the level it is drawn in."""
    trail: Trail | None = None
    mark: Painting | None = None
    """The gesture is done: paint this."""
    wish: Wish | None = None
    """The gesture is done: ask for this."""
    words: str = ""
    """Why nothing comes of it."""


NOTHING = Answer()


@dataclass(frozen=True, slots=True)
class Ring:
    """What the pointer looks like: a circle in pixels of the original; radius 0 is a cross."""

    radius: float = 0.0
    inner: float = 0.0
    """Radius of what is covered wholly."""


@dataclass(frozen=True, slots=True)
class Options:
    """How the tools are set; one value for all of them."""

    brush: Brush = field(default_factory=lambda: Brush(size=60.0, hardness=0.8, pressure=0.7, smoothing=0.3))
    tolerance: float = 12.0
    """Of the wand, CIE Lab's ΔE."""
    contiguous: bool = True
    snaps: bool = False
    """Lasso and polygon are laid onto the picture's edges."""
    reach: float = 12.0
    """How far they may be moved for it, pixels."""

    def sized(self, factor: float) -> Options:
        """Return the options with a brush so many times as large, 1 to 2000 pixels."""
        size = self.brush.size * factor
        whole = round(size) if size >= 4 else round(size, 1)
        return replace(self, brush=replace(self.brush, size=float(min(max(whole, 1.0), 2000.0))))

    def hardened(self, by: float) -> Options:
        """Return the options with another hardness, 0 to 1."""
        hardness = min(max(round(self.brush.hardness + by, 2), 0.0), 1.0)
        return replace(self, brush=replace(self.brush, hardness=hardness))


class Tool(Protocol):
    """One tool at work on one mask."""

    name: ToolName

    def press(self, touch: Touch) -> Answer:
        """Begin a gesture."""
        ...

    def move(self, touch: Touch) -> Answer:
        """Go on; without a gesture under way, hover."""
        ...

    def release(self, touch: Touch) -> Answer:
        """End the gesture."""
        ...

    def finish(self) -> Answer:
        """End what takes several clicks (Enter, a double click)."""
        ...

    def cancel(self) -> Answer:
        """Give up what is under way."""
        ...

    def look_through(self, scale: float, level: int) -> None:
        """Take note of the zoom (view pixels for each pixel) and of the pyramid's level that is shown at it."""
        ...

    @property
    def busy(self) -> bool:
        """Whether something is under way."""
        ...

    @property
    def adds(self) -> bool | None:
        """Whether the stroke under way adds; None where it shows nothing in the mask."""
        ...

    def covers(self, box: Box) -> Plane8:
        """Return the alpha of the stroke under way in a box of the level it is drawn in."""
        ...

    def ring(self) -> Ring:
        """Return what the pointer looks like."""
        ...

    def hint(self, flipped: bool) -> str:
        """Return what a drag will do, in a short sentence."""
        ...


class Quiet:
    """A tool that shows nothing in the mask before it is done: what most have in common."""

    @property
    def busy(self) -> bool:
        """Whether something is under way."""
        return False

    @property
    def adds(self) -> bool | None:
        """Nothing is shown in the mask."""
        return None

    def move(self, touch: Touch) -> Answer:
        """Nothing follows the pointer."""
        return NOTHING

    def release(self, touch: Touch) -> Answer:
        """All was done when the button went down."""
        return NOTHING

    def finish(self) -> Answer:
        """There is nothing to end."""
        return NOTHING

    def cancel(self) -> Answer:
        """There is nothing to give up."""
        return NOTHING

    def look_through(self, scale: float, level: int) -> None:
        """Nothing depends on the zoom."""

    def covers(self, box: Box) -> Plane8:
        """Return an empty alpha."""
        return np.zeros((box[3] - box[1], box[2] - box[0]), np.uint8)

    def ring(self) -> Ring:
        """Return a cross."""
        return Ring()
