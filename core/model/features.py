"""Frozen features of photos, computed once and kept on disk, so that retraining a read-out takes minutes."""

from __future__ import annotations

import contextlib
import hashlib
import os
import struct
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import platformdirs
import torch
from numpy.typing import NDArray

from core.errors import FileProblem, UsageProblem
from core.files import write_atomically
from core.images.io import Limits, decode_picture
from core.images.source import read_bytes
from core.model.bounded import evict
from core.model.trunks.vgg16 import VGG16, fingerprint, quick_type
from core.settings import Settings

Rgb = NDArray[np.uint8]
STRIDE = 16
CHANNELS = 3 * 512
_FORM = "1"
"""Part of every entry's name: change it when features are made in another way."""
_HEAD = struct.Struct("<4sHHI")
_MAGIC = b"PwF1"
_LIMIT = 65504.0  # of half precision


def fit(width: int, height: int, size: int) -> tuple[int, int]:
    """Return the (width, height) to which a photo is scaled: the long side ``size``, both multiples of the stride.

    The paper scales to fit a square and pads the rest with zeros. Here the rest does not exist: the rectangle is
    rounded to whole cells, which bends the aspect by less than half a cell, so no padding can leak into features.
    """
    scale = size / max(width, height)
    across, down = (max(1, round(side * scale / STRIDE)) * STRIDE for side in (width, height))
    return across, down


