"""Predictions beside reconciliations; reviews say which mask they are about; the queue gets a third order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Bring revision 0002 to 0003."""
    for name, kind in (
        ("decided_source", sa.Text),
        ("predicted_by", sa.Text),
        ("predicted_version", sa.Text),
        ("map_sha256", sa.Text),
        ("map_width", sa.Integer),
        ("map_height", sa.Integer),
        ("threshold", sa.Double),
        ("threshold_low", sa.Double),
        ("threshold_high", sa.Double),
        ("chosen_threshold", sa.Double),
        ("threshold_moved", sa.Double),
        ("expected_iou", sa.Double),
        ("found", sa.Double),
        ("prediction_reason", sa.Text),
        ("prediction_seconds", sa.Double),
        ("portraits", sa.Text),
        ("portrait", sa.Integer),
        ("prediction_run_id", sa.Integer),
    ):
        op.add_column("pairs", sa.Column(name, kind))
    # -2: not predicted yet (core.store.plan.UNPREDICTED, as it was when this was written).
    op.add_column("pairs", sa.Column("promise", sa.Double, nullable=False, server_default=sa.text("-2.0")))
    for old in ("ix_pairs_by_sureness", "ix_pairs_by_name"):
        op.drop_index(old, "pairs")
    op.create_index("ix_pairs_by_sureness", "pairs", ["sureness", "search_key", "id", "decision", "promise"])
    op.create_index("ix_pairs_by_promise", "pairs", ["promise", "search_key", "id", "decision", "sureness"])
    op.create_index("ix_pairs_by_name", "pairs", ["search_key", "id", "decision", "sureness", "promise"])
