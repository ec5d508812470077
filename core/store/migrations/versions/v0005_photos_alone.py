"""Photos alone stand in the queue where their predictions put them, and no longer before all others."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Bring revision 0004 to 0005."""
    # 2: a photo alone without a prediction (core.store.plan.ALONE, as it was when this was written)
    place = "CASE WHEN promise = -2 THEN 2 ELSE promise END"
    op.execute(f"UPDATE pairs SET sureness = {place} WHERE designer_sha256 IS NULL")
