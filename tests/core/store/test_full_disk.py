"""A full disk: SQLite itself says so, nothing has changed, and all goes on once there is room."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.domain import Decision, ImageRef, Pair, Review
from core.edits import AddPair, Edit, Initiator, SetReview
from core.errors import StorageProblem
from core.store import engine
from core.store.base import Store
from core.store.opening import create_project, open_project

ANNA = Initiator("Anna")


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Room left in pages; SQLite is told to use no more."""
    room = {"pages": 1_000_000}
    connect = engine.connect

    def connect_to_small_disk(file: Path, access: engine.Access) -> sqlite3.Connection:
        connection = connect(file, access)
        (used,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={used + room['pages']}")
        return connection

    monkeypatch.setattr(engine, "connect", connect_to_small_disk)
    return room


@pytest.fixture
def full(folder: Path, disk: dict[str, int]) -> Iterator[Store]:
    disk["pages"] = 0
    store = open_project(folder, "Anna")
    yield store
    store.close()


def image(name: str) -> ImageRef:
    return ImageRef(name, "0" * 64, 1, 1)


def pairs(number: int) -> list[Edit]:
    return [AddPair(Pair(0, f"new {n}", image("x" * 4000), None)) for n in range(number)]


CHANGES: dict[str, Callable[[Store], object]] = {
    "pairs": lambda store: store.apply(pairs(50), ANNA),
    "comment": lambda store: store.apply([SetReview(2, Review(), Review(comment="x" * 50_000))], ANNA),
    "run": lambda store: store.start_run("reconcile", "pawtrait", "x" * 50_000, "Anna"),
    "run's end": lambda store: store.finish_run(1, "done", 1, ["x" * 50_000]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_has_changed_and_the_sentence_says_so(full: Store, folder: Path, change: str) -> None:
    before = full.pairs(full.pair_ids()), full.journal(), full.runs(), full.counts()
    with pytest.raises(StorageProblem, match="full; nothing has been changed") as caught:
        CHANGES[change](full)
    assert "Free some space" in caught.value.remedy
    assert str(folder) in caught.value.message
    assert (full.pairs(full.pair_ids()), full.journal(), full.runs(), full.counts()) == before


def test_once_there_is_room_all_goes_on(folder: Path, disk: dict[str, int]) -> None:
    disk["pages"] = 30
    store = open_project(folder, "Anna")
    added = 0
    with pytest.raises(StorageProblem, match="full"):
        for n in range(1000):
            store.apply([AddPair(Pair(0, f"new {n}", image("x" * 4000), None))], ANNA)
            added += 1
    assert added > 0
    assert len(store.pair_ids()) == 3 + added
    store.close()
    disk["pages"] = 1_000_000
    again = open_project(folder, "Anna")
    assert len(again.pair_ids()) == 3 + added
    assert len(again.journal()) == 3 + added
    again.apply([SetReview(2, Review(), Review(Decision.SKIPPED))], ANNA)
    again.close()


def test_a_project_for_which_there_is_no_room_is_not_made(
    tmp_path: Path, disk: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    disk["pages"] = 3
    with pytest.raises(StorageProblem, match="full"):
        create_project(tmp_path / "new", "Anna")
    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.parametrize(("free", "words"), [(4096, "is full"), (10**9, "reported an error")])
def test_no_room_for_the_helper_files_is_a_full_disk(
    free: int, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = "SQLITE_IOERR_SHMSIZE"
    monkeypatch.setattr(engine.shutil, "disk_usage", lambda _folder: SimpleNamespace(free=free))
    with pytest.raises(StorageProblem, match=words), engine.sentences(tmp_path / "project.sqlite"):
        raise error
