"""What the mask of a pair is made of, read from the project, and made."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from core.domain import CleanUp, MaskRef, MaskSource, Pair, Stroke
from core.errors import FileProblem, UserFacingError
from core.images import io
from core.maths.masks import Mask
from core.maths.patches import PaintedLayer, Patch
from core.maths.probability import cut
from core.maths.recipes import derive
from core.store.base import Store


@dataclass(frozen=True, slots=True)
class Ingredients:
    """What a mask is made of, as the project refers to it."""

    size: tuple[int, int]
    """Width and height of the original."""
    base: MaskRef | None
    """A mask, or a map; None: black."""
    threshold: float | None
    """Where to cut the base, as it is a map; None: it is a mask."""
    steps: tuple[CleanUp, ...] = ()
    strokes: tuple[Stroke, ...] = ()

    @property
    def is_file(self) -> bool:
        """Whether the base's file is the mask as it is."""
        return self.base is not None and self.threshold is None and not self.steps and not self.strokes

    @property
    def key(self) -> str:
        """A name, 32 hexadecimal digits, that other ingredients do not have."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class MaskFiles:
    """The same with the files' bytes, as they cross into a child process."""

    size: tuple[int, int]
    base_png: bytes | None
    threshold: float | None
    steps: tuple[CleanUp, ...] = ()
    strokes: tuple[tuple[Stroke, bytes], ...] = ()

    def base(self) -> Mask:
        """Return the base at the original's size.

        Raises:
            FileProblem: its file is damaged, or of another size.
        """
        width, height = self.size
        if self.base_png is None:
            return np.zeros((height, width), np.uint8)
        mask = io.decode_mask(self.base_png)
        if self.threshold is not None:
            return cut(mask, self.threshold, self.size)
        if mask.shape != (height, width):
            raise FileProblem(
                f"The mask is {mask.shape[1]} × {mask.shape[0]} pixels, its photo {width} × {height}.",
                "Reconcile the pair again, or restore the project from a backup.",
            )
        return mask

    def layer(self) -> PaintedLayer:
        """Return what was painted.

        Raises:
            FileProblem: a stroke's file is damaged.
        """
        layer = PaintedLayer(*self.size)
        for stroke, png in self.strokes:
            layer.apply(Patch(stroke.left, stroke.top, io.decode_mask(png)))
        return layer

    def mask(self) -> Mask:
        """Return the mask.

        Raises:
            FileProblem: a file is damaged.
        """
        return derive(self.base(), self.steps, self.layer() if self.strokes else None)


class MaskIsOld(UserFacingError):
    """A placement was moved by hand, and the mask has not followed yet."""

    def __init__(self) -> None:
        """Say so, and what to do."""
        super().__init__(
            "The mask is older than its placement, which was moved by hand.",
            "Open the pair on the desk, which derives the mask anew, or reconcile the pair again.",
        )


def ingredients(pair: Pair, source: MaskSource | None = None) -> Ingredients | None:
    """Return what the mask is made of that stands for a pair, or another ``source``'s; None where there is none."""
    source = source or pair.mask_source
    size = pair.original.width, pair.original.height
    if source is MaskSource.RECIPE:
        recipe = pair.recipe
        if recipe is None:
            return None
        beneath = Ingredients(size, None, None) if recipe.base is None else ingredients(pair, recipe.base)
        if beneath is None:
            return None
        return Ingredients(size, beneath.base, beneath.threshold, recipe.steps, recipe.strokes)
    if source is MaskSource.PREDICTION:
        said = pair.prediction
        return None if said is None else Ingredients(size, said.map, said.cut)
    found = pair.reconciliation
    return None if found is None or found.mask is None else Ingredients(size, found.mask, None)


def see_that_it_is_new(pair: Pair) -> None:
    """See that a mask which is to leave the project belongs to the placement as it is.

    Raises:
        MaskIsOld: it does not.
    """
    found = pair.reconciliation
    if pair.base_source is MaskSource.RECONCILIATION and found is not None and found.mask_placement is not None:
        raise MaskIsOld


def read(store: Store, made_of: Ingredients) -> MaskFiles:
    """Return the bytes of what a mask is made of.

    Raises:
        StorageProblem: a file is missing or damaged.
    """
    return MaskFiles(
        made_of.size,
        None if made_of.base is None else store.mask_png(made_of.base),
        made_of.threshold,
        made_of.steps,
        tuple((stroke, store.mask_png(stroke.patch)) for stroke in made_of.strokes),
    )
