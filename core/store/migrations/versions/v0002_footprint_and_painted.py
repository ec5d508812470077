"""Footprint and what was painted on stand beside the mask; older reconciliations have neither."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Bring revision 0001 to 0002."""
    for prefix in ("footprint", "painted"):
        op.add_column("pairs", sa.Column(f"{prefix}_sha256", sa.Text))
        op.add_column("pairs", sa.Column(f"{prefix}_width", sa.Integer))
        op.add_column("pairs", sa.Column(f"{prefix}_height", sa.Integer))
