"""The formats that can be exported: each turns one pair's mask, and its original if it must, into a file's bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from core.images.picture import Picture, Pixels


class Exporter(Protocol):
    """One format. A new one is a class here, a row in :data:`EXPORTERS`, and passes tests/contract/exporters."""

    @property
    def title(self) -> str:
        """What a menu or ``--help`` calls it: one short sentence."""
        ...

    @property
    def suffix(self) -> str:
        """Suffix of its files, with the dot."""
        ...

    def encode(self, mask: Pixels, original: Callable[[], Picture]) -> bytes:
        """Return the file's bytes.

        Args:
            mask: (height, width) uint8, 0 background to 255 portrait, in the original's frame at its full size.
            original: decodes the photo at full size; called only by formats that need it.

        Raises:
            FileProblem: the original cannot be read.
        """
        ...


class Masks:
    """8-bit grey PNG: 255 where the mask is at least one half, else 0."""

    title = "Masks: black and white PNG of the original's size"
    suffix = ".png"

    def encode(self, mask: Pixels, original: Callable[[], Picture]) -> bytes:
        """Return the mask cut at one half; the original is not read."""
        from core.images.io import encode_mask

        return encode_mask(two_valued(mask))


class Cutouts:
    """RGBA PNG: the original's colours with the mask as alpha, soft edges kept."""

    title = "Cut-outs: the original with the mask as transparency, soft edges kept"
    suffix = ".png"

    def encode(self, mask: Pixels, original: Callable[[], Picture]) -> bytes:
        """Return the portrait cut out; what was transparent in the original stays so."""
        from core.images.io import encode_rgba

        photo = original()
        return encode_rgba(np.dstack([photo.rgb, _alpha(mask, photo)]))


class CleanCutouts:
    """RGBA PNG: as cut-outs, but the old background does not shine through where the edge is soft."""

    title = "Clean cut-outs: soft edges in the portrait's own colours, for any backdrop"
    suffix = ".png"

    def encode(self, mask: Pixels, original: Callable[[], Picture]) -> bytes:
        """Return the portrait cut out, its colours estimated where the mask is soft."""
        from core.images.io import encode_rgba
        from core.maths.matting import foreground_colours

        photo = original()
        alpha = _alpha(mask, photo)
        return encode_rgba(np.dstack([foreground_colours(photo.rgb, mask), alpha]))


EXPORTERS: dict[str, Exporter] = {"masks": Masks(), "cutouts": Cutouts(), "clean-cutouts": CleanCutouts()}


def _alpha(mask: Pixels, photo: Picture) -> Pixels:
    """Return the transparency of a cut-out: the mask's, and what the photo had."""
    if photo.rgb.shape[:2] != mask.shape:
        raise ValueError(f"mask of {mask.shape} for a photo of {photo.rgb.shape}")
    if photo.alpha is None:
        return mask
    return ((mask.astype(np.uint16) * photo.alpha + 127) // 255).astype(np.uint8)


def two_valued(mask: Pixels) -> Pixels:
    """Return the mask cut at one half: 255 where it is at least 128, else 0."""
    return np.where(mask >= 128, np.uint8(255), np.uint8(0))
