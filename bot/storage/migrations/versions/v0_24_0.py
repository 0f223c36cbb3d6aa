"""0.24.0: the parts of answers."""

import sqlalchemy as sa
from alembic import op

revision = "0.24.0"
down_revision = "0.23.0"


def upgrade() -> None:
    """Add the column; the parts of existing answers are derived from their text and blocks."""
    op.add_column("turns", sa.Column("content", sa.JSON))
