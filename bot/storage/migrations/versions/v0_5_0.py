"""0.5.0: five roles instead of two, origins of sessions, API keys, rate limits, departments."""

import sqlalchemy as sa
from alembic import op

revision = "0.5.0"
down_revision = "0.3.0"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add columns and tables; `staff` becomes `editor`, because staff could publish."""
    op.add_column("accounts", sa.Column("changed", _TIME))
    op.add_column("sessions", sa.Column("begun", _TIME))
    op.add_column("sessions", sa.Column("address", sa.String(64)))
    op.add_column("sessions", sa.Column("browser", sa.String(120)))
    for name in ("accounts", "sessions"):
        role = sa.table(name, sa.column("role", sa.String))
        op.execute(role.update().where(role.c.role == "staff").values(role="editor"))
    op.create_table(
        "api_keys",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("scopes", sa.String(60), nullable=False),
        sa.Column("per_minute", sa.Integer, nullable=False),
        sa.Column("created", _TIME, nullable=False),
    )
    op.create_table(
        "sign_in_failures",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("until", _TIME, nullable=False, index=True),
    )
    op.create_table(
        "request_counts",
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("expires", sa.Float, nullable=False, index=True),
    )
    op.create_table(
        "departments",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("subjects", sa.JSON, nullable=False),
        sa.Column("telephone", sa.String(200), nullable=False),
        sa.Column("hours", sa.Text, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("changed", _TIME, nullable=False),
    )
