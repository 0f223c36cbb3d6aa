"""0.27.0: people of an identity provider, and when the provider was asked for the role of a session."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0.27.0"
down_revision = "0.24.0"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the table and add columns; sessions without an account continue, and their role is read again soon."""
    op.create_table(
        "identities",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("display_name", sa.String(40), nullable=False),
        sa.UniqueConstraint("issuer", "subject", name="uq_identities_issuer_subject"),
    )
    for column in (
        sa.Column("provider_session", sa.String(255)),
        sa.Column("role_read", _TIME),
        sa.Column("role_due", _TIME),
        sa.Column("role_unread", sa.Boolean),
        sa.Column("refresh_token", sa.Text),
    ):
        op.add_column("sessions", column)
    accounts = sa.table("accounts", sa.column("name", sa.String))
    sessions = sa.table("sessions", sa.column("name"), sa.column("role_read", _TIME), sa.column("role_due", _TIME))
    now = datetime.now(UTC)
    without_account = sessions.c.name.not_in(sa.select(accounts.c.name))
    op.execute(sessions.update().where(without_account).values(role_read=now, role_due=now))
