"""Moves, turns, scales and mirrors a placement: by handles, by steps and by typed numbers. Numbers only."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum

from core.domain import Placement
from gui.canvas.placement_marks import KNOB
from gui.canvas.viewport import Point, Size, frame

GRAB = 12.0
"""View pixels around a handle within which it is taken hold of."""
TURN_STEP_DEG = 5.0
"""Steps of a turn while Shift is held."""
SMALLEST, LARGEST = 1e-3, 1e3
"""Scales that a hand can reach."""
FIRST_SHARE = 0.6
"""Share of the original that a designer image fills which has no placement yet."""


class Grip(Enum):
    """What a drag does."""

    MOVE = "move"
    TURN = "turn"
    SCALE = "scale"


WORDS = {
    Grip.MOVE: "Drag moves the designer image; Shift keeps to one direction.",
    Grip.TURN: "Drag turns the designer image about its middle; Shift turns in steps of 5°.",
    Grip.SCALE: "Drag scales from the opposite corner; Shift keeps the middle.",
}
OUTSIDE = "Drag pans; drag inside the dashed frame to move, a corner to scale, the knob to turn."


def middle_of(placement: Placement, size: Size) -> Point:
    """Return where the middle of the designer image lies in the original."""
    return placement.apply((size[0] - 1) / 2, (size[1] - 1) / 2)


def corners_of(placement: Placement, size: Size) -> tuple[Point, Point, Point, Point]:
    """Return where the corners of the designer image lie: top left, top right, bottom right, bottom left."""
    first, second, third, fourth = (placement.apply(*corner) for corner in frame(size))
    return first, second, third, fourth


def knob_of(placement: Placement, size: Size, reach: float) -> Point:
    """Return where the knob stands that turns; ``reach`` is original pixels for each view pixel."""
    corners, (mx, my) = corners_of(placement, size), middle_of(placement, size)
    tx, ty = (corners[0][0] + corners[1][0]) / 2, (corners[0][1] + corners[1][1]) / 2
    length = max(math.hypot(tx - mx, ty - my), 1e-9)
    far = 1 + KNOB * reach / length
    return mx + (tx - mx) * far, my + (ty - my) * far


def about(placement: Placement, pivot: Point, factor: float = 1.0, turn_deg: float = 0.0) -> Placement:
    """Return a placement scaled and turned about a point of the original, which stays."""
    scale = min(max(placement.scale * factor, SMALLEST), LARGEST)
    by, angle = scale / placement.scale, math.radians(turn_deg)
    dx, dy = placement.tx - pivot[0], placement.ty - pivot[1]
    cos, sin = by * math.cos(angle), by * math.sin(angle)
    turned = (placement.rotation_deg + turn_deg + 180) % 360 - 180
    return replace(
        placement,
        scale=scale,
        rotation_deg=turned,
        tx=pivot[0] + cos * dx - sin * dy,
        ty=pivot[1] + sin * dx + cos * dy,
    )


def moved(placement: Placement, dx: float, dy: float) -> Placement:
    """Return a placement moved by original pixels."""
    return replace(placement, tx=placement.tx + dx, ty=placement.ty + dy)


def nudged(placement: Placement, _size: Size, dx: float, dy: float) -> Placement:
    """Return a placement moved by a key."""
    return moved(placement, dx, dy)


def turned(placement: Placement, size: Size, by_deg: float) -> Placement:
    """Return a placement turned about its middle, clockwise."""
    return about(placement, middle_of(placement, size), turn_deg=by_deg)


def scaled(placement: Placement, size: Size, factor: float) -> Placement:
    """Return a placement scaled about its middle."""
    return about(placement, middle_of(placement, size), factor)


def mirrored(placement: Placement, size: Size) -> Placement:
    """Return a placement with the designer image mirrored left to right, about its own middle."""
    return with_middle(replace(placement, mirrored=not placement.mirrored), size, middle_of(placement, size))


def with_middle(placement: Placement, size: Size, at: Point) -> Placement:
    """Return a placement with the middle of the designer image at a point of the original."""
    x, y = middle_of(placement, size)
    return moved(placement, at[0] - x, at[1] - y)


def first_placement(original: Size, designer: Size) -> Placement:
    """Return where a designer image lies at first that nobody has placed: upright in the middle."""
    scale = FIRST_SHARE * min(original[0] / designer[0], original[1] / designer[1])
    middle = (original[0] - 1) / 2, (original[1] - 1) / 2
    return with_middle(Placement(scale, 0.0, False, 0.0, 0.0), designer, middle)


def grip_at(point: Point, placement: Placement, size: Size, reach: float, turning: bool = False) -> Grip | None:
    """Return what a drag would do that begins at a point of the original, or None if nothing is there.

    Args:
        point: in original pixels.
        placement: where the designer image lies.
        size: of the designer image.
        reach: original pixels for each view pixel.
        turning: the tool that turns wherever it takes hold is chosen.
    """
    near = GRAB * reach
    if math.dist(point, knob_of(placement, size, reach)) <= near:
        return Grip.TURN
    if any(math.dist(point, corner) <= near for corner in corners_of(placement, size)):
        return Grip.SCALE
    if turning:
        return Grip.TURN
    x, y = placement.apply_inverse(*point)
    inside = -0.5 <= x <= size[0] - 0.5 and -0.5 <= y <= size[1] - 0.5
    return Grip.MOVE if inside else None


def on_cross(point: Point, placement: Placement, size: Size, reach: float) -> bool:
    """Say whether a point of the original lies on the cross in the designer image's middle."""
    return math.dist(point, middle_of(placement, size)) <= GRAB * reach


