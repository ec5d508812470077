"""Keeps folders of files that can be made again within a budget: those used longest ago go first."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from pathlib import Path

_KEEP = 0.9
"""Share of the budget that is left once it was passed, so that not every new file deletes another."""


def evict(folder: Path, pattern: str, max_bytes: float, needed: Collection[Path] = ()) -> int:
    """Measure the files of a folder that match, delete the oldest if they are over the budget; return what is left.

    Files that are ``needed`` count, and stay whatever their size.
    """
    entries: list[tuple[float, int, Path]] = []
    for path in folder.glob(pattern):
        with contextlib.suppress(OSError):
            about = path.stat()
            entries.append((about.st_mtime, about.st_size, path))
    total = sum(size for _, size, _ in entries)
    if total <= max_bytes:
        return total
    for _, size, path in sorted(entries):
        if total <= max_bytes * _KEEP:
            break
        if path in needed:
            continue
        with contextlib.suppress(OSError):
            path.unlink()
            total -= size
    return total
