"""Masks, maps and cut-outs to PNG, which bear our mark, and masks back."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import FileProblem
from core.images.picture import Pixels
from core.settings import MOST_MEGAPIXELS

_MARK = ("Software", "Pawtrait")
"""A text chunk of every PNG that the program writes: such a file may be replaced by a newer one, another may not."""
_FORMS = {"L": (np.uint8, 2), "I;16": (np.uint16, 2), "RGBA": (np.uint8, 3)}
"""Type and number of dimensions of the pixels of each mode."""
_DEFLATE_RATIO = 1032
"""Deflate cannot do better (RFC 1951: 258 bytes for two bits): a header that claims more is a lie."""
_REMEDY = "Restore the project's masks from a backup, or reconcile the pair again."


def encode_mask(mask: Pixels) -> bytes:
    """Return an (h, w) uint8 mask as an 8-bit grey PNG; equal masks give equal bytes."""
    return _png(mask, "L")


def encode_patch(planes: Pixels) -> bytes:
    """Return a patch's (h, w) uint8 planes as an 8-bit grey PNG that :func:`decode_mask` reads.

    Patches are written while somebody paints: the fastest deflate, no filter; they are mostly runs of zeros.
    """
    height, width = planes.shape
    rows = np.zeros((height, width + 1), np.uint8)
    rows[:, 1:] = planes
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows.data, 1)), (b"IEND", b""))
    parts = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(name)))
        for name, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def encode_map(values: NDArray[np.uint16]) -> bytes:
    """Return an (h, w) uint16 map, 0 to 65535, as a 16-bit grey PNG."""
    return _png(values, "I;16")


def encode_rgba(rgba: Pixels) -> bytes:
    """Return (h, w, 4) uint8 R, G, B, A, not premultiplied, as a PNG."""
    return _png(rgba, "RGBA")


def _png(pixels: Pixels | NDArray[np.uint16], mode: str) -> bytes:
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    dtype, dimensions = _FORMS[mode]
    if pixels.dtype != dtype or pixels.ndim != dimensions or pixels.size == 0:
        raise ValueError(f"not {mode} pixels: {pixels.dtype} {pixels.shape}")
    file, mark = BytesIO(), PngInfo()
    mark.add_text(*_MARK)
    size = pixels.shape[1], pixels.shape[0]
    Image.frombuffer(mode, size, np.ascontiguousarray(pixels)).save(file, "PNG", compress_level=4, pnginfo=mark)
    return file.getvalue()


def is_ours(path: Path) -> bool:
    """Return whether a file is a PNG that this program has written; False if it cannot be read."""
    try:
        with path.open("rb") as file:
            head = file.read(256)
    except OSError:
        return False
    return head.startswith(b"\x89PNG\r\n\x1a\n") and b"tEXt%b\0%b" % tuple(word.encode() for word in _MARK) in head


def decode_mask(png: bytes) -> NDArray[np.uint8]:
    """Return the mask from an 8-bit grey PNG: (h, w) uint8, C-contiguous, writable.

    Raises:
        FileProblem: damaged, or a PNG of another kind.
    """
    from PIL.PngImagePlugin import PngImageFile

    head = png[:33]
    if len(head) < 33 or head[:8] != b"\x89PNG\r\n\x1a\n" or head[12:16] != b"IHDR":
        raise FileProblem("The mask is damaged: it is no PNG file.", _REMEDY)
    width, height, depth, colour = struct.unpack_from(">IIBB", head, 16)
    if (depth, colour) != (8, 0):
        raise FileProblem("The mask is damaged: it is not an 8-bit grey PNG.", _REMEDY)
    if not 0 < width * height <= min(MOST_MEGAPIXELS * 1e6, len(png) * _DEFLATE_RATIO):
        raise FileProblem(f"The mask is damaged: it claims {width} × {height} pixels.", _REMEDY)
    try:
        return np.array(PngImageFile(BytesIO(png)))
    except MemoryError as error:
        raise FileProblem("The mask does not fit into memory.", "Close other programs.") from error
    except Exception as error:  # Pillow raises many things over damaged bytes
        raise FileProblem("The mask is damaged: its pixels cannot be decoded.", _REMEDY) from error
