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
from eval.benchmarks.ranked.temporary_index import temporary_settings
from eval.storage.progress import with_progress_bar
from eval.training.reader.reader_task import ReaderTask, TrainingQuestion
from ingest.build.build import build, index_documents
from ingest.configuration.settings import Settings
from ingest.embedding import Encoder, open_encoder
from ingest.index.index import Index, open_index
from ingest.japanese import nfkc

# Number of hits from which removed ones are replaced.
REPLACEMENT_HITS = 48
# Weight of each set (decision 013).
_WEIGHTS = {"towns": 1.5, "replies": 1.2, "faq": 0.6, "bulletins": 0.6, "rows": 0.5, "everyday": 0.5, "pages": 0.5}
_MIN_TEXT_LENGTH = 15
# The date of all questions: after every document of the sets.
_DAY = date(2026, 11, 21)


@dataclass(frozen=True, slots=True)
class ReadingExample:
    """Evidence with labels: `passages` (p,), `units` (u,) and `answered` are 0-1, nan if unknown.

    `query` and `hits` are the reader's input; `complete` is False if answers were removed.
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
    """Return the examples of `task`: each question as it is, and with its answers removed."""
    with temporary_settings(settings) as temporary, TemporaryDirectory() as folder:
        encoder = open_encoder(temporary)
        if task.readings:
            index_documents(temporary, task.readings, encoder=encoder)
        else:
            for name, text in (task.files or {}).items():
                (Path(folder) / name).write_text(text, "utf-8")
            build(temporary, (task.corpus or Path(folder),))
        with open_index(temporary) as index:
            questions = list(task.questions(index.passages))
            builder = ExampleBuilder(index, encoder)
            return [
                example
                for question in with_progress_bar(questions, task.name)
                for example in builder.build(question, task.name)
            ]


class ExampleBuilder:
    """Builds examples over one index, with the retrieval used in serving."""

    def __init__(self, index: Index, encoder: Encoder) -> None:
        self._asked = QueryRepresentationCache(index, encoder)
        self._index = index
        self._read = QueryParser(index.documents, index.keyword.idf)
        catalogue = DocumentCatalogue(index.documents, Tables(index.passages), index.document_passages)
        self._retrieve = Retriever(self._asked, Adjustments(catalogue).expand)

    def build(self, question: TrainingQuestion, task: str) -> Iterator[ReadingExample]:
        """Yield examples with the served hits, with only irrelevant hits, and with the answers cut out."""
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
        ids = {hit.passage.id for hit in hits}
        ranked = CandidateRanking(self._asked(query.topic), default_ranker()).top_hits(
            REPLACEMENT_HITS, query.scope.allowed
        )
        return [*hits, *(hit for hit in ranked if hit.passage.id not in ids)]

    def _example(
        self, question: TrainingQuestion, query: Query, hits: Sequence[Hit], grades: Sequence[float], weight: float
    ) -> ReadingExample:
        evidence = collect_evidence(self._asked(query.topic), query, hits)
        unit_labels = np.array([*_unit_labels(evidence, hits, grades, question.answers)], np.float32)
        passage_labels = np.array(grades, np.float32)
        return ReadingExample(
            evidence, passage_labels, unit_labels, 0.0, question, query, tuple(hits), weight, complete=False
        )


def _answerable_label(grades: Sequence[float], question: TrainingQuestion) -> float:
    if question.grade is None or all(grade == 0 for grade in grades):
        return 0.0
    return 1.0 if max((grade for grade in grades if not isnan(grade)), default=0.0) == 1 else nan


def _unit_labels(
    evidence: Evidence, hits: Sequence[Hit], grades: Sequence[float], answers: Callable[[str], bool] | None
) -> Iterator[float]:
    for owner, (start, end) in zip(evidence.owners, evidence.bounds, strict=True):
        if grades[owner] == 0:
            yield 0.0
        elif answers is None or isnan(grades[owner]):
            yield nan
        else:
            yield float(answers(hits[owner].passage.text[start:end]))


def _cut_answers(hit: Hit, grade: float, answers: Callable[[str], bool] | None) -> Hit | None:
    if grade == 0:
        return hit
    if answers is None or isnan(grade):
        return None
    passage = hit.passage
    texts = [passage.text[start:end] for start, end in unit_spans(passage)]
    remaining = "\n".join(text for text in texts if not answers(text))
    return replace(hit, passage=replace(passage, text=remaining)) if len(remaining) >= _MIN_TEXT_LENGTH else None
