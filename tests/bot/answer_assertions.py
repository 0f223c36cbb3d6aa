"""Assertions that hold for every answer over the documents of the test city."""

import re
from datetime import date
from pathlib import Path
from typing import Protocol

from bot.answering.state import CITED, Answer
from ingest.index.index import Index

DOCUMENTS = Path(__file__).parent / "documents"
TODAY = date(2026, 6, 1)
"""The as-of date of the tests: 星見市環境プラン2.0 is in force and 3.0 is not published."""


class Ask(Protocol):
    def __call__(self, *turns: str, as_of: date | None = None) -> Answer:
        """Return the answer to the last of `turns`."""


def assert_citations_match(answer: Answer, index: Index) -> None:
    named = {int(n) for n in re.findall(r"\[(\d+)\]", answer.answer)}
    assert sorted(named) == [citation.n for citation in answer.citations], answer.answer
    assert bool(answer.citations) is (answer.status in CITED), answer
    for citation in answer.citations:
        passage = index.passages[index.passage_row(citation.passage_id)]
        assert citation.quote.strip(), citation
        assert citation.quote in passage.text, citation
        assert citation.doc_id == passage.doc_id, citation
        assert citation.section == passage.section, citation


def assert_answered(answer: Answer, *parts: str) -> None:
    assert answer.status in CITED, answer.answer
    missing = [part for part in parts if part not in answer.answer]
    assert not missing, answer.answer
