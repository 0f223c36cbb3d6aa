"""How the tests ask, and the rules that every answer keeps, whatever was asked."""

import re
from datetime import date
from pathlib import Path
from typing import Protocol

from bot.state import Answer, Status
from bot.verification import CITED
from ingest.index.index import Index

DOCUMENTS = Path(__file__).parent / "documents"
TODAY = date(2026, 6, 1)
"""A day on which 星見市環境プラン2.0 is in force, and 3.0 is not yet published."""


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
        passage = index.passages[index.passage_row(citation.passage_id)]
        assert citation.quote.strip(), citation
        assert citation.quote in passage.text, citation
        assert (citation.doc_id, citation.section) == (passage.doc_id, passage.section), citation


def answered(answer: Answer, *parts: str) -> None:
    """Fail unless the answer is said to be one, and shows each of `parts`."""
    assert answer.status is Status.ANSWERED, answer.answer
    missing = [part for part in parts if part not in answer.answer]
    assert not missing, answer.answer
