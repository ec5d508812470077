"""What a reconciliation answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain import Placement


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """Where the designer image lies in the original, and the portrait's mask.

    ``placement`` takes a pixel of the designer image's file to a pixel of the original's file, both at full size;
    None means "no match". ``mask`` is (height, width) uint8 in the original's frame, at the size of the picture that
    was handed in: 0 background, 255 portrait, soft edge between; None without a placement. ``confidence`` is the
    probability, 0 to 1, that the placement is right (of "no match": that there is one after all), and ``reason`` is
    one short sentence for the reviewer.

    ``footprint`` is what the designer image's foreground covers of the original, in the same form as ``mask``: with
    what was painted on, and the whole frame where the background was kept. ``painted`` is what was painted on (hats,
    names, frames): parts of the footprint that show nothing of the original; ``mask`` goes on beneath them where the
    photo shows the portrait, and leaves them out elsewhere. None where nothing was.
    """

    placement: Placement | None
    mask: NDArray[np.uint8] | None
    confidence: float
    reason: str
    seconds: float
    footprint: NDArray[np.uint8] | None = None
    painted: NDArray[np.uint8] | None = None
    stretch: float = 0.0
    """By how much more an affine would stretch the designer image one way than the other (0.01: 1 %); reported only."""
