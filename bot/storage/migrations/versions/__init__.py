"""A file a release that changed tables, in Alembic's form."""
