"""Style and strict types, run as tests so that one command shows everything."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "command",
    [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]],
    ids=["style", "format", "types"],
)
def test_tool_is_content(command: list[str]) -> None:
    answer = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_opencv_comes_without_a_second_qt() -> None:
    """opencv-python brings its own Qt plugins and points Qt at them; see docs/decisions/0002."""
    wanted = [line.split(";")[0].strip().lower() for line in requires("pawtrait") or []]
    assert any(line.startswith("opencv-python-headless") for line in wanted)
    assert not any(line.startswith(("opencv-python>", "opencv-python=", "opencv-contrib-python")) for line in wanted)
