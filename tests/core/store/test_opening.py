"""Making and opening projects: what works, and one sentence with a remedy for each thing that does not."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from core.domain import Decision, ImageRef, Pair, Review
from core.edits import AddPair, Initiator, SetReview
from core.errors import StorageProblem
from core.store import schema
from core.store.folder import is_project
from core.store.opening import create_project, open_project

ROOT = Path(__file__).parents[3]
ANNA = Initiator("Anna")
PAIR = Pair(0, "rex", ImageRef("/photos/rex.jpg", "0" * 64, 60, 40), None)


def refuses(folder: Path, words: str) -> StorageProblem:
    """Opening fails with a sentence and a remedy, and changes no byte."""
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} if folder.is_dir() else {}
    with pytest.raises(StorageProblem, match=words) as caught:
        open_project(folder, "Anna")
    assert caught.value.message.endswith(".")
    assert caught.value.remedy.endswith(".")
    if folder.is_dir():
        assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    return caught.value


@pytest.mark.parametrize(
    "name", ["plain", "Käthes Hunde 🐕", "100% #1 ?x=y&z", "a b\nc", "n" * 200, "/".join(["deep" * 20] * 4)]
)
def test_a_project_is_made_closed_and_opened_again_wherever_it_lies(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    assert not is_project(folder)
    store = create_project(folder, "Anna")
    assert is_project(folder)
    assert (store.info.path, store.info.name) == (str(folder), folder.name)
    store.apply([AddPair(PAIR)], ANNA)
    ref = store.put_mask(b"mask", 1, 1)
    store.close()
    assert sorted(path.name for path in folder.iterdir()) == ["masks", "project.sqlite"]
    again = open_project(folder, "Anna")
    assert [pair.name for pair in again.pairs([1])] == ["rex"]
    assert again.mask_png(ref) == b"mask"
    again.close()


def test_a_new_project_does_not_take_up_the_last_changes_of_one_that_is_gone(tmp_path: Path) -> None:
    """SQLite would: a program that is killed leaves a log, and somebody deletes the database alone to start anew."""
    store = create_project(tmp_path / "old", "Anna")
    store.apply([AddPair(PAIR)], ANNA)
    log = (tmp_path / "old" / "project.sqlite-wal").read_bytes()
    store.close()
    (tmp_path / "new").mkdir()
    left = tmp_path / "new" / "project.sqlite-wal"
    left.write_bytes(log)
    with pytest.raises(StorageProblem, match="last changes of another project") as caught:
        create_project(tmp_path / "new", "Anna")
    assert caught.value.remedy.endswith(".")
    assert left.read_bytes() == log
    assert not is_project(tmp_path / "new")


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"x")
    create_project(tmp_path, "Anna").close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["holiday.jpg", "project.sqlite"]
    assert (tmp_path / "holiday.jpg").read_bytes() == b"x"


def test_a_project_is_not_made_over_another(folder: Path) -> None:
    before = (folder / "project.sqlite").read_bytes()
    with pytest.raises(StorageProblem, match="already is a project") as caught:
        create_project(folder, "Anna")
    assert "Open it" in caught.value.remedy
    assert (folder / "project.sqlite").read_bytes() == before


@pytest.mark.parametrize("links", [True, False])
def test_two_that_make_a_project_at_once_do_not_replace_each_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    real = schema.make_database

    def make(file: Path) -> None:
        real(file)
        (tmp_path / "project.sqlite").write_bytes(b"theirs")

    def no_links(*_: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(schema, "make_database", make)
    if not links:  # FAT, and some shares
        monkeypatch.setattr(os, "link", no_links)
    with pytest.raises(StorageProblem, match="already is a project"):
        create_project(tmp_path, "Anna")
    assert (tmp_path / "project.sqlite").read_bytes() == b"theirs"
    assert [path.name for path in tmp_path.iterdir()] == ["project.sqlite"]


def test_a_project_needs_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    for folder in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / ("x" * 300)):
        with pytest.raises(StorageProblem, match="cannot be made") as caught:
            create_project(folder, "Anna")
        assert caught.value.remedy
        assert not is_project(folder)


def test_a_path_too_long_for_sqlite_is_a_clear_problem(tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*["d" * 200] * 5)
    with pytest.raises(StorageProblem, match="cannot be") as caught:
        create_project(folder, "Anna")
    assert "long path" in caught.value.remedy
    assert not is_project(folder)
    assert list(folder.iterdir()) == []


def test_a_project_half_made_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(schema, "_upgrade", crash)
    with pytest.raises(KeyboardInterrupt):
        create_project(tmp_path, "Anna")
    assert not is_project(tmp_path)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    create_project(tmp_path, "Anna").close()


def _vanish(folder: Path) -> None:
    (folder / "project.sqlite").rename(folder.parent / "away")


def _overwrite(start: int, data: bytes) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        with (folder / "project.sqlite").open("r+b") as file:
            file.seek(start)
            file.write(data)

    return damage


def _truncate(size: int) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        with (folder / "project.sqlite").open("r+b") as file:
            file.truncate(size)

    return damage


def _sql(*statements: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        with closing(sqlite3.connect(folder / "project.sqlite")) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()

    return damage


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "no database": (_vanish, "not a Pawtrait project"),
    "empty": (_truncate(0), "is empty"),
    "one byte": (_truncate(1), "not a database"),
    "header only": (_truncate(100), "damaged"),
    "first page only": (_truncate(4096), "damaged"),
    "half": (_truncate(4096 * 5), "damaged"),
    "text": (_overwrite(0, b"Dear diary, today the cat"), "not a database"),
    "header broken": (_overwrite(16, b"\xff" * 80), "damaged"),
    "schema page broken": (_overwrite(100, b"\xff" * 3000), "damaged"),
    "pages broken": (_overwrite(4096, b"\xa5" * 4096 * 6), "damaged"),
    "another program's": (_sql("PRAGMA application_id=1"), "not made by Pawtrait"),
    "no version": (_sql("DELETE FROM alembic_version"), "which version"),
    "no version table": (_sql("DROP TABLE alembic_version"), "damaged"),
    "a table missing": (_sql("DROP TABLE runs"), "damaged"),
    "a column missing": (_sql("ALTER TABLE pairs DROP COLUMN comment"), "damaged"),
    "newer": (_sql("UPDATE alembic_version SET version_num = '9999'"), "newer version"),
}


@pytest.mark.parametrize("case", DAMAGES)
def test_what_is_no_sound_project_is_refused_and_left_as_it_is(folder: Path, case: str) -> None:
    damage, words = DAMAGES[case]
    damage(folder)
    problem = refuses(folder, words)
    if case == "newer":
        assert "Install" in problem.remedy


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    refuses(tmp_path / "nowhere", "no folder")
    (tmp_path / "file").write_bytes(b"")
    refuses(tmp_path / "file", "not a Pawtrait project|cannot be read")
    assert not is_project(tmp_path / "file")
    assert not is_project(tmp_path / ("x" * 300))
    with pytest.raises(StorageProblem, match="cannot be read") as caught:
        open_project(tmp_path / ("x" * 300), "Anna")
    assert "Shorten" in caught.value.remedy


def test_a_folder_in_the_place_of_the_database(tmp_path: Path) -> None:
    (tmp_path / "project.sqlite").mkdir()
    assert not is_project(tmp_path)
    refuses(tmp_path, "not a Pawtrait project")


def test_a_pulled_plug_loses_nothing_that_was_applied(folder: Path, tmp_path: Path) -> None:
    """The state of the files while a project is open is what a crash leaves behind."""
    store = open_project(folder, "Anna")
    store.apply([SetReview(2, Review(), Review(Decision.REJECTED))], ANNA)
    left = tmp_path / "left"
    left.mkdir()
    for file in folder.glob("project.sqlite*"):
        (left / file.name).write_bytes(file.read_bytes())
    store.close()
    again = open_project(left, "Ben")
    assert again.pairs([2])[0].review.decision is Decision.REJECTED
    assert len(again.journal()) == 4
    again.close()


def test_the_door_does_not_load_the_database(tmp_path: Path) -> None:
    code = (
        "import sys, core.store.opening, core.store.base, core.store.changes, core.store.memory;"
        "from pathlib import Path; core.store.folder.is_project(Path('.'));"
        "print(sorted({'sqlalchemy', 'alembic', 'pydantic', 'sqlite3'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_an_up_to_date_project_is_opened_without_alembic(folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from core.store.opening import open_project;"
        f"open_project(Path({str(folder)!r}), 'Anna').close();"
        "print('alembic' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"


def test_a_relative_path_stays_where_it_was(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    store = open_project(Path(), "Anna")
    monkeypatch.chdir(tmp_path)
    assert (store.info.path, store.info.name) == (str(folder), "project")
    assert store.mask_png(store.put_mask(b"new", 1, 1)) == b"new"
    store.close()
