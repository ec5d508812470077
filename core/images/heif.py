"""HEIC, through pillow-heif, without registering it with Pillow for the whole program."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.images.decoded import Decoded
from core.images.headers import Header


def heif_header(data: bytes) -> Header:
    """Return the size, upright: libheif turns the picture itself, and its EXIF orientation no longer counts.

    Raises:
        Exception: anything, over a damaged file.
    """
    import pillow_heif

    return Header(*pillow_heif.open_heif(data).size)


def decode_heif(data: bytes) -> Decoded:
    """Decode the primary picture; 10 and 12 bits become 8.

    Raises:
        Exception: anything, over a damaged file.
    """
    import pillow_heif

    container = pillow_heif.open_heif(data)
    picture: Any = container[container.primary_index]
    image = picture.to_pillow()
    alpha = None
    if image.mode == "RGBa":
        image = image.convert("RGBA")
    if image.mode in ("LA", "RGBA"):
        alpha = np.asarray(image.getchannel("A"))
    plain = image.convert("L" if image.mode in ("L", "LA") else "RGB")
    return Decoded(np.asarray(plain), plain.mode, alpha, picture.info.get("icc_profile"), Header(*plain.size))
