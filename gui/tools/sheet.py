"""The mask on the table: its base, what is painted over it, and what a mark or a proposal would make of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.domain import Box
from core.maths.patches import PaintedLayer, Patch, Plane8, over, union
from gui.tools.base import Mark

TILE = 256
"""Pixels; what is changed is worked on in squares of this side."""


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
        left, top, right, bottom = mark.box
        height, width = bottom - top, right - left
        planes = np.zeros((2, height, width), np.uint8)
        around: Box | None = None
        for tile in tiles(mark.alpha):
            x0, y0, x1, y1 = tile
            box = left + x0, top + y0, left + x1, top + y1
            patch = self.layer.stroke(box, mark.alpha[y0:y1, x0:x1], 255 if mark.adds else 0)
            if patch is not None:
                x, y = patch.left - left, patch.top - top
                changed = planes[:, y : y + patch.box[3] - patch.box[1], x : x + patch.box[2] - patch.box[0]]
                changed[0], changed[1] = patch.halves
                around = union(around, patch.box)
        if around is None:
            return None
        inner = planes[:, around[1] - top : around[3] - top, around[0] - left : around[2] - left]
        return Patch(around[0], around[1], inner.reshape(-1, inner.shape[2]))

    def patch_to(self, box: Box, wanted: Plane8) -> Patch | None:
        """Return the patch that makes a box of the mask ``wanted``; None if it is that already."""
        left, top, right, bottom = box
        return self.layer.set(box, wanted, self.base[top:bottom, left:right])

    def apply(self, patch: Patch) -> list[Box]:
        """Do what a patch says, or take it back; return boxes around what has changed."""
        left, top, _, _ = self.layer.apply(patch)
        cover, paint = patch.halves
        return [(left + x0, top + y0, left + x1, top + y1) for x0, y0, x1, y1 in tiles(cover | paint)]


def tiles(plane: Plane8, side: int = TILE) -> list[Box]:
    """Return the squares of a grid in which a plane is not all 0: a long stroke's box is mostly empty."""
    height, width = plane.shape
    found = []
    for y in range(0, height, side):
        columns = plane[y : y + side].max(axis=0)
        found += [
            (x, y, min(x + side, width), min(y + side, height))
            for x in range(0, width, side)
            if columns[x : x + side].any()
        ]
    return found
