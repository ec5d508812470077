"""``tidy``: what it would delete, and that it does."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.jobs.work.searching import Search
from core.store.opening import open_project
from tests.core.cli.conftest import lines, run


def test_tidy_says_what_it_would_delete_and_deletes_it(
    folders: Path, found: list[Search], capsys: pytest.CaptureFixture[str]
) -> None:
    run("import", folders / "p", "--originals", folders / "originals", "--designers", folders / "designers")
    run("reconcile", folders / "p")
    store = open_project(folders / "p", "ann")
    orphan = store.put_mask(bytes(150_000), 60, 40)
    capsys.readouterr()
    assert run("tidy", folders / "p") == 1
    assert "can only be read" in capsys.readouterr().err
    store.close()
    assert run("tidy", folders / "p", "--dry-run") == 0
    assert capsys.readouterr().out == "Would delete 1 mask file that nothing refers to, 0.1 MB.\n"
    assert run("tidy", folders / "p", "--json") == 0
    (report,) = lines(capsys.readouterr().out)
    assert report == {"event": "report", "files": 1, "bytes": 150_000, "dry_run": False}
    assert not list((folders / "p" / "masks").glob(f"*/{orphan.sha256}.png"))
    assert run("tidy", folders / "p") == 0
    assert "nothing to tidy" in capsys.readouterr().out
