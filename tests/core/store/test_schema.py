"""Migrations: they make what the tables say, on other databases too, back up what is older, and fail whole."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from core.domain import (
    Decision,
    ImageRef,
    MaskRef,
    MaskSource,
    Pair,
    PairOrder,
    PairQuery,
    Placement,
    Prediction,
    Reconciliation,
)
from core.edits import AddPair, SetPrediction, SetReconciliation, inverse_of
from core.errors import StorageProblem
from core.store import schema, tables
from core.store.changes import ChangeKind
from core.store.engine import APPLICATION_ID
from core.store.opening import open_project
from tests.core.store.conftest import ANNA

NEXT = '''"""A revision of the future."""
import sqlalchemy as sa
from alembic import op

revision = "8888"
down_revision = {before!r}


def upgrade():
    op.add_column("runs", sa.Column("note", sa.Text, nullable=False, server_default="old"))
    op.execute("UPDATE runs SET who = 'migrated'")
    {then}
'''


@pytest.fixture
def future(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Pretend that this program is one revision further than the projects that it finds."""

    def advance(then: str = "pass") -> None:
        migrations = tmp_path / "migrations 100%"
        shutil.copytree(schema.MIGRATIONS, migrations)
        script = NEXT.format(before=tables.HEAD, then=then)
        (migrations / "versions" / "v8888_future.py").write_text(script, "utf-8")
        monkeypatch.setattr(schema, "MIGRATIONS", migrations)
        monkeypatch.setattr(tables, "HEAD", "8888")

    return advance


def rows(file: Path, question: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(question).fetchall()


def test_the_newest_migration_is_the_one_the_program_knows() -> None:
    assert ScriptDirectory(str(schema.MIGRATIONS)).get_heads() == [tables.HEAD]


def test_migrations_make_what_the_tables_say(folder: Path) -> None:
    engine = create_engine(f"sqlite:///{folder / 'project.sqlite'}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []
    engine.dispose()


def test_migrations_and_tables_say_the_same_to_postgresql() -> None:
    """SQLite is lax about types; what PostgreSQL is told must be the same from both, and its own types throughout."""
    told = io.StringIO()
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": told})
    with Operations.context(context):
        for script in reversed(list(ScriptDirectory(str(schema.MIGRATIONS)).walk_revisions())):
            spec = importlib.util.spec_from_file_location(script.revision, script.path)
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            module.upgrade()

    def plain(statement: str) -> str:
        return " ".join(statement.replace("\n", " ").replace("\t", " ").split())

    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    expected = {plain(str(CreateTable(table).compile(dialect=dialect))) for table in tables.metadata.sorted_tables} | {
        plain(str(CreateIndex(index).compile(dialect=dialect)))
        for table in tables.metadata.sorted_tables
        for index in table.indexes
    }
    statements = [plain(statement) for statement in told.getvalue().split(";") if statement.strip()]
    assert set(_with_added_columns(statements)) == expected
    assert "DOUBLE PRECISION" in told.getvalue()
    assert 'COLLATE "C"' in told.getvalue()


def _with_added_columns(statements: list[str]) -> list[str]:
    """Return what creates tables and indexes that stay, with columns added later written into the tables."""
    made: list[str] = []
    for statement in statements:
        if dropped := re.fullmatch(r"DROP INDEX (\w+)", statement):
            made = [one for one in made if not one.startswith(f"CREATE INDEX {dropped[1]} ")]
        elif not statement.startswith(("ALTER TABLE", "UPDATE")):
            made.append(statement)
        if added := re.fullmatch(r"ALTER TABLE (\w+) ADD COLUMN (.+)", statement):
            (at,) = [number for number, one in enumerate(made) if one.startswith(f"CREATE TABLE {added[1]} (")]
            made[at] = made[at].replace(", CONSTRAINT", f", {added[2]}, CONSTRAINT", 1)
    return made


def test_a_project_of_the_first_version_is_read_as_it_was_written(tmp_path: Path) -> None:
    """``project_0001.sql`` is a project as the program wrote it before there were footprints."""
    folder = tmp_path / "old"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "project.sqlite")) as connection:
        connection.executescript(Path(__file__).with_name("project_0001.sql").read_text("utf-8"))
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.commit()
    store = open_project(folder, "Anna")
    (pair, waiting) = store.pairs([1, 2])
    mask = MaskRef(hashlib.sha256(b"mask").hexdigest(), 60, 40)
    found = Reconciliation("pawtrait", Placement(1, 2, False, 3, 4), 0.75, "One clear peak.", 1.5, mask, 1)
    assert (pair.reconciliation, waiting.reconciliation) == (found, None)
    assert pair.review.decision is Decision.ACCEPTED
    assert (pair.prediction, pair.review.source, pair.mask_source) == (None, None, MaskSource.RECONCILIATION)
    changes = store.journal()
    assert changes[1].edits == (SetReconciliation(1, None, found),)
    store.apply(inverse_of(changes[1].edits), ANNA, kind=ChangeKind.UNDO, target=2)
    better = replace(found, footprint=mask, painted=mask)
    store.apply([SetReconciliation(1, None, better)], ANNA)
    assert store.pairs([1])[0].reconciliation == better
    assert store.pair_ids(PairQuery(order=PairOrder.EXPECTED_IOU, only_unpredicted=True)) == [1, 2]
    said = Prediction("pawtrait", "0" * 12, mask, 0.5, (0.4, 0.6), 0.9, 1.0, "Clear.", 0.2)
    store.apply([SetPrediction(2, None, said)], ANNA)
    assert store.pairs([2])[0].prediction == said
    store.close()
    assert [path.name.startswith("project.sqlite.before-0001-") for path in folder.glob("*.bak")] == [True]


