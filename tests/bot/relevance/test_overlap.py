"""Tests of the scoring without a model, by the terms of the question."""

from datetime import date

from bot.relevance.overlap import read_by_overlap
from bot.state import Hit
from bot.state.query import AnswerType, Query, Scope, Term
from ingest.documents import Passage


def query(**weights: float) -> Query:
    scope = Scope(date(2026, 1, 1), frozenset(), frozenset())
    terms = tuple(Term(text, weight) for text, weight in weights.items())
    return Query("", "", "ja", AnswerType.OTHER, scope, terms)


def hit(text: str, *path: str) -> Hit:
    return Hit(Passage(f"d#{text}", "d", "text", path, text, (1,)), 1.0)


def test_the_unit_with_most_of_the_terms_is_likeliest() -> None:
    read = read_by_overlap(query(舟屋=0.5, 見学=0.3, 予約=0.2), [hit("見学は無料。予約も見学も窓口で。", "舟屋")])
    assert [unit.probability for unit in read.passages[0].units] == [0.55, 0.75]
    assert read.passages[0].probability == 1.0


def test_overlap_keeps_the_order_of_the_search() -> None:
    hits = [hit("予約は不要。"), hit("舟屋の見学。")]
    read = read_by_overlap(query(舟屋=0.5, 見学=0.3, 予約=0.2), hits)
    assert [passage.hit for passage in read.passages] == hits
    assert read.confidence == 1.0
    assert read_by_overlap(query(舟屋=0.5), hits[:1]).confidence == 0.0


def test_a_reading_without_hits_is_empty() -> None:
    assert read_by_overlap(query(舟屋=1.0), []).confidence == 0.0
    assert read_by_overlap(query(), [hit("舟屋の見学。")]).confidence == 0.0
