"""Folders of files that can be made again stay within their budget."""

from __future__ import annotations

import os
from pathlib import Path

from core.model.bounded import evict


def _fill(folder: Path, count: int) -> list[Path]:
    files = [folder / f"{number}.npy" for number in range(count)]
    for age, path in enumerate(reversed(files)):
        path.write_bytes(bytes(100))
        os.utime(path, ns=(10**9 * (1000 - age),) * 2)
    return files


def test_within_the_budget_nothing_goes(tmp_path: Path) -> None:
    files = _fill(tmp_path, 5)
    assert evict(tmp_path, "*.npy", 500) == 500
    assert all(path.exists() for path in files)


def test_the_oldest_go_first_and_leave_some_room(tmp_path: Path) -> None:
    files = _fill(tmp_path, 10)
    (tmp_path / "other").write_bytes(bytes(9999))
    assert evict(tmp_path, "*.npy", 500) == 400
    assert [path.exists() for path in files] == [False] * 6 + [True] * 4
    assert (tmp_path / "other").exists()


def test_what_is_needed_stays_whatever_its_size(tmp_path: Path) -> None:
    files = _fill(tmp_path, 4)
    assert evict(tmp_path, "*.npy", 50, needed=files[:2]) == 200
    assert [path.exists() for path in files] == [True, True, False, False]
    assert evict(tmp_path / "none", "*", 0) == 0
