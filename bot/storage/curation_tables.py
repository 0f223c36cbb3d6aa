"""Database tables of the staff desk; times in UTC, vectors as little-endian float32."""

from sqlalchemy import JSON, Boolean, Column, Date, DateTime, ForeignKey, Integer, LargeBinary, String, Table, Text
from sqlalchemy import UniqueConstraint as Unique

from bot.storage.record_tables import metadata

# `question` represents the group, `vector` is its vector by `encoder`, `asked_on` the day for its relative dates.
queue_groups = Table(
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

queue_entries = Table(
    "queue_entries",
    metadata,
    Column("answer_id", ForeignKey("turns.answer_id"), primary_key=True),
    Column("group_id", ForeignKey("queue_groups.id"), nullable=False, index=True),
    Column("vector", LargeBinary, nullable=False),
    Column("encoder", Text, nullable=False),
)

# One answer per group; its content is in `curated_versions`.
curated_answers = Table(
    "curated_answers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("group_id", ForeignKey("queue_groups.id"), nullable=False, unique=True),
)

# The departments to contact (bot/office/departments.py).
departments = Table(
    "departments",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name", String(200), nullable=False),
    Column("subjects", JSON, nullable=False),
    Column("telephone", String(200), nullable=False),
    Column("hours", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("town", String(200), nullable=False, server_default=""),
    Column("by", String(200), nullable=False),
    Column("changed", DateTime(timezone=True), nullable=False),
)

curated_versions = Table(
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

# The office's words (bot/dictionary): every version of an entry; the newest counts, a `removed` one ends it.
dictionary_versions = Table(
    "dictionary_versions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("entry_id", String(32), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("name", String(200), nullable=False),
    Column("official", String(200), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("note", Text, nullable=False),
    Column("removed", Boolean, nullable=False),
    Column("by", String(200), nullable=False),
    Column("created", DateTime(timezone=True), nullable=False),
    Unique("entry_id", "version"),
)
