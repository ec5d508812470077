"""What every method does once it knows where the designer image lies."""

from __future__ import annotations

from core.domain import Placement
from core.images.picture import Picture
from core.maths.masks import Mask
from core.maths.warp import Affine, Size, affine_from_matrix, compose, matrix_from_affine, resize_affine, warp
from core.reconcile.foreground import Foreground
from core.reconcile.result import Result

TRANSPARENT = "The designer image is fully transparent."


def nothing(reason: str, confidence: float = 0.0) -> Result:
    """Return the answer "no match"."""
    return Result(None, None, confidence, reason, 0.0)


def warped_foreground(foreground: Foreground, placement: Affine, designer: Size, original: Size) -> Mask:
    """Return the designer image's foreground in the original's frame; ``placement`` is designer to original."""
    small = (foreground.mask.shape[1], foreground.mask.shape[0])
    return warp(foreground.mask, compose(placement, resize_affine(small, designer)), original)


def placement_of_files(original: Picture, designer: Picture, placement: Placement) -> Placement:
    """Return a placement between two decoded pictures as one between their files at full size."""
    up = resize_affine((original.width, original.height), (original.full_width, original.full_height))
    down = resize_affine((designer.full_width, designer.full_height), (designer.width, designer.height))
    return Placement.from_matrix(matrix_from_affine(compose(up, affine_from_matrix(placement.matrix()), down)))
