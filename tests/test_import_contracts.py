"""The import contracts hold, and they bite: a planted offence of each kind is caught."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

OFFENCES = {
    "core uses the gui": ("core/settings.py", "import gui"),
    "core uses Qt": ("core/jobs/inline.py", "import PySide6"),
    "maths uses images": ("core/maths/warp.py", "import core.images.io"),
    "the store uses reconcile": ("core/store/sql.py", "import core.reconcile"),
    "the gui computes": ("gui/session.py", "import cv2"),
    "the gui does a job's work": ("gui/jobs/runner.py", "import core.jobs.work"),
    "the gui reaches into the database": ("gui/session.py", "import core.store.sql"),
    "the canvas knows the session's friends": ("gui/session.py", "import gui.canvas"),
}


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([program, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)


def _copy(to: Path) -> None:
    for name in ("core", "gui"):
        shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", to)


def test_contracts_hold() -> None:
    answer = _lint(ROOT)
    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize("offence", OFFENCES)
def test_a_planted_offence_is_caught(offence: str, tmp_path: Path) -> None:
    _copy(tmp_path)
    place, line = OFFENCES[offence]
    path = tmp_path / place
    path.write_text(f"{path.read_text('utf-8')}\n{line}\n", "utf-8")
    answer = _lint(tmp_path)
    assert answer.returncode == 1, answer.stdout
    assert "BROKEN" in answer.stdout


def test_a_new_room_needs_a_place_in_the_plan(tmp_path: Path) -> None:
    _copy(tmp_path)
    (tmp_path / "core" / "stray.py").write_text('"""A file without a room."""\n', "utf-8")
    assert _lint(tmp_path).returncode == 1
