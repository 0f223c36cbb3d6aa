"""How the tests ask, and the rules that every answer keeps, whatever was asked."""

import re
from datetime import date
from pathlib import Path
from typing import Protocol

from bot.answer import Answer, Status
from bot.check.verify import CITED
from ingest.index import Index

DOCUMENTS = Path(__file__).parent / "documents"
TODAY = date(2026, 6, 1)
"""A day on which 星見市環境プラン2.0 is in force, and 3.0 is not yet published."""


_OTHER_CALENDAR = re.compile(r"（(?:明治|大正|昭和|平成|令和|\d{4})[^（）]{0,8}年度?）|＝[^）)]{2,7}年度?")


class Ask(Protocol):
    """Asks the turns of one conversation and returns the last answer, after `keeps_the_rules` for each of them."""

    def __call__(self, *turns: str, as_of: date | None = None) -> Answer:
        """Ask `turns` in order."""


def keeps_the_rules(answer: Answer, index: Index) -> None:
    """Fail unless marks and citations are one to one, and each quote is its passage's letter for letter."""
    named = {int(n) for n in re.findall(r"\[(\d+)\]", answer.answer)}
    assert sorted(named) == [citation.n for citation in answer.citations], answer.answer
    assert bool(answer.citations) is (answer.status in CITED), answer
    for citation in answer.citations:
        passage = index.passages[index.row(citation.passage_id)]
        assert citation.quote.strip(), citation
        assert citation.quote in passage.text, citation
        assert (citation.doc_id, citation.section) == (passage.doc_id, passage.section), citation


def in_one_calendar(text: str) -> str:
    """Return an answer's text with each date as its passage writes it, without the other calendar behind it."""
    return _OTHER_CALENDAR.sub("", text)


def answered(answer: Answer, *parts: str) -> None:
    """Fail unless the answer is one and says each of `parts`; the other calendar behind a date may be left out."""
    assert answer.status is Status.ANSWERED, answer.answer
    plain = in_one_calendar(answer.answer)
    missing = [part for part in parts if part not in answer.answer and part not in plain]
    assert not missing, answer.answer
