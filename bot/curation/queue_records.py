"""The staff queue: data models, and database access to questions and groups."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Engine, Row, Select, case, exists, func, insert, select, union_all, update

from bot.errors import ChangedMeanwhileError, ConflictingRecordError, UnknownGroupError
from bot.state import Answer, Audience, Status
from bot.storage.record_store import load_answer
from bot.storage.tables import curated_answers, feedback, queue_entries, queue_groups, turns

State = Literal["open", "in_work", "answered", "dismissed", "review"]
"""`review`: answered, but the answer is no longer served because a source changed, was superseded or expired."""

STATE_NAMES: dict[State, str] = {
    "open": "未対応",
    "in_work": "対応中",
    "answered": "回答済み",
    "dismissed": "対応しない",
    "review": "見直しが必要",
}
"""The names of the states for staff."""


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A question of the queue with personal data masked and the answer that was shown. Times are UTC.

    `disliked` is true if a reader voted it down, with `reasons` and `comments`.
    """

    answer_id: str
    asked: datetime
    audience: Audience
    question: str
    understood: str
    status: Status
    answer: Answer
    disliked: bool = False
    reasons: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Equivalent questions; `question` is the one most similar to all others. Times are UTC.

    `size` counts the entries, `staff` those asked by staff, `disliked` those voted down, `unanswered` those without a
    full answer; an entry may count in several. `first` and `last` are None without entries, as for a curated answer
    written in advance. `note` is the reason of a dismissal or review.
    """

    id: str
    state: State
    question: str
    size: int = 0
    staff: int = 0
    disliked: int = 0
    unanswered: int = 0
    first: datetime | None = None
    last: datetime | None = None
    note: str = ""
    by: str = ""
    curated_id: str | None = None


@dataclass(frozen=True, slots=True)
class GroupWithEntries:
    """A group with its entries, the newest first."""

    group: Group
    entries: tuple[QueueEntry, ...]


UNANSWERED = (Status.NO_ANSWER, Status.OUT_OF_SCOPE, Status.PARTIAL)
"""The statuses after which a question waits for staff."""
# A clarifying question without a reply for this long counts as unanswered.
_ABANDONED_AFTER = timedelta(minutes=30)
_QUESTION_COLUMNS = (turns.c.answer_id, turns.c.understood, turns.c.created, turns.c.as_of)
Vector = NDArray[np.float32]
# Columns that are named as the fields of a representative.
_COMPARED = ("question", "asked_on", "vector", "encoder")
_REPRESENTATIVE = (*_COMPARED, "id", "state", "changed")


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

    id: str
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


CHANGED = "ほかの人が先に変えました。このまとまりは、いま「{}」です。開き直して確かめてください。"
_UNANSWERED = turns.c.status.in_([*UNANSWERED, Status.CLARIFY])


class QueueRecords:
    """The questions and groups of the queue; safe to share between threads and processes. Raises StorageError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def arrived(self, limit: int) -> list[NewQuestion]:
        """Return the first questions that are not in the queue yet, the oldest first."""
        query = _select_new_questions(datetime.now(UTC)).limit(limit)
        with self._engine.connect() as connection:
            return [_to_new_question(row) for row in connection.execute(query)]

    def representatives(self) -> list[GroupRepresentative]:
        with self._engine.connect() as connection:
            rows = connection.execute(select(*(queue_groups.c[name] for name in _REPRESENTATIVE))).mappings()
            return [GroupRepresentative(**row) for row in rows]

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
        return [GroupedQuestion(_to_new_question(row), row.vector, encoder, group_id) for row in rows]

    def add_group(self, group: GroupRepresentative) -> None:
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
                entries = [
                    {"answer_id": one.arrived.answer_id}
                    | {name: getattr(one, name) for name in ("group_id", "vector", "encoder")}
                    for one in grouped
                ]
                connection.execute(insert(queue_entries), entries)
                for group_id, representative in moved.items():
                    values = {name: getattr(representative, name) for name in _COMPARED}
                    connection.execute(update(queue_groups).where(queue_groups.c.id == group_id).values(values))
                answered = update(queue_groups).where(queue_groups.c.state == "answered")
                connection.execute(
                    answered.where(queue_groups.c.id.in_(reopened)).values(state="open", changed=datetime.now(UTC))
                )
        except ConflictingRecordError:
            return False
        return True

    def groups(self, states: Collection[State]) -> list[Group]:
        """Return the groups in these states, the one with the newest entry first."""
        with self._engine.connect() as connection:
            return [
                Group(**row) for row in connection.execute(_select_totals(queue_groups.c.state.in_(states))).mappings()
            ]

    def group(self, group_id: str) -> Group:
        """Return a group. Raises UnknownGroupError."""
        with self._engine.connect() as connection:
            row = connection.execute(_select_totals(queue_groups.c.id == group_id)).mappings().first()
        if row is None:
            raise UnknownGroupError("この質問のまとまりは見つかりません。一覧から選び直してください。")
        return Group(**row)

    def entries(self, group_id: str) -> tuple[QueueEntry, ...]:
        """Return the questions of a group, the newest first."""
        of_group = queue_entries.c.group_id == group_id
        query = (
            select(turns)
            .join(queue_entries, queue_entries.c.answer_id == turns.c.answer_id)
            .where(of_group)
            .order_by(turns.c.number.desc())
        )
        votes = select(feedback).join(queue_entries, queue_entries.c.answer_id == feedback.c.answer_id)
        down = votes.where(of_group, feedback.c.rating == "down").order_by(feedback.c.number)
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
            disliked = connection.execute(down).all()
        return tuple(_to_entry(row, [vote for vote in disliked if vote.answer_id == row.answer_id]) for row in rows)

    def change(self, group: Group, state: State, by: str, note: str = "") -> None:
        """Set the state of a group. Raises ChangedMeanwhileError if it has changed since it was read."""
        values = {"state": state, "by": by, "note": note, "changed": datetime.now(UTC)}
        as_read = [queue_groups.c[name] == getattr(group, name) for name in ("id", "state", "by")]
        with self._engine.begin() as connection:
            if not connection.execute(update(queue_groups).where(*as_read).values(values)).rowcount:
                raise ChangedMeanwhileError(CHANGED.format(STATE_NAMES[self.group(group.id).state]))

    def count(self, states: Collection[State], other_ids: Collection[str]) -> int:
        """Return the number of groups that are in these states or have one of these ids."""
        groups = queue_groups.c.state.in_(states) | queue_groups.c.id.in_(other_ids)
        with self._engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(queue_groups).where(groups)).scalar() or 0


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


