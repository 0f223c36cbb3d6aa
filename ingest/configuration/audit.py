"""Audit log of changes to documents, accounts and keys, sign-ins and exports: one JSON line per event, append-only."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from ingest.configuration.settings import Settings
from ingest.configuration.storage import exclusive_writer, translate_os_errors
from ingest.japanese.today import JAPAN

Action = Literal[
    "build", "add", "replace", "remove", "withdraw", "restore", "edit", "fetch", "confirm", "purge", "account",
    "session", "key", "curate", "forget", "office", "dictionary", "case",
    "export", "sign-in", "sign-in-failed", "sign-out",
]  # fmt: skip
ACTIONS: Mapping[Action, str] = {
    "build": "索引を作った",
    "add": "追加した",
    "replace": "置き換えた",
    "remove": "外した",
    "withdraw": "取り下げた",
    "restore": "戻した",
    "edit": "直した",
    "fetch": "取得した",
    "confirm": "確かめて置き換えた",
    "purge": "消し去った",
    "account": "アカウントを変えた",
    "session": "サインインを終わらせた",
    "key": "鍵を変えた",
    "curate": "回答を変えた",
    "forget": "会話を消した",
    "office": "課と窓口を変えた",
    "dictionary": "言葉の辞書を変えた",
    "case": "問いを変えた",
    "export": "書き出した",
    "sign-in": "サインインした",
    "sign-in-failed": "サインインに失敗した",
    "sign-out": "サインアウトした",
}
"""Japanese descriptions of the actions."""
AUDIT_COLUMNS = ("at", "by", "action", "documents", "detail")


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """An event: `by` is a person or the account at a terminal; `detail` is for people."""

    at: datetime
    by: str
    action: Action
    documents: tuple[str, ...]
    detail: str = ""


_EVENT = TypeAdapter(AuditEvent)


def audit_file(settings: Settings) -> Path:
    """Return the path of the log, which may not exist yet."""
    return settings.data / "audit.jsonl"


def record_event(settings: Settings, by: str, action: Action, documents: Sequence[str], detail: str = "") -> None:
    """Append an event and sync it to disk. Raises StorageError."""
    line = _EVENT.dump_json(AuditEvent(datetime.now(UTC), by, action, tuple(documents), detail)) + b"\n"
    file = audit_file(settings)
    with exclusive_writer(settings.data, f"{file.name}.lock"), translate_os_errors(settings.data):
        file.touch(0o600)
        with file.open("r+b", buffering=0) as log:
            size = log.seek(0, os.SEEK_END)
            is_incomplete = size and os.pread(log.fileno(), 1, size - 1) != b"\n"
            try:
                unwritten = b"\n" + line if is_incomplete else line
                while unwritten:  # a full disk may accept only part of a line
                    unwritten = unwritten[log.write(unwritten) :]
                os.fsync(log.fileno())
            except OSError:
                log.truncate(size)
                raise


def read_events(settings: Settings, document: str | None = None) -> Iterator[AuditEvent]:
    """Yield the events, oldest first: all, or those of one document. Incomplete lines are skipped.

    Raises StorageError if the file cannot be read.
    """
    with translate_os_errors(settings.data):
        file = audit_file(settings)
        lines = file.read_bytes().splitlines() if file.exists() else []
    for line in lines:
        try:
            event = _EVENT.validate_json(line)
        except ValidationError:
            continue
        if document is None or document in event.documents:
            yield event


def event_row(event: AuditEvent) -> dict[str, str]:
    """Return an event as a table row of texts, in Japan time."""
    return {
        "at": event.at.astimezone(JAPAN).isoformat(timespec="seconds"),
        "by": event.by,
        "action": event.action,
        "documents": " ".join(event.documents),
        "detail": event.detail,
    }
