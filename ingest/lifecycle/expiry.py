"""Finds documents whose period ends soon or has ended without a successor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ingest.configuration.settings import Settings
from ingest.documents import Document
from ingest.index.document_edits import load_edited_documents
from ingest.japanese.today import today
from ingest.lifecycle.withdrawals import read_withdrawals


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
