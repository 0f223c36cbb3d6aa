"""Database access for curated answers in all versions."""

from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, Row, func, insert, select, update

from bot.curation.curated_answer import CuratedAnswer, PublishedSource
from bot.errors import ChangedMeanwhileError, ConflictingRecordError, UnknownCuratedError
from bot.storage.tables import curated_answers, curated_versions, queue_groups

_CHANGED = "ほかの人が先に更新しました。いまの内容を読み直してから、もう一度公開してください。"
_VERSIONS = select(curated_versions, curated_answers.c.group_id).join(curated_answers)


class CuratedRecords:
    """The versions of curated answers; safe to share between threads and processes. Raises StorageError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def stamp(self) -> tuple[int, int]:
        """Return a value that changes with every stored version.

        The last number alone is not enough: PostgreSQL draws numbers before commits, which may be in another order.
        """
        number = curated_versions.c.number
        with self._engine.connect() as connection:
            last, count = connection.execute(select(func.max(number), func.count(number))).one()
        return last or 0, count

    def newest(self) -> list[CuratedAnswer]:
        """Return the newest version of each answer, including withdrawn ones, the newest first."""
        last = select(func.max(curated_versions.c.number)).group_by(curated_versions.c.curated_id)
        query = _VERSIONS.where(curated_versions.c.number.in_(last)).order_by(curated_versions.c.number.desc())
        with self._engine.connect() as connection:
            return [_to_curated(row) for row in connection.execute(query)]

    def versions(self, curated_id: str) -> list[CuratedAnswer]:
        """Return all versions of an answer, the newest first. Raises UnknownCuratedError."""
        query = _VERSIONS.where(curated_versions.c.curated_id == curated_id)
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(curated_versions.c.version.desc())).all()
        if not rows:
            raise UnknownCuratedError("この回答は見つかりません。一覧から選び直してください。")
        return [_to_curated(row) for row in rows]

    def id_for_group(self, group_id: str) -> str | None:
        """Return the id of the answer to a group, or None."""
        query = select(curated_answers.c.id).where(curated_answers.c.group_id == group_id)
        with self._engine.connect() as connection:
            return connection.execute(query).scalar()

    def add(self, curated: CuratedAnswer, state: str) -> CuratedAnswer:
        """Store a version, set the state of its group, and return the stored version.

        Raises ChangedMeanwhileError if the version exists already or its group has another answer.
        """
        stored = replace(curated, id=curated.id or uuid4().hex, created=datetime.now(UTC))
        group = update(queue_groups).where(queue_groups.c.id == stored.group_id)
        try:
            with self._engine.begin() as connection:
                if stored.version == 1:
                    connection.execute(insert(curated_answers).values(id=stored.id, group_id=stored.group_id))
                connection.execute(insert(curated_versions).values(_to_row(stored)))
                connection.execute(
                    group.values(state=state, note=stored.note, by=stored.author, changed=stored.created)
                )
        except ConflictingRecordError as error:
            raise ChangedMeanwhileError(_CHANGED) from error
        return stored


def _to_row(curated: CuratedAnswer) -> dict[str, Any]:
    row = asdict(curated)
    row["curated_id"] = row.pop("id")
    del row["group_id"]
    return row


def _to_curated(row: Row[Any]) -> CuratedAnswer:
    return CuratedAnswer(
        id=row.curated_id,
        version=row.version,
        group_id=row.group_id,
        text=row.text,
        sources=tuple(PublishedSource(**source) for source in row.sources),
        wordings=tuple(row.wordings),
        author=row.author,
        created=row.created,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        withdrawn=row.withdrawn,
        note=row.note,
    )
