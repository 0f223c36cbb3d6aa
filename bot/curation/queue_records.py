"""Database access for queue intake: new questions, their vectors and groups."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.curation.groups import State
from bot.curation.intake_query import ASKED, select_new_questions
from bot.storage.curation_tables import queue_entries, queue_groups
from bot.storage.database import translate_database_errors, with_utc
from bot.storage.tables import askings, turns
from ingest.japanese.today import to_japan_date

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A question that waits to be taken in, as it was understood; `at` is when it was asked or, if later, disliked."""

    answer_id: str
    question: str
    asked_on: date
    at: datetime


@dataclass(frozen=True, slots=True)
class GroupRepresentative:
    """What a group is compared by: the question that stands for it, and its vector by `encoder`."""

    group_id: str
    question: str
    asked_on: date
    vector: Vector
    encoder: str
    state: State = "open"
    changed: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class GroupedQuestion:
    """An arrived question with its vector by `encoder` and the group that it is put into."""

    arrived: NewQuestion
    vector: Vector
    encoder: str
    group_id: str


class QueueRecords:
    """Safe to share between threads and processes. Raises StorageError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def arrived(self, limit: int) -> list[NewQuestion]:
        """Return the first questions that are not in the queue yet, the oldest first."""
        with translate_database_errors(), self._engine.connect() as connection:
            return [
                _to_new_question(row)
                for row in connection.execute(select_new_questions(datetime.now(UTC)).limit(limit))
            ]

    def representatives(self) -> list[GroupRepresentative]:
        """Return what the groups are compared by."""
        with translate_database_errors(), self._engine.connect() as connection:
            return [_to_representative(row) for row in connection.execute(select(queue_groups))]

    def members(self, group_id: str, encoder: str, most: int) -> list[GroupedQuestion]:
        """Return the newest `most` questions of a group that have a vector by `encoder`."""
        wanted = (
            select(*ASKED, turns.c.created.label("disliked"), queue_entries.c.vector)
            .join(queue_entries, queue_entries.c.answer_id == turns.c.answer_id)
            .outerjoin(askings, askings.c.answer_id == turns.c.answer_id)
            .where(queue_entries.c.group_id == group_id, queue_entries.c.encoder == encoder)
            .order_by(turns.c.number.desc())
        )
        with translate_database_errors(), self._engine.connect() as connection:
            rows = connection.execute(wanted.limit(most)).all()
        return [GroupedQuestion(_to_new_question(row), _decode_vector(row.vector), encoder, group_id) for row in rows]

    def add_group(self, standard: GroupRepresentative) -> None:
        """Keep a group that no question led to."""
        with translate_database_errors(), self._engine.begin() as connection:
            connection.execute(insert(queue_groups).values(_representative_row(standard)))

    def take_in(
        self,
        placed: Sequence[GroupedQuestion],
        new: Sequence[GroupRepresentative],
        moved: Mapping[str, GroupRepresentative],
        again: Collection[str],
    ) -> bool:
        """Keep questions in their groups; False, and nothing is kept, where another process took one of them in.

        `new` are groups to be made, `moved` those for which another question stands from now on, and those in `again`
        are opened once more, if they are answered.
        """
        with translate_database_errors():
            try:
                with self._engine.begin() as connection:
                    if new:
                        connection.execute(insert(queue_groups), list(map(_representative_row, new)))
                    connection.execute(insert(queue_entries), list(map(_entry_row, placed)))
                    for group_id, standard in moved.items():
                        group = update(queue_groups).where(queue_groups.c.id == group_id)
                        connection.execute(group.values(_representative_columns(standard)))
                    answered = update(queue_groups).where(queue_groups.c.state == "answered")
                    reopened = {"state": "open", "changed": datetime.now(UTC)}
                    connection.execute(answered.where(queue_groups.c.id.in_(again)).values(reopened))
            except IntegrityError:
                return False
        return True


def _to_new_question(row: Any) -> NewQuestion:
    at = max(row.created, row.disliked or row.created)
    return NewQuestion(row.answer_id, row.understood, row.as_of or to_japan_date(with_utc(row.created)), with_utc(at))


def _to_representative(row: Row[Any]) -> GroupRepresentative:
    vector, changed = _decode_vector(row.vector), with_utc(row.changed)
    return GroupRepresentative(row.id, row.question, row.asked_on, vector, row.encoder, row.state, changed)


def _representative_row(standard: GroupRepresentative) -> dict[str, Any]:
    known = {"id": standard.group_id, "state": standard.state, "changed": standard.changed, "note": "", "by": ""}
    return known | _representative_columns(standard)


def _representative_columns(standard: GroupRepresentative) -> dict[str, Any]:
    asked = {"question": standard.question, "asked_on": standard.asked_on}
    return asked | {"vector": _encode_vector(standard.vector), "encoder": standard.encoder}


def _entry_row(placed: GroupedQuestion) -> dict[str, Any]:
    named = {"answer_id": placed.arrived.answer_id, "group_id": placed.group_id}
    return named | {"vector": _encode_vector(placed.vector), "encoder": placed.encoder}


def _decode_vector(kept: bytes) -> Vector:
    return np.frombuffer(kept, dtype="<f4").astype(np.float32)


def _encode_vector(vector: Vector) -> bytes:
    return np.asarray(vector, dtype="<f4").tobytes()
