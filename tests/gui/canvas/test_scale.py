"""Screens at 100, 150 and 200 %: what is under the mouse is what is painted there, to the pixel."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_the_mouse_points_at_what_is_painted(scale: float) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "tests.gui.canvas.scaled"],
        cwd=ROOT,
        env={**os.environ, "QT_SCALE_FACTOR": str(scale), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=True,
    )
    said = json.loads(answer.stdout)
    assert said["ratio"] == scale
    points = said["points"]
    assert len(points) > 100
    # at a border between two pixels either may be painted: Qt rounds to some hundredths of a pixel
    wrong = [
        (told, painted)
        for told, painted in points
        if any(abs(one - other) > 0.5 + 0.03 for one, other in zip(told, painted, strict=True))
    ]
    assert wrong == []
