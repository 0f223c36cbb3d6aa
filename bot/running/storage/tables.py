"""All tables of the database: records, staff desk and sign-in."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.schema import SchemaItem


class UtcDateTime(TypeDecorator[datetime]):
    """A time in UTC with its zone; SQLite stores none."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is None:
            return value and value.replace(tzinfo=UTC)
        return value.astimezone(UTC)


metadata = MetaData()


def _table(name: str, *parts: SchemaItem) -> Table:
    return Table(name, metadata, *parts)


conversations = _table(
    "conversations",
    Column("id", String(32), primary_key=True),
    Column("created", UtcDateTime, nullable=False, index=True),
)

# `answer` is the JSON of the API, `content` its parts before rendering, `as_of` the day that was asked for. Repeated
# questions are left out of statistics, and staff see only those voted down.
turns = _table(
    "turns",
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("answer_id", String(64), nullable=False, unique=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("question", Text, nullable=False),
    Column("understood", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("audience", String(16), nullable=False, index=True),
    Column("style", String(16), nullable=False),
    Column("as_of", Date, nullable=False),
    Column("repeated", Boolean, nullable=False),
    Column("status", String(16), nullable=False, index=True),
    Column("answer", JSON, nullable=False),
    Column("content", JSON, nullable=False),
    Column("generator", String(200), nullable=False),
    Column("prompt_digest", String(64)),
    Column("generation", String(64), nullable=False),
    Column("timings_ms", JSON, nullable=False),
    Column("created", UtcDateTime, nullable=False, index=True),
)

# The calls of language models for an answer, whether or not their output is in it.
model_calls = _table(
    "model_calls",
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("answer_id", ForeignKey("turns.answer_id"), nullable=False, index=True),
    Column("task", String(32), nullable=False),
    Column("prompt_digest", String(64), nullable=False),
    Column("model", String(200), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("milliseconds", Float, nullable=False),
    Column("prompt_tokens", Integer, nullable=False),
    Column("completion_tokens", Integer, nullable=False),
    Column("estimated", Boolean, nullable=False),
)

# Sentences of a language model that failed verification.
stopped_sentences = _table(
    "stopped_sentences",
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("answer_id", ForeignKey("turns.answer_id"), nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("why", Text, nullable=False),
)

feedback = _table(
    "feedback",
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("answer_id", ForeignKey("turns.answer_id"), nullable=False, index=True),
    Column("rating", String(8), nullable=False, index=True),
    Column("reasons", JSON, nullable=False),
    Column("comment", Text, nullable=False),
    Column("created", UtcDateTime, nullable=False, index=True),
)

# Questions of the list that staff have closed: `key` is a digest of the question, `reason` "" if it has an answer now.
closed_questions = _table(
    "closed_questions",
    Column("key", String(64), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("by", String(200), nullable=False),
    Column("closed", UtcDateTime, nullable=False),
)

departments = _table(
    "departments",
    Column("id", String(32), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name", String(200), nullable=False),
    Column("subjects", JSON, nullable=False),
    Column("telephone", String(200), nullable=False),
    Column("hours", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("town", String(200), nullable=False),
    Column("by", String(200), nullable=False),
    Column("changed", UtcDateTime, nullable=False),
)

accounts = _table(
    "accounts",
    Column("name", String(40), primary_key=True),
    Column("role", String(8), nullable=False),
    Column("password", String(250), nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("changed", UtcDateTime, nullable=False),
)

# The people whom an identity provider has signed in: `name` identifies them in the records and never changes.
identities = _table(
    "identities",
    Column("name", String(40), primary_key=True),
    Column("issuer", String(255), nullable=False),
    Column("subject", String(255), nullable=False),
    Column("display_name", String(40), nullable=False),
    Unique("issuer", "subject", name="uq_identities_issuer_subject"),
)

# Secrets are stored as digests. Address and browser let people recognise their sessions. The last three columns are for
# sessions of an identity provider: when the role was read, when it is next due, and the refresh token, encrypted with
# the session's secret.
sessions = _table(
    "sessions",
    Column("digest", String(64), primary_key=True),
    Column("name", String(40), nullable=False, index=True),
    Column("role", String(8), nullable=False),
    Column("expires", UtcDateTime, nullable=False, index=True),
    Column("begun", UtcDateTime, nullable=False),
    Column("address", String(64), nullable=False),
    Column("browser", String(120), nullable=False),
    Column("role_read", UtcDateTime),
    Column("role_due", UtcDateTime),
    Column("refresh_token", Text),
)

api_keys = _table(
    "api_keys",
    Column("name", String(40), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("scopes", String(60), nullable=False),
    Column("per_minute", Integer, nullable=False),
    Column("created", UtcDateTime, nullable=False),
)
