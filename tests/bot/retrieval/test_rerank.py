"""Tests of the reordering of hits by a reranker."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from bot.pipeline import Pipeline, build_pipeline
from bot.retrieval.retrieve import MAX_HITS, MAX_RERANKED, rerank, search
from bot.state import Hit, Question, Turn
from ingest.documents import Passage
from tests.bot.answer_assertions import TODAY

pytest_plugins = ["tests.bot.city_index"]


@dataclass
class Judge:
    """A reranker that scores by a rule, and remembers what it read."""

    rule: Callable[[str], float]
    name: str = "judge"
    read: list[str] = field(default_factory=list)

    def scores(self, _question: str, texts: Sequence[str]) -> list[float]:
        """Return a score for each text."""
        self.read += texts
        return [self.rule(text) for text in texts]


class Silent:
    """A reranker that returns nothing."""

    name = "silent"

    def scores(self, _question: str, _texts: Sequence[str]) -> list[float]:
        """Return no score."""
        return []


def hits(count: int) -> list[Hit]:
    return [
        Hit(Passage(f"d#{i}", "d", "text", ("章", "節"), f"{i:03}", (i,)), float(-i), {"body": 1.0})
        for i in range(count)
    ]


def texts(found: Sequence[Hit]) -> list[str]:
    return [hit.passage.text for hit in found]


def breaks(_text: str) -> float:
    raise RuntimeError("out of memory")


def test_the_best_are_put_in_the_rerankers_order() -> None:
    found = rerank(Judge(lambda text: float(text[-3:])), "問い", hits(3))
    assert texts(found) == ["002", "001", "000"]
    assert [hit.scores for hit in found] == [{"body": 1.0, "reranker": float(i)} for i in (2, 1, 0)]


def test_scores_still_fall_from_first_to_last() -> None:
    assert [hit.score for hit in rerank(Judge(lambda text: float(text[-3:])), "問い", hits(3))] == [0, -1, -2]


def test_hits_beyond_the_reranked_keep_their_order() -> None:
    judge = Judge(lambda text: float(text[-3:]))
    found = rerank(judge, "問い", hits(MAX_RERANKED + 2))
    assert len(judge.read) == MAX_RERANKED
    assert texts(found)[0] == f"{MAX_RERANKED - 1:03}"
    assert texts(found)[-2:] == [f"{MAX_RERANKED:03}", f"{MAX_RERANKED + 1:03}"]


def test_equal_scores_keep_the_fused_order() -> None:
    assert texts(rerank(Judge(lambda _text: 0.5), "問い", hits(4))) == texts(hits(4))


def test_the_headings_are_read_above_the_passage() -> None:
    judge = Judge(lambda _text: 0.0)
    rerank(judge, "問い", hits(1))
    assert judge.read == ["章 > 節\n000"]


@pytest.mark.parametrize("broken", [Judge(breaks), Judge(lambda _text: float("nan")), Silent()])
def test_a_reranker_that_fails_leaves_the_fused_order(broken: Judge | Silent, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "bot"):
        assert rerank(broken, "問い", hits(3)) == hits(3)
    assert broken.name in caplog.text


def test_no_hits_are_reranked_to_no_hits() -> None:
    assert rerank(Judge(breaks), "問い", []) == []
    assert rerank(None, "問い", hits(2)) == hits(2)


def test_answers_are_read_from_what_the_reranker_prefers(city_pipeline: Pipeline) -> None:
    pipeline = build_pipeline(
        city_pipeline.index, city_pipeline.encoder, reranker=Judge(lambda text: -float(len(text)))
    )
    turn, _ = pipeline.answer(Turn(Question(question="植樹の本数"), TODAY))
    scores = [hit.scores["reranker"] for hit in turn.hits[:MAX_HITS]]
    assert scores == sorted(scores, reverse=True)


def test_reranking_may_raise_a_hit_beyond_the_requested(city_pipeline: Pipeline) -> None:
    index, encoder = city_pipeline.index, city_pipeline.encoder
    fused = search(index, encoder, "植樹の本数", MAX_RERANKED)
    wanted = fused[-1].passage
    judge = Judge(lambda text: float(text.endswith(wanted.text)))
    assert search(index, encoder, "植樹の本数", 1, reranker=judge)[0].passage.text == wanted.text
