"""Stages uploaded documents, and other files, for review before publication."""

import re
import shutil
import time
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from threading import BoundedSemaphore

from pydantic import TypeAdapter

from bot.errors import StagedError
from ingest.build.sandboxed_reading import read_with_limits, reading_limits
from ingest.configuration.settings import Settings
from ingest.configuration.storage import translate_os_errors
from ingest.documents import ParsedDocument
from ingest.errors import UnreadableDocumentError
from ingest.metadata.proposal import ProposedValue, propose_with_limits
from ingest.metadata.unlisted_files import make_id
from ingest.readers import SUFFIXES, unreadable_format

# Staged documents older than this are deleted at the next upload.
MAX_AGE_S = 3600
_MAX_NAME_CHARS = 80
# Documents that are read at the same time; further uploads wait about as long as one takes.
_READERS = BoundedSemaphore(2)
_WAIT_S = 5
_KEY = re.compile(r"[0-9a-f]{32}")


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
# The file with the parsed document; it has no suffix, unlike every document.
_PARSED_FILE = "read"


def stage_document(settings: Settings, name: str, content: bytes, replaces: str = "") -> StagedDocument:
    """Read and store an uploaded file; an unreadable one is deleted.

    Raises StagedError for an unsupported format or while too many documents are being read, UnreadableDocumentError,
    StorageError.
    """
    file = _file_name(name)
    key = stage_file(settings, file, content)
    folder = _folder(settings, key)
    try:
        staged = StagedDocument(key, folder / file, *_read(folder / file, settings), replaces)
        (folder / _PARSED_FILE).write_bytes(_STAGED.dump_json(staged))
    except BaseException:
        delete_staged(settings, key)
        raise
    return staged


def load_staged(settings: Settings, key: str) -> StagedDocument:
    """Return a staged document. Raises StagedError if it was deleted."""
    return _STAGED.validate_json(load_file(settings, _PARSED_FILE, key))


def stage_file(settings: Settings, name: str, content: bytes) -> str:
    """Store an uploaded file that is no document, and return its key. Raises StorageError."""
    for folder in (settings.data / "staged").glob("*"):
        with suppress(FileNotFoundError):  # deleted by another upload
            if time.time() - folder.stat().st_mtime > MAX_AGE_S:
                shutil.rmtree(folder, ignore_errors=True)
    key = token_hex(16)
    with translate_os_errors(settings.data):
        _folder(settings, key).mkdir(parents=True)
        (_folder(settings, key) / name).write_bytes(content)
    return key


def load_file(settings: Settings, name: str, key: str) -> bytes:
    """Return the content of a staged file. Raises StagedError if it was deleted."""
    try:
        if _KEY.fullmatch(key):
            return (_folder(settings, key) / name).read_bytes()
    except FileNotFoundError:
        pass
    raise StagedError(_GONE)


def delete_staged(settings: Settings, key: str) -> None:
    """Delete a staged document, if there is one."""
    if _KEY.fullmatch(key):
        shutil.rmtree(_folder(settings, key), ignore_errors=True)


def _folder(settings: Settings, key: str) -> Path:
    return settings.data / "staged" / key


def _read(path: Path, settings: Settings) -> tuple[ParsedDocument, Mapping[str, ProposedValue]]:
    if not _READERS.acquire(timeout=_WAIT_S):
        raise StagedError("ほかの文書を読んでいるところです。1分ほど待って、もう一度渡してください。")
    try:
        entry = {"file": path.name, "id": make_id(Path(path.name), set())}
        limits = reading_limits(settings)
        reading = read_with_limits(path, entry, limits)
        with suppress(UnreadableDocumentError):  # without proposals, staff fill in the form
            return reading, propose_with_limits(path, limits)
        return reading, {}
    finally:
        _READERS.release()


def _file_name(uploaded: str) -> str:
    """Return a file name without folders that is valid on every file system. Raises StagedError."""
    name = unicodedata.normalize("NFKC", uploaded).replace("\\", "/").rpartition("/")[2]
    stem, dot, suffix = name.rpartition(".")
    stem = re.sub(r'[\x00-\x1f<>:"|?*]', "", stem).strip(" .")[:_MAX_NAME_CHARS] or "document"
    if f"{dot}{suffix.lower()}" not in SUFFIXES:
        raise StagedError(unreadable_format(name))
    return f"{stem}.{suffix.lower()}"
