"""Training examples of the reader: evidence of retrieved passages with relevance labels."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import isnan, nan
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from bot.question.query import Query
from bot.question.query_parser import QueryParser
from bot.relevance.adjustments import Adjustments
from bot.relevance.adjustments.catalogue import DocumentCatalogue
from bot.relevance.evidence import Evidence, collect_evidence
from bot.relevance.units import unit_spans
from bot.retrieval.query_representation import QueryRepresentationCache
from bot.retrieval.ranking import CandidateRanking
from bot.retrieval.retrieve import Retriever, default_ranker
from bot.state import Hit, Turn
from bot.state import Question as Typed
from bot.tables import Tables
from eval.storage.progress import with_progress_bar
from eval.storage.temporary_data import temporary_settings
from eval.training.reader.reader_task import ReaderTask, TrainingQuestion
from ingest.build.build import build, index_documents
from ingest.configuration.settings import Settings
from ingest.embedding import Encoder, open_encoder
from ingest.index.index import Index, open_index
from ingest.japanese import nfkc

# Hits among which others are found where right ones are taken away.
FOUND = 48
# What a set counts for (decision 013).
_WEIGHTS = {"towns": 1.5, "replies": 1.2, "faq": 0.6, "bulletins": 0.6, "rows": 0.5, "everyday": 0.5, "pages": 0.5}
_LEAST_TEXT = 15
# The day on which all is asked: behind every document of the sets.
_DAY = date(2026, 11, 21)


@dataclass(frozen=True, slots=True)
class ReadingExample:
    """Evidence with what is right: `passages` (p,) and `units` (u,) 0-1 or nan for unknown, `answered` too.

    `query` and `hits` are what was read; `complete` where nothing was taken away.
    """

    evidence: Evidence
    passages: NDArray[np.float32]
    units: NDArray[np.float32]
    answered: float
    question: TrainingQuestion
    query: Query
    hits: tuple[Hit, ...]
    weight: float
    complete: bool


def collect_reading_examples(settings: Settings, task: ReaderTask) -> list[ReadingExample]:
    """Return the examples of `task`: each question as it is, and with what answers taken away."""
    with temporary_settings(settings) as apart, TemporaryDirectory() as folder:
        encoder = open_encoder(apart)
        if task.readings:
            index_documents(apart, task.readings, encoder=encoder)
        else:
            for name, text in (task.files or {}).items():
                (Path(folder) / name).write_text(text, "utf-8")
            build(apart, (task.corpus or Path(folder),))
        with open_index(apart) as index:
            asked, made = list(task.questions(index.passages)), ExampleBuilder(index, encoder)
            return [one for question in with_progress_bar(asked, task.name) for one in made.of(question, task.name)]


class ExampleBuilder:
    """Questions asked of one index as serving asks it."""

    def __init__(self, index: Index, encoder: Encoder) -> None:
        self._asked = QueryRepresentationCache(index, encoder)
        self._index = index
        self._read = QueryParser(index.documents, index.keyword.idf)
        catalogue = DocumentCatalogue(index.documents, Tables(index.passages), index.document_passages)
        self._retrieve = Retriever(self._asked, Adjustments(catalogue).expand)

    def of(self, question: TrainingQuestion, task: str) -> Iterator[ReadingExample]:
        """Yield `question` with the hits that serving reads, without those that are right, and with these cut."""
        query = self._read(nfkc(question.text), _DAY)
        hits = self._retrieve(Turn(Typed(question=question.text), _DAY, query=query)).hits
        if not hits:
            return
        grades = [question.grade(hit.passage) if question.grade else 0.0 for hit in hits]
        first = self._example(question, query, hits, grades, _WEIGHTS.get(task, 1.0))
        yield replace(first, answered=_answerable_label(grades, question), complete=True)
        if not question.grade:
            return
        graded = [(hit, question.grade(hit.passage)) for hit in self._with_further_hits(query, hits)]
        wrong = [hit for hit, grade in graded if grade == 0][: len(hits)]
        if wrong:
            yield self._example(question, query, wrong, [0.0] * len(wrong), first.weight)
        cut = [hit for pair in graded if (hit := _cut_answers(*pair, question.answers))][: len(hits)]
        if any(hit.passage.text != self._index.passages[self._index.passage_row(hit.passage.id)].text for hit in cut):
            yield self._example(question, query, cut, [0.0] * len(cut), first.weight)

    def _with_further_hits(self, query: Query, hits: Sequence[Hit]) -> Sequence[Hit]:
        """Return the hits and others behind them."""
        known = {hit.passage.id for hit in hits}
        behind = CandidateRanking(self._asked(query.topic), default_ranker()).best(FOUND, query.scope.allowed)
        return [*hits, *(hit for hit in behind if hit.passage.id not in known)]

    def _example(
        self, question: TrainingQuestion, query: Query, hits: Sequence[Hit], grades: Sequence[float], weight: float
    ) -> ReadingExample:
        found = collect_evidence(self._asked(query.topic), query, hits)
        of_units = np.array([*_unit_labels(found, hits, grades, question.answers)], np.float32)
        right = np.array(grades, np.float32)
        return ReadingExample(found, right, of_units, 0.0, question, query, tuple(hits), weight, complete=False)


def _answerable_label(grades: Sequence[float], question: TrainingQuestion) -> float:
    """Return 1 where a passage tells all, 0 where none tells anything, nan where that is not known."""
    if question.grade is None or all(grade == 0 for grade in grades):
        return 0.0
    return 1.0 if max((grade for grade in grades if not isnan(grade)), default=0.0) == 1 else nan


def _unit_labels(
    found: Evidence, hits: Sequence[Hit], grades: Sequence[float], answers: Callable[[str], bool] | None
) -> Iterator[float]:
    for owner, (start, end) in zip(found.owners, found.bounds, strict=True):
        if grades[owner] == 0:
            yield 0.0
        elif answers is None or isnan(grades[owner]):
            yield nan
        else:
            yield float(answers(hits[owner].passage.text[start:end]))


def _cut_answers(hit: Hit, grade: float, answers: Callable[[str], bool] | None) -> Hit | None:
    """Return the hit without the units that answer; None where nothing is left or it is not known which do."""
    if grade == 0:
        return hit
    if answers is None or isnan(grade):
        return None
    passage = hit.passage
    texts = [passage.text[start:end] for start, end in unit_spans(passage)]
    left = "\n".join(text for text in texts if not answers(text))
    return replace(hit, passage=replace(passage, text=left)) if len(left) >= _LEAST_TEXT else None
