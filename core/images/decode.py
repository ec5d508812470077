"""Decodes each format to plain 8-bit pixels, with what is needed to make them upright and sRGB."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Callable
from importlib import import_module
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from core.images.decoded import SAVE_AS_16_BIT, Decoded
from core.images.deep import decode_deep
from core.images.headers import Header, Kind, orientation_of, png_header, psd_header, webp_header
from core.images.heif import decode_heif, heif_header
from core.images.picture import Pixels
from core.images.psd import decode_psd
from core.images.source import NotSupported

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

_PLUGINS = {
    Kind.JPEG: "JpegImage",
    Kind.PNG: "PngImage",
    Kind.TIFF: "TiffImage",
    Kind.WEBP: "WebPImage",
    Kind.BMP: "BmpImage",
    Kind.AVIF: "AvifImage",
}
_PARSERS = re.compile(r"PIL\.\w+Plugin")


def read_header(kind: Kind, file: BinaryIO) -> Header:
    """Read size and orientation without decoding; ``file`` stands anywhere.

    Raises:
        Exception: anything, over a damaged file.
    """
    file.seek(0)
    match kind:
        case Kind.PNG:
            return png_header(file)
        case Kind.WEBP:
            return webp_header(file)
        case Kind.PSD:
            return psd_header(file)
        case Kind.HEIC:
            return heif_header(file.read())
        case _:
            return _pillow_header(_open(kind, file))


def decode(
    kind: Kind, data: bytes, header: Header, least: tuple[int, int] | None, check: Callable[[int, int], None]
) -> Decoded:
    """Decode a file whose header has been read and found within limits.

    Args:
        kind: its format.
        data: its content.
        header: what :func:`read_header` said.
        least: a width and height, as stored, that suffice; where the format allows, less is decoded.
        check: raises ``FileProblem`` for a size over the limit, for parts that have one of their own.

    Raises:
        FileProblem: from ``check``.
        Exception: anything, over a damaged file.
    """
    if kind is Kind.HEIC:
        return decode_heif(data)
    if kind is Kind.PSD:
        return decode_psd(data, header, check)
    image = _open(kind, BytesIO(data))
    if kind in (Kind.PNG, Kind.TIFF):
        deep = decode_deep(image, data, header)
        if deep is not None:
            return deep
    covered = None
    if least is not None:
        told = image.draft(None, least)  # JPEG only; None keeps the colour space
        if told is not None:
            covered = told[1][2], told[1][3]
    profile = image.info.get("icc_profile")
    image.load()
    plain, alpha = _plain(image)
    if kind is Kind.TIFF:
        header = Header(*header.upright)  # Pillow has turned it
    return Decoded(np.asarray(plain), plain.mode, alpha, profile, header, covered)


def _open(kind: Kind, file: BinaryIO) -> ImageFile:
    """Open by the plugin itself: ``Image.open`` has ideas of its own about the format and the number of pixels."""
    # Pillow's parsers warn over odd metadata and log over damage, which we say in a sentence. A filter of our own for
    # just these modules keeps them quiet; catch_warnings would race with other threads.
    if not any(entry[3] == _PARSERS for entry in warnings.filters):
        warnings.filterwarnings("ignore", module=_PARSERS.pattern)
    logging.getLogger("PIL.TiffImagePlugin").setLevel(logging.CRITICAL)
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # Limits.check_size has the say, before anything is decoded
    name = _PLUGINS[kind]
    plugin: type[ImageFile] = getattr(import_module(f"PIL.{name}Plugin"), f"{name}File")
    return plugin(file)


def _pillow_header(image: ImageFile) -> Header:
    tags = getattr(image, "tag_v2", None)
    if tags is not None:
        turn = tags.get(274, 1)
        return Header(int(tags[256]), int(tags[257]), turn if turn in range(1, 9) else 1)
    return Header(*image.size, orientation_of(image.info.get("exif", b"")))


def _plain(image: Image) -> tuple[Image, Pixels | None]:
    """Reduce Pillow's many modes to L, RGB, LAB or CMYK, with alpha apart."""
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        raise NotSupported("32 bits a channel", SAVE_AS_16_BIT)
    if image.mode in ("P", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
    elif image.mode == "1":
        image = image.convert("L")
    elif image.mode not in ("L", "LA", "RGB", "RGBA", "CMYK", "LAB"):
        image = image.convert("RGB")
    if image.mode in ("LA", "RGBA"):
        alpha = np.asarray(image.getchannel("A"))
        return image.convert(image.mode[:-1]), alpha
    return image, None
