from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from bot.answering.question.query_parser import QueryParser
from bot.answering.relevance.catalogue import DocumentCatalogue
from bot.answering.relevance.evidence import COLUMNS, PASSAGE_FEATURES, SHIPPED, RelevanceModel, collect_evidence
from bot.answering.relevance.passage_ranking import PassageRanker
from bot.answering.relevance.scorer import RelevanceScorer
from bot.answering.retrieval.query_representation import QueryRepresentationCache
from bot.answering.retrieval.retrieve import search
from bot.answering.state import Hit, Relevance, ScoredPassage, Status
from bot.answering.state.query import AnswerType, Query, Scope, Term
from bot.errors import BotError
from ingest.documents import Passage, PassageKind
from ingest.index.index import Index
from ingest.japanese.tokenise import words
from ingest.publications import Publications
from tests.bot.answering.answers.scored import CITY, scored_passage, text, turn_of
from tests.bot.answering.retrieval.passages import ENCODER, document, opened

PASSAGES = (
    ("渡し舟", "渡し舟は入り江の両岸を結びます。\n・運賃：大人230円\n・運航：毎日7時から18時\n・連絡先：港湾係"),
    ("渡し舟の歴史", "渡し舟は大正の初めに始まりました。橋が架かる前は唯一の足でした。"),
    ("見晴らし台", "見晴らし台は年末年始を除き開いています。\n・入場料：無料\n・休み：12月29日から1月3日"),
    ("釣り大会", "釣り大会を秋に開きます。\n・定員：40人\n・申込み：役場の産業係へ"),
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    with opened(tmp_path_factory.mktemp("reader"), [document("d", *PASSAGES)]) as index:
        yield index


def query(index: Index, text: str) -> Query:
    idf = {word: index.keyword.idf(word) for word in words(text)}
    terms = tuple(Term(word, weight / sum(idf.values())) for word, weight in idf.items())
    scope = Scope(date(2026, 1, 1), frozenset(), frozenset())
    return Query(text, text, "ja", AnswerType.OTHER, scope, terms)


def read_hits(index: Index, text: str) -> tuple[Relevance, list[Hit]]:
    hits = search(index, ENCODER, text)
    return RelevanceScorer(QueryRepresentationCache(index, ENCODER)).score(query(index, text), hits), hits


def best_unit(relevance: Relevance) -> str:
    units = [(unit.probability, unit, p.hit.passage.text) for p in relevance.passages for unit in p.units]
    _, unit, text = max(units, key=lambda each: each[0])
    return text[unit.start : unit.end]


def test_a_model_that_reads_a_feature_of_other_code_says_which_and_how_to_train_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(COLUMNS, "passages", PASSAGE_FEATURES[1:])
    with pytest.raises(BotError, match=rf"「{PASSAGE_FEATURES[0]}」.*python -m lab train relevance"):
        RelevanceModel(SHIPPED.read_bytes())


def test_a_model_ignores_a_feature_that_it_was_not_trained_with(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    question = query(index, "渡し舟の運賃は?")
    representation = QueryRepresentationCache(index, ENCODER)(question.topic)
    evidence = collect_evidence(representation, question, search(index, ENCODER, question.text))
    column = np.zeros((len(evidence.passages), 1), np.float32)
    extended = replace(evidence, passages=np.concatenate([column, evidence.passages], axis=1))
    known = RelevanceModel(SHIPPED.read_bytes())(evidence)
    monkeypatch.setitem(COLUMNS, "passages", ("new", *PASSAGE_FEATURES))
    assert RelevanceModel(SHIPPED.read_bytes())(extended)[1].tolist() == known[1].tolist()


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("渡し舟の運賃はいくらですか", "・運賃：大人230円"),
        ("渡し舟は何時まで運航していますか", "・運航：毎日7時から18時"),
        ("釣り大会の定員は何人ですか", "・定員：40人"),
    ],
)
def test_the_answering_item_has_the_highest_probability(index: Index, question: str, answer: str) -> None:
    reading, _ = read_hits(index, question)
    assert best_unit(reading) == answer


