"""Remembers the window between two starts: where it was, and which projects were open."""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import logging
import os
from dataclasses import dataclass, replace
from pathlib import Path

import platformdirs

from core.errors import FileProblem
from core.files import write_atomically

MAX_RECENT = 8
log = logging.getLogger(__name__)


def default_path() -> Path:
    """Return where the state is kept: PAWTRAIT_STATE if set, else the user's state folder."""
    told = os.environ.get("PAWTRAIT_STATE")
    folder = Path(told) if told else Path(platformdirs.user_state_dir("pawtrait", appauthor=False))
    return folder / "window.json"


@dataclass(frozen=True, slots=True)
class WindowState:
    """What the window remembers. Nothing of it matters enough to stop anybody from working."""

    geometry: bytes = b""
    """Qt's own record of place and size."""
    splitter: bytes = b""
    """Qt's own record of how wide queue, pair view and inspector are."""
    recent: tuple[str, ...] = ()
    """Folders of projects, the latest first."""

    def with_recent(self, folder: str) -> WindowState:
        """Return the state with a project at the head of the list."""
        others = (known for known in self.recent if known != folder)
        return replace(self, recent=(folder, *others)[:MAX_RECENT])

    def without_recent(self, folder: str) -> WindowState:
        """Return the state without a project that is gone."""
        return replace(self, recent=tuple(known for known in self.recent if known != folder))

    @classmethod
    def load(cls, path: Path | None = None) -> WindowState:
        """Read the state; a missing or damaged file means the defaults."""
        path = path or default_path()
        try:
            data = json.loads(path.read_text("utf-8"))
            recent = data["recent"]
            if not isinstance(recent, list) or not all(isinstance(folder, str) for folder in recent):
                raise TypeError("recent is no list of folders")
            return cls(
                base64.b64decode(data["geometry"], validate=True),
                base64.b64decode(data["splitter"], validate=True),
                tuple(recent[:MAX_RECENT]),
            )
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, KeyError, TypeError, binascii.Error) as error:
            log.info("the window's state in %s is not usable: %s", path, error)
            with contextlib.suppress(OSError):  # kept for whoever wants to look, out of the way of the next save
                path.replace(path.with_suffix(".damaged"))
            return cls()

    def save(self, path: Path | None = None) -> None:
        """Write the state (atomically); where that fails, the window is merely forgotten."""
        data = {
            "geometry": base64.b64encode(self.geometry).decode(),
            "splitter": base64.b64encode(self.splitter).decode(),
            "recent": list(self.recent),
        }
        try:
            write_atomically(path or default_path(), (json.dumps(data, indent=2) + "\n").encode())
        except FileProblem as problem:
            log.info("the window's state was not saved: %s", problem)
