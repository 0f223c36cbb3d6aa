"""Conversations, answers and feedback, kept in a database: SQLite in the data folder, or any that SQLAlchemy speaks to.

Whatever is handed in has already been masked of personal numbers by the caller.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import Connection, Engine, create_engine, event, insert, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError, NoSuchModuleError

from bot.answer import Answer, Status
from bot.errors import UnknownAnswerError, UnknownConversationError
from bot.model.usage import ModelCall
from bot.plain.notes import without_notes
from bot.records.tables import conversations, feedback, metadata, model_calls, turns
from bot.turn import Exchange, Turn
from ingest.errors import StorageError
from ingest.settings import Settings

Rating = Literal["up", "down"]
# How long a writer waits for another one, in a process of its own, before it gives up.
BUSY_S = 10


def store_url(settings: Settings) -> str:
    """Return the database of the settings, by default `shirube.sqlite` in the data folder."""
    if settings.database_url and (url := settings.database_url.get_secret_value()):
        return url
    return str(URL.create("sqlite", database=str(settings.data / "shirube.sqlite")))


class Store:
    """The records; safe to share between threads and to open in several processes.

    Raises StorageError when the database cannot be opened, read or written.
    """

    def __init__(self, url: str) -> None:
        with _told_in_japanese():
            self._engine = _open(url)
            _create_tables(self._engine)

    def new_conversation(self) -> str:
        """Start a conversation; its id cannot be guessed, because it opens what was asked before."""
        conversation_id = uuid4().hex
        with self._writing() as connection:
            connection.execute(insert(conversations).values(id=conversation_id, created=_now()))
        return conversation_id

    def history(self, conversation_id: str, limit: int = 6) -> tuple[Exchange, ...]:
        """Return the last exchanges, oldest first; none at the beginning. Raises UnknownConversationError."""
        newest = select(turns).where(turns.c.conversation_id == conversation_id).order_by(turns.c.number.desc())
        with _told_in_japanese(), self._engine.connect() as connection:
            known = select(conversations.c.id).where(conversations.c.id == conversation_id)
            if connection.execute(known).first() is None:
                raise UnknownConversationError(
                    "この会話は見つかりません。新しい質問として、はじめから質問してください。"
                )
            rows = connection.execute(newest.limit(limit)).all()
        return tuple(
            Exchange(
                row.understood,
                row.topic,
                without_notes(row.answer["answer"]),  # what is asked next is asked of the documents' words
                Status(row.status),
                tuple(row.answer.get("suggestions", ())),
            )
            for row in reversed(rows)
        )

    def record(self, turn: Turn, answer: Answer, prompt_digest: str | None = None, generation: str = "") -> None:
        """Keep an answer with how it came about and what it cost. Raises UnknownConversationError."""
        row: dict[str, Any] = {
            "answer_id": answer.answer_id,
            "conversation_id": answer.conversation_id,
            "question": turn.question.question,
            "understood": answer.question_understood,
            "topic": turn.draft.topic if turn.draft else "",
            "status": answer.status.value,
            "answer": answer.model_dump(mode="json"),
            "generator": answer.generator,
            "prompt_digest": prompt_digest,
            "generation": generation,
            "timings_ms": answer.timings_ms,
            "created": _now(),
        }
        with self._writing() as connection:
            try:
                connection.execute(insert(turns).values(row))
            except IntegrityError as error:
                raise UnknownConversationError("この会話は見つかりません。") from error
            if answer.calls:
                connection.execute(insert(model_calls), [_call(answer.answer_id, call) for call in answer.calls])

    def feedback(self, answer_id: str, rating: Rating, reasons: Sequence[str] = (), comment: str = "") -> None:
        """Keep what a reader thought of an answer; each vote is a row of its own. Raises UnknownAnswerError."""
        row = {
            "answer_id": answer_id,
            "rating": rating,
            "reasons": list(reasons),
            "comment": comment,
            "created": _now(),
        }
        with self._writing() as connection:
            try:
                connection.execute(insert(feedback).values(row))
            except IntegrityError as error:
                raise UnknownAnswerError("この回答は見つかりません。もう一度質問してから評価してください。") from error

    def ping(self) -> None:
        """Return when the database answers. Raises StorageError."""
        with _told_in_japanese(), self._engine.connect() as connection:
            connection.execute(select(conversations.c.id).limit(1)).first()

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with _told_in_japanese(), self._engine.begin() as connection:
            yield connection


def _call(answer_id: str, call: ModelCall) -> dict[str, Any]:
    return {
        "answer_id": answer_id,
        "task": call.task,
        "prompt_digest": call.prompt_digest,
        "model": call.model,
        "outcome": call.outcome,
        "milliseconds": call.milliseconds,
        "prompt_tokens": call.tokens.prompt,
        "completion_tokens": call.tokens.completion,
        "estimated": call.tokens.estimated,
        "cost": call.cost,
    }


def _open(url: str) -> Engine:
    address = make_url(url)
    json_serializer = partial(json.dumps, ensure_ascii=False)
    if address.get_backend_name() != "sqlite":
        return create_engine(address, pool_pre_ping=True, json_serializer=json_serializer)
    if address.database and address.database != ":memory:":
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(address, connect_args={"timeout": BUSY_S}, json_serializer=json_serializer)
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _create_tables(engine: Engine) -> None:
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            # One process at a time creates them, and a file that cannot be written is told at the start.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        metadata.create_all(connection)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Let readers go on while one writes, and hold every row to its conversation or answer."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = ON")


@contextmanager
def _told_in_japanese() -> Iterator[None]:
    try:
        yield
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise StorageError(
            "SHIRUBE_DATABASE_URL が正しくないか、データベースの接続部品が入っていません。"
            "sqlite:///… や postgresql+psycopg://… の形で指定し、必要な部品を pip で入れてください。"
        ) from error
    except (DatabaseError, OSError) as error:
        raise StorageError(
            "記録を読み書きできません。データのフォルダー（SHIRUBE_DATA）に書き込めるか、空き容量があるか、"
            "SHIRUBE_DATABASE_URL のデータベースが動いているかを確かめてください。"
        ) from error


def _now() -> datetime:
    return datetime.now(UTC)