def _group_row(group: GroupRepresentative) -> dict[str, Any]:
    return {name: getattr(group, name) for name in _REPRESENTATIVE} | {"note": "", "by": ""}


def _select_totals(condition: ColumnElement[bool]) -> Select[Any]:
    disliked = exists().where(feedback.c.answer_id == turns.c.answer_id, feedback.c.rating == "down")
    kinds = {"staff": turns.c.audience == "staff", "disliked": disliked, "unanswered": _UNANSWERED}
    counted = [func.coalesce(func.sum(case((kind, 1), else_=0)), 0).label(name) for name, kind in kinds.items()]
    last = func.max(turns.c.created)
    columns = [queue_groups.c[name] for name in ("id", "state", "question", "note", "by")]
    return (
        select(*columns, curated_answers.c.id.label("curated_id"), *counted)
        .add_columns(func.count(turns.c.answer_id).label("size"), func.min(turns.c.created).label("first"))
        .add_columns(last.label("last"))
        .outerjoin(queue_entries, queue_entries.c.group_id == queue_groups.c.id)
        .outerjoin(turns, turns.c.answer_id == queue_entries.c.answer_id)
        .outerjoin(curated_answers, curated_answers.c.group_id == queue_groups.c.id)
        .where(condition)
        .group_by(queue_groups.c.id, curated_answers.c.id)
        .order_by(func.coalesce(last, queue_groups.c.changed).desc(), queue_groups.c.id)
    )


def _to_entry(row: Row[Any], votes: Sequence[Row[Any]]) -> QueueEntry:
    return QueueEntry(
        answer_id=row.answer_id,
        asked=row.created,
        audience=row.audience,
        question=row.question,
        understood=row.understood,
        status=Status(row.status),
        answer=load_answer(row),
        disliked=bool(votes),
        reasons=tuple(dict.fromkeys(reason for vote in votes for reason in vote.reasons)),
        comments=tuple(vote.comment for vote in votes if vote.comment),
    )
