"""Exact answers extracted from the best unit."""

from datetime import date

import pytest

from bot.question.query_parser import QueryParser
from bot.state import Hit, ScoredPassage, Unit
from eval.benchmarks.reading import extract_exact_answer
from ingest.documents import Passage


@pytest.mark.parametrize(
    ("question", "text", "answer"),
    [
        ("渡し舟の運賃はいくらですか", "・運賃：大人230円", "230円"),
        ("釣り大会の定員は何人ですか", "・定員：40人", "40人"),
        ("渡し舟は何時まで運航していますか", "・運航：毎日7時から18時", ""),
        ("渡し舟の連絡先はどこですか", "・連絡先：港湾係", ""),
        ("40人が定員の釣り大会の定員は何人ですか", "・定員：40人", ""),
    ],
    ids=["a sum", "a figure with the asked counter", "two hours", "no such token", "the question's own"],
)
def test_an_exact_answer_is_the_only_candidate_of_its_type(question: str, text: str, answer: str) -> None:
    query = QueryParser((), lambda _word: 1.0)(question, date(2026, 1, 1))
    passage = Passage("p", "d", "text", ("案内",), f"1日3円。{text}", (1,))
    units = (Unit(0, 5, 0.1), Unit(5, 5 + len(text), 0.9))
    assert extract_exact_answer(query, ScoredPassage(Hit(passage, 1.0), 0.9, units)) == answer
