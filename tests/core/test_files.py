"""Atomic writes: the old file or the new one, never half, and no litter."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from core import files
from core.errors import FileProblem
from core.files import remedy_for, write_atomically


def test_folders_are_made_and_the_bytes_arrive(tmp_path: Path) -> None:
    path = tmp_path / "a" / "ü" / "b.bin"
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert [entry.name for entry in path.parent.iterdir()] == ["b.bin"]


def test_the_file_is_as_readable_as_any_other(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    write_atomically(tmp_path / "ours", b"")
    assert stat.S_IMODE((tmp_path / "ours").stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_at_any_step_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if step == "fsync":
        monkeypatch.setattr(files.os, "fsync", fail)
    else:
        monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(FileProblem, match="file cannot be written") as caught:
        write_atomically(path, b"new")
    assert "disk is full" in caught.value.remedy
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_file_in_the_place_of_a_folder_is_a_clear_problem(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path / "file" / "below", tmp_path / "file" / "far" / "below"):
        with pytest.raises(FileProblem) as caught:
            write_atomically(path, b"x")
        assert "file of that name" in caught.value.remedy
    (tmp_path / "folder").mkdir()
    with pytest.raises(FileProblem) as caught:
        write_atomically(tmp_path / "folder", b"x")
    assert "folder of that name" in caught.value.remedy


def test_a_share_that_keeps_its_own_permissions_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CIFS and WSL's drives let anybody write, but only the owner that they were mounted for may change a mode."""

    def refuse(self: Path, mode: int) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(Path, "chmod", refuse)
    write_atomically(tmp_path / "mask.png", b"one")
    assert (tmp_path / "mask.png").read_bytes() == b"one"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.ENOENT, errno.ENAMETOOLONG, errno.EIO])
def test_every_failure_has_a_remedy(number: int) -> None:
    assert remedy_for(OSError(number, "x")).endswith(".")


def test_what_can_be_made_again_is_not_flushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files.os, "fsync", lambda _handle: pytest.fail("flushed"))
    files.write_atomically(tmp_path / "a" / "preview", b"new", durable=False)
    assert (tmp_path / "a" / "preview").read_bytes() == b"new"
