"""0.38.0: the first revision; a new database gets the tables of `bot.running.storage.tables` as they are now."""

revision = "0.38.0"
down_revision = None


def upgrade() -> None:
    """Do nothing; `migrations.upgrade` creates the tables."""
