"""Connections to a project's SQLite file, and its errors as sentences."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from enum import Enum
from pathlib import Path
from urllib.parse import quote_from_bytes

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from core.errors import StorageProblem
from core.store.codec import damaged

BUSY_SECONDS = 10.0
"""How long a statement waits for another process that is writing."""
_ROOM = 64 * 1024
"""Bytes that SQLite's helper files need at the least."""
APPLICATION_ID = 0x50617774
"""Marks an SQLite file as a Pawtrait project ("Pawt" in ASCII; PRAGMA application_id)."""


class Unwritable(StorageProblem):
    """SQLite may not write the file or its folder, and where it needs helper files, not read either."""


class Access(Enum):
    """How to open a project's file; the values are parameters of SQLite's URIs."""

    WRITE = "mode=rw"
    READ = "mode=ro"
    FROZEN = "mode=ro&immutable=1"
    """Without any locks or helper files: for media that cannot be written, where nobody else can write either."""


def connect(file: Path, access: Access) -> sqlite3.Connection:
    """Open an existing SQLite file; it is never made, and transactions are begun by hand."""
    path = os.fsencode(file.absolute().as_posix())
    slash = b"" if path.startswith(b"/") else b"/"  # Windows: file:///C:/…
    uri = f"file://{quote_from_bytes(slash + path)}?{access.value}"
    connection = sqlite3.connect(
        uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    try:
        if access is Access.WRITE:
            # A commit is on the disk before it is reported: FULL flushes the write-ahead log each time.
            connection.execute("PRAGMA synchronous=FULL")
        else:
            connection.execute("PRAGMA query_only=ON")
        connection.execute("PRAGMA foreign_keys=ON")
        # What SQLite recommends for files from outside: views and triggers call no functions, cells are checked.
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.execute("PRAGMA cell_size_check=ON")
    except BaseException:
        connection.close()
        raise
    return connection


def make_engine(file: Path, access: Access) -> Engine:
    """Return an engine whose pool hands each thread a connection of its own for as long as it needs one."""
    engine = create_engine(
        "sqlite://", creator=lambda: connect(file, access), poolclass=QueuePool, pool_size=8, max_overflow=-1
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes the lock at once: one that read first and then found another writer would have to start over.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def sentences(file: Path) -> Iterator[None]:
    """Turn what the environment does to SQLite into ``StorageProblem``; our own mistakes pass through."""
    try:
        yield
    except DBAPIError as error:
        if isinstance(error.orig, (sqlite3.OperationalError, sqlite3.DatabaseError)) and _is_environment(error.orig):
            raise _sentence(file, error.orig) from error
        raise
    except sqlite3.DatabaseError as error:
        if _is_environment(error):
            raise _sentence(file, error) from error
        raise


def _is_environment(error: BaseException) -> bool:
    # Broken constraints and misused interfaces are bugs of ours.
    return not isinstance(error, (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError))


def _sentence(file: Path, error: BaseException) -> StorageProblem:
    folder = file.parent
    name = getattr(error, "sqlite_errorname", "") or ""
    if name == "SQLITE_FULL" or (name.startswith("SQLITE_IOERR") and _is_full(folder)):
        return StorageProblem(
            f"The disk of {folder} is full; nothing has been changed.", "Free some space and try again."
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StorageProblem(
            f"Another program has kept {file.name} busy; nothing has been changed.",
            "Wait until it is done and try again.",
        )
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")):
        return Unwritable(
            f"{file} cannot be opened or written.",
            "Check the permissions of the folder and that its drive is connected; a very long path is refused too.",
        )
    if name.startswith("SQLITE_IOERR"):
        return StorageProblem(
            f"The drive of {folder} reported an error; nothing has been changed.", "Check the drive and try again."
        )
    return damaged(f"{file.name} cannot be read ({error})")


def _is_full(folder: Path) -> bool:
    """Return whether there is no room: SQLite calls it an error of the drive if its shared memory finds none."""
    try:
        return shutil.disk_usage(folder).free < _ROOM
    except OSError:
        return False


def flush_folder(folder: Path) -> None:
    """Make sure that new names in ``folder`` survive a power cut (POSIX keeps them apart from the files)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems cannot flush a folder; nothing better is to be had there
            os.fsync(handle)
    finally:
        os.close(handle)


def quick_check(file: Path, access: Access) -> str:
    """Return "ok", or the first thing that is wrong with an SQLite file."""
    with closing(connect(file, access)) as connection:
        return str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
