"""Makes and opens projects; SQLAlchemy is imported only once that is asked for."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from core.errors import StorageProblem
from core.files import remedy_for
from core.store.base import Store
from core.store.folder import DATABASE

_SQLITE = b"SQLite format 3\0"


def create_project(folder: Path, who: str) -> Store:
    """Make an empty project in ``folder`` (made if missing; other files in it are left alone) and open it.

    Raises:
        StorageProblem: there is a project already, or the folder cannot be written.
    """
    from core.store.engine import flush_folder
    from core.store.schema import make_database

    folder = folder.absolute()
    file = folder / DATABASE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if file.exists():
            raise _taken(folder)
        _see_that_no_log_is_left(file)
        # Made aside and moved into place: a crash in between leaves no half project.
        with tempfile.TemporaryDirectory(dir=folder, prefix=".creating-", ignore_cleanup_errors=True) as aside:
            unfinished = Path(aside) / DATABASE
            make_database(unfinished)
            _move(unfinished, file)
        flush_folder(folder)
    except OSError as error:
        raise StorageProblem(
            f"A project cannot be made in {folder}: {error.strerror or error}.", remedy_for(error)
        ) from error
    return open_project(folder, who)


def _see_that_no_log_is_left(file: Path) -> None:
    """See that SQLite would not take the last changes of a project that is gone for the new one's."""
    for log in (file.with_name(f"{file.name}{suffix}") for suffix in ("-wal", "-journal")):
        if log.exists() and log.stat().st_size:
            raise StorageProblem(
                f"The last changes of another project lie in {file.parent}, whose {file.name} is gone: {log.name}.",
                f"Put its {file.name} back, or move {log.name} away and try again.",
            )


def _move(unfinished: Path, file: Path) -> None:
    """Give a database its name, unless somebody else was faster: a rename would replace theirs."""
    try:
        os.link(unfinished, file)
    except FileExistsError as error:
        raise _taken(file.parent) from error
    except OSError as error:  # a file system without such links
        if file.exists():
            raise _taken(file.parent) from error
        unfinished.rename(file)


def _taken(folder: Path) -> StorageProblem:
    return StorageProblem(f"There already is a project in {folder}.", "Open it, or choose another folder.")


def open_project(folder: Path, who: str, *, to_read: bool = False) -> Store:
    """Open the project in ``folder``: to write if that can be, else to read, and ``info`` says why.

    An older project is migrated first, after a backup beside it. ``to_read`` keeps nobody from opening it to write,
    unless it has to be migrated.

    Raises:
        StorageProblem: there is no project, it is damaged, or it was made by a newer program; it has not been changed.
    """
    folder = folder.absolute()
    _check_file(folder)
    from core.store.sql_opening import open_store

    return open_store(folder, folder / DATABASE, who, to_read=to_read)


def _check_file(folder: Path) -> None:
    """Catch what can be told without SQLite, which takes an empty file for an empty database."""
    file = folder / DATABASE
    try:
        if not folder.exists():
            raise StorageProblem(
                f"There is no folder {folder}.", "Check that it has not been moved, and that its drive is connected."
            )
        if not file.is_file():
            raise StorageProblem(
                f"{folder} is not a Pawtrait project.", "Choose the folder of a project, or create a new one."
            )
        with file.open("rb") as opened:
            start = opened.read(len(_SQLITE))
    except OSError as error:
        raise StorageProblem(f"{file} cannot be read: {error.strerror or error}.", remedy_for(error)) from error
    if start != _SQLITE:
        what = "is empty" if not start else "is not a database"
        raise StorageProblem(f"The project is damaged: {file} {what}.", "Restore its folder from a backup.")
