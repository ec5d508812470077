"""The mask on the table: its base, what is painted over it, and what a mark or a proposal would make of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.domain import Box
from core.maths.patches import PaintedLayer, Patch, Plane8, over
from gui.tools.base import Mark


@dataclass(slots=True)
class Sheet:
    """One mask under edit; the base is cleaned up already."""

    base: Plane8
    layer: PaintedLayer

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.layer.size

    def mask_in(self, box: Box) -> Plane8:
        """Return a box of the mask as it is."""
        return self.layer.over(self.base, box)

    def with_alpha(self, box: Box, alpha: Plane8, adds: bool) -> Plane8:
        """Return a box of the mask as a stroke under way would make it."""
        mask = self.mask_in(box)
        return over(mask, alpha, alpha) if adds else over(mask, alpha, np.zeros_like(alpha))

    def patch_of(self, mark: Mark) -> Patch | None:
        """Return the patch that paints a mark; None if nothing changes."""
        return self.layer.stroke(mark.box, mark.alpha, 255 if mark.adds else 0)

    def patch_to(self, box: Box, wanted: Plane8) -> Patch | None:
        """Return the patch that makes a box of the mask ``wanted``; None if it is that already."""
        left, top, right, bottom = box
        return self.layer.set(box, wanted, self.base[top:bottom, left:right])

    def apply(self, patch: Patch) -> Box:
        """Do what a patch says, or take it back; return what has changed."""
        return self.layer.apply(patch)
