"""Database access for the groups of the queue with their sizes, dates and states."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, Select, case, exists, func, select, update

from bot.curation.groups import STATE_NAMES, Group, QueueEntry, State
from bot.curation.queue_records import UNANSWERED
from bot.errors import ChangedMeanwhileError, UnknownGroupError
from bot.state import Status
from bot.storage.record_store import load_answer
from bot.storage.tables import curated_answers, feedback, queue_entries, queue_groups, turns

CHANGED = "ほかの人が先に変えました。このまとまりは、いま「{}」です。開き直して確かめてください。"
_UNANSWERED = turns.c.status.in_([*UNANSWERED, Status.CLARIFY])


class GroupRecords:
    """The groups of the queue; safe to share between threads and processes. Raises StorageError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

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

    def unanswered(self, start: datetime, end: datetime) -> list[tuple[str, State]]:
        """Return the unanswered questions from `start` until before `end`, each with the state of its group."""
        query = (
            select(turns.c.understood, queue_groups.c.state)
            .join(queue_entries, queue_entries.c.answer_id == turns.c.answer_id)
            .join(queue_groups, queue_groups.c.id == queue_entries.c.group_id)
            .where(turns.c.created >= start, turns.c.created < end, _UNANSWERED)
        )
        with self._engine.connect() as connection:
            return [(row.understood, row.state) for row in connection.execute(query)]


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
