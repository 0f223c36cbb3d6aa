"""Documents in service: those that staff withdrew until they restore them, and those whose period ends.

Withdrawn ones stay in the index, and are excluded from answers at once, without a build; the file is read before each
question.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from ingest.configuration.audit import record_event
from ingest.configuration.settings import Settings
from ingest.configuration.storage import StateFile
from ingest.documents import Document
from ingest.errors import IngestError, NoIndexError
from ingest.japanese.today import today
from ingest.metadata.document_edits import load_edited_documents

LONGEST_REASON = 200
WITHDRAWN = "withdrawn.json"
"""Name of the file in the data folder."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Title of a withdrawn document, and why, by whom and when it was withdrawn."""

    title: str
    reason: str
    by: str
    at: datetime


def _file(settings: Settings) -> StateFile[Withdrawal]:
    advice = (
        "控えから戻すか、ファイルを消してから、`python -m ingest audit` で確かめた文書を "
        "`python -m ingest withdraw` で取り下げ直してください。"
    )
    return StateFile(settings.data, WITHDRAWN, Withdrawal, advice)


def read_withdrawals(settings: Settings) -> Mapping[str, Withdrawal]:
    """Return the withdrawals by id.

    Raises StorageError if they cannot be read: answering from withdrawn documents would be worse.
    """
    return _file(settings).read()


def withdraw(settings: Settings, ids: Sequence[str], reason: str, by: str) -> tuple[str, ...]:
    """Exclude documents from the next question on; returns the ids that were not withdrawn before.

    Raises IngestError for an unknown id, or a reason that is empty or too long, and then changes nothing.
    """
    reason = checked_reason(reason, "取り下げる")
    try:
        titles = {document.id: document.title for document in load_edited_documents(settings).documents}
    except NoIndexError as error:
        raise IngestError(f"索引が使えないので、どの文書があるか分かりません。{error}") from error
    _refuse_unknown(ids, titles, "`python -m ingest list` で確かめられます")
    now = datetime.now(UTC)
    with _file(settings).changed() as withdrawals:
        new = tuple(doc_id for doc_id in dict.fromkeys(ids) if doc_id not in withdrawals)
        withdrawals |= {doc_id: Withdrawal(titles[doc_id], reason, by, now) for doc_id in new}
    if new:
        record_event(settings, by, "withdraw", new, reason)
    return new


def restore(settings: Settings, ids: Sequence[str], by: str) -> tuple[str, ...]:
    """Include withdrawn documents again from the next question on. Raises IngestError for any other id."""
    with _file(settings).changed() as withdrawals:
        _refuse_unknown(ids, withdrawals, "取り下げた文書は `python -m ingest list` で確かめられます")
        restored = tuple(dict.fromkeys(ids))
        for doc_id in restored:
            del withdrawals[doc_id]
    record_event(settings, by, "restore", restored)
    return restored


def checked_reason(reason: str, verb: str) -> str:
    """Return a reason on one line. Raises IngestError, with what is done as a Japanese `verb`, if it is not usable."""
    reason = " ".join(reason.split())
    if not reason or len(reason) > LONGEST_REASON:
        raise IngestError(f"{verb}理由を1〜{LONGEST_REASON}文字で書いてください。")
    return reason


def _refuse_unknown(ids: Sequence[str], known_ids: Collection[str], where: str) -> None:
    if missing := [doc_id for doc_id in ids if doc_id not in known_ids]:
        raise IngestError(f"「{'」「'.join(missing)}」という文書はありません。{where}。")


@dataclass(frozen=True, slots=True)
class ExpiringDocument:
    """A document and the days until its period ends; negative if it has ended."""

    document: Document
    days: int

    def __str__(self) -> str:
        if self.days < 0:
            return f"「{self.document.title}」の期間は{-self.days}日前に終わりました。後を継ぐ文書がありません。"
        when = f"あと{self.days}日で" if self.days else "今日で"
        return f"「{self.document.title}」の期間は{when}終わります。後を継ぐ文書がありません。"


def expiring_documents(documents: Sequence[Document], day: date, within: int) -> list[ExpiringDocument]:
    """Return documents without a successor whose period ends in `within` days or has ended, soonest first."""
    replaced = {doc_id for document in documents for doc_id in document.supersedes}
    candidates = [
        ExpiringDocument(document, (document.period.end - day).days)
        for document in documents
        if document.period and document.id not in replaced
    ]
    return sorted(
        (candidate for candidate in candidates if candidate.days <= within), key=lambda candidate: candidate.days
    )


def documents_ending_soon(settings: Settings) -> list[ExpiringDocument]:
    """Return the documents in service whose period ends soon or has ended. Raises NoIndexError."""
    withdrawn = read_withdrawals(settings)
    documents = [document for document in load_edited_documents(settings).documents if document.id not in withdrawn]
    return expiring_documents(documents, today(), settings.expiry_notice_days)
