"""Documents that are taken out of answering at once, with a reason, without a build; and put back.

They stay in the index. Who answers from it looks at the file before each question, and leaves them out.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ingest.audit import record
from ingest.edited import edited_readings
from ingest.errors import IngestError, NoIndexError, StorageError
from ingest.settings import Settings
from ingest.storage import one_writer, replace_text, storing

LONGEST_REASON = 200
WITHDRAWN = "withdrawn.json"
"""The file in the data folder that lists what is withdrawn."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Why, by whom and when a document was withdrawn, and what it is called."""

    title: str
    reason: str
    by: str
    at: datetime


_WITHDRAWN = TypeAdapter(dict[str, Withdrawal])


def _file(settings: Settings) -> Path:
    return settings.data / WITHDRAWN


def withdrawn(settings: Settings) -> Mapping[str, Withdrawal]:
    """Return what is withdrawn, by id.

    Raises StorageError where that cannot be read: to answer as if nothing were withdrawn would be worse.
    """
    file = _file(settings)
    with storing(settings.data):
        content = file.read_bytes() if file.exists() else b"{}"
    try:
        return _WITHDRAWN.validate_json(content)
    except ValidationError as error:
        raise StorageError(
            f"取り下げた文書の一覧「{file}」が読めません。控えから戻すか、ファイルを消してから、"
            "`python -m ingest audit` で確かめた文書を `python -m ingest withdraw` で取り下げ直してください。"
        ) from error


def withdraw(settings: Settings, ids: Sequence[str], reason: str, by: str) -> tuple[str, ...]:
    """Take documents out of answering, from the next question on; return the ids that were not out already.

    Raises IngestError for an id that is not in the index and for a reason that is empty or too long; nothing is
    withdrawn then.
    """
    reason = " ".join(reason.split())
    if not reason or len(reason) > LONGEST_REASON:
        raise IngestError(f"取り下げる理由を1〜{LONGEST_REASON}文字で書いてください。")
    titles = _titles(settings)
    _refuse_others(ids, titles, "`python -m ingest list` で確かめられます")
    now = datetime.now(UTC)
    with one_writer(settings.data, "withdrawn.lock"):
        out = dict(withdrawn(settings))
        new = tuple(doc_id for doc_id in dict.fromkeys(ids) if doc_id not in out)
        _save(settings, out | {doc_id: Withdrawal(titles[doc_id], reason, by, now) for doc_id in new})
    if new:
        record(settings, by, "withdraw", new, reason)
    return new


def restore(settings: Settings, ids: Sequence[str], by: str) -> tuple[str, ...]:
    """Let documents answer again, from the next question on. Raises IngestError for one that is not withdrawn."""
    with one_writer(settings.data, "withdrawn.lock"):
        out = dict(withdrawn(settings))
        _refuse_others(ids, out, "取り下げた文書は `python -m ingest list` で確かめられます")
        restored = tuple(dict.fromkeys(ids))
        _save(settings, {doc_id: one for doc_id, one in out.items() if doc_id not in restored})
    record(settings, by, "restore", restored)
    return restored


def _titles(settings: Settings) -> Mapping[str, str]:
    try:
        readings = edited_readings(settings)
    except NoIndexError as error:
        raise IngestError(f"索引が使えないので、どの文書があるか分かりません。{error}") from error
    return {document.id: document.title for document in readings.documents}


def _refuse_others(ids: Sequence[str], known: Collection[str], where: str) -> None:
    if missing := [doc_id for doc_id in ids if doc_id not in known]:
        raise IngestError(f"「{'」「'.join(missing)}」という文書はありません。{where}。")


def _save(settings: Settings, out: Mapping[str, Withdrawal]) -> None:
    with storing(settings.data):
        replace_text(_file(settings), _WITHDRAWN.dump_json(dict(out), indent=2).decode() + "\n")
