"""Previews on disk: a picture at reduced size, found again by what the file contains and not by its name."""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
import time
from io import BytesIO
from pathlib import Path

import numpy as np
import platformdirs

from core.domain import ImageRef
from core.errors import FileProblem
from core.files import write_atomically
from core.images.io import Limits, read, read_known
from core.images.picture import Picture
from core.images.shrink import fitted
from core.settings import Settings

_FORM = "1"
"""Part of every entry's name: change it when previews are made in another way."""
_KEEP = 0.9
"""Share of the budget that is left after an eviction, so that not every write brings one about."""
_STALE_SECONDS = 3600.0
_QUALITY = 92


def default_folder() -> Path:
    """Return where previews are kept: PAWTRAIT_CACHE if set, else the user's cache folder."""
    told = os.environ.get("PAWTRAIT_CACHE")
    return Path(told) if told else Path(platformdirs.user_cache_dir("pawtrait", appauthor=False)) / "previews"


def bounds(settings: Settings) -> tuple[float, Limits]:
    """Return how many megabytes of previews are kept, and how large pictures may be."""
    return settings.number("images.preview_cache_megabytes"), Limits.from_settings(settings)


class PreviewCache:
    """A folder of previews that many threads and programs may use at once.

    Entries are written whole or not at all, and one that is damaged, or cannot be written, is only slower.
    """

    def __init__(self, folder: Path, max_megabytes: float, limits: Limits) -> None:
        """Keep previews in ``folder`` (made on the first write), at most about ``max_megabytes`` of them.

        The entries used least recently go first. Programs that share a folder each count only what they write
        themselves between two evictions, so together they may exceed the budget for a while.
        """
        self._folder = folder
        self.set_bounds(max_megabytes, limits)
        self._lock = threading.Lock()
        self._bytes: int | None = None
        """What the folder holds, as far as we know; None until something is written."""

    def set_bounds(self, max_megabytes: float, limits: Limits) -> None:
        """Keep another amount, or read larger pictures, from now on."""
        self._max_bytes = max_megabytes * 1e6
        self._limits = limits

    def preview(self, ref: ImageRef, long_side: int) -> Picture:
        """Return a picture at most ``long_side`` pixels long, from the cache or else from the user's file.

        Its full size is that of ``ref``.

        Raises:
            FileProblem: it is not in the cache, and the file cannot be read or is no longer the one imported.
        """
        entry = self._entry(ref, long_side)
        cached = self._cached(entry, ref, long_side)
        if cached is not None:
            return cached
        picture = read_known(ref, self._limits, long_side)
        self._keep(entry, picture)
        return picture

    def _entry(self, ref: ImageRef, long_side: int) -> Path:
        """Name the entry; hashed once more, as what stands in a project is no safe name of a file."""
        key = hashlib.sha256(f"{_FORM} {ref.sha256} {long_side}".encode()).hexdigest()
        return self._folder / key[:2] / key[2:40]

    def _cached(self, entry: Path, ref: ImageRef, long_side: int) -> Picture | None:
        try:
            picture = read(entry, self._limits)
        except FileProblem:
            return None
        if (picture.width, picture.height) != fitted(ref.width, ref.height, long_side):
            return None
        with contextlib.suppress(OSError):
            os.utime(entry)  # used: the eviction looks at this
        return Picture(picture.rgb, picture.alpha, ref.width, ref.height)

    def _keep(self, entry: Path, picture: Picture) -> None:
        data = _encoded(picture)
        if len(data) > self._max_bytes * _KEEP:
            return
        try:
            # On a busy disk a flush takes longer than the decoding; a damaged entry is found out and made again.
            write_atomically(entry, data, durable=False)
        except FileProblem:  # a full disk, a read-only folder: previews are made anew each time
            return
        with self._lock:
            self._bytes = None if self._bytes is None else self._bytes + len(data)
            if self._bytes is None or self._bytes > self._max_bytes:
                self._bytes = self._evict()

    def _evict(self) -> int:
        """Measure the folder and, if it is over its budget, delete the oldest; return the bytes that are left."""
        entries: list[tuple[float, int, Path]] = []
        now = time.time()
        with contextlib.suppress(OSError):  # somebody clears the cache: what was not seen counts the next time
            for path in self._folder.glob("??/*"):
                with contextlib.suppress(OSError):
                    about = path.stat()
                    if path.name.startswith(".") and now - about.st_mtime > _STALE_SECONDS:
                        path.unlink()  # left by a program that was killed while it wrote
                    else:
                        entries.append((about.st_mtime, about.st_size, path))
        total = sum(size for _, size, _ in entries)
        if total <= self._max_bytes:
            return total
        for _, size, path in sorted(entries):
            if total <= self._max_bytes * _KEEP:
                break
            with contextlib.suppress(OSError):  # in use on Windows, or another program was quicker
                path.unlink()
                total -= size
        return total


def _encoded(picture: Picture) -> bytes:
    """Return a preview as JPEG, or as WebP (alpha without loss) where there is alpha."""
    from PIL import Image

    file = BytesIO()
    if picture.alpha is None:
        Image.fromarray(picture.rgb).save(file, "JPEG", quality=_QUALITY, subsampling=0)
    else:
        rgba = Image.fromarray(np.dstack([picture.rgb, picture.alpha]))
        rgba.save(file, "WEBP", quality=_QUALITY, method=2)
    return file.getvalue()
