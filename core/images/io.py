"""Reads pictures of every supported format: upright, sRGB, 8 bit, within limits; any failure is a FileProblem."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path

import numpy as np

from core.domain import ImageRef
from core.errors import FileProblem, is_out_of_memory
from core.images.colour import to_srgb
from core.images.decode import decode, read_header
from core.images.decoded import Decoded
from core.images.encode import decode_mask, encode_map, encode_mask, encode_patch, encode_rgba
from core.images.headers import Kind, kind_of
from core.images.picture import Picture
from core.images.shrink import area_mean, fitted, upright
from core.images.source import Limits, blame, hash_file, opened, out_of_memory, read_bytes, shown

__all__ = [
    "SUFFIXES",
    "Limits",
    "decode_mask",
    "decode_picture",
    "encode_map",
    "encode_mask",
    "encode_patch",
    "encode_rgba",
    "hash_file",
    "identify",
    "is_picture",
    "read",
    "read_known",
]

SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".tif", ".tiff", ".webp", ".bmp"}
    | {".heic", ".heif", ".hif", ".avif", ".psd", ".psb"}
)
"""Names under which pictures are looked for in folders; what a file really is, its content says."""


def is_picture(path: Path) -> bool:
    """Say by its name whether a file of a folder counts as a picture; hidden files do not (macOS leaves many)."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")


def identify(path: Path, limits: Limits) -> tuple[int, int]:
    """Return a picture's width and height once upright; only its header is read.

    Raises:
        FileProblem: it cannot be read, is no picture, is damaged or over the limits.
    """
    with opened(path, limits) as file:
        with blame(path, "a picture"):
            kind = _kind(path, file.read(64))
        with blame(path, kind.value):
            header = read_header(kind, file)
    limits.check_size(path, header.width, header.height)
    return header.upright


def read(path: Path, limits: Limits, long_side: int | None = None) -> Picture:
    """Read a picture.

    Args:
        path: the file; it is only ever read.
        limits: what is refused before it is decoded.
        long_side: the longer side wanted, in pixels; larger pictures are decoded at less than full size where the
            format allows, and shrunk by area means to exactly this. None, or a smaller picture: full size.

    Raises:
        FileProblem: it cannot be read, is no picture, is damaged or over the limits.
    """
    return decode_picture(read_bytes(path, limits), path, limits, long_side)


def read_known(ref: ImageRef, limits: Limits, long_side: int | None = None) -> Picture:
    """Read a picture of a project as :func:`read`, if its content is still what was imported.

    Raises:
        FileProblem: the file is gone, cannot be decoded, or has other content now.
    """
    path = Path(ref.path)
    data = read_bytes(path, limits)
    if hashlib.sha256(data).hexdigest() != ref.sha256:
        raise FileProblem(
            f"{shown(path)} has changed since it was imported.",
            "Put the imported file back in its place, or import the changed one as a new pair.",
        )
    return decode_picture(data, path, limits, long_side)


def decode_picture(data: bytes, path: Path, limits: Limits, long_side: int | None = None) -> Picture:
    """Decode a file's content, as :func:`read`; ``path`` is only what the sentences call it.

    Raises:
        FileProblem: it is no picture, is damaged or over the limits.
    """
    kind = _kind(path, data[:64])
    with blame(path, kind.value):
        header = read_header(kind, BytesIO(data))
    limits.check_size(path, header.width, header.height)
    least = None if long_side is None else fitted(header.width, header.height, long_side)
    with blame(path, kind.value):
        decoded = decode(kind, data, header, least, lambda w, h: limits.check_size(path, w, h))
    try:
        return _finished(decoded, long_side)
    except Exception as error:
        if is_out_of_memory(error):
            raise out_of_memory(path) from error
        raise


def _finished(decoded: Decoded, long_side: int | None) -> Picture:
    """Shrink, bring to sRGB and turn upright, in this order: each step has less to do than before."""
    header = decoded.header
    pixels, alpha = decoded.pixels, decoded.alpha
    if alpha is not None and int(alpha.min()) == 255:
        alpha = None
    if long_side is not None:
        size = fitted(header.width, header.height, long_side)
        pixels, alpha = area_mean(pixels, alpha, size, decoded.covered)
    rgb = upright(to_srgb(pixels, decoded.mode, decoded.profile), header.orientation)
    if alpha is not None:
        alpha = np.require(upright(alpha, header.orientation), requirements=["C", "W"])
    return Picture(np.require(rgb, requirements=["C", "W"]), alpha, *header.upright)


def _kind(path: Path, head: bytes) -> Kind:
    kind = kind_of(head)
    if kind is None:
        raise FileProblem(
            f"{shown(path)} is not a picture of a kind that can be read here.",
            "Save it as JPEG, PNG, TIFF, WebP, BMP, HEIC, AVIF or PSD.",
        )
    return kind
