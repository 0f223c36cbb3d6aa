"""Training examples of the relevance models: evidence of passages with relevance labels, and their figures."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import isnan, nan
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answers.length_budget import MAX_ANSWER_LENGTH, TARGET_EXCERPT_LENGTH
from bot.question.query import Query
from bot.question.query_parser import QueryParser
from bot.relevance.adjustments import Adjustments
from bot.relevance.adjustments.catalogue import DocumentCatalogue
from bot.relevance.evidence import Evidence, collect_evidence
from bot.relevance.overlap import read_by_overlap
from bot.relevance.units import unit_spans
from bot.retrieval.query_representation import QueryRepresentationCache
from bot.retrieval.ranking import CandidateRanking
from bot.retrieval.retrieve import Retriever, default_ranker
from bot.state import Hit, Turn
from bot.state import Question as Typed
from bot.tables import Tables
from eval.benchmarks.temporary_index import temporary_settings
from eval.dataset.matching import contains_words
from eval.metrics.statistics import standard_error
from eval.storage.progress import with_progress_bar
from eval.training.tasks import ReaderTask, TrainingQuestion
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
        self._retrieve = Retriever(self._asked, Adjustments(catalogue).filter_hits)

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


# Rates of answered unanswerable questions at which the rate of answered answerable ones is reported.
ANSWERED_WRONGLY = (0.05, 0.12)

Array = NDArray[np.float32]
Scores = tuple[Array, Array, float]


def score_by_overlap(example: ReadingExample) -> Scores:
    """Return the scores of the overlap baseline, in the format of the model's."""
    read = read_by_overlap(example.query, example.hits)
    units = [unit.probability for passage in read.passages for unit in passage.units]
    order = -np.arange(len(example.hits), dtype=np.float32)
    return np.array(units, np.float32), order, read.confidence


def figures_by_task(
    by_task: Mapping[str, Sequence[ReadingExample]], scores: Mapping[str, Sequence[Scores]]
) -> dict[str, Any]:
    """Return `reader_figures` of each task and each method; `scores` are those of all examples in order."""
    figures = {}
    start = 0
    for name, task in by_task.items():
        own = {method: of_all[start : start + len(task)] for method, of_all in scores.items()}
        figures[name] = {method: reader_figures(task, of_task) for method, of_task in own.items()}
        start += len(task)
    return figures


def reader_figures(examples: Sequence[ReadingExample], scores: Sequence[Scores]) -> dict[str, Any]:
    """Return the rates over the complete examples, with standard errors; rates without questions are left out."""
    complete = [(e, s) for e, s in zip(examples, scores, strict=True) if e.complete]
    facts = [(e, s) for e, s in complete if e.question.must]
    visible: dict[str, list[float]] = {
        "first": [_has_all_facts(e, _best_passage_text(e, s)) for e, s in facts],
        "two stretches": [_has_all_facts(e, "\n".join(_best_snippets(e, s))) for e, s in facts],
        "500 characters": [_has_all_facts(e, "\n".join(_best_units(e, s))) for e, s in facts],
    }
    rates = {name: (float(np.mean(values)), standard_error(values)) for name, values in visible.items() if values}
    confidences = [s[2] for e, s in complete if e.question.grade], [s[2] for e, s in complete if not e.question.grade]
    return {"n": len(facts), **rates, **_answerability_rates(*map(np.array, confidences))}


def _answerability_rates(answerable: Array, unanswerable: Array) -> dict[str, float]:
    if not len(answerable) or not len(unanswerable):
        return {}
    area = (answerable[:, None] > unanswerable).mean() + (answerable[:, None] == unanswerable).mean() / 2
    thresholds = {share: np.quantile(unanswerable, 1 - share, method="higher") for share in ANSWERED_WRONGLY}
    rates: dict[str, float] = {"unanswerable": len(unanswerable), "area": float(area)}
    for share, threshold in thresholds.items():
        rates |= {
            f"answered at {share:.2f}": float((answerable > threshold).mean()),
            f"from {share:.2f}": float(threshold),
        }
    return rates


def _has_all_facts(example: ReadingExample, text: str) -> float:
    return float(all(any(contains_words(text, wording) for wording in group) for group in example.question.must))


def _best_passage_text(example: ReadingExample, scores: Scores) -> str:
    return example.hits[int(scores[1].argmax())].passage.text


def _best_snippets(example: ReadingExample, scores: Scores) -> Iterator[str]:
    evidence = example.evidence
    sums = np.concatenate([[0], np.cumsum(scores[0])])
    candidates = []
    for first, (start, _) in enumerate(evidence.bounds):
        for last in range(first, len(evidence.bounds)):
            if evidence.owners[last] != evidence.owners[first]:
                break
            if last == first or evidence.bounds[last][1] - start <= TARGET_EXCERPT_LENGTH:
                candidates.append((sums[last + 1] - sums[first], first, last))
    candidates.sort(key=lambda each: -each[0])
    for _, first, last in candidates[:1]:
        yield _unit_text(example, first, last)[:TARGET_EXCERPT_LENGTH]
        for _, other, end in candidates[1:]:
            if evidence.owners[other] != evidence.owners[first] or other == last + 1 or end == first - 1:
                yield _unit_text(example, other, end)[:TARGET_EXCERPT_LENGTH]
                return


def _best_units(example: ReadingExample, scores: Scores) -> Iterator[str]:
    budget = MAX_ANSWER_LENGTH
    for unit in np.argsort(-scores[0], kind="stable").tolist():
        text = _unit_text(example, unit, unit)[:MAX_ANSWER_LENGTH]
        if len(text) <= budget:
            budget -= len(text)
            yield text


def _unit_text(example: ReadingExample, first: int, last: int) -> str:
    evidence = example.evidence
    text = example.hits[int(evidence.owners[first])].passage.text
    return text[evidence.bounds[first][0] : evidence.bounds[last][1]]
