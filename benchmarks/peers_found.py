"""What a method answers, whoever made it."""

from __future__ import annotations

from dataclasses import dataclass

from core.images.picture import Picture
from core.maths.masks import Mask
from core.maths.warp import Affine, affine_from_matrix
from core.reconcile.foreground import find_foreground
from core.reconcile.placing import warped_foreground
from core.reconcile.result import Result


@dataclass(frozen=True, eq=False)
class Found:
    """What a method answers; ``painted`` is None if it says nothing of what was painted on."""

    affine: Affine | None
    mask: Mask | None
    confidence: float
    painted: Mask | None = None


def as_found(result: Result) -> Found:
    """Return what the program answered."""
    affine = None if result.placement is None else affine_from_matrix(result.placement.matrix())
    return Found(affine, result.mask, result.confidence, result.painted)


def placed(original: Picture, designer: Picture, affine: Affine | None, confidence: float) -> Found:
    """Return the answer of a method that only places: its mask is the designer image's foreground, warped."""
    if affine is None:
        return Found(None, None, confidence)
    size = (designer.width, designer.height)
    mask = warped_foreground(find_foreground(designer), affine, size, (original.width, original.height))
    return Found(affine, mask, confidence)
