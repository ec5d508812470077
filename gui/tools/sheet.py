"""The mask on the table: its base, and what is painted over it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.domain import Box
from core.maths.patches import PaintedLayer, Patch, Plane8


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

    def apply(self, parts: Iterable[Patch]) -> list[Box]:
        """Do what a patch says, in its parts, or take it back; return boxes around what has changed."""
        return [self.layer.apply(part) for part in parts]
