"""The tables of those who sign in; times are UTC, and secrets are kept as their digests only."""

from sqlalchemy import Column, DateTime, MetaData, String, Table

metadata = MetaData()

accounts = Table(
    "accounts",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("role", String(8), nullable=False),
    Column("password", String(250), nullable=False),
    Column("created", DateTime(timezone=True), nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("name", String(40), nullable=False, index=True),
    Column("role", String(8), nullable=False),
    Column("expires", DateTime(timezone=True), nullable=False, index=True),
)

start_tokens = Table(
    "start_tokens",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("created", DateTime(timezone=True), nullable=False),
)
