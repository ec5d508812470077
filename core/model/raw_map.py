"""What every model gives for a photo, before anything is made of it: a score and a density over exactly the photo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Map = NDArray[np.float32]
"""(height, width) float32 over a photo: the cells of its grid have equal size and cover it without margin."""
TOLERANCE = 1e-4
"""A density may miss one by so much."""


@dataclass(frozen=True, slots=True, eq=False)
class RawMap:
    """A model's answer on a grid of its own, coarser than the photo or equal to it.

    Both maps cover exactly the photo (no padding), with cells of equal size; to bring one to the photo's pixels,
    resize it with pixel centres at (x + 0.5) k - 0.5, as ``cv2.resize`` does.
    """

    score: Map
    """Calibrated probability, 0 to 1, that a cell belongs to the portrait."""
    log_density: Map
    """Natural logarithm of a density over the cells; its exponential sums to one."""

    def __post_init__(self) -> None:
        """See at the door that it is sound: what comes later trusts it."""
        assert self.score.ndim == 2 and self.score.size > 0
        assert self.score.shape == self.log_density.shape
        assert self.score.dtype == np.float32 and self.log_density.dtype == np.float32
        assert bool(np.isfinite(self.score).all()) and bool(np.isfinite(self.log_density).all())
        assert float(self.score.min()) >= 0 and float(self.score.max()) <= 1
        assert abs(float(np.exp(self.log_density.astype(np.float64)).sum()) - 1) <= TOLERANCE


class Network(Protocol):
    """What an architecture has to offer."""

    def maps(self, photos: list[NDArray[np.uint8]]) -> list[RawMap]:
        """Return the maps of photos, (h, w, 3) uint8 sRGB."""
        ...


def normalised(log_values: Map) -> Map:
    """Return log-values shifted so that their exponential sums to one (after any resize)."""
    wide = log_values.astype(np.float64)
    top = float(wide.max())
    return np.asarray(wide - (top + np.log(np.exp(wide - top).sum())), np.float32)
