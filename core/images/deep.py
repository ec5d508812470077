"""16 bits a channel, from PNG and TIFF: Pillow keeps them for grey only and cuts colour down by truncation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.images.decoded import Decoded
from core.images.headers import Header
from core.images.picture import Pixels
from core.images.source import NotSupported

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

_PHOTOMETRIC, _BITS, _PLANAR, _EXTRA, _FORMAT = 262, 258, 284, 338, 339


def decode_deep(image: ImageFile, data: bytes, header: Header) -> Decoded | None:
    """Decode an opened PNG or TIFF of 16-bit grey or RGB; None: it is none, leave it to Pillow.

    Colour goes through OpenCV, which keeps all bits, and is rounded here to 8.

    Raises:
        NotSupported: planes apart, which both libraries read wrongly.
        Exception: anything, over a damaged file.
    """
    tags: dict[int, Any] = dict(image.tag_v2) if image.format == "TIFF" else {}  # type: ignore[attr-defined]
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I;16"):
        clear = image.info.get("transparency")
        image.load()  # turns a TIFF upright
        grey = np.array(image).astype(np.uint16, copy=False)
        alpha = None if clear is None else np.where(grey == clear, 0, 255).astype(np.uint8)
        if tags.get(_PHOTOMETRIC) == 0:  # white is zero
            grey = 65535 - grey
        return Decoded(to_8_bit(grey), "L", alpha, profile, _turned(image, header))
    deep = tags.get(_BITS, (8,))[0] == 16 if tags else data[24] == 16
    if not deep or image.mode not in ("RGB", "RGBA"):
        return None
    if tags.get(_PLANAR) == 2:
        raise NotSupported("16 bits a channel and its planes apart", "Save it with interleaved channels.")
    image.load()  # OpenCV makes do with half a file, and Pillow does not
    values = _opencv(data, header if not tags else Header(*header.upright))
    if values is None:  # a compression that OpenCV lacks: better truncated than not at all
        return None
    alpha16 = values[:, :, 3] if values.shape[2] == 4 and (image.mode == "RGBA" or not tags) else None
    colour = _rgb(values)
    if alpha16 is None:
        return Decoded(to_8_bit(colour), "RGB", None, profile, _turned(image, header))
    if tags.get(_EXTRA, ())[:1] == (1,):  # premultiplied
        full = np.maximum(alpha16, 1)[:, :, None].astype(np.float32)
        colour = np.rint(np.minimum(colour * (65535 / full), 65535)).astype(np.uint16)
    return Decoded(to_8_bit(colour), "RGB", to_8_bit(alpha16), profile, _turned(image, header))


def to_8_bit(values: NDArray[np.uint16]) -> Pixels:
    """Round 0 … 65535 to 0 … 255: the nearest of v / 257."""
    import cv2

    return np.asarray(cv2.convertScaleAbs(np.ascontiguousarray(values), alpha=1 / 257), np.uint8)


def _rgb(values: NDArray[np.uint16]) -> NDArray[np.uint16]:
    import cv2

    code = cv2.COLOR_BGRA2RGB if values.shape[2] == 4 else cv2.COLOR_BGR2RGB
    return cv2.cvtColor(values, code).view(np.uint16)


def _turned(image: ImageFile, header: Header) -> Header:
    """Return the header that is left: both libraries turn TIFFs upright by themselves."""
    return Header(*header.upright) if image.format == "TIFF" else header


def _opencv(data: bytes, header: Header) -> NDArray[np.uint16] | None:
    import cv2

    # It would write to the terminal over every tag of Photoshop's. OpenCV 4 and 5 have the switch in different places.
    quieten = getattr(cv2, "setLogLevel", None) or cv2.utils.logging.setLogLevel
    quieten(0)
    try:
        values = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    if values is None or values.dtype != np.uint16 or values.ndim != 3:
        return None
    if values.shape[:2] != (header.height, header.width):
        raise ValueError("two sizes in one file")
    return values.view(np.uint16)
