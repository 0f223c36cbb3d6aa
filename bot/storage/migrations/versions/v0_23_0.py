"""0.23.0: the town that a department works for."""

import sqlalchemy as sa
from alembic import op

revision = "0.23.0"
down_revision = "0.5.0"


def upgrade() -> None:
    """Add the column; existing departments stay responsible for every town."""
    op.add_column("departments", sa.Column("town", sa.String(200), nullable=False, server_default=""))
