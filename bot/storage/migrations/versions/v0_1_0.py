"""0.1.0: conversations, answers and votes; the staff queue and curated answers; sign-in; testers' verdicts.

Creates only missing tables, because databases from before the first revision have some or all of them.
"""

from alembic import op
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy import UniqueConstraint as Unique

revision = "0.1.0"
down_revision = None

metadata = MetaData()
Table(
    "conversations",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("created", DateTime(timezone=True), nullable=False, index=True),
)
Table(
    "turns",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("answer_id", String(64), nullable=False, unique=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("question", Text, nullable=False),
    Column("understood", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("status", String(16), nullable=False, index=True),
    Column("answer", JSON, nullable=False),
    Column("generator", String(200), nullable=False),
    Column("prompt_digest", String(64)),
    Column("generation", String(64), nullable=False),
    Column("timings_ms", JSON, nullable=False),
    Column("created", DateTime(timezone=True), nullable=False, index=True),
)
Table(
    "askings",
    metadata,
    Column("answer_id", ForeignKey("turns.answer_id"), primary_key=True),
    Column("audience", String(16), nullable=False, index=True),
    Column("style", String(16), nullable=False),
    Column("as_of", Date, nullable=False),
)
Table("repeats", metadata, Column("answer_id", ForeignKey("turns.answer_id"), primary_key=True))
Table(
    "model_calls",
    metadata,
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
    Column("cost", Float),
)
Table(
    "feedback",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("answer_id", ForeignKey("turns.answer_id"), nullable=False, index=True),
    Column("rating", String(8), nullable=False, index=True),
    Column("reasons", JSON, nullable=False),
    Column("comment", Text, nullable=False),
    Column("created", DateTime(timezone=True), nullable=False, index=True),
)
Table(
    "queue_groups",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("state", String(16), nullable=False, index=True),
    Column("question", Text, nullable=False),
    Column("asked_on", Date, nullable=False),
    Column("vector", LargeBinary, nullable=False),
    Column("encoder", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("by", String(200), nullable=False),
    Column("changed", DateTime(timezone=True), nullable=False),
)
Table(
    "queue_entries",
    metadata,
    Column("answer_id", ForeignKey("turns.answer_id"), primary_key=True),
    Column("group_id", ForeignKey("queue_groups.id"), nullable=False, index=True),
    Column("vector", LargeBinary, nullable=False),
    Column("encoder", Text, nullable=False),
)
Table(
    "curated_answers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("group_id", ForeignKey("queue_groups.id"), nullable=False, unique=True),
)
Table(
    "curated_versions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("curated_id", ForeignKey("curated_answers.id"), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("sources", JSON, nullable=False),
    Column("wordings", JSON, nullable=False),
    Column("author", String(200), nullable=False),
    Column("valid_from", Date),
    Column("valid_until", Date),
    Column("withdrawn", Boolean, nullable=False),
    Column("note", Text, nullable=False),
    Column("created", DateTime(timezone=True), nullable=False),
    Unique("curated_id", "version"),
)
Table(
    "accounts",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("role", String(8), nullable=False),
    Column("password", String(250), nullable=False),
    Column("created", DateTime(timezone=True), nullable=False),
)
Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("name", String(40), nullable=False, index=True),
    Column("role", String(8), nullable=False),
    Column("expires", DateTime(timezone=True), nullable=False, index=True),
)
Table(
    "start_tokens",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("created", DateTime(timezone=True), nullable=False),
)
Table(
    "workbench_scores",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("run", String(200), nullable=False, index=True),
    Column("set", String(200), nullable=False),
    Column("case_id", String(200), nullable=False),
    Column("answer_id", String(64), nullable=False),
    Column("scorer", String(40), nullable=False, index=True),
    Column("correctness", Integer, nullable=False),
    Column("grounds", Integer, nullable=False),
    Column("clarity", Integer, nullable=False),
    Column("comment", Text, nullable=False),
    Column("created", DateTime(timezone=True), nullable=False),
)
Table(
    "workbench_preferences",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("run_1", String(200), nullable=False, index=True),
    Column("run_2", String(200), nullable=False),
    Column("set", String(200), nullable=False),
    Column("case_id", String(200), nullable=False),
    Column("scorer", String(40), nullable=False, index=True),
    Column("shown_as_a", String(200), nullable=False),
    Column("choice", String(8), nullable=False),
    Column("comment", Text, nullable=False),
    Column("created", DateTime(timezone=True), nullable=False),
)


def upgrade() -> None:
    """Create the missing tables."""
    metadata.create_all(op.get_bind())
