"""Deletes conversations, and finds what their answers cite, which deletion of earlier originals spares.

Answers published by staff stay.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, func, select

from bot.errors import UnknownConversationError
from bot.storage.tables import (
    conversations,
    feedback,
    model_calls,
    stopped_sentences,
    turns,
)
from ingest.configuration.settings import Settings

# Conversations deleted in one transaction; other writers wait for it.
_CONVERSATIONS_PER_TRANSACTION = 200
# Answers that are read at once.
_ANSWERS_PER_READ = 500
# Tables that reference an answer and are deleted before it.
_DEPENDENT_TABLES = (feedback, stopped_sentences, model_calls)


@dataclass(frozen=True, slots=True)
class DeletedCounts:
    """The numbers of deleted records."""

    conversations: int
    answers: int
    votes: int


class ConversationDeletion:
    """Deletes from the records; safe to share between threads and processes. Raises StorageError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def conversation(self, conversation_id: str) -> DeletedCounts:
        """Delete a conversation with all its records. Raises UnknownConversationError."""
        with self._engine.begin() as connection:
            deleted = _delete_conversations(connection, [conversation_id])
        if not deleted.conversations:
            raise UnknownConversationError("この会話は見つかりません。もう消されているか、番号が違います。")
        self._overwrite()
        return deleted

    def before(self, moment: datetime) -> DeletedCounts:
        """Delete all conversations without a question since `moment` (with a time zone)."""
        last = select(func.max(turns.c.created)).where(turns.c.conversation_id == conversations.c.id).scalar_subquery()
        old = (
            select(conversations.c.id)
            .where(func.coalesce(last, conversations.c.created) < moment)
            .limit(_CONVERSATIONS_PER_TRANSACTION)
        )
        total = DeletedCounts(0, 0, 0)
        while True:
            with self._engine.begin() as connection:
                deleted = _delete_conversations(connection, connection.scalars(old).all())
            if not deleted.conversations:
                break
            total = DeletedCounts(
                total.conversations + deleted.conversations,
                total.answers + deleted.answers,
                total.votes + deleted.votes,
            )
        if total.conversations:
            self._overwrite()
        return total

    def _overwrite(self) -> None:
        if self._engine.dialect.name == "sqlite":
            with self._engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _delete_conversations(connection: Connection, ids: Sequence[str]) -> DeletedCounts:
    answers = select(turns.c.answer_id).where(turns.c.conversation_id.in_(ids))
    deleted_rows = {
        table.name: connection.execute(delete(table).where(table.c.answer_id.in_(answers))).rowcount
        for table in _DEPENDENT_TABLES
    }
    deleted_turns = connection.execute(delete(turns).where(turns.c.conversation_id.in_(ids))).rowcount
    deleted_conversations = connection.execute(delete(conversations).where(conversations.c.id.in_(ids))).rowcount
    return DeletedCounts(deleted_conversations, deleted_turns, deleted_rows[feedback.name])


def cited_versions(engine: Engine) -> set[tuple[str, str]]:
    """Return document id and version of every citation and related passage on record. Raises StorageError."""
    cited = set()
    with engine.connect().execution_options(yield_per=_ANSWERS_PER_READ) as connection:
        for answer in connection.scalars(select(turns.c.answer)):
            for citation in (*answer["citations"], *answer["nearest"]):
                if version := citation.get("version"):
                    cited.add((citation["doc_id"], version))
    return cited


def cited_in_cases(settings: Settings) -> set[str]:
    """Return the ids of the documents that the cases written by the office cite (`doc_id#section`)."""
    cited = set()
    for file in (settings.data / "cases").glob("*.jsonl"):
        with suppress(OSError, UnicodeDecodeError):
            for line in file.read_text("utf-8").splitlines():
                with suppress(ValueError, AttributeError):
                    cited |= {str(place).partition("#")[0] for place in json.loads(line).get("cite", ())}
    return cited
