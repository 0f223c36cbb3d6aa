"""Answers that staff of the invented city write."""

from typing import Any

from bot.desk.curation.faq_desk import FaqDesk, ProposedRows
from bot.running.service.service import Service
from ingest.readers.faq_file import ANSWER, OFFICE, QUESTION, FaqRow

UNKNOWN = "環境の講座に申し込む課の電話番号を教えてください"
"""A question that the city's documents do not answer."""
COUNTER = "補助の窓口は市役所2階の環境政策課です。"


def proposal(*rows: dict[str, str], **more: Any) -> ProposedRows:
    usual = {QUESTION: UNKNOWN, ANSWER: COUNTER, OFFICE: "環境政策課"}
    given = [FaqRow(line, {**usual, **row}) for line, row in enumerate(rows or ({},), 2)]
    return ProposedRows(**{"file": "", "rows": tuple(given), "is_file": len(rows) > 1, **more})


def publish(service: Service, *rows: dict[str, str], **more: Any) -> str:
    (first, *_) = FaqDesk(service).publish(proposal(*rows, **more), "窓口 花子", confirmed=True)
    service.follow()
    return first