@dataclass(frozen=True, slots=True)
class PlacementDrag:
    """A drag of a handle, from where it began."""

    grip: Grip
    start: Point
    before: Placement
    size: Size

    def at(self, point: Point, kept: bool = False) -> Placement:
        """Return the placement with the hand at a point of the original; ``kept`` while Shift is held."""
        if self.grip is Grip.MOVE:
            return self._moved(point, kept)
        return self._turned(point, kept) if self.grip is Grip.TURN else self._scaled(point, kept)

    def _moved(self, point: Point, kept: bool) -> Placement:
        dx, dy = point[0] - self.start[0], point[1] - self.start[1]
        if kept:
            dx, dy = (dx, 0.0) if abs(dx) >= abs(dy) else (0.0, dy)
        return moved(self.before, dx, dy)

    def _turned(self, point: Point, kept: bool) -> Placement:
        x, y = middle_of(self.before, self.size)
        then = math.atan2(self.start[1] - y, self.start[0] - x)
        now = math.atan2(point[1] - y, point[0] - x)
        by = math.degrees(now - then)
        if kept:
            whole = round((self.before.rotation_deg + by) / TURN_STEP_DEG) * TURN_STEP_DEG
            by = whole - self.before.rotation_deg
        return turned(self.before, self.size, by)

    def _scaled(self, point: Point, kept: bool) -> Placement:
        corners = corners_of(self.before, self.size)
        taken = min(range(4), key=lambda at: math.dist(corners[at], self.start))
        pivot = middle_of(self.before, self.size) if kept else corners[(taken + 2) % 4]
        ax, ay = corners[taken][0] - pivot[0], corners[taken][1] - pivot[1]
        # from the corner itself, not from where within its reach it was taken: it must not jump
        bx, by = ax + point[0] - self.start[0], ay + point[1] - self.start[1]
        factor = (ax * bx + ay * by) / max(ax * ax + ay * ay, 1e-12)
        return about(self.before, pivot, max(factor, 0.02))


def words_of(before: Placement, after: Placement, size: Size) -> str:
    """Return in a few words what a gesture has done so far: "moved +3.0, −2.5 px · turned +0.4° · scaled +1.2 %"."""
    (x0, y0), (x1, y1) = middle_of(before, size), middle_of(after, size)
    turn = (after.rotation_deg - before.rotation_deg + 180) % 360 - 180
    grown = 100 * (after.scale / before.scale - 1)
    parts = ["mirrored"] if after.mirrored != before.mirrored else []
    if abs(x1 - x0) >= 0.05 or abs(y1 - y0) >= 0.05:
        parts.append(f"moved {x1 - x0:+.1f}, {y1 - y0:+.1f} px")
    if abs(turn) >= 0.005:
        parts.append(f"turned {turn:+.2f}°")
    if abs(grown) >= 0.005:
        parts.append(f"scaled {grown:+.2f} %")
    return (" · ".join(parts) or "nothing moved").replace("-", "−")


def label_of(before: Placement | None, after: Placement) -> str:
    """Return what a gesture is called in histories."""
    if before is None:
        return "Place by hand"
    if before.mirrored != after.mirrored:
        return "Mirror placement"
    if not math.isclose(before.scale, after.scale, rel_tol=1e-9):
        return "Scale placement"
    if not math.isclose(before.rotation_deg, after.rotation_deg, abs_tol=1e-9):
        return "Turn placement"
    return "Move placement"
