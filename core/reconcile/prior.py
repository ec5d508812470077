"""What may be known before a search: a rough placement, landmark pairs, or a map of where the portrait is likely."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.domain import Placement


@dataclass(frozen=True, slots=True)
class PlacementPrior:
    """A rough placement between the two files at full size, and how far from it the right one may lie."""

    placement: Placement
    reach: float = 0.35
    """Largest shift, as a share of the portrait's size (root of its area)."""
    scale_factor: float = 1.35
    """Largest ratio of the two scales, either way."""
    turn_deg: float = 20.0
    """Largest difference in rotation, degrees."""
    likely: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)
    """A map as in ``MapPrior``, for the mask alone."""


@dataclass(frozen=True, slots=True)
class LandmarkPrior:
    """Points that are the same in both pictures: (designer x, designer y, original x, original y) in file pixels.

    Two or more that differ give a placement (least squares). Three or more that do not lie on a line decide whether it
    is mirrored.
    """

    points: tuple[tuple[float, float, float, float], ...]
    likely: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)
    """A map as in ``MapPrior``, for the mask alone."""


@dataclass(frozen=True, slots=True, eq=False)
class MapPrior:
    """How likely each part of the original is to belong to the portrait.

    ``probability`` is (h, w) float32, 0 to 1, finite, over the whole original at any size.
    """

    probability: NDArray[np.float32]


Prior = PlacementPrior | LandmarkPrior | MapPrior
