"""A decoded picture: upright, sRGB, 8 bit, alpha apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Pixels as the rest of the program sees them.

    ``rgb`` is (height, width, 3) uint8 sRGB, C-contiguous, EXIF orientation applied, not premultiplied.
    ``alpha`` is (height, width) uint8, 255 opaque, or None for a picture without transparency.
    ``full_width`` and ``full_height`` are the file's own size (oriented): larger than ``rgb`` where the
    picture was decoded at reduced size.
    """

    rgb: Pixels
    alpha: Pixels | None
    full_width: int
    full_height: int

    @property
    def width(self) -> int:
        """Pixels across."""
        return int(self.rgb.shape[1])

    @property
    def height(self) -> int:
        """Pixels down."""
        return int(self.rgb.shape[0])