@pytest.mark.parametrize("said", ["工房の改修を始めました。", "改修を始めました。壁には5色があります。"])
def test_a_unit_without_a_figure_does_not_cover_a_question_for_a_number(tmp_path: Path, said: str) -> None:
    text = "工房の改修はいくらですか"
    with opened(tmp_path, [document("d", ("工房の改修", said))]) as small:
        asked = QueryParser(small.documents, small.keyword.idf)(text, date(2026, 1, 1))
        scorer = RelevanceScorer(QueryRepresentationCache(small, ENCODER))
        assert scorer.score(asked, search(small, ENCODER, text)).confidence < 0.8


def test_no_hits_give_no_relevance(index: Index) -> None:
    scorer = RelevanceScorer(QueryRepresentationCache(index, ENCODER))
    asked = query(index, "渡し舟の運賃")
    assert scorer.score(asked, []) == Relevance((), 0.0)
    hit = search(index, ENCODER, asked.text)[0]
    assert scorer.score(replace(asked, text="", terms=()), [hit]).passages[0].hit == hit


def test_figures_of_a_chart_are_not_answers(tmp_path: Path) -> None:
    chart = "渡し舟の乗客数の推移を示します。\n渡し舟の運賃\n230\n乗客数\n40\n31.4 29.8\n20"
    with opened(tmp_path, [document("c", ("渡し舟", chart))]) as charts:
        reading, _ = read_hits(charts, "渡し舟の乗客数はどう推移していますか")
    told = {chart[unit.start : unit.end]: unit.probability for unit in reading.passages[0].units}
    assert [told[line] for line in ("40", "31.4 29.8", "20")] == [0, 0, 0]
    assert told["230"] > 0


def passage(text: str, kind: PassageKind = "text") -> Passage:
    return Passage("d#1", "d", kind, (), text, (1,))


WHEN, MAY = "閉館は何時ですか", "犬を連れて入れますか"


def scored(*probabilities: float) -> tuple[ScoredPassage, ...]:
    return tuple(scored_passage(text(f"wood-2#{n}", "閉館は午後5時です。"), p) for n, p in enumerate(probabilities))


def relevance_of(question: str, confidence: float, *probabilities: float, passage_count: int = 1000) -> Relevance:
    turn = turn_of(question, *scored(*probabilities), confidence=confidence)
    catalogue = DocumentCatalogue(Publications(CITY), lambda _doc_id: ())
    found = PassageRanker(catalogue, lambda _query, _hits: turn.scored_relevance, passage_count=passage_count)(
        turn
    ).relevance
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("question", "confidence", "probabilities", "status"),
    [
        (WHEN, 0.97, (0.9, 0.1), Status.ANSWERED),
        (WHEN, 0.95, (0.9,), Status.ANSWERED),
        (WHEN, 0.88, (0.8, 0.3), Status.PARTIAL),
        (MAY, 0.5, (0.5, 0.3), Status.PARTIAL),
        (WHEN, 0.5, (0.5, 0.3), Status.NO_ANSWER),
        (WHEN, 0.2, (0.2, 0.1), Status.NO_ANSWER),
        (WHEN, 0.9, (), Status.NO_ANSWER),
    ],
    ids=["sure", "one passage alone", "nearly sure", "likely", "a figure needs more", "unlikely", "nothing found"],
)
def test_the_status_follows_from_the_correctness(
    question: str, confidence: float, probabilities: tuple[float, ...], status: Status
) -> None:
    assert relevance_of(question, confidence, *probabilities).status is status


@pytest.mark.parametrize(
    ("passage_count", "confidence", "status"),
    [(8, 0.35, Status.PARTIAL), (8, 0.1, Status.NO_ANSWER), (800, 0.35, Status.NO_ANSWER)],
)
def test_a_small_corpus_has_a_partial_answer(passage_count: int, confidence: float, status: Status) -> None:
    assert relevance_of(WHEN, confidence, 0.3, 0.1, passage_count=passage_count).status is status