def prepare(rgb: Rgb, size: int) -> torch.Tensor:
    """Return an (h, w, 3) uint8 sRGB photo as (1, 3, h', w') float, 0 to 255, of the size that :func:`fit` says."""
    height, width = rgb.shape[:2]
    to = fit(width, height, size)
    shrinks = to[0] * to[1] < width * height
    scaled = cv2.resize(rgb, to, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return torch.from_numpy(np.ascontiguousarray(scaled.transpose(2, 0, 1)))[None].float()


class Features:
    """The trunk's features of photos at one size; what was computed before comes from the disk.

    The trunk should have been through :func:`core.model.trunks.vgg16.quicken`. Entries are written whole or not at
    all; one that is damaged, or cannot be written, is only slower.
    """

    def __init__(self, trunk: VGG16, size: int, folder: Path | None, max_megabytes: float = 8192.0) -> None:
        """Keep features in ``folder`` (None: nowhere), at most about ``max_megabytes``; the oldest go first."""
        if size < STRIDE or size > 4096:
            raise UsageProblem(f"A photo cannot be scaled to {size} pixels.", "Give a size from 16 to 4096.")
        self.trunk, self.size = trunk, size
        self._folder, self._max_bytes = folder, max_megabytes * 1e6
        self._mark = f"{_FORM} {fingerprint(trunk)} {size}"
        self._limits = Limits.from_settings(Settings.load())
        self._bytes: int | None = None

    def of_pixels(self, rgb: Rgb, mirrored: bool = False) -> torch.Tensor:
        """Return (1536, h, w) float16 of a photo's pixels, of the photo mirrored if ``mirrored``."""
        return self.of_photos([rgb], mirrored)[0]

    def of_photos(self, photos: Sequence[Rgb], mirrored: bool = False) -> list[torch.Tensor]:
        """Return the same for several photos; those of one size go through the trunk together."""
        device = next(self.trunk.parameters()).device
        ready = [prepare(rgb, self.size) for rgb in photos]
        found: dict[int, torch.Tensor] = {}
        for shape in dict.fromkeys(one.shape for one in ready):
            places = [place for place, one in enumerate(ready) if one.shape == shape]
            batch = torch.cat([ready[place] for place in places])
            with torch.inference_mode():
                compact = self.trunk.compact((batch.flip(3) if mirrored else batch).to(device))
            halves = compact.clamp(-_LIMIT, _LIMIT).half().cpu()
            found |= {place: one.contiguous() for place, one in zip(places, halves, strict=True)}
        return [found[place] for place in range(len(photos))]

    def of_file(self, path: Path, mirrored: bool = False) -> torch.Tensor:
        """Return the same for a picture's file.

        Raises:
            FileProblem: the picture cannot be read.
        """
        data = read_bytes(path, self._limits)
        entry = self._entry(data, mirrored)
        found = None if entry is None else _read(entry)
        if found is None:
            found = self.of_pixels(decode_picture(data, path, self._limits).rgb, mirrored)
            if entry is not None:
                self._write(entry, found)
        return found

    def _entry(self, data: bytes, mirrored: bool) -> Path | None:
        if self._folder is None:
            return None
        mark = f"{self._mark} {hashlib.sha256(data).hexdigest()} {mirrored}"
        name = hashlib.sha256(mark.encode()).hexdigest()
        return self._folder / name[:2] / name[2:40]

    def _write(self, entry: Path, features: torch.Tensor) -> None:
        body = features.numpy().tobytes()
        try:
            _, height, width = features.shape
            write_atomically(entry, _HEAD.pack(_MAGIC, height, width, zlib.crc32(body)) + body, durable=False)
        except FileProblem:  # a full disk, a read-only folder: features are made anew each time
            return
        self._bytes = None if self._bytes is None else self._bytes + len(body)
        if self._bytes is None or self._bytes > self._max_bytes:
            assert self._folder is not None
            self._bytes = evict(self._folder, "??/*", self._max_bytes)


def _read(entry: Path) -> torch.Tensor | None:
    """Return an entry of the cache, None if there is none or it is damaged."""
    try:
        data = entry.read_bytes()
        magic, height, width, check = _HEAD.unpack_from(data)
    except (OSError, struct.error):
        return None
    body = memoryview(data)[_HEAD.size :]
    if magic != _MAGIC or len(body) != 2 * CHANNELS * height * width or zlib.crc32(body) != check:
        return None
    with contextlib.suppress(OSError):
        os.utime(entry)  # used: the eviction looks at this
    found = np.frombuffer(body, np.float16).reshape(CHANNELS, height, width)
    return torch.from_numpy(found.copy())


class Table:
    """Features of many pictures by number, in memory as far as they fit and from the cache beyond that."""

    def __init__(self, features: Features, files: list[Path], memory_bytes: float = 3e9) -> None:
        self._features, self._files = features, files
        self._left = memory_bytes
        # Where the trunk computed in bfloat16, so did it answer: nothing is lost. Elsewhere half precision is smaller.
        quick = quick_type(torch.device("cpu"))
        self._type = quick if quick == torch.bfloat16 else torch.float16
        self._held: dict[tuple[int, bool], torch.Tensor] = {}

    def __len__(self) -> int:
        return len(self._files)

    def get(self, number: int, mirrored: bool = False) -> torch.Tensor:
        """Return (h, w, 1536) of a picture, in the type in which this machine multiplies fastest."""
        found = self._held.get((number, mirrored))
        if found is None:
            found = self._features.of_file(self._files[number], mirrored).permute(1, 2, 0)
            found = found.to(self._type, memory_format=torch.contiguous_format)
            size = found.numel() * found.element_size()
            if size <= self._left:
                self._left -= size
                self._held[number, mirrored] = found
        return found

    def fill(self, mirrored: bool, progress: Callable[[int, int], None], check: Callable[[], None]) -> None:
        """Compute what is not there yet, so that the epochs run at their own speed."""
        sides = (False, True) if mirrored else (False,)
        for number in range(len(self)):
            for side in sides:
                check()
                self.get(number, side)
            progress(number + 1, len(self))


def default_folder() -> Path:
    """Return where features are kept: beside the previews."""
    told = os.environ.get("PAWTRAIT_CACHE")
    return (Path(told) if told else Path(platformdirs.user_cache_dir("pawtrait", appauthor=False))) / "features"
