"""Brings a project's database to the newest revision: refuses what is newer, backs up what is older."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine, select, text

from core.errors import StorageProblem
from core.store import tables
from core.store.codec import damaged
from core.store.engine import APPLICATION_ID, Access, connect, flush_folder, make_engine, quick_check, sentences
from core.store.plan import utc_now

MIGRATIONS = Path(__file__).with_name("migrations")

_one_at_a_time = threading.Lock()
"""Alembic keeps the migration that runs in a global variable."""


def make_database(file: Path) -> None:
    """Make an empty project database at ``file``, which must not exist; it is whole, or it is not there.

    Raises:
        StorageProblem: it cannot be written.
    """
    file.touch(exist_ok=False)
    engine = make_engine(file, Access.WRITE)
    try:
        with sentences(file):
            _upgrade(engine)
            with closing(connect(file, Access.WRITE)) as connection:
                connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
                connection.execute("PRAGMA journal_mode=WAL")  # last: all is in the one file when it is moved
    finally:
        engine.dispose()


def revision_of(engine: Engine, file: Path) -> str:
    """Return the revision of a project's database.

    Raises:
        StorageProblem: this is not a project's database, or it is damaged.
    """
    with sentences(file), engine.connect() as connection:
        mark = connection.execute(text("PRAGMA application_id")).scalar()
        if mark != APPLICATION_ID:
            raise StorageProblem(
                f"{file} was not made by Pawtrait.", "Choose the folder of a project, or create a new project."
            )
        rows = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    if len(rows) != 1:
        raise damaged(f"{file.name} does not say which version it has")
    return str(rows[0])


def bring_up_to_date(engine: Engine, file: Path) -> Path | None:
    """Migrate to the newest revision, after a backup; return the backup, None if there was no need.

    Raises:
        StorageProblem: the disk refused; the project is as it was.
    """
    revision = revision_of(engine, file)
    if revision == tables.HEAD:
        return None
    backup = _back_up(file, revision)
    with sentences(file):
        _upgrade(engine)
    return backup


def check_known(file: Path, revision: str) -> None:
    """See to it that a revision is the newest one or an older one.

    Raises:
        StorageProblem: it is neither, so it must be newer.
    """
    if revision == tables.HEAD:
        return
    from alembic.script import ScriptDirectory

    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    if revision not in known:
        raise StorageProblem(
            f"The project {file.parent.name} was made by a newer version of Pawtrait.",
            "Install the newest version to open it.",
        )


def check_tables(engine: Engine, file: Path) -> None:
    """See to it that every table and column is there.

    Raises:
        StorageProblem: one is missing.
    """
    with sentences(file), engine.connect() as connection:
        for table in tables.metadata.sorted_tables:
            connection.execute(select(table).limit(0))


def _back_up(file: Path, revision: str) -> Path:
    stamp = utc_now().replace("-", "").replace(":", "").replace(".", "-")
    backup = file.with_name(f"{file.name}.before-{revision}-{stamp}.bak")
    unfinished = backup.with_suffix(".part")
    try:
        with sentences(unfinished):
            with closing(connect(file, Access.WRITE)) as source, closing(sqlite3.connect(unfinished)) as copy:
                source.backup(copy)
            wrong = quick_check(unfinished, Access.WRITE)
        if wrong != "ok":
            raise StorageProblem(f"The backup {backup.name} is damaged: {wrong}.", "Check the drive and try again.")
        unfinished.rename(backup)
        flush_folder(backup.parent)
    finally:
        unfinished.unlink(missing_ok=True)
    return backup


def _upgrade(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    # One transaction around all migrations: the file has the newest revision afterwards, or the one it had.
    with _one_at_a_time, engine.connect().execution_options(writes=True) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
