"""Curated answers: data models, and database access to all versions."""

from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from typing import Literal
from uuid import uuid4

from pydantic import TypeAdapter
from sqlalchemy import Engine, func, insert, select, update

from bot.errors import ChangedMeanwhileError, ConflictingRecordError, UnknownCuratedError
from bot.storage.database import VersionStamp
from bot.storage.tables import curated_answers, curated_versions, queue_groups

CuratedState = Literal["served", "later", "expired", "review", "withdrawn"]
"""`later` and `expired` by its validity; `review` because a source has changed or was superseded."""


@dataclass(frozen=True, slots=True)
class ProposedSource:
    """A passage that a proposal cites, with a verbatim quote."""

    passage_id: str
    quote: str


@dataclass(frozen=True, slots=True)
class AnswerProposal:
    """An answer that staff propose. `[n]` in `text` cites `sources[n - 1]`; with one source the marks are optional.

    `wordings` are the questions that it answers, each understandable on its own. Without `valid_from` and
    `valid_until` it is valid as long as its documents. `group_id` is the group that it answers, if any. A change of a
    curated answer has its `curated_id`, and the version that it changes as `based_on`.
    """

    text: str
    sources: tuple[ProposedSource, ...]
    wordings: tuple[str, ...]
    author: str
    group_id: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    curated_id: str | None = None
    based_on: int | None = None


@dataclass(frozen=True, slots=True)
class PublishedSource:
    """A source at the time of publication; `digest` is the SHA-256 of the passage's content."""

    passage_id: str
    doc_id: str
    section: str
    quote: str
    digest: str


@dataclass(frozen=True, slots=True)
class CuratedAnswer:
    """One version of a curated answer, counted from 1; the newest is served. Times are UTC.

    `text` includes the citation marks. A `withdrawn` version ends the answer, with the reason in `note`.
    """

    id: str
    version: int
    group_id: str
    text: str
    sources: tuple[PublishedSource, ...]
    wordings: tuple[str, ...]
    author: str
    created: datetime
    valid_from: date | None = None
    valid_until: date | None = None
    withdrawn: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class CuratedStatus:
    """A curated answer with its state; `reasons` say in Japanese why it is not served."""

    curated: CuratedAnswer
    state: CuratedState
    reasons: tuple[str, ...] = ()


_CHANGED = "ほかの人が先に更新しました。いまの内容を読み直してから、もう一度公開してください。"
_CURATED = TypeAdapter(list[CuratedAnswer])
_VERSIONS = select(curated_versions, curated_answers).join(curated_answers)


class CuratedRecords:
    """The versions of curated answers; safe to share between threads and processes. Raises StorageError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.stamp = VersionStamp(engine, curated_versions.c.number)

    def newest(self) -> list[CuratedAnswer]:
        """Return the newest version of each answer, including withdrawn ones, the newest first."""
        last = select(func.max(curated_versions.c.number)).group_by(curated_versions.c.curated_id)
        query = _VERSIONS.where(curated_versions.c.number.in_(last)).order_by(curated_versions.c.number.desc())
        with self._engine.connect() as connection:
            return _CURATED.validate_python([dict(row) for row in connection.execute(query).mappings()])

    def versions(self, curated_id: str) -> list[CuratedAnswer]:
        """Return all versions of an answer, the newest first. Raises UnknownCuratedError."""
        query = _VERSIONS.where(curated_versions.c.curated_id == curated_id)
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(curated_versions.c.version.desc())).mappings().all()
        if not rows:
            raise UnknownCuratedError("この回答は見つかりません。一覧から選び直してください。")
        return _CURATED.validate_python([dict(row) for row in rows])

    def id_for_group(self, group_id: str) -> str | None:
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
                row = {**asdict(stored), "curated_id": stored.id}
                del row["id"], row["group_id"]
                connection.execute(insert(curated_versions).values(row))
                connection.execute(
                    group.values(state=state, note=stored.note, by=stored.author, changed=stored.created)
                )
        except ConflictingRecordError as error:
            raise ChangedMeanwhileError(_CHANGED) from error
        return stored
