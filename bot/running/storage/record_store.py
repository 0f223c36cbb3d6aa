"""Stores conversations, answers and feedback in the database.

Callers mask personal data before they pass it in.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal
from uuid import uuid4

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Row, Table, delete, insert, select

from bot.answering.llm.model_calls import ModelCall, TokenCounts
from bot.answering.privacy.personal import UnmaskedText
from bot.answering.rendering.answer_text import parse_statements
from bot.answering.state import Answer, AnswerContent, Exchange, Paragraph, RejectedSentence, TextBlock, Turn
from bot.errors import ConflictingRecordError, UnknownAnswerError, UnknownConversationError
from bot.running.storage.database import open_database
from bot.running.storage.tables import conversations, feedback, model_calls, stopped_sentences, turns
from ingest.japanese.today import to_japan_date

UNKNOWN_ANSWER = "この回答は見つかりません。もう一度質問してから評価してください。"
# Exchanges read before a question, to rewrite follow-ups.
HISTORY = 6
# Columns of a call of a model that are named as its fields.
_CALL_COLUMNS = ("task", "prompt_digest", "model", "outcome", "milliseconds")
Rating = Literal["up", "down"]
CONTENT = TypeAdapter(AnswerContent)
"""Reads and writes the column `content`."""
_REMARKS_BEFORE_0_41 = frozenset({"unsure", "rule_only"})


@dataclass(frozen=True, slots=True)
class RecordedTurn:
    """One question of a conversation with its answer and the reader's last vote.

    `repeated` is true if the question before it was asked again in other words. `rejected` are the sentences of a
    language model that failed verification. `as_of` is None if the question was asked for the current day.
    """

    question: str
    answer: Answer
    rating: Rating | None = None
    repeated: bool = False
    rejected: tuple[RejectedSentence, ...] = ()
    as_of: date | None = None


class Store:
    """The records; safe to share between threads and to open in several processes.

    Raises StorageError when the database cannot be opened, read or written. `engine` is for the other records.
    """

    def __init__(self, url: str) -> None:
        self.engine = open_database(url)

    def history(self, conversation_id: str, limit: int = HISTORY) -> tuple[Exchange, ...]:
        """Return the last exchanges, oldest first; none at the beginning. Raises UnknownConversationError."""
        return tuple(to_exchange(load_answer(row), row.topic) for row in self._last_turns(conversation_id, limit))

    def recorded_turns(self, conversation_id: str, limit: int = 50) -> tuple[RecordedTurn, ...]:
        """Return the last turns of a conversation, oldest first. Raises UnknownConversationError."""
        last_vote = (
            select(feedback.c.rating)
            .where(feedback.c.answer_id == turns.c.answer_id)
            .order_by(feedback.c.number.desc())
            .limit(1)
            .scalar_subquery()
        )
        rows = self._last_turns(conversation_id, limit, last_vote.label("rating"))
        calls = self._rows_by_answer(model_calls, rows)
        rejected = self._rows_by_answer(stopped_sentences, rows)
        return tuple(
            RecordedTurn(
                row.question,
                load_answer(row, calls=[_to_model_call(call) for call in calls[row.answer_id]]),
                row.rating,
                repeated=row.repeated,
                rejected=tuple(RejectedSentence(sentence.text, sentence.why) for sentence in rejected[row.answer_id]),
                as_of=row.as_of if row.as_of != to_japan_date(row.created) else None,
            )
            for row in rows
        )

    def answer(self, answer_id: str) -> Answer | None:
        query = select(turns).where(turns.c.answer_id == answer_id)
        with self.engine.connect() as connection:
            row = connection.execute(query).first()
        return load_answer(row) if row else None

    def record(
        self,
        turn: Turn,
        answer: Answer,
        prompt_digest: str | None = None,
        generation: str = "",
        created: datetime | None = None,
    ) -> None:
        """Store an answer with its pipeline data and model calls, and a new conversation if the question names none.

        Raises UnknownConversationError, also if another answer has this id.
        """
        row: dict[str, Any] = {
            "answer_id": answer.answer_id,
            "conversation_id": answer.conversation_id,
            "question": turn.question.question,
            "understood": answer.question_understood,
            "topic": turn.draft.subject if turn.draft else "",
            "audience": turn.question.audience,
            "style": turn.question.style,
            "as_of": turn.requested_day,
            "repeated": turn.question.repeated,
            "status": answer.status.value,
            "answer": answer.model_dump(mode="json"),
            "content": CONTENT.dump_python(answer.content, mode="json"),
            "generator": answer.generator,
            "prompt_digest": prompt_digest,
            "generation": generation,
            "timings_ms": answer.timings_ms,
            "created": created or datetime.now(UTC),
        }
        with self.engine.begin() as connection:
            if turn.question.conversation_id is None:
                connection.execute(insert(conversations), {"id": answer.conversation_id, "created": row["created"]})
            try:
                connection.execute(insert(turns), row)
            except ConflictingRecordError as error:
                raise UnknownConversationError("この会話は見つかりません。") from error
            if answer.calls:
                connection.execute(insert(model_calls), [_call_row(answer.answer_id, call) for call in answer.calls])
            if turn.rejected:
                rejected = [{"answer_id": answer.answer_id, **asdict(sentence)} for sentence in turn.rejected]
                connection.execute(insert(stopped_sentences), rejected)

    def feedback(self, answer_id: str, rating: Rating, reasons: Sequence[str] = (), comment: str = "") -> None:
        """Store a vote on an answer; each vote is a new row. Raises UnknownAnswerError."""
        row = {
            "answer_id": answer_id,
            "rating": rating,
            "reasons": list(reasons),
            "comment": comment,
            "created": datetime.now(UTC),
        }
        with self.engine.begin() as connection:
            try:
                connection.execute(insert(feedback).values(row))
            except ConflictingRecordError as error:
                raise UnknownAnswerError(UNKNOWN_ANSWER) from error

    def try_writing(self) -> None:
        """Insert and delete a row. Raises StorageError if the database cannot be written."""
        row = uuid4().hex
        with self.engine.begin() as connection:
            connection.execute(insert(conversations).values(id=row, created=datetime.now(UTC)))
            connection.execute(delete(conversations).where(conversations.c.id == row))

    def ping(self) -> None:
        """Return when the database answers. Raises StorageError."""
        with self.engine.connect() as connection:
            connection.execute(select(conversations.c.id).limit(1)).first()

    def close(self) -> None:
        self.engine.dispose()

    def _last_turns(self, conversation_id: str, limit: int, *columns: ColumnElement[Any]) -> list[Row[Any]]:
        newest = (
            select(turns, *columns).where(turns.c.conversation_id == conversation_id).order_by(turns.c.number.desc())
        )
        with self.engine.connect() as connection:
            conversation = select(conversations.c.id).where(conversations.c.id == conversation_id)
            if connection.execute(conversation).first() is None:
                raise UnknownConversationError(
                    "この会話は見つかりません。新しい質問として、はじめから質問してください。"
                )
            return list(reversed(connection.execute(newest.limit(limit)).all()))

    def _rows_by_answer(self, table: Table, rows: Sequence[Row[Any]]) -> dict[str, list[Row[Any]]]:
        by_answer: dict[str, list[Row[Any]]] = {row.answer_id: [] for row in rows}
        query = select(table).where(table.c.answer_id.in_(by_answer)).order_by(table.c.number)
        with self.engine.connect() as connection:
            for row in connection.execute(query):
                by_answer[row.answer_id].append(row)
        return by_answer


def load_answer(row: Row[Any], calls: Sequence[ModelCall] = ()) -> Answer:
    """Return the answer of a row of `turns`, with its content and the given calls.

    Releases before 0.41 had rows of tables as blocks of their own, also in the text; such an answer is only its text.
    Their remarks that an answer may not be right are only in the text.
    """
    answer, content = row.answer, {**row.content, "parts": list(map(_without_remark, row.content["parts"]))}
    if any(block["type"] == "table" for block in answer["blocks"]):
        answer = {**answer, "blocks": [TextBlock(text=answer["answer"])]}
        content = {**content, "parts": [Paragraph(parse_statements(answer["answer"]))]}
    return Answer.model_validate({**answer, "content": content, "calls": calls})


def _without_remark(part: dict[str, Any]) -> dict[str, Any]:
    kept = [one for one in part.get("sentences", ()) if one.get("key") not in _REMARKS_BEFORE_0_41]
    return {**part, "sentences": kept} if "sentences" in part else part


def to_exchange(answer: Answer, subject: str) -> Exchange:
    """Return what later questions of a conversation need of an answer; `subject` is that of its draft."""
    return Exchange(
        UnmaskedText(answer.question_understood),
        subject,
        answer.content.parts,
        answer.status,
        answer.suggestions,
        frozenset(citation.doc_id for citation in answer.citations),
        answer.town,
        tuple(f"「{near.title}」の「{near.section}」: {near.quote}" for near in answer.nearest),
    )


def _call_row(answer_id: str, call: ModelCall) -> dict[str, Any]:
    tokens = call.tokens
    counts = {"prompt_tokens": tokens.prompt, "completion_tokens": tokens.completion, "estimated": tokens.estimated}
    return {"answer_id": answer_id, **{name: getattr(call, name) for name in _CALL_COLUMNS}, **counts}


def _to_model_call(row: Row[Any]) -> ModelCall:
    tokens = TokenCounts(row.prompt_tokens, row.completion_tokens, row.estimated)
    return ModelCall(**{name: getattr(row, name) for name in _CALL_COLUMNS}, tokens=tokens)
