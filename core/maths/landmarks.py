"""Places the designer image by points set by hand: least squares, what is left at each, and which one is off."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.domain import Placement

Landmark = tuple[float, float, float, float]
"""Designer x, y and original x, y, in pixels of the files."""

MIRROR_TOLD = 0.07
"""Landmarks tell whether the designer image is mirrored if one way fits better by this share of what they span in the
original: two of them never do, and neither do any number on a line, such as both eyes and the bridge of the nose."""
CLOSE = 1.0
"""Points that span less than this, in pixels, give no placement."""
HINT_FROM, HINT_FACTOR = 1.0, 3.0
"""A point is called off if the root mean square is more than so many pixels, and so many times less without it."""


@dataclass(frozen=True, slots=True)
class Without:
    """What leaving one landmark out would do: "without point 3: 9.1 -> 0.8 px"."""

    index: int
    before: float
    after: float
    """Root mean square residuals in original pixels."""

    @property
    def words(self) -> str:
        """The hint as it is shown; points are numbered from 1."""
        return f"without point {self.index + 1}: {self.before:.1f} → {self.after:.1f} px"


@dataclass(frozen=True, slots=True)
class LandmarkFit:
    """The similarity nearest to landmarks, and how well they agree on it."""

    placement: Placement
    residuals: tuple[float, ...]
    """Distance of each point from where the placement takes it, in original pixels."""
    rms: float
    mirror_told: bool
    """Whether the points tell that it is mirrored, or not; else the state that was given stands."""
    hint: Without | None = None
    """The point that does not agree with the others; from four points on, as any two agree with each other."""


def fit_landmarks(points: Sequence[Landmark], mirrored: bool = False) -> LandmarkFit | None:
    """Return the similarity nearest to two or more landmarks; None if they give none.

    They give none where fewer than two differ in both pictures, or a number is not finite.

    Args:
        points: the landmarks.
        mirrored: the state to take where the points do not tell, as two never do.
    """
    rows = np.array(points, np.float64).reshape(-1, 4)
    if len(rows) < 2 or not np.isfinite(rows).all():
        return None
    spans = [float(np.ptp(part, axis=0).max()) for part in (rows[:, :2], rows[:, 2:])]
    if min(spans) < CLOSE:
        return None
    fits = [least_squares(rows, state) for state in (False, True)]
    told = abs(fits[0][1] - fits[1][1]) > MIRROR_TOLD * spans[1]
    placement, rms = min(fits, key=lambda fit: fit[1]) if told else fits[mirrored]
    if not placement.scale > 1e-9:
        return None
    residuals = tuple(
        math.hypot(x - ox, y - oy)
        for (x, y), (_, _, ox, oy) in ((placement.apply(row[0], row[1]), row) for row in rows.tolist())
    )
    return LandmarkFit(placement, residuals, rms, told, _hint(rows, placement.mirrored, rms))


def _hint(rows: NDArray[np.float64], mirrored: bool, rms: float) -> Without | None:
    if len(rows) < 4 or rms < HINT_FROM:
        return None
    found: Without | None = None
    for index in range(len(rows)):
        rest = np.delete(rows, index, axis=0)
        if min(np.ptp(part, axis=0).max() for part in (rest[:, :2], rest[:, 2:])) < CLOSE:
            continue
        # A bad point may have turned the mirror state as well.
        after = min(least_squares(rest, state)[1] for state in (mirrored, not mirrored))
        if found is None or after < found.after:
            found = Without(index, rms, after)
    return found if found is not None and found.after * HINT_FACTOR < rms else None


def least_squares(points: NDArray[np.float64], mirrored: bool) -> tuple[Placement, float]:
    """Return the similarity nearest to (n, 4) landmarks, and its root mean square residual in original pixels."""
    middle = points.mean(axis=0)
    sign = -1.0 if mirrored else 1.0
    x, y = sign * (points[:, 0] - middle[0]), points[:, 1] - middle[1]
    u, v = points[:, 2] - middle[2], points[:, 3] - middle[3]
    power = max(float(x @ x + y @ y), 1e-30)
    a, b = float(x @ u + y @ v) / power, float(x @ v - y @ u) / power
    off = np.hypot(a * x - b * y - u, b * x + a * y - v)
    # Where the points contradict each other altogether, it is no similarity but hardly more than a point.
    turned = Placement(max(math.hypot(a, b), 1e-12), math.degrees(math.atan2(b, a)), mirrored, 0.0, 0.0)
    at_x, at_y = turned.apply(float(middle[0]), float(middle[1]))
    placement = replace(turned, tx=float(middle[2]) - at_x, ty=float(middle[3]) - at_y)
    return placement, float(np.sqrt(np.mean(off**2)))
