"""The documents table, `documents.sqlite` in the data folder: what staff and web sources add to the manifests.

A document without a row is as its manifest says. Files outside of the corpus folders (added, handed in, kept aside) are
each in a folder of their own below `added`. What versions before 0.37 kept in five places is carried over first.
"""

import json
import logging
import shutil
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
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
from ingest.corpus import MANIFEST
from ingest.errors import StorageError
from ingest.metadata.manifest import is_document, make_id

TABLE = "documents.sqlite"
"""Name of the database in the data folder."""
LOCK = "documents.lock"
"""Lock of its writers."""
_ADDED = "added"
_CARRIED = ("withdrawn.json", "edited.json", "sync.json", f"{_ADDED}/{MANIFEST}")
_KEPT = "before-0.37"
_LONGEST_STAGED = timedelta(days=1)
# Bytes of SQLite's file header, which has a counter of the changes.
_HEADER_BYTES = 100
log = logging.getLogger(__name__)

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
        """Whether a person should look at it."""
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
        """Whether answers may not use it."""
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
        """Return all rows."""
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
        """Return the files that rows name."""
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
    _carry_states(settings)
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
    _carry_states(settings)
    with _writing(settings) as table:
        yield table


def table_stamp(settings: Settings) -> bytes:
    """Return bytes that change with every change of the table; cheap enough for each question."""
    with translate_os_errors(settings.data):
        try:
            with (settings.data / TABLE).open("rb") as file:
                return file.read(_HEADER_BYTES)
        except FileNotFoundError:
            return b""


@contextmanager
def _writing(settings: Settings) -> Iterator[DocumentTable]:
    with exclusive_writer(settings.data, LOCK), _translate_errors(settings), DocumentTable(settings) as table:
        _Base.metadata.create_all(table.get_bind())
        earlier_files = table.files()
        yield table
        table.finish(earlier_files)


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


def _carry_states(settings: Settings) -> None:
    data = settings.data
    if not any((data / name).exists() for name in (*_CARRIED, "staged")):
        return
    with _writing(settings) as table:
        carried = [name for name in _CARRIED if (data / name).exists()]  # another process may have been first
        withdrawn, edited, sources, manifest = (_read_carried(data / name) for name in _CARRIED)
        added = _carry_files(settings, table, manifest.get("document", []))
        for doc_id, edits in edited.items():
            table.row(doc_id).edits = edits
        for doc_id, withdrawal in withdrawn.items():
            row = table.row(doc_id)
            row.state, row.changed = "withdrawn", withdrawal["at"]
            row.title, row.reason, row.by = (withdrawal[key] for key in ("title", "reason", "by"))
        for source in sources.values():
            _carry_source(data, table, source)
        table.commit()
        for name in carried:
            (data / _KEPT / name).parent.mkdir(parents=True, exist_ok=True)
            (data / name).replace(data / _KEPT / name)
        for name in ("held", "staged"):
            shutil.rmtree(data / name, ignore_errors=True)
    if carried:
        log.warning(
            "前の版の文書の状態を「%s」に移しました: 追加 %d、直した題名など %d、取り下げ %d、取得元 %d。前のファイルは"
            "「%s」にあります。公開を待っていた文書は、もう一度渡してください。",
            *(TABLE, added, len(edited), len(withdrawn), len(sources), data / _KEPT),
        )


def _carry_source(data: Path, table: DocumentTable, source: dict[str, Any]) -> None:
    known = {field.name: source[field.name] for field in fields(SourceState)}
    if source["failure"]:
        known |= {"state": "failed", "reason": source["failure"]}
    elif source["state"] == "moved":
        known["state"] = "unchanged"
    if digest := source["held"]:
        body = data / "held" / f"{digest}{Path(source['file']).suffix.lower()}"
        known["held"] = table.store_file(source["file"], body.read_bytes()) if body.exists() else ""
    table.row(source["id"] or make_id(Path(source["file"]), set())).source = SourceState(**known)


def _carry_files(settings: Settings, table: DocumentTable, entries: list[dict[str, Any]]) -> int:
    folder = added_folder(settings)
    listed = {entry["file"] for entry in entries}
    names = [path.name for path in sorted(folder.glob("*")) if is_document(path, Path(path.name))]
    ids = {entry["id"] for entry in entries}
    carried = entries + [{"id": make_id(Path(name), ids), "file": name} for name in names if name not in listed]
    for entry in carried:
        row = table.row(entry["id"])
        row.state, row.file = "added", f"{row.id}/{entry['file']}"
        row.entry = {key: value for key, value in entry.items() if key not in {"id", "file"}}
        if (folder / entry["file"]).is_file():
            (folder / row.id).mkdir(exist_ok=True)
            (folder / entry["file"]).rename(folder / row.file)
    return len(carried)


def _read_carried(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        content = path.read_bytes()
        if path.suffix == ".toml":
            return tomllib.loads(content.decode())
        return dict(json.loads(content))
    except ValueError as error:
        raise StorageError(
            f"「{path}」が読めません。控えから戻すか、消してから、取り下げや題名などを直し直してください"
            "（何をしたかは `python -m ingest audit` で確かめられます）。"
        ) from error
