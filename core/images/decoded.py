"""What a decoder hands on: plain 8-bit pixels, and what is needed to make them upright and sRGB."""

from __future__ import annotations

from dataclasses import dataclass

from core.images.headers import Header
from core.images.picture import Pixels

SAVE_AS_16_BIT = "Save it with 8 or 16 bits a channel."


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """Pixels as the file stores them, 8 bit.

    ``pixels`` is (h, w) for mode "L", (h, w, 3) for "RGB" and "LAB", (h, w, 4) for "CMYK" (255 is full ink); it and
    ``alpha`` may be read-only. ``header`` holds the full size and the orientation still to be applied. ``covered`` says
    how many columns and rows hold the picture where a reduced decoding has left the last ones covered in part.
    """

    pixels: Pixels
    mode: str
    alpha: Pixels | None
    profile: bytes | None
    header: Header
    covered: tuple[float, float] | None = None
