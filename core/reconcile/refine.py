"""Refines hypotheses from coarse to fine: each at 64 pixels, the best few at 128, the best up to full size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.maths.align import step, weighted_ncc
from core.maths.filters import Plane, Pyramid, local_normalise
from core.maths.warp import Affine, compose, invert, scale_of
from core.reconcile.views import DesignerView, feature, original_in_frame

FIRST, SECOND, LAST = 64.0, 128.0, 512.0
"""Sizes of the foreground (root of its area, pixels) at which placements are refined."""
LOST = 0.7
"""Refinement ends where the correlation falls below this share of the coarser size's: a blurred or painted designer
image has no detail that fine, and steps would follow noise."""
TILES = 8
"""The frame is cut into this many rows and columns of tiles."""
ENOUGH = 0.02
"""A step below this many pixels ends the refinement at its size."""


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A refined placement (designer to original) and how well it agrees at the size it was refined at."""

    affine: Affine
    zncc: float
    """Correlation under the foreground, -1 to 1; negative where the tone is inverted."""
    agreeing: float
    """Share of the foreground's tiles that correlate by more than one half."""


class Template:
    """The designer image at one size, ready to be compared."""

    def __init__(self, designer: DesignerView, extent: float) -> None:
        """Shrink the designer image so that its foreground is ``extent`` pixels."""
        self.extent = extent
        self.to_frame, self.size = designer.frame(extent)
        self.weight = designer.weight(self.to_frame, self.size)
        self.plane = designer.plane(self.to_frame, self.size)
        self.feature = feature(self.plane, self.weight)
        self.wide = _wide(self.plane, self.weight)
        self.centre = ((self.size[0] - 1) / 2, (self.size[1] - 1) / 2)

    def original(self, original: Pyramid, placement: Affine) -> Plane:
        """Return the grey original in this frame."""
        return original_in_frame(original, placement, self.to_frame, self.size)

    def refine(
        self, original: Pyramid, placement: Affine, *, steps: int, check: Callable[[], None], wide_steps: int = 0
    ) -> Fit:
        """Return a placement after at most that many Gauss-Newton steps, the first few on a wider band.

        Where the steps made it worse, the placement is returned as it came.
        """
        before = self.fit(original, placement)
        sign = -1.0 if before.zncc < 0 else 1.0
        for number in range(wide_steps + steps):
            check()
            wide = number < wide_steps
            plane = self.original(original, placement)
            move = step(
                self.wide if wide else self.feature,
                _wide(plane, self.weight) if wide else feature(plane, self.weight),
                self.weight,
                self.centre,
                radius=self.extent / 2,
                sign=sign,
            )
            placement = compose(placement, invert(self.to_frame), move.affine, self.to_frame)
            if move.length < ENOUGH and not wide:
                break
        after = self.fit(original, placement)
        return after if after.zncc * sign >= before.zncc * sign else before

    def fit(self, original: Pyramid, placement: Affine) -> Fit:
        """Measure how well a placement agrees."""
        warped = feature(self.original(original, placement), self.weight)
        zncc = weighted_ncc(self.feature, warped, self.weight)
        return Fit(placement, zncc, _agreeing(self.feature, warped * np.sign(zncc), self.weight))


def _wide(plane: Plane, weight: Plane) -> Plane:
    """Return the locally normalised band of coarser detail, which is caught from further away."""
    return local_normalise(plane, weight, inner=1.2, outer=5.0, spread=10.0)


def _agreeing(one: Plane, other: Plane, weight: Plane) -> float:
    """Return the share of tiles with a correlation over one half; tiles with little weight don't count."""
    good = counted = 0
    for rows in np.array_split(np.arange(weight.shape[0]), TILES):
        for columns in np.array_split(np.arange(weight.shape[1]), TILES):
            part = np.ix_(rows, columns)
            if weight[part].sum() > 0.3 * weight[part].size:
                counted += 1
                good += weighted_ncc(one[part], other[part], weight[part]) > 0.5
    return good / counted if counted else 0.0


def refine_first(
    original: Pyramid, designer: DesignerView, placements: list[Affine], check: Callable[[], None]
) -> list[Fit]:
    """Return every placement refined at the first size, best |zncc| first."""
    template = Template(designer, FIRST)
    fits = [template.refine(original, placement, steps=8, wide_steps=4, check=check) for placement in placements]
    return sorted(fits, key=lambda fit: -abs(fit.zncc))


def refine_to_full(original: Pyramid, designer: DesignerView, fits: list[Fit], check: Callable[[], None]) -> Fit:
    """Return the best of ``fits`` after the second size, refined up to the original's own resolution."""
    template = Template(designer, SECOND)
    second = [template.refine(original, fit.affine, steps=8, check=check) for fit in fits]
    best = max(second, key=lambda fit: abs(fit.zncc))
    if abs(best.zncc) < LOST * abs(fits[0].zncc):
        return fits[0]
    finest = min(LAST, designer.extent * scale_of(best.affine), designer.extent)
    extent = SECOND
    while extent < finest:
        extent = min(2 * extent, finest)
        check()
        finer = Template(designer, extent).refine(original, best.affine, steps=6, check=check)
        if abs(finer.zncc) < LOST * abs(best.zncc):
            break
        best = finer
    return best
