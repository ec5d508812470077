"""What the reviewer's hands ask for: masks to open and edit, fur, placements. Frozen values, as in ``specs``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from core.domain import Box, Pair
from core.maths.brush import Way
from core.maths.patches import Mark, PaintedLayer, Plane8
from core.maths.polygons import Around


@dataclass(frozen=True, slots=True, eq=False)
class MaskProposal:
    """A part of a mask as a tool would have it; ``layer.set(box, mask, base)`` is the patch that takes it."""

    box: Box
    mask: NDArray[np.uint8]
    """(h, w) of the box."""
    words: str
    """Where it comes from, in a sentence."""


Painting = Mark | Way | Around | MaskProposal
"""What a gesture wants of a mask."""


@dataclass(frozen=True, slots=True)
class LoadMaskOf:
    """Make the mask that stands for a pair of the open project. Answer: ``MaskLayer``, None where it has none."""

    pair: Pair
    outline_only: bool = False
    title: ClassVar[str] = "Load mask"
    lane: ClassVar[str] = "io"


@dataclass(frozen=True, slots=True)
class OpenMask:
    """Open a pair's mask so that it can be edited: its recipe's, else the one that stands. Answer: ``OpenedMask``.

    The pair is taken as it is handed in: with another threshold, base or other steps it shows what those would do.
    """

    pair: Pair
    title: ClassVar[str] = "Open mask"
    lane: ClassVar[str] = "io"


@dataclass(frozen=True, slots=True)
class MatteMask:
    """Estimate the alpha of fur in the band around the mask that stands for a pair; nothing is kept.

    Where the designer image has an alpha of its own and a placement, that is the truth and is used. Partial: a
    ``MaskProposal`` as a first look, where the answer takes longer. Answer: ``MaskProposal``.
    """

    pair: Pair
    radius: float
    """Half the width of the band around the mask's edge, pixels of the original; what is soft already is in it too."""
    box: Box | None = None
    """Only here; None: around the whole mask."""
    title: ClassVar[str] = "Fur"
    lane: ClassVar[str] = "gpu"


@dataclass(frozen=True, slots=True, eq=False)
class SetEdge:
    """Set a mask's edge anew in a painted band, or paint a rough stroke up to the picture's edges (GrabCut).

    All arrays are the same part of the original, around what was painted with some room. Answer: ``MaskProposal``.
    """

    left: int
    top: int
    rgb: NDArray[np.uint8]
    """(h, w, 3) sRGB."""
    mask: NDArray[np.uint8]
    """(h, w) as it is now."""
    painted: NDArray[np.uint8]
    """(h, w): at least 128 where the band or the stroke is."""
    adds: bool | None = None
    """None: a band in which the edge is to be found; True: a stroke that adds, False: one that erases."""
    radius: float = 0.0
    """Of the brush, pixels; for a stroke."""
    title: ClassVar[str] = "Find the edge"
    lane: ClassVar[str] = "io"


@dataclass(frozen=True, slots=True, eq=False)
class SnapPath:
    """Lay a rough path onto the picture's edges. Answer: (n, 2) float64 x, y in pixels of the original."""

    left: int
    top: int
    rgb: NDArray[np.uint8]
    """(h, w, 3) sRGB, the part of the original around the path with some room."""
    points: NDArray[np.float64]
    """(n, 2) x, y in pixels of the original."""
    reach: float
    """How far the edge may lie from the path, pixels."""
    title: ClassVar[str] = "Snap to the edge"
    lane: ClassVar[str] = "io"


@dataclass(frozen=True, slots=True, eq=False)
class PickRegion:
    """Pick what has the colour of a point (the magic wand). Answer: ``Picked``, None outside of the picture."""

    left: int
    top: int
    rgb: NDArray[np.uint8]
    """(h, w, 3) sRGB, the part of the original around the point."""
    point: tuple[int, int]
    """x, y in pixels of the original."""
    tolerance: float
    """CIE Lab's ΔE."""
    contiguous: bool = True
    title: ClassVar[str] = "Pick by colour"
    lane: ClassVar[str] = "io"


@dataclass(frozen=True, slots=True, eq=False)
class PickHole:
    """Pick the hole of a mask in which a point lies. Answer: ``Picked``, None if it lies in none."""

    mask: NDArray[np.uint8]
    """(h, w), all of it; nobody may change it meanwhile."""
    point: tuple[int, int]
    title: ClassVar[str] = "Find the hole"
    lane: ClassVar[str] = "io"


@dataclass(frozen=True, slots=True, eq=False)
class PackStroke:
    """Work out what a gesture changes, and keep its patch. Answer: ``PackedStroke``, None if nothing changes."""

    painting: Painting
    layer: PaintedLayer
    """Nobody may change it meanwhile."""
    base: Plane8
    title: ClassVar[str] = "Paint"
    lane: ClassVar[str] = "hands"


@dataclass(frozen=True, slots=True)
class DeriveMask:
    """Derive the masks of a pair anew whose placement was moved by hand; a change without a step of undo of its own.

    A person's strokes on the reconciliation's mask are kept, but the result may not be what they meant: unless
    ``even_if_painted`` it is then only told what would change. Answer: ``Rederived``.
    """

    pair_id: int
    who: str = ""
    even_if_painted: bool = False
    title: ClassVar[str] = "Derive the mask"
    lane: ClassVar[str] = "gpu"


@dataclass(frozen=True, slots=True, eq=False)
class FitColours:
    """Find what the recolouring made of the original's colours, where both pictures show the same thing.

    Answer: ``core.maths.recolouring.ColourTable``. All arrays are of one size, best ``FIT_SIDE`` long.
    """

    original: NDArray[np.uint8]
    """(h, w, 3) sRGB."""
    designer: NDArray[np.uint8]
    """(h, w, 3), the designer image warped over it."""
    weight: NDArray[np.float32]
    """(h, w): 1 where both are to be seen."""
    title: ClassVar[str] = "Compare colours"
    lane: ClassVar[str] = "io"


@dataclass(frozen=True, slots=True, eq=False)
class EstimateColours:
    """Estimate the portrait's own colours where a mask's edge is soft, to be shown on another backdrop.

    Both arrays are the same part of the original, with some room, at any size. Answer: (h, w, 4) uint8 in the order
    B, G, R, A, transparent where the edge is not soft; None if it is soft nowhere.
    """

    rgb: NDArray[np.uint8]
    """(h, w, 3) sRGB."""
    mask: NDArray[np.uint8]
    """(h, w)."""
    title: ClassVar[str] = "Estimate colours"
    lane: ClassVar[str] = "io"


HandSpec = (
    LoadMaskOf
    | OpenMask
    | MatteMask
    | SetEdge
    | SnapPath
    | PickRegion
    | PickHole
    | PackStroke
    | DeriveMask
    | FitColours
    | EstimateColours
)
