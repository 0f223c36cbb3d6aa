"""Turns whose passages have been read, as a test writes them out: documents of two invented towns."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from bot.answering.answers.excerpt import ExcerptAnswerer
from bot.answering.privacy.personal import UnmaskedText
from bot.answering.question.query_parser import QueryParser
from bot.answering.relevance.catalogue import DocumentCatalogue
from bot.answering.relevance.passage_ranking import PassageRanker
from bot.answering.state import Draft, Hit, Question, QuestionTexts, Relevance, ScoredPassage, Turn, Unit
from ingest.documents import Cell, Document, Passage, Period
from ingest.publications import Publications
from ingest.terms.units import unit_spans

TODAY = date(2026, 6, 1)
OLD = Document(
    "wood-1", "木の道具館計画", "1.md", issuer="杉森市", published="2020-03",
    period=Period(date(2020, 4, 1), date(2025, 3, 31)),
)  # fmt: skip
NEW = Document(
    "wood-2", "木の道具館計画2.0", "2.md", issuer="杉森市", published="2025-02",
    period=Period(date(2025, 4, 1), date(2030, 3, 31)), supersedes=("wood-1",),
)  # fmt: skip
ISLAND = Document("island", "島の道具館だより", "3.md", issuer="汐見町", published="2024-04")
CITY, BOTH = (OLD, NEW), (OLD, NEW, ISLAND)


def text(passage_id: str, body: str, heading: str = "2. 開館") -> Passage:
    return Passage(passage_id, passage_id.partition("#")[0], "text", (heading,), body, (1,))


def table(doc_id: str, heading: str, columns: Sequence[str], *rows: Sequence[str]) -> tuple[Passage, ...]:
    return tuple(
        Passage(
            f"{doc_id}#t{number}",
            doc_id,
            "row",
            (heading,),
            "\n".join(f"{column}: {value}" for column, value in zip(columns, row, strict=True)),
            (number,),
            cells=tuple(Cell(column, value) for column, value in zip(columns, row, strict=True)),
        )
        for number, row in enumerate(rows, 1)
    )


def scored_passage(passage: Passage, probability: float = 0.9, best: str = "") -> ScoredPassage:
    bounds = unit_spans(passage)
    likely = [best and best in passage.text[start:end] for start, end in bounds]
    found = (Unit(*each, probability if one else 0.1) for each, one in zip(bounds, likely, strict=True))
    return ScoredPassage(Hit(passage, 1.0), probability, tuple(found))


def turn_of(
    question: str,
    *passages: ScoredPassage,
    confidence: float = 0.97,
    documents: Sequence[Document] = CITY,
) -> Turn:
    query = QueryParser(documents, lambda _word: 1.0)(question, TODAY)
    hits = tuple(one.hit for one in passages)
    return Turn(
        question=Question(question=question),
        requested_day=TODAY,
        texts=QuestionTexts(UnmaskedText(question)),
        query=query,
        hits=hits,
        relevance=Relevance(passages, confidence),
    )


class RankingExcerptAnswerer(ExcerptAnswerer):
    def __init__(self, catalogue: DocumentCatalogue) -> None:
        super().__init__(catalogue)
        self._ranker = PassageRanker(catalogue, lambda _query, _hits: Relevance((), 0.0))

    def __call__(self, turn: Turn) -> Draft | None:
        return super().__call__(replace(turn, relevance=self._ranker.rank(turn.scored_relevance, turn.parsed_query)))


def excerpt_answerer(
    documents: Sequence[Document] = CITY,
    passages_of: Callable[[str], Sequence[Passage]] = lambda _doc_id: (),
) -> ExcerptAnswerer:
    return RankingExcerptAnswerer(DocumentCatalogue(Publications(documents), passages_of))
