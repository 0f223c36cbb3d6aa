"""Database tables of the sign-in; times in UTC, secrets as digests."""

from sqlalchemy import Boolean, Column, DateTime, Integer, MetaData, String, Table, Text, UniqueConstraint

metadata = MetaData()

# `changed` is the time of the last change of role or password.
accounts = Table(
    "accounts",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("role", String(8), nullable=False),
    Column("password", String(250), nullable=False),
    Column("created", DateTime(timezone=True), nullable=False),
    Column("changed", DateTime(timezone=True)),
)

# The people whom an identity provider has signed in: `name` identifies them in the records and never changes.
identities = Table(
    "identities",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("issuer", String(255), nullable=False),
    Column("subject", String(255), nullable=False),
    Column("display_name", String(40), nullable=False),
    UniqueConstraint("issuer", "subject", name="uq_identities_issuer_subject"),
)

# Address and browser let people recognise their sessions. The last five columns are for sessions of an identity
# provider: its session id, when the role was read, when it is next due, whether the last attempt failed, and the
# refresh token, encrypted with the session's secret.
sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("name", String(40), nullable=False, index=True),
    Column("role", String(8), nullable=False),
    Column("expires", DateTime(timezone=True), nullable=False, index=True),
    Column("begun", DateTime(timezone=True)),
    Column("address", String(64)),
    Column("browser", String(120)),
    Column("provider_session", String(255)),
    Column("role_read", DateTime(timezone=True)),
    Column("role_due", DateTime(timezone=True)),
    Column("role_unread", Boolean),
    Column("refresh_token", Text),
)

start_tokens = Table(
    "start_tokens",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("created", DateTime(timezone=True), nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("scopes", String(60), nullable=False),
    Column("per_minute", Integer, nullable=False),
    Column("created", DateTime(timezone=True), nullable=False),
)

# `key` is the digest of a name and an address, `until` the end of the delay after `times` failures.
failures = Table(
    "sign_in_failures",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("times", Integer, nullable=False),
    Column("until", DateTime(timezone=True), nullable=False, index=True),
)
