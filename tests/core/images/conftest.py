"""Pictures and files for the tests of the image intake, made by other hands than those that read them."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.images.io import Limits

LIMITS = Limits(max_megapixels=2, max_file_megabytes=8)


def picture(height: int = 31, width: int = 43, channels: int = 3) -> np.ndarray:
    """A smooth picture without any symmetry, (h, w, channels) uint8."""
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    planes = [220 * x, 40 + 180 * y, 230 - 120 * x - 80 * y, 30 + 200 * x * y]
    return np.dstack([np.rint(plane) for plane in planes[:channels]]).astype(np.uint8)


def noise(shape: tuple[int, ...], kind: type[np.unsignedinteger[Any]] = np.uint8) -> np.ndarray:
    return np.random.default_rng(7).integers(0, np.iinfo(kind).max + 1, shape).astype(kind)


def saved(pixels: np.ndarray | Image.Image, form: str, **options: Any) -> bytes:
    """Encode through Pillow."""
    file = io.BytesIO()
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(file, form, **options)
    return file.getvalue()


def heic(pixels: np.ndarray | Image.Image, **options: Any) -> bytes:
    import pillow_heif

    file = io.BytesIO()
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    pillow_heif.from_pillow(image).save(file, quality=-1, chroma=444, **options)
    return file.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(
    pixels: np.ndarray, colour: int, before: Sequence[bytes] = (), after: Sequence[bytes] = (), depth: int | None = None
) -> bytes:
    """Write a PNG by hand; ``before`` and ``after`` are chunks around the pixels."""
    height, width = pixels.shape[:2]
    depth = depth or 8 * pixels.itemsize
    big = pixels.astype(pixels.dtype.newbyteorder(">"))
    body = b"".join(b"\0" + row.tobytes() for row in big)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    parts = [b"\x89PNG\r\n\x1a\n", head, *before, chunk(b"IDAT", zlib.compress(body)), *after, chunk(b"IEND", b"")]
    return b"".join(parts)


def exif(orientation: int, order: str = "<", kind: int = 3) -> bytes:
    """An EXIF block of one tag, by hand (no "Exif" header)."""
    value = struct.pack(order + ("I" if kind == 4 else "H2x"), orientation)
    start = b"II*\0" if order == "<" else b"MM\0*"
    return start + struct.pack(order + "IHHHI", 8, 1, 274, kind, 1) + value + bytes(4)


def tiff(pixels: np.ndarray, **options: Any) -> bytes:
    import tifffile

    file = io.BytesIO()
    tifffile.imwrite(file, pixels, **options)
    return file.getvalue()


@dataclass
class Layer:
    """One record of a Photoshop file: planes by channel id, and where they lie."""

    planes: Mapping[int, np.ndarray] = field(default_factory=dict)
    top: int = 0
    left: int = 0
    opacity: int = 255
    hidden: bool = False
    clipping: bool = False
    mask: tuple[np.ndarray, int, int, int] | None = None
    """Plane, top, left, value outside."""
    mask_disabled: bool = False
    section: int | None = None
    """3 opens a group (from below), 1 closes it."""

    def record(self) -> tuple[bytes, bytes]:
        """The layer's record and its channels' data."""
        height, width = next(iter(self.planes.values())).shape if self.planes else (0, 0)
        planes = dict(self.planes)
        mask_data = b""
        if self.mask is not None:
            plane, top, left, outside = self.mask
            planes[-2] = plane
            box = (top, left, top + plane.shape[0], left + plane.shape[1])
            mask_data = struct.pack(">4iBB2x", *box, outside, 2 * self.mask_disabled)
        bodies = {key: b"\0\0" + _big(plane) for key, plane in planes.items()}
        box = (self.top, self.left, self.top + height, self.left + width)
        head = struct.pack(">4iH", *box, len(bodies))
        head += b"".join(struct.pack(">hI", key, len(body)) for key, body in bodies.items())
        head += b"8BIMnorm" + struct.pack(">BBBx", self.opacity, self.clipping, 2 * self.hidden)
        extra = struct.pack(">I", len(mask_data)) + mask_data + struct.pack(">I", 0) + b"\x05layer\0\0"
        if self.section is not None:
            extra += b"8BIMlsct" + struct.pack(">II", 4, self.section)
        return head + struct.pack(">I", len(extra)) + extra, b"".join(bodies.values())


def _big(plane: np.ndarray) -> bytes:
    return plane.astype(plane.dtype.newbyteorder(">")).tobytes()


def _packed(row: bytes) -> bytes:
    """PackBits in literal runs only: legal, and simple enough to be right."""
    return b"".join(bytes([len(row[at : at + 128]) - 1]) + row[at : at + 128] for at in range(0, len(row), 128))


def psd(
    planes: Sequence[np.ndarray],
    mode: int = 3,
    layers: Sequence[Layer] = (),
    transparent: bool = False,
    resources: Mapping[int, bytes] | None = None,
    depth: int | None = None,
    rle: bool = False,
    palette: bytes = b"",
    size: tuple[int, int] | None = None,
) -> bytes:
    """Write a Photoshop file by hand; ``transparent``: the plane behind the colours is the transparency."""
    height, width = size or planes[0].shape
    depth = depth or 8 * planes[0].itemsize
    parts = [struct.pack(">4sH6xHIIHH", b"8BPS", 1, len(planes), height, width, depth, mode)]
    parts.append(struct.pack(">I", len(palette)) + palette)
    blocks = b""
    for key, data in (resources or {}).items():
        blocks += b"8BIM" + struct.pack(">HHI", key, 0, len(data)) + data + b"\0" * (len(data) % 2)
    parts.append(struct.pack(">I", len(blocks)) + blocks)
    records = [layer.record() for layer in layers]
    count = -len(records) if transparent else len(records)
    info = struct.pack(">h", count) + b"".join(head for head, _ in records) + b"".join(body for _, body in records)
    info += b"\0" * (len(info) % 2)
    if depth == 16 and layers:  # deep layers stand in a block of their own, and so does the mark of transparency
        info += b"\0" * (-len(info) % 4)
        section = struct.pack(">II", 0, 0) + b"8BIMLr16" + struct.pack(">I", len(info)) + info
        section += (b"8BIMMt16" + struct.pack(">I", 0)) * transparent
    else:
        section = struct.pack(">I", len(info)) + info + struct.pack(">I", 0)
    parts.append(struct.pack(">I", len(section)) + section)
    if rle:
        rows = [_packed(_big(row)) for plane in planes for row in plane]
        parts.append(b"\0\1" + b"".join(struct.pack(">H", len(row)) for row in rows) + b"".join(rows))
    else:
        parts.append(b"\0\0" + b"".join(_big(plane) for plane in planes))
    return b"".join(parts)


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    """The makers of this file, for the tests beside it."""
    return SimpleNamespace(
        LIMITS=LIMITS,
        Layer=Layer,
        chunk=chunk,
        exif=exif,
        heic=heic,
        noise=noise,
        picture=picture,
        png=png,
        psd=psd,
        saved=saved,
        tiff=tiff,
    )


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """Put bytes into a file."""

    def put(data: bytes, name: str = "picture.bin") -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return put
