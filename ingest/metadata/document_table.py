"""The documents table, `documents.sqlite` in the data folder: what staff and web sources add to the manifests.

A document without a row is as its manifest says. Files outside of the corpus folders (added, handed in, kept aside) are
each in a folder of their own below `added`.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from secrets import token_hex
from typing import Any, ClassVar, Literal

from sqlalchemy import JSON, URL, Dialect, Engine, String, create_engine, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, Session, mapped_column
from sqlalchemy.pool import NullPool
from sqlalchemy.types import TypeDecorator

from ingest.configuration.settings import Settings
from ingest.configuration.storage import exclusive_writer, replace_file, translate_os_errors
from ingest.errors import StorageError

TABLE = "documents.sqlite"
"""Name of the database in the data folder."""
LOCK = "documents.lock"
"""Lock of its writers."""
_ADDED = "added"
_LONGEST_STAGED = timedelta(days=1)
# Bytes of SQLite's file header, which has a counter of the changes.
_HEADER_BYTES = 100

State = Literal["listed", "added", "withdrawn", "staged"]
SyncState = Literal["new", "unchanged", "changed", "suspicious", "gone", "failed"]
SYNC_STATES: Mapping[SyncState, str] = {
    "new": "新しく取得",
    "unchanged": "変わりなし",
    "changed": "変わった",
    "suspicious": "疑わしい",
    "gone": "なくなった",
    "failed": "取得できず",
}
"""Japanese names of what fetching a source came to."""


@dataclass(frozen=True, slots=True)
class SourceState:
    """What is known of the web source of a document after the last fetch; times are ISO 8601 in UTC.

    Attributes:
        file: its path in the corpus `folder`.
        state: its state since `since`, for `reason` ("" if there is nothing to say).
        at: when the site last answered.
        etag: the validator of the kept version, as is `modified`.
        digest: SHA-256 of the version that was last accepted.
        held: the suspicious version that is kept aside, "" without one.
        held_text: title and beginning of that version, for people; "" if it cannot be read.
    """

    url: str
    file: str
    folder: str
    state: SyncState = "unchanged"
    since: str = ""
    reason: str = ""
    at: str = ""
    etag: str = ""
    modified: str = ""
    digest: str = ""
    held: str = ""
    held_text: str = ""

    @property
    def needs_attention(self) -> bool:
        return self.state in {"suspicious", "gone", "failed"}


class _Source(TypeDecorator[SourceState]):
    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: SourceState | None, dialect: Dialect) -> Any:  # noqa: ARG002
        return value and asdict(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> SourceState | None:  # noqa: ARG002
        return value and SourceState(**value)


class _Base(MappedAsDataclass, DeclarativeBase):
    type_annotation_map: ClassVar = {dict[str, Any]: JSON}


class DocumentRow(_Base, kw_only=True):
    """What is known of a document besides its manifest entry; values are replaced, never modified.

    Attributes:
        id: its id; of a staged file its key.
        file: the path of an added or staged file below `added`, "" for a document of a corpus folder.
        entry: the manifest keys that it was added with, which take the place of a manifest entry.
        edits: the manifest keys that staff changed later; None means that a value was removed.
        title: the title at its withdrawal; `reason`, `by` and `changed` say why, by whom and when.
        source: its web source, None without one.
        staged: what was read of a staged file, as JSON.
    """

    __tablename__ = "documents"

    id: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[State] = mapped_column(String, default="listed")
    file: Mapped[str] = mapped_column(default="")
    entry: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    edits: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    title: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    by: Mapped[str] = mapped_column(default="")
    changed: Mapped[str] = mapped_column(default_factory=lambda: datetime.now(UTC).isoformat())
    source: Mapped[SourceState | None] = mapped_column(_Source, default=None)
    staged: Mapped[str] = mapped_column(default="", deferred=True)

    @property
    def is_withdrawn(self) -> bool:
        return self.state == "withdrawn"

    @property
    def at(self) -> datetime:
        """When it was withdrawn or staged."""
        return datetime.fromisoformat(self.changed)


class DocumentTable(Session):
    """The rows of a transaction and the files that belong to them."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(_engine((settings.data / TABLE).absolute()), expire_on_commit=False)
        self._folder = added_folder(settings)

    def row(self, doc_id: str) -> DocumentRow:
        """Return the row of a document, a new one if there is none."""
        row = self.get(DocumentRow, doc_id)
        if row is None:
            self.add(row := DocumentRow(id=doc_id))
        return row

    def rows(self) -> list[DocumentRow]:
        return list(self.scalars(select(DocumentRow)))

    def stage(self, name: str, content: bytes) -> DocumentRow:
        """Return the new row of a file that is not published yet; those of yesterday are deleted."""
        self.unstage(row.id for row in self.rows() if row.at < datetime.now(UTC) - _LONGEST_STAGED)
        self.add(row := DocumentRow(id=token_hex(16), state="staged", file=self.store_file(name, content)))
        return row

    def unstage(self, keys: Iterable[str]) -> None:
        """Delete those of the rows that are staged."""
        for row in map(self.row, tuple(keys)):
            if row.state == "staged":
                self.delete(row)

    def store_file(self, name: str, content: bytes) -> str:
        """Store a file and return its path below `added`; it is deleted with the last row that names it."""
        file = f"{token_hex(8)}/{Path(name).name}"
        (self._folder / file).parent.mkdir(parents=True)
        replace_file(self._folder / file, lambda temporary: temporary.write_bytes(content))
        return file

    def files(self) -> set[str]:
        return {name for row in self.rows() for name in (row.file, row.source.held if row.source else "") if name}

    def finish(self, earlier_files: set[str]) -> None:
        """Commit, without rows that say nothing and files that no row names any more."""
        for row in self.rows():
            if row.state == "listed" and not row.edits and row.source is None:
                self.delete(row)
        self.commit()
        for file in earlier_files - self.files():
            shutil.rmtree((self._folder / file).parent, ignore_errors=True)


