"""Alembic's migrations of a project's database; ``core.store.schema`` runs them."""
