"""Curated answers in the database, in all versions."""

from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.curation.answers import CuratedAnswer, PublishedSource
from bot.errors import ChangedMeanwhileError, UnknownCuratedError
from bot.storage.curation_tables import curated_answers, curated_versions, queue_groups
from bot.storage.database import translate_database_errors, with_utc

_CHANGED = "ほかの人が先に更新しました。いまの内容を読み直してから、もう一度公開してください。"
_COLUMNS = select(curated_versions, curated_answers.c.group_id).join(curated_answers)


class CuratedRecords:
    """Safe to share between threads and processes. Raises StorageError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def stamp(self) -> tuple[int, int]:
        """Return what changes with every version that is kept: what was read at one stamp holds until it changes.

        PostgreSQL draws a number before it commits: one that comes late is seen in how many there are.
        """
        number = curated_versions.c.number
        with translate_database_errors(), self._engine.connect() as connection:
            last, kept = connection.execute(select(func.max(number), func.count(number))).one()
        return last or 0, kept

    def newest(self) -> list[CuratedAnswer]:
        """Return the newest version of each answer, withdrawn ones too, the newest first."""
        last = select(func.max(curated_versions.c.number)).group_by(curated_versions.c.curated_id)
        wanted = _COLUMNS.where(curated_versions.c.number.in_(last)).order_by(curated_versions.c.number.desc())
        with translate_database_errors(), self._engine.connect() as connection:
            return [_curated(row) for row in connection.execute(wanted)]

    def versions(self, curated_id: str) -> list[CuratedAnswer]:
        """Return all versions of an answer, the newest first. Raises UnknownCuratedError."""
        wanted = _COLUMNS.where(curated_versions.c.curated_id == curated_id)
        with translate_database_errors(), self._engine.connect() as connection:
            found = [_curated(row) for row in connection.execute(wanted.order_by(curated_versions.c.version.desc()))]
        if not found:
            raise UnknownCuratedError("この回答は見つかりません。一覧から選び直してください。")
        return found

    def of_group(self, group_id: str) -> str | None:
        """Return the id of the answer to a group, if there is one."""
        wanted = select(curated_answers.c.id).where(curated_answers.c.group_id == group_id)
        with translate_database_errors(), self._engine.connect() as connection:
            return connection.execute(wanted).scalar()

    def add(self, curated: CuratedAnswer, state: str) -> CuratedAnswer:
        """Keep a version, put its group into `state`, and return it as it is kept; version 1 makes the answer.

        Raises ChangedMeanwhileError where that version is there already, or its group has another answer.
        """
        kept = replace(curated, id=curated.id or uuid4().hex, created=datetime.now(UTC))
        changed = {"state": state, "note": kept.note, "by": kept.author, "changed": kept.created}
        with translate_database_errors():
            try:
                with self._engine.begin() as connection:
                    if kept.version == 1:
                        connection.execute(insert(curated_answers).values(id=kept.id, group_id=kept.group_id))
                    connection.execute(insert(curated_versions).values(_row(kept)))
                    connection.execute(update(queue_groups).where(queue_groups.c.id == kept.group_id).values(changed))
            except IntegrityError as error:
                raise ChangedMeanwhileError(_CHANGED) from error
        return kept


def _row(curated: CuratedAnswer) -> dict[str, Any]:
    row = asdict(curated)
    row["curated_id"] = row.pop("id")
    del row["group_id"]
    return row


def _curated(row: Row[Any]) -> CuratedAnswer:
    return CuratedAnswer(
        id=row.curated_id,
        version=row.version,
        group_id=row.group_id,
        text=row.text,
        sources=tuple(PublishedSource(**source) for source in row.sources),
        wordings=tuple(row.wordings),
        author=row.author,
        created=with_utc(row.created),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        withdrawn=row.withdrawn,
        note=row.note,
    )
