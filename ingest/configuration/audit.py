"""Audit log of changes to documents, accounts and keys: one JSON line per event, append-only.

One line of JSON for each act, only ever added to.
"""

import getpass
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout
from pydantic import TypeAdapter, ValidationError

from ingest.configuration.settings import Settings
from ingest.configuration.storage import translate_os_errors
from ingest.errors import StorageError

Action = Literal[
    "build",
    "add",
    "replace",
    "remove",
    "withdraw",
    "restore",
    "edit",
    "fetch",
    "account",
    "session",
    "key",
    "curate",
    "forget",
    "office",
    "case",
]
ACTIONS: Mapping[Action, str] = {
    "build": "索引を作った",
    "add": "追加した",
    "replace": "置き換えた",
    "remove": "外した",
    "withdraw": "取り下げた",
    "restore": "戻した",
    "edit": "直した",
    "fetch": "取得した",
    "account": "アカウントを変えた",
    "session": "サインインを終わらせた",
    "key": "鍵を変えた",
    "curate": "回答を変えた",
    "forget": "会話を消した",
    "office": "課と窓口を変えた",
    "case": "問いを変えた",
}
"""What was done, in words for people."""
AUDIT_COLUMNS = ("at", "by", "action", "documents", "detail")
# How long a writer waits for another one.
_BUSY_S = 10


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """An act: `by` is a person, or the account at whose terminal it was done; `detail` is for people."""

    at: datetime
    by: str
    action: Action
    documents: tuple[str, ...]
    detail: str = ""


_ACT = TypeAdapter(AuditEvent)


def audit_file(settings: Settings) -> Path:
    """Return where the acts are kept; the file need not exist."""
    return settings.data / "audit.jsonl"


def terminal_user() -> str:
    """Return who works at this terminal, as far as the system knows."""
    try:
        return f"{getpass.getuser()}（コマンド）"
    except (KeyError, OSError):  # an account without a name, as in containers
        return "コマンド"


def record_event(settings: Settings, by: str, action: Action, documents: Sequence[str], detail: str = "") -> None:
    """Add an act; it is on the disk when this returns. Raises StorageError."""
    act = AuditEvent(datetime.now(UTC), by, action, tuple(documents), detail)
    line = _ACT.dump_json(act) + b"\n"
    file = audit_file(settings)
    with translate_os_errors(settings.data):
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(f"{file}.lock", timeout=_BUSY_S):
                _append(file, line)
        except Timeout as error:
            raise StorageError("操作の記録に書き込めません。少し待って、もう一度実行してください。") from error


def _append(file: Path, line: bytes) -> None:
    """Add a line, behind a line break where a power cut left half of one."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(handle).st_size
        begun = size and os.pread(handle, 1, size - 1) != b"\n"
        try:
            rest = b"\n" + line if begun else line
            while rest:  # a disk that fills takes the first part of a line
                rest = rest[os.write(handle, rest) :]
            os.fsync(handle)
        except OSError:
            os.ftruncate(handle, size)
            raise
    finally:
        os.close(handle)


def read_events(settings: Settings, document: str | None = None) -> Iterator[AuditEvent]:
    """Yield the acts, oldest first: all, or those upon one document. Half a line that a power cut left is passed over.

    Raises StorageError where the file cannot be read.
    """
    with translate_os_errors(settings.data):
        file = audit_file(settings)
        lines = file.read_bytes().splitlines() if file.exists() else []
    for line in lines:
        try:
            act = _ACT.validate_json(line)
        except ValidationError:
            continue
        if document is None or document in act.documents:
            yield act


def event_row(act: AuditEvent) -> dict[str, str]:
    """Return an act as a row of a table: all texts, times with their zone."""
    return {
        "at": act.at.isoformat(timespec="seconds"),
        "by": act.by,
        "action": act.action,
        "documents": " ".join(act.documents),
        "detail": act.detail,
    }
