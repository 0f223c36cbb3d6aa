"""Finds documents of an earlier answer that are withdrawn or no longer in the index."""

from collections.abc import Iterable, Mapping
from contextlib import suppress

from bot.rendering.html.date_format import format_time
from bot.service import Service
from bot.state import Answer
from ingest.configuration.settings import Settings
from ingest.errors import NoIndexError
from ingest.lifecycle.withdrawals import Withdrawal, read_withdrawals


def find_unavailable_documents(service: Service, settings: Settings, doc_ids: Iterable[str]) -> Mapping[str, str]:
    """Return the documents that are withdrawn or not in the index, with the reason; empty without an index.

    Raises StorageError if the withdrawals cannot be read.
    """
    with suppress(NoIndexError):
        served = {state.document.id for state in service.documents()}
        missing = [doc_id for doc_id in dict.fromkeys(doc_ids) if doc_id not in served]
        withdrawals = read_withdrawals(settings) if missing else {}
        return {doc_id: _describe(withdrawals.get(doc_id)) for doc_id in missing}
    return {}


def _describe(withdrawal: Withdrawal | None) -> str:
    if withdrawal is None:
        return "いまの索引にありません"
    return f"取り下げられました（理由：{withdrawal.reason}、{format_time(withdrawal.at)}）"


def unavailability_notices(answer: Answer, reasons: Mapping[str, str]) -> tuple[str, ...]:
    """Return a notice for each document of an answer that is no longer available; `reasons` are by document id."""
    titles = {citation.doc_id: citation.title for citation in (*answer.citations, *answer.nearest)}
    return tuple(
        f"この回答が示す「{title}」は、{reasons[doc_id]}。"
        "回答は尋ねたときの記録です。案内する前に、もう一度調べてください。"
        for doc_id, title in titles.items()
        if doc_id in reasons
    )
