"""Stages uploaded documents, and other files, for review before publication."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from bot.errors import StagedError
from ingest.build.sandboxed_reading import read_with_limits, reading_limits
from ingest.configuration.settings import Settings
from ingest.documents import ParsedDocument
from ingest.metadata.document_table import DocumentRow, added_folder, change_documents
from ingest.metadata.manifest import make_id
from ingest.metadata.proposal import ProposedValue, propose_with_limits
from ingest.readers import SUFFIXES, unreadable_format

_MAX_NAME_CHARS = 80


@dataclass(frozen=True, slots=True)
class StagedDocument:
    """An uploaded file with its content and proposed metadata.

    `replaces` is the id of the document that it is a new version of, "" for a new document.
    """

    key: str
    path: Path
    reading: ParsedDocument
    proposed: Mapping[str, ProposedValue]
    replaces: str = ""


_STAGED = TypeAdapter(StagedDocument)
_GONE = "渡されたファイルは、時間がたったか取り消されて、もうありません。もう一度渡してください。"


def stage_document(settings: Settings, name: str, content: bytes, replaces: str = "") -> StagedDocument:
    """Read and store an uploaded file; an unreadable one is deleted.

    Raises StagedError for an unsupported format, UnreadableDocumentError, StorageError.
    """
    key = stage_file(settings, _file_name(name), content)
    path, limits = added_folder(settings) / _staged_row(settings, key).file, reading_limits()
    try:
        reading = read_with_limits(path, {"file": path.name, "id": make_id(Path(path.name), set())}, limits)
        staged = StagedDocument(key, path, reading, propose_with_limits(path, limits), replaces)
        with change_documents(settings) as table:
            table.row(key).staged = _STAGED.dump_json(staged).decode()
    except BaseException:
        delete_staged(settings, key)
        raise
    return staged


def load_staged(settings: Settings, key: str) -> StagedDocument:
    """Return a staged document. Raises StagedError if it was deleted."""
    row = _staged_row(settings, key)
    if not row.staged:  # still being read, or no document
        raise StagedError(_GONE)
    return _STAGED.validate_json(row.staged)


def stage_file(settings: Settings, name: str, content: bytes) -> str:
    """Store an uploaded file that is no document, and return its key. Raises StorageError."""
    with change_documents(settings) as table:
        return table.stage(name, content).id


def staged_path(settings: Settings, key: str) -> Path:
    """Return the path of a staged file. Raises StagedError if it was deleted."""
    return added_folder(settings) / _staged_row(settings, key).file


def delete_staged(settings: Settings, key: str) -> None:
    """Delete a staged file, if there is one."""
    with change_documents(settings) as table:
        table.unstage([key])


def _staged_row(settings: Settings, key: str) -> DocumentRow:
    with change_documents(settings) as table:
        row = table.row(key)
        if row.state != "staged":
            raise StagedError(_GONE)
        table.refresh(row, ["staged"])
        return row


def _file_name(uploaded: str) -> str:
    name = unicodedata.normalize("NFKC", uploaded).replace("\\", "/").rpartition("/")[2]
    stem, dot, suffix = name.rpartition(".")
    stem = re.sub(r'[\x00-\x1f<>:"|?*]', "", stem).strip(" .")[:_MAX_NAME_CHARS] or "document"
    if f"{dot}{suffix.lower()}" not in SUFFIXES:
        raise StagedError(unreadable_format(name))
    return f"{stem}.{suffix.lower()}"
