"""The Alembic revisions, one per release that changed tables."""
