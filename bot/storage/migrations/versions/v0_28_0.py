"""0.28.0: the office's dictionary."""

import sqlalchemy as sa
from alembic import op

revision = "0.28.0"
down_revision = "0.27.0"


def upgrade() -> None:
    """Create the table of the versions of entries."""
    op.create_table(
        "dictionary_versions",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("entry_id", sa.String(32), nullable=False, index=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("official", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("removed", sa.Boolean, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("entry_id", "version"),
    )
