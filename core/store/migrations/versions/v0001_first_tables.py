"""The first tables: pairs, journal, runs, the write lock."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables of revision 0001."""
    _make_pairs()
    op.create_table(
        "journal",
        sa.Column("revision", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("target", sa.Integer),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("seconds", sa.Double),
        sa.Column("label", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("revision", name="pk_journal"),
        sa.ForeignKeyConstraint(["target"], ["journal.revision"], name="fk_journal_target"),
    )
    op.create_table(
        "journal_edits",
        sa.Column("revision", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("pair_id", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("decision", sa.Text),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.PrimaryKeyConstraint("revision", "position", name="pk_journal_edits"),
        sa.ForeignKeyConstraint(["revision"], ["journal.revision"], name="fk_journal_edits_revision"),
    )
    op.create_index("ix_journal_edits_pair_id", "journal_edits", ["pair_id", "revision"])
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("options", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("started_at", sa.Text, nullable=False),
        sa.Column("finished_at", sa.Text),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("pairs_done", sa.Integer, nullable=False),
        sa.Column("failures", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_table(
        "write_lock",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("since", sa.Text, nullable=False),
        sa.Column("beat_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_write_lock"),
    )


def _make_pairs() -> None:
    sorted_text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "pairs",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("search_key", sorted_text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("original_path", sa.Text, nullable=False),
        sa.Column("original_sha256", sa.Text, nullable=False),
        sa.Column("original_width", sa.Integer, nullable=False),
        sa.Column("original_height", sa.Integer, nullable=False),
        sa.Column("designer_path", sa.Text),
        sa.Column("designer_sha256", sa.Text),
        sa.Column("designer_width", sa.Integer),
        sa.Column("designer_height", sa.Integer),
        sa.Column("method", sa.Text),
        sa.Column("scale", sa.Double),
        sa.Column("rotation_deg", sa.Double),
        sa.Column("mirrored", sa.Boolean),
        sa.Column("tx", sa.Double),
        sa.Column("ty", sa.Double),
        sa.Column("confidence", sa.Double),
        sa.Column("confidence_reason", sa.Text),
        sa.Column("seconds", sa.Double),
        sa.Column("mask_sha256", sa.Text),
        sa.Column("mask_width", sa.Integer),
        sa.Column("mask_height", sa.Integer),
        sa.Column("run_id", sa.Integer),
        sa.Column("sureness", sa.Double, nullable=False),
        sa.Column("decision", sa.Text, nullable=False),
        sa.Column("reject_reason", sa.Text),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("quality", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_pairs"),
        sa.UniqueConstraint("name", name="uq_pairs_name"),
    )
    op.create_index("ix_pairs_by_sureness", "pairs", ["sureness", "search_key", "id", "decision"])
    op.create_index("ix_pairs_by_name", "pairs", ["search_key", "id", "decision", "sureness"])
