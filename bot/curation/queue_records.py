"""Database access for queue intake: new questions, their vectors and groups."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, Row, Select, exists, func, insert, select, union_all, update

from bot.curation.groups import State
from bot.errors import ConflictingRecordError
from bot.state import Status
from bot.storage.tables import feedback, queue_entries, queue_groups, turns

UNANSWERED = (Status.NO_ANSWER, Status.OUT_OF_SCOPE, Status.PARTIAL)
"""The statuses after which a question waits for staff."""
# A clarifying question without a reply for this long counts as unanswered.
_ABANDONED_AFTER = timedelta(minutes=30)
_QUESTION_COLUMNS = (turns.c.answer_id, turns.c.understood, turns.c.created, turns.c.as_of)
Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A question to be taken in, as it was understood; `at` is when it was asked or, if later, voted down."""

    answer_id: str
    question: str
    asked_on: date
    at: datetime


@dataclass(frozen=True, slots=True)
class GroupRepresentative:
    """The question that represents a group in comparisons, with its vector by `encoder`."""

    group_id: str
    question: str
    asked_on: date
    vector: Vector
    encoder: str
    state: State = "open"
    changed: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class GroupedQuestion:
    """A new question with its vector by `encoder` and its group."""

    arrived: NewQuestion
    vector: Vector
    encoder: str
    group_id: str


class QueueRecords:
    """The questions of the queue; safe to share between threads and processes. Raises StorageError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def arrived(self, limit: int) -> list[NewQuestion]:
        """Return the first questions that are not in the queue yet, the oldest first."""
        query = _select_new_questions(datetime.now(UTC)).limit(limit)
        with self._engine.connect() as connection:
            return [_to_new_question(row) for row in connection.execute(query)]

    def representatives(self) -> list[GroupRepresentative]:
        """Return the representatives of all groups."""
        with self._engine.connect() as connection:
            return [_to_representative(row) for row in connection.execute(select(queue_groups))]

    def members(self, group_id: str, encoder: str, limit: int) -> list[GroupedQuestion]:
        """Return the newest questions of a group that have a vector by `encoder`."""
        query = (
            select(*_QUESTION_COLUMNS, turns.c.created.label("disliked"), queue_entries.c.vector)
            .join(queue_entries, queue_entries.c.answer_id == turns.c.answer_id)
            .where(queue_entries.c.group_id == group_id, queue_entries.c.encoder == encoder)
            .order_by(turns.c.number.desc())
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query.limit(limit)).all()
        return [GroupedQuestion(_to_new_question(row), _decode_vector(row.vector), encoder, group_id) for row in rows]

    def add_group(self, group: GroupRepresentative) -> None:
        """Store a group without questions."""
        with self._engine.begin() as connection:
            connection.execute(insert(queue_groups).values(_group_row(group)))

    def take_in(
        self,
        grouped: Sequence[GroupedQuestion],
        new: Collection[GroupRepresentative],
        moved: Mapping[str, GroupRepresentative],
        reopened: Collection[str],
    ) -> bool:
        """Store questions with the changes of their groups in one transaction (see `GroupChanges`).

        Returns False and stores nothing if another process has taken in one of the questions.
        """
        try:
            with self._engine.begin() as connection:
                if new:
                    connection.execute(insert(queue_groups), list(map(_group_row, new)))
                connection.execute(insert(queue_entries), list(map(_entry_row, grouped)))
                for group_id, representative in moved.items():
                    group = update(queue_groups).where(queue_groups.c.id == group_id)
                    connection.execute(group.values(_representative_columns(representative)))
                answered = update(queue_groups).where(queue_groups.c.state == "answered")
                connection.execute(
                    answered.where(queue_groups.c.id.in_(reopened)).values(state="open", changed=datetime.now(UTC))
                )
        except ConflictingRecordError:
            return False
        return True


def _select_new_questions(now: datetime) -> Select[Any]:
    later = turns.alias()
    has_later = exists().where(later.c.conversation_id == turns.c.conversation_id, later.c.number > turns.c.number)
    is_abandoned = (turns.c.status == Status.CLARIFY) & (turns.c.created < now - _ABANDONED_AFTER) & ~has_later
    is_first = ~turns.c.repeated
    sources = (
        select(turns.c.answer_id).where(turns.c.status.in_(UNANSWERED), is_first),
        select(turns.c.answer_id).where(is_abandoned, is_first),
        select(feedback.c.answer_id).where(feedback.c.rating == "down"),
    )
    new = [query.where(~exists().where(queue_entries.c.answer_id == query.selected_columns[0])) for query in sources]
    disliked_at = select(func.max(feedback.c.created)).where(
        feedback.c.answer_id == turns.c.answer_id, feedback.c.rating == "down"
    )
    return (
        select(*_QUESTION_COLUMNS, disliked_at.scalar_subquery().label("disliked"))
        .where(turns.c.answer_id.in_(union_all(*new)))
        .order_by(turns.c.number)
    )


def _to_new_question(row: Any) -> NewQuestion:
    return NewQuestion(row.answer_id, row.understood, row.as_of, max(row.created, row.disliked or row.created))


def _to_representative(row: Row[Any]) -> GroupRepresentative:
    vector = _decode_vector(row.vector)
    changed = row.changed
    return GroupRepresentative(row.id, row.question, row.asked_on, vector, row.encoder, row.state, changed)


def _group_row(group: GroupRepresentative) -> dict[str, Any]:
    row = {"id": group.group_id, "state": group.state, "changed": group.changed, "note": "", "by": ""}
    return row | _representative_columns(group)


def _representative_columns(group: GroupRepresentative) -> dict[str, Any]:
    return {
        "question": group.question,
        "asked_on": group.asked_on,
        "vector": _encode_vector(group.vector),
        "encoder": group.encoder,
    }


def _entry_row(grouped: GroupedQuestion) -> dict[str, Any]:
    return {
        "answer_id": grouped.arrived.answer_id,
        "group_id": grouped.group_id,
        "vector": _encode_vector(grouped.vector),
        "encoder": grouped.encoder,
    }


def _decode_vector(data: bytes) -> Vector:
    return np.frombuffer(data, dtype="<f4").astype(np.float32)


def _encode_vector(vector: Vector) -> bytes:
    return np.asarray(vector, dtype="<f4").tobytes()