@cache
def _engine(file: Path) -> Engine:
    # Without a pool no connection outlives a restored backup.
    return create_engine(URL.create("sqlite", database=str(file)), poolclass=NullPool, hide_parameters=True)


def added_folder(settings: Settings) -> Path:
    """Return the folder of the files outside of corpus folders, which may not exist yet."""
    return settings.data / _ADDED


def read_documents(settings: Settings) -> dict[str, DocumentRow]:
    """Return the rows by id, without staged files.

    Raises StorageError if they cannot be read: answering from withdrawn documents would be worse.
    """
    if not (settings.data / TABLE).exists():
        return {}
    with _translate_errors(settings), DocumentTable(settings) as table:
        return {row.id: row for row in table.rows() if row.state != "staged"}


def read_source_states(settings: Settings) -> dict[str, SourceState]:
    """Return the states of the web sources by the ids of their documents. Raises StorageError."""
    return {doc_id: row.source for doc_id, row in read_documents(settings).items() if row.source}


@contextmanager
def change_documents(settings: Settings) -> Iterator[DocumentTable]:
    """Yield the table to one writer at a time; its changes are kept together, or not at all if the body raises."""
    with exclusive_writer(settings.data, LOCK), _translate_errors(settings), DocumentTable(settings) as table:
        _Base.metadata.create_all(table.get_bind())
        earlier_files = table.files()
        yield table
        table.finish(earlier_files)


def table_stamp(settings: Settings) -> bytes:
    """Return bytes that change with every change of the table; cheap enough for each question."""
    with translate_os_errors(settings.data):
        try:
            with (settings.data / TABLE).open("rb") as file:
                return file.read(_HEADER_BYTES)
        except FileNotFoundError:
            return b""


@contextmanager
def _translate_errors(settings: Settings) -> Iterator[None]:
    try:
        with translate_os_errors(settings.data):
            yield
    except SQLAlchemyError as error:
        raise StorageError(
            f"「{settings.data / TABLE}」が読めないか、書けません（{type(error).__name__}）。"
            "空き容量と権限を確かめ、壊れていれば `python -m bot backup` の控えから戻してください。"
        ) from error
