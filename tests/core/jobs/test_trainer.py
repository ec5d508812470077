"""The training's child: it ends with its parent, whatever ended that, and its points survive."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from core.errors import UsageProblem
from core.images.io import Limits, encode_mask
from core.jobs.context import ItemFailed
from core.jobs.specs import TrainOptions
from core.jobs.work import trainer
from core.jobs.work.trainer import PointFile, Training, read_points
from core.model.data import Example
from core.settings import Settings
from tests.core.jobs.modelling import paint

ROOT = Path(__file__).parents[3]


def work(mark: str) -> None:
    """Stand for a training: ask now and then whether to go on."""
    Path(mark).write_text(str(os.getpid()))
    for _ in range(600):
        trainer.end_with_parent()
        time.sleep(0.1)


@pytest.mark.skipif(os.name == "nt", reason="ends the parent by a signal")
def test_a_training_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    code = (
        "from core.jobs import pool; from tests.core.jobs.test_trainer import work;"
        f"print(list(pool.compute(work, [{str(mark)!r}], lambda: None)))"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) as parent:
        deadline = time.monotonic() + 60
        while not (mark.exists() and mark.read_text()) and time.monotonic() < deadline:
            time.sleep(0.1)
        child = int(mark.read_text())
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    deadline = time.monotonic() + 20
    while _lives(child) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _lives(child)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[-1].split()[0] != "Z"
    except OSError:
        return False


def test_in_the_process_itself_there_is_no_parent_to_miss() -> None:
    trainer.end_with_parent()


def test_points_go_on_counting_time_after_an_end_by_force(tmp_path: Path) -> None:
    file = tmp_path / "points.jsonl"
    PointFile(file).add("heads", 1.0, 2.0, 0.5, None)
    first = read_points(file, 0)[0][0]
    file.write_text(file.read_text().replace(f"{first.seconds}", "100.0"))
    PointFile(file).add("heads", 2.0, 2.0, 0.25, 0.8)
    assert read_points(file, 0)[0][1].seconds >= 100


def test_a_model_that_nobody_can_train(tmp_path: Path) -> None:
    limits = Limits.from_settings(Settings())
    options = TrainOptions("u2net")
    task = Training(options, (), tmp_path / "o", tmp_path, tmp_path / "p", limits, 0.2, None, "", "", "")
    with pytest.raises(UsageProblem, match="u2net") as caught:
        trainer.train(task)
    assert "pawtrait" in caught.value.remedy


def test_the_papers_training_leaves_out_what_cannot_be_read(tmp_path: Path) -> None:
    paint(tmp_path / "fine.png", seed=1, size=(60, 40))
    (tmp_path / "torn.png").write_bytes(b"no picture")
    (tmp_path / "mask.png").write_bytes(encode_mask(np.zeros((40, 60), np.uint8)))
    made = [Example(name, tmp_path / f"{name}.png", tmp_path / "mask.png") for name in ("fine", "torn")]
    points = PointFile(tmp_path / "points.jsonl")
    assert trainer._readable(made, Limits.from_settings(Settings()), points) == made[:1]
    (told,), _ = trainer.read_told(tmp_path / "points.jsonl", 0)
    assert isinstance(told, ItemFailed)
    assert told.item == "torn.png"


def test_points_survive_what_is_no_point(tmp_path: Path) -> None:
    file = tmp_path / "points.jsonl"
    assert read_points(file, 0) == ([], 0)
    file.write_bytes(b'{"stage": 1, "nonsense": 2}\n[]\n\xff\n')
    PointFile(file).add("heads", 1.0, 2.0, 0.5, None)
    points, offset = read_points(file, 0)
    assert [point.epoch for point in points] == [1.0]
    assert read_points(file, offset) == ([], offset)
