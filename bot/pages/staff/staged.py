"""Uploaded documents that are kept aside for review before publication."""

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
from ingest.chunking.document_reading import SUFFIXES
from ingest.configuration.settings import Settings
from ingest.configuration.storage import translate_os_errors
from ingest.documents import ParsedDocument
from ingest.errors import UnreadableDocumentError
from ingest.metadata.proposal import Value, propose_with_limits
from ingest.metadata.unlisted_files import make_id
from ingest.readers import unreadable_format

# What nobody came back for is taken away when the next one is handed in.
FORGOTTEN_S = 3600
_LONGEST_NAME = 80
# So many are read at once, each on a core of its own; who comes then waits a moment, as a usual document takes.
_TURNS = BoundedSemaphore(2)
_WAIT_S = 5
_KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class StagedDocument:
    """A file that was handed in under `key`, what was understood of it, and what its entry could say by its keys.

    `replaces` is the id of the document that it is a new version of, "" for a new document.
    """

    key: str
    path: Path
    reading: ParsedDocument
    proposed: Mapping[str, Value]
    replaces: str = ""


_STAGED = TypeAdapter(StagedDocument)
# Without a suffix, which every document has.
_READ = "read"


def stage_document(settings: Settings, name: str, content: bytes, replaces: str = "") -> StagedDocument:
    """Keep a file aside with what is read of it; nothing stays of one that cannot be read.

    Raises StagedError for a format that is not read and where too many are read already, UnreadableDocumentError,
    StorageError.
    """
    file = _file_name(name)
    _delete_old(settings)
    key = token_hex(16)
    folder = _folder(settings, key)
    with translate_os_errors(settings.data):
        folder.mkdir(parents=True)
        (folder / file).write_bytes(content)
    try:
        found = StagedDocument(key, folder / file, *_read(folder / file, settings), replaces)
        (folder / _READ).write_bytes(_STAGED.dump_json(found))
    except BaseException:
        delete_staged(settings, key)
        raise
    return found


def load_staged(settings: Settings, key: str) -> StagedDocument:
    """Return what was handed in under `key`. Raises StagedError where it is gone."""
    read = _folder(settings, key) / _READ
    try:
        if _KEY.fullmatch(key):
            return _STAGED.validate_json(read.read_bytes())
    except FileNotFoundError:
        pass
    raise StagedError("渡されたファイルは、時間がたったか取り消されて、もうありません。もう一度渡してください。")


def delete_staged(settings: Settings, key: str) -> None:
    """Take away what was handed in under `key`; one that is gone already is no error."""
    if _KEY.fullmatch(key):
        shutil.rmtree(_folder(settings, key), ignore_errors=True)


def _folder(settings: Settings, key: str) -> Path:
    return settings.data / "staged" / key


def _read(path: Path, settings: Settings) -> tuple[ParsedDocument, Mapping[str, Value]]:
    if not _TURNS.acquire(timeout=_WAIT_S):
        raise StagedError("ほかの文書を読んでいるところです。1分ほど待って、もう一度渡してください。")
    try:
        entry = {"file": path.name, "id": make_id(Path(path.name), set())}
        limits = reading_limits(settings)
        reading = read_with_limits(path, entry, limits)
        with suppress(UnreadableDocumentError):  # it can be read: staff then fill in by hand what nothing proposes
            return reading, propose_with_limits(path, limits)
        return reading, {}
    finally:
        _TURNS.release()


def _file_name(given: str) -> str:
    """Return a name that every file system takes and that leaves its folder nowhere."""
    name = unicodedata.normalize("NFKC", given).replace("\\", "/").rpartition("/")[2]
    stem, dot, suffix = name.rpartition(".")
    stem = re.sub(r'[\x00-\x1f<>:"|?*]', "", stem).strip(" .")[:_LONGEST_NAME] or "document"
    if f"{dot}{suffix.lower()}" not in SUFFIXES:
        raise StagedError(unreadable_format(name))
    return f"{stem}.{suffix.lower()}"


def _delete_old(settings: Settings) -> None:
    for folder in (settings.data / "staged").glob("*"):
        with suppress(FileNotFoundError):  # somebody else who hands in a document has taken it away
            if time.time() - folder.stat().st_mtime > FORGOTTEN_S:
                shutil.rmtree(folder, ignore_errors=True)
