"""Recipes beside what machines found, and masks that remember their placement once it is moved by hand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Bring revision 0003 to 0004."""
    for name in ("mask_placement", "recipe", "recipe_base"):
        op.add_column("pairs", sa.Column(name, sa.Text))
