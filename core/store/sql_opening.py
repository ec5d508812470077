"""Opens a project's database: checks it, takes the write lock, migrates it, or falls back to reading."""

from __future__ import annotations

from pathlib import Path

from core.errors import StorageProblem
from core.store import tables
from core.store.codec import damaged
from core.store.engine import Access, Unwritable, make_engine, quick_check, sentences
from core.store.lock import WriteLock
from core.store.schema import bring_up_to_date, check_known, check_tables, revision_of
from core.store.sql import SqlStore

_UNWRITABLE = "Its folder cannot be written."
_TO_READ = "It was opened only to be read."


def open_store(folder: Path, file: Path, who: str, *, to_read: bool) -> SqlStore:
    """Open ``file``, which has been seen to be an SQLite database, for ``who``; see ``opening.open_project``.

    Raises:
        StorageProblem: it is damaged, no project, or newer than this program; it has not been changed.
    """
    try:
        return _open_to_write(folder, file, who, to_read)
    except Unwritable:
        pass
    try:
        return _open_to_read(folder, file, Access.READ)
    except Unwritable as error:
        # In WAL mode SQLite wants to write helper files even to read; it does without if told that nobody writes.
        log = file.with_name(f"{file.name}-wal")
        if log.exists() and log.stat().st_size > 0:
            raise StorageProblem(
                f"The last changes of the project {folder.name} are not merged yet, and its folder cannot be written.",
                "Copy the folder to where you may write, and open it there.",
            ) from error
        return _open_to_read(folder, file, Access.FROZEN)


def _open_to_write(folder: Path, file: Path, who: str, to_read: bool) -> SqlStore:
    engine = make_engine(file, Access.WRITE)
    taken: WriteLock | str = ""
    try:
        revision = revision_of(engine, file)
        check_known(file, revision)
        _check_whole(file, Access.WRITE)
        if to_read and revision == tables.HEAD:
            check_tables(engine, file)
            return SqlStore(folder, engine, None, _TO_READ)
        taken = WriteLock.take(engine, file, who)
        if isinstance(taken, str):
            _check_readable_as_it_is(folder, revision, taken)
            check_tables(engine, file)
            return SqlStore(folder, engine, None, taken)
        bring_up_to_date(engine, file)
        check_tables(engine, file)
        return SqlStore(folder, engine, taken, "")
    except BaseException:
        if isinstance(taken, WriteLock):
            taken.release()
        engine.dispose()
        raise


def _open_to_read(folder: Path, file: Path, access: Access) -> SqlStore:
    engine = make_engine(file, access)
    try:
        revision = revision_of(engine, file)
        check_known(file, revision)
        _check_readable_as_it_is(folder, revision, _UNWRITABLE)
        _check_whole(file, access)
        check_tables(engine, file)
        return SqlStore(folder, engine, None, _UNWRITABLE)
    except BaseException:
        engine.dispose()
        raise


def _check_whole(file: Path, access: Access) -> None:
    with sentences(file):
        wrong = quick_check(file, access)
    if wrong != "ok":
        raise damaged(f"{file.name} fails SQLite's check ({wrong})")


def _check_readable_as_it_is(folder: Path, revision: str, reason: str) -> None:
    if revision != tables.HEAD:
        raise StorageProblem(
            f"The project {folder.name} comes from an older version and must be brought up to date first. {reason}",
            "Open it once where and when it can be written.",
        )
