"""Database tables of the records; times in UTC."""

from sqlalchemy import JSON, Boolean, Column, Date, DateTime, Float, ForeignKey, Integer, MetaData, String, Table, Text

metadata = MetaData()

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("created", DateTime(timezone=True), nullable=False, index=True),
)

turns = Table(
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
    Column("content", JSON),  # the parts; null for answers of releases before 0.24
    Column("generator", String(200), nullable=False),
    Column("prompt_digest", String(64)),
    Column("generation", String(64), nullable=False),
    Column("timings_ms", JSON, nullable=False),
    Column("created", DateTime(timezone=True), nullable=False, index=True),
)

# Who asked a question and for which day; a separate table, because older databases have no such columns in `turns`.
askings = Table(
    "askings",
    metadata,
    Column("answer_id", ForeignKey("turns.answer_id"), primary_key=True),
    Column("audience", String(16), nullable=False, index=True),
    Column("style", String(16), nullable=False),
    Column("as_of", Date, nullable=False),
)

# Answers to repeated questions; they are left out of statistics, and staff see only those voted down.
repeats = Table("repeats", metadata, Column("answer_id", ForeignKey("turns.answer_id"), primary_key=True))

# The calls of language models for an answer, whether or not their output is in it.
model_calls = Table(
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

# Sentences of a language model that failed verification; `mended`, their replacement, is empty since 0.25.
stopped_sentences = Table(
    "stopped_sentences",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("answer_id", ForeignKey("turns.answer_id"), nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("mended", Text, nullable=False, default=""),
)

feedback = Table(
    "feedback",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("answer_id", ForeignKey("turns.answer_id"), nullable=False, index=True),
    Column("rating", String(8), nullable=False, index=True),
    Column("reasons", JSON, nullable=False),
    Column("comment", Text, nullable=False),
    Column("created", DateTime(timezone=True), nullable=False, index=True),
)
