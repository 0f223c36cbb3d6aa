"""Finds documents of an earlier answer that are withdrawn or no longer in the index."""

from collections.abc import Iterable, Mapping
from contextlib import suppress

from bot.rendering.html.date_format import format_time
from bot.runtime.service_interface import AnswerService
from bot.state import Answer
from ingest.configuration.settings import Settings
from ingest.errors import NoIndexError
from ingest.lifecycle.withdrawals import read_withdrawals


def find_unavailable_documents(service: AnswerService, settings: Settings, doc_ids: Iterable[str]) -> Mapping[str, str]:
    """Return those of the documents that are withdrawn or not in the index, each with what became of it.

    None while there is no index. Raises StorageError where what is withdrawn cannot be read.
    """
    with suppress(NoIndexError):
        served = {state.document.id for state in service.documents()}
        lost = [doc_id for doc_id in dict.fromkeys(doc_ids) if doc_id not in served]
        out = read_withdrawals(settings) if lost else {}
        return {
            doc_id: f"取り下げられました（理由：{one.reason}、{format_time(one.at)}）"
            if (one := out.get(doc_id))
            else "いまの索引にありません"
            for doc_id in lost
        }
    return {}


def unavailability_notices(answer: Answer, gone: Mapping[str, str]) -> tuple[str, ...]:
    """Return a sentence for each document that the answer names and that is gone: it is a record of that day alone."""
    titles = {one.doc_id: one.title for one in (*answer.citations, *answer.nearest)}
    return tuple(
        f"この回答が示す「{title}」は、{gone[doc_id]}。回答は尋ねたときの記録です。案内する前に、もう一度調べてください。"
        for doc_id, title in titles.items()
        if doc_id in gone
    )
