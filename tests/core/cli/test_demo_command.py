"""The demo from its pictures to the summary, with real searches in child processes; again, and refused."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.cli import Outcome, run_command_line
from core.demo import photos
from core.demo.scenes import SHOTS
from core.domain import Decision, Review
from core.edits import Initiator, SetReview
from core.images.io import decode_mask
from core.jobs import pool
from core.store.opening import create_project, open_project


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make the demo of three shots, and let no child process outlive the test."""
    monkeypatch.setattr(photos, "SHOTS", (SHOTS[2], SHOTS[3], SHOTS[0]))
    yield
    pool.shut_down()


def _corner_error(matrix: np.ndarray, truth: np.ndarray, size: tuple[int, int]) -> float:
    width, height = size
    corners = np.array([[0, 0, 1], [width, 0, 1], [width, height, 1], [0, height, 1]], float)
    return float(np.abs(corners @ (matrix - truth).T).max())


@pytest.mark.usefixtures("three")
def test_the_demo_from_pictures_to_masks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "demo"
    assert run_command_line(["demo", str(folder)]) == Outcome(0, str(folder))
    shown = capsys.readouterr().out
    assert "Made 3 pairs" in shown
    assert "Imported 3 pairs." in shown
    assert "Reconciled 3 pairs" in shown

    with (folder / "demo-pictures" / "truth.csv").open(encoding="utf-8", newline="") as file:
        truth = {row["pair"]: row for row in csv.DictReader(file)}
    store = open_project(folder, "ann")
    pairs = store.pairs(store.pair_ids())
    for pair in pairs:
        assert pair.reconciliation is not None
        assert pair.designer is not None
        if not truth[pair.name]["matrix"]:
            continue
        placement, mask = pair.reconciliation.placement, pair.reconciliation.mask
        assert placement is not None, pair.name
        assert mask is not None
        true = np.array(truth[pair.name]["matrix"].split(), float).reshape(2, 3)
        size = pair.designer.width, pair.designer.height
        assert _corner_error(np.array(placement.matrix()), true, size) < 0.01 * np.hypot(*size)
        assert decode_mask(store.mask_png(mask)).shape == (pair.original.height, pair.original.width)
    accepted = next(pair for pair in pairs if pair.reconciliation and pair.reconciliation.mask)
    store.apply([SetReview(accepted.id, Review(), Review(Decision.ACCEPTED))], Initiator("ann"))
    store.close()

    assert run_command_line(["demo", str(folder), "--no-window"]) == Outcome(0)
    shown = capsys.readouterr().out
    assert "are in" in shown
    assert "3 already there" in shown
    assert "Nothing to reconcile." in shown

    out = tmp_path / "out"
    assert run_command_line(["export", str(folder), "--format", "cutouts", "--out", str(out)]).exit_code == 0
    (file,) = out.iterdir()
    assert file.stem == accepted.name
    with Image.open(file) as cutout:
        assert (cutout.mode, cutout.size) == ("RGBA", (accepted.original.width, accepted.original.height))


@pytest.mark.parametrize("kind", ["files", "project"])
def test_a_folder_that_is_no_demo_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    folder = tmp_path / "mine"
    if kind == "files":
        folder.mkdir()
        (folder / "letter.txt").write_text("Dear …")
    else:
        create_project(folder, "ann").close()
    before = sorted(path.name for path in folder.iterdir())
    assert run_command_line(["demo", str(folder)]) == Outcome(2)
    assert "not a demo" in capsys.readouterr().err
    assert sorted(path.name for path in folder.iterdir()) == before
