"""``stats``: pairs that a person placed are counted apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.domain import PairQuery, Placement
from core.edits import Initiator, placed
from core.jobs.work.searching import Search
from core.store.opening import open_project
from tests.core.cli.conftest import lines, run


def test_pairs_placed_by_hand_are_counted_where_there_are_any(
    folders: Path, found: list[Search], capsys: pytest.CaptureFixture[str]
) -> None:
    run("import", folders / "p", "--originals", folders / "originals", "--designers", folders / "designers")
    run("reconcile", folders / "p")
    capsys.readouterr()
    assert run("stats", folders / "p") == 0
    assert "by hand" not in capsys.readouterr().out
    store = open_project(folders / "p", "ann")
    (ada,) = store.pairs(store.pair_ids(PairQuery(text="ada")))
    store.apply(placed(ada, Placement(1.0, 0.0, False, 1.0, 2.0)), Initiator("ann"))
    store.close()
    assert run("stats", folders / "p") == 0
    assert "  of these by hand           1\n" in capsys.readouterr().out
    assert run("stats", folders / "p", "--json") == 0
    (numbers,) = lines(capsys.readouterr().out)
    assert numbers["by_hand"] == 1
