"""Folders of real pictures, small enough to be reconciled in a test; a person who takes all back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from hands_person import Key, Keys, Person, Play, Script
from skimage import data

from core.domain import Placement
from gui.main_window import MainWindow
from main import main

PAIRS = 8


@dataclass(frozen=True)
class Place:
    """Where a test's files lie."""

    root: Path

    @property
    def project(self) -> Path:
        return self.root / "Müller & Söhne"

    @property
    def import_command(self) -> list[str]:
        folders = ("--originals", self.root / "originals", "--designers", self.root / "designers")
        return ["import", str(self.project), *map(str, folders)]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Return a place with ``originals`` and ``designers``: parts of a photo, and a turned head on white for each."""
    here = Place(tmp_path)
    for folder in ("originals", "designers"):
        (tmp_path / folder).mkdir()
    photos = [data.astronaut(), data.chelsea(), data.coffee()]
    for number in range(PAIRS):
        photo = photos[number % len(photos)]
        left, top = 12 * number, 6 * number
        original = np.ascontiguousarray(photo[top : top + 240, left : left + 320, ::-1])
        turned = np.array(Placement(0.8, 6.0 * number - 20, False, 96, 40).matrix())
        designer = cv2.warpAffine(original, turned, (180, 180), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        outside = np.ones((180, 180), np.uint8)
        cv2.circle(outside, (90, 90), 80, 0, -1)
        designer[outside > 0] = 255
        cv2.imwrite(str(tmp_path / "originals" / f"pair {number}.png"), original)
        cv2.imwrite(str(tmp_path / "designers" / f"pair {number}.png"), designer)
    return here


def press_undo_until_all_is_taken_back(project: Path) -> None:
    """Start the program again, and press Ctrl+Z until there is nothing to take back."""

    def script(window: MainWindow) -> Script:
        yield lambda: window.workspace is not None and window.workspace.presenter.pair is not None
        person, workspace = Person(window), window.workspace
        assert workspace is not None
        assert workspace.presenter.steps.next_undo is not None
        while workspace.presenter.steps.next_undo is not None:
            person.key(Key.Key_Z, Keys.ControlModifier)
            yield person.idle

    acts = Play(script)
    assert main(["open", str(project)]) == 0
    acts.end()
