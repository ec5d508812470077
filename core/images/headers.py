"""What a file says of itself before anything is decoded: its kind, its size and how it is turned."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import BinaryIO

_MAX_CHUNKS = 1_000_000
_MAX_EXIF = 1 << 20


class Kind(Enum):
    """A file format, by the words a sentence has for it."""

    JPEG = "a JPEG file"
    PNG = "a PNG file"
    TIFF = "a TIFF file"
    WEBP = "a WebP file"
    BMP = "a BMP file"
    HEIC = "a HEIC file"
    AVIF = "an AVIF file"
    PSD = "a Photoshop file"


@dataclass(frozen=True, slots=True)
class Header:
    """Size as stored, and the EXIF orientation (1 to 8) that makes it upright."""

    width: int
    height: int
    orientation: int = 1

    @property
    def upright(self) -> tuple[int, int]:
        """Width and height once the orientation has been applied."""
        return (self.height, self.width) if self.orientation >= 5 else (self.width, self.height)


def kind_of(head: bytes) -> Kind | None:
    """Return the format that a file's first 64 bytes announce, whatever its name says; None: none of ours."""
    starts = {
        b"\xff\xd8\xff": Kind.JPEG,
        b"\x89PNG\r\n\x1a\n": Kind.PNG,
        b"BM": Kind.BMP,
        b"8BPS": Kind.PSD,
        b"II*\0": Kind.TIFF,
        b"MM\0*": Kind.TIFF,
        b"II+\0": Kind.TIFF,
        b"MM\0+": Kind.TIFF,
    }
    for start, kind in starts.items():
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Kind.WEBP
    if head[4:8] == b"ftyp":
        return _family_of(head)
    return None


def _family_of(head: bytes) -> Kind | None:
    """Tell HEIC from AVIF: both live in the same container, and the brands after the major one decide."""
    end = min(len(head), int.from_bytes(head[:4], "big"))
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, end - 3, 4))}
    if brands & {b"avif", b"avis"}:
        return Kind.AVIF
    if brands & {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}:
        return Kind.HEIC
    return None


def orientation_of(exif: bytes) -> int:
    """Return the orientation, 1 to 8, from an EXIF block; 1 where it says nothing or makes no sense.

    Source: TIFF 6.0, section 2 (the first image file directory), tag 274.
    """
    exif = exif.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(order + "I", exif, 4)
        (count,) = struct.unpack_from(order + "H", exif, start)
        for entry in range(start + 2, start + 2 + 12 * count, 12):
            tag, kind = struct.unpack_from(order + "HH", exif, entry)
            if tag == 274:
                (value,) = struct.unpack_from(order + ("I" if kind == 4 else "H"), exif, entry + 8)
                return value if 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1


def png_header(file: BinaryIO) -> Header:
    """Read a PNG's size and, from its eXIf chunk, orientation; the chunk may stand behind the pixels.

    Raises:
        ValueError, struct.error: damaged.
    """
    start = file.read(33)
    width, height = struct.unpack_from(">II", start, 16)
    if start[12:16] != b"IHDR":
        raise ValueError("no IHDR")
    file.seek(33)
    for name, length in _chunks(file, ">I4s", name_first=False, padded=False, tail=4):
        if name == b"eXIf" and length <= _MAX_EXIF:
            return Header(width, height, orientation_of(file.read(length)))
        if name == b"IEND":
            break
    return Header(width, height)


def webp_header(file: BinaryIO) -> Header:
    """Read a WebP's size and, from its EXIF chunk, orientation.

    Source: WebP container specification; RFC 6386 section 9.1 (lossy), WebP lossless bitstream specification.

    Raises:
        ValueError, struct.error: damaged.
    """
    file.seek(12)
    size: tuple[int, int] | None = None
    for name, length in _chunks(file, "<4sI", name_first=True, padded=True, tail=0):
        if name == b"EXIF" and length <= _MAX_EXIF:
            orientation = orientation_of(file.read(length))
            if size is not None:
                return Header(*size, orientation)
        if size is not None:
            continue
        head = file.read(10)
        if name == b"VP8X":
            size = int.from_bytes(head[4:7], "little") + 1, int.from_bytes(head[7:10], "little") + 1
            if not head[0] & 0x08:  # no EXIF chunk announced
                break
        elif name == b"VP8 ":
            width, height = struct.unpack_from("<HH", head, 6)
            size = width & 0x3FFF, height & 0x3FFF
            break
        elif name == b"VP8L":
            (bits,) = struct.unpack_from("<I", head, 1)
            size = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
            break
    if size is None:
        raise ValueError("no picture chunk")
    return Header(*size)


def psd_header(file: BinaryIO) -> Header:
    """Read a Photoshop file's size (Adobe Photoshop File Formats Specification, "File Header Section").

    Raises:
        ValueError, struct.error: damaged.
    """
    version, height, width = struct.unpack_from(">H8xII", file.read(26), 4)
    if version not in (1, 2):
        raise ValueError(f"version {version}")
    return Header(width, height)


def _chunks(file: BinaryIO, layout: str, *, name_first: bool, padded: bool, tail: int) -> Iterator[tuple[bytes, int]]:
    """Walk chunks of name and length from where the file stands, without reading what is in them."""
    at = file.tell()
    end = file.seek(0, os.SEEK_END)
    for _ in range(_MAX_CHUNKS):
        if at + 8 > end:
            return
        file.seek(at)
        first, second = struct.unpack(layout, file.read(8))
        name, length = (first, second) if name_first else (second, first)
        yield name, length
        at += 8 + length + (length & 1 if padded else 0) + tail
