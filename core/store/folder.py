"""What a project's folder is known by."""

from __future__ import annotations

import contextlib
from pathlib import Path

DATABASE = "project.sqlite"


def remove_empty_project(folder: Path, folder_too: bool) -> None:
    """Take away a project that was made just now, is closed and holds nothing; the folder too, if nothing is in it."""
    with contextlib.suppress(OSError):
        for name in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"):
            (folder / name).unlink(missing_ok=True)
        if folder_too:
            folder.rmdir()


def is_project(folder: Path) -> bool:
    """Return whether there is a project in ``folder`` (not whether it can be opened)."""
    try:
        return (folder / DATABASE).is_file()
    except OSError:
        return False
