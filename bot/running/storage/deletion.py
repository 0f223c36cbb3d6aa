"""Deletes conversations, and finds what their answers cite, which deletion of earlier originals spares.

Answers published by staff stay.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, Select, delete, select

from bot.errors import UnknownConversationError
from bot.running.storage.tables import conversations, feedback, model_calls, stopped_sentences, turns
from ingest.configuration.settings import Settings

# Answers that are read at once.
_ANSWERS_PER_READ = 500


@dataclass(frozen=True, slots=True)
class DeletedCounts:
    """The numbers of deleted records."""

    conversations: int
    answers: int
    votes: int


def delete_conversation(engine: Engine, conversation_id: str) -> DeletedCounts:
    """Delete a conversation with all its records. Raises UnknownConversationError, StorageError."""
    deleted = _delete(engine, select(conversations.c.id).where(conversations.c.id == conversation_id))
    if not deleted.conversations:
        raise UnknownConversationError("この会話は見つかりません。もう消されているか、番号が違います。")
    return deleted


def delete_conversations_before(engine: Engine, moment: datetime) -> DeletedCounts:
    """Delete all conversations without a question since `moment` (with a time zone). Raises StorageError."""
    continued = select(turns.c.conversation_id).where(turns.c.created >= moment)
    is_old = (conversations.c.created < moment) & conversations.c.id.not_in(continued)
    return _delete(engine, select(conversations.c.id).where(is_old))


def _delete(engine: Engine, chosen: Select[str]) -> DeletedCounts:
    answers = select(turns.c.answer_id).where(turns.c.conversation_id.in_(chosen))
    with engine.begin() as connection:
        for table in (stopped_sentences, model_calls):
            connection.execute(delete(table).where(table.c.answer_id.in_(answers)))
        votes = connection.execute(delete(feedback).where(feedback.c.answer_id.in_(answers))).rowcount
        deleted = connection.execute(delete(turns).where(turns.c.conversation_id.in_(chosen))).rowcount
        begun = connection.execute(delete(conversations).where(conversations.c.id.in_(chosen))).rowcount
    if begun and engine.dialect.name == "sqlite":
        with engine.connect() as connection:  # what was deleted is overwritten in the log, too
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return DeletedCounts(begun, deleted, votes)


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
