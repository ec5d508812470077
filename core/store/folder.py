"""What a project's folder is known by."""

from __future__ import annotations

from pathlib import Path

DATABASE = "project.sqlite"


def is_project(folder: Path) -> bool:
    """Return whether there is a project in ``folder`` (not whether it can be opened)."""
    try:
        return (folder / DATABASE).is_file()
    except OSError:
        return False