def test_an_older_project_is_backed_up_then_migrated(folder: Path, future: Callable[[str], None]) -> None:
    old = tables.HEAD
    file = folder / "project.sqlite"
    future("pass")
    store = open_project(folder, "Anna")
    assert not store.info.read_only
    assert [run.who for run in store.runs()] == ["migrated"]
    assert len(store.journal()) == 3
    store.close()
    assert rows(file, "SELECT version_num FROM alembic_version") == [("8888",)]
    (backup,) = folder.glob("*.bak")
    assert backup.name.startswith(f"project.sqlite.before-{old}-")
    assert rows(backup, "SELECT version_num FROM alembic_version") == [(old,)]
    assert rows(backup, "SELECT who FROM runs") == [("Anna",)]
    assert rows(backup, "PRAGMA integrity_check") == [("ok",)]
    assert not list(folder.glob("*.part"))
    open_project(folder, "Anna").close()
    assert len(list(folder.glob("*.bak"))) == 1


def test_a_backup_can_be_put_back(folder: Path, future: Callable[[str], None]) -> None:
    future("pass")
    open_project(folder, "Anna").close()
    (backup,) = folder.glob("*.bak")
    backup.replace(folder / "project.sqlite")
    store = open_project(folder, "Anna")
    assert [run.who for run in store.runs()] == ["migrated"]
    store.close()


def test_a_migration_that_fails_changes_nothing(folder: Path, future: Callable[[str], None]) -> None:
    old = tables.HEAD
    future('raise RuntimeError("a bug in the migration")')
    with pytest.raises(RuntimeError, match="a bug"):
        open_project(folder, "Anna")
    file = folder / "project.sqlite"
    assert rows(file, "SELECT version_num FROM alembic_version") == [(old,)]
    assert rows(file, "SELECT who FROM runs") == [("Anna",)]
    assert "note" not in [row[1] for row in rows(file, "PRAGMA table_info(runs)")]
    assert rows(file, "SELECT * FROM write_lock") == []


def test_without_a_sound_backup_nothing_is_migrated(
    folder: Path, future: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tables.HEAD
    future("pass")
    answers = iter(["ok", "row 1 missing from index"])
    monkeypatch.setattr(schema, "quick_check", lambda *_: next(answers))
    monkeypatch.setattr("core.store.sql_opening.quick_check", lambda *_: next(answers))
    with pytest.raises(StorageProblem, match=r"backup .* is damaged"):
        open_project(folder, "Anna")
    assert rows(folder / "project.sqlite", "SELECT version_num FROM alembic_version") == [(old,)]
    assert not list(folder.glob("*.bak"))
    assert not list(folder.glob("*.part"))


def test_an_older_project_that_somebody_has_open_is_not_migrated(folder: Path, future: Callable[[str], None]) -> None:
    old = tables.HEAD
    holder = open_project(folder, "Anna")
    future("pass")
    with pytest.raises(StorageProblem, match=r"older version.*Open by Anna") as caught:
        open_project(folder, "Ben")
    assert caught.value.remedy
    assert rows(folder / "project.sqlite", "SELECT version_num FROM alembic_version") == [(old,)]
    holder.close()


def test_photos_alone_of_an_older_project_go_to_their_place(folder: Path) -> None:
    store = open_project(folder, "Anna")
    photos = [ImageRef(f"/photos/{number}.jpg", f"{number:064}", 1, 2) for number in range(2)]
    alone = store.apply([AddPair(Pair(0, "a photo alone", photos[0], None))], ANNA)
    other = store.apply([AddPair(Pair(0, "zoe", photos[1], photos[1]))], ANNA)
    both = (*other.pair_ids, *alone.pair_ids)
    assert tuple(number for number in store.pair_ids() if number in both) == both
    store.close()
    with closing(sqlite3.connect(folder / "project.sqlite")) as connection, connection:
        connection.execute("UPDATE pairs SET sureness = -2 WHERE designer_sha256 IS NULL")
        connection.execute("UPDATE alembic_version SET version_num = '0004'")
    store = open_project(folder, "Anna")
    assert tuple(number for number in store.pair_ids() if number in both) == both
    store.close()
