"""Training photos made ready: decoded once, shrunk, kept on disk; so that an epoch over thousands needs no memory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from core.errors import FileProblem, UserFacingError
from core.files import write_atomically
from core.images import io
from core.images.source import unreadable
from core.model.data import Example

Pixels = NDArray[np.uint8]
LONG_SIDE = 512
"""Of the photos as they are kept, pixels: more than any stage is shown."""


class Shelf:
    """Photos with their masks, by number."""

    def __init__(self, folder: Path, limits: io.Limits) -> None:
        """``folder`` is made if it is not there."""
        self._folder = folder
        self._limits = limits
        self._files: list[Path] = []
        self.failures: list[tuple[Example, UserFacingError]] = []
        """Examples that could not be read; they are left out."""

    def __len__(self) -> int:
        return len(self._files)

    def fill(self, examples: Sequence[Example], check: Callable[[], None]) -> None:
        """Make examples ready; those that are so from an earlier time are taken as they are."""
        for example in examples:
            check()
            try:
                self._files.append(self._ready(example))
            except UserFacingError as error:
                self.failures.append((example, error))

    @property
    def files(self) -> list[Path]:
        """Where the photos are kept, by number."""
        return list(self._files)

    def key(self, number: int) -> str:
        """Return what tells a photo and its mask, as they are now, from all others, whatever its number."""
        return self._files[number].stem

    def get(self, number: int) -> tuple[Pixels, Pixels]:
        """Return a photo (h, w, 3) and its mask (h, w), at most 512 pixels long."""
        packed = np.load(self._files[number], allow_pickle=False)
        return np.ascontiguousarray(packed[..., :3]), np.ascontiguousarray(packed[..., 3])

    def _ready(self, example: Example) -> Path:
        try:
            told = [(str(p), p.stat().st_size, p.stat().st_mtime_ns) for p in (example.image, example.mask)]
        except OSError as error:
            raise unreadable(Path(error.filename), error) from error
        path = self._folder / f"{hashlib.sha256(repr((LONG_SIDE, told)).encode()).hexdigest()[:32]}.npy"
        if not path.is_file():
            photo, mask = read_example(example, self._limits, LONG_SIDE)
            buffer = BytesIO()
            np.save(buffer, np.dstack([photo, mask]), allow_pickle=False)
            write_atomically(path, buffer.getvalue())
        return path


def read_example(example: Example, limits: io.Limits, long_side: int | None = None) -> tuple[Pixels, Pixels]:
    """Return a photo, at most ``long_side`` pixels long, and its mask at the same size.

    Raises:
        FileProblem: one cannot be read, or the mask is of another size than the photo.
    """
    picture = io.read(example.image, limits, long_side)
    try:
        mask = io.decode_mask(example.mask.read_bytes())
    except OSError as error:
        raise unreadable(example.mask, error) from error
    if mask.shape != (picture.full_height, picture.full_width):
        raise FileProblem(
            f"The mask {example.mask.name} is {mask.shape[1]} x {mask.shape[0]} pixels, its photo "
            f"{picture.full_width} x {picture.full_height}.",
            "Masks have the size of their photos.",
        )
    if mask.shape != picture.rgb.shape[:2]:
        mask = np.asarray(cv2.resize(mask, picture.rgb.shape[1::-1], interpolation=cv2.INTER_AREA), np.uint8)
    return picture.rgb, mask
