"""Training examples of the relevance models: evidence of passages with labels, and how they are drawn and judged."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import isnan, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.question.query_parser import QueryParser
from bot.relevance.adjustments import drop_later_documents
from bot.relevance.evidence import Evidence, collect_evidence, hit_rows
from bot.relevance.evidence_features import UnitTable
from bot.retrieval.query_representation import QueryRepresentationCache
from bot.retrieval.ranking import CandidateRanking
from bot.retrieval.retrieve import Retriever, default_ranker
from bot.state import Hit, Turn
from bot.state import Question as Typed
from bot.state.query import Query
from eval.benchmarks.judged_sets import open_temporary_index
from eval.metrics.statistics import sample_figures
from eval.storage.progress import with_progress_bar
from eval.training.questions import TrainingQuestion, TrainingSet
from ingest.configuration.settings import Settings
from ingest.embedding import Encoder
from ingest.index.index import Index
from ingest.japanese import nfkc

Array = NDArray[np.float32]
Scores = tuple[Array, Array, float]
"""The probabilities of the units, of the passages, and of an answer."""
# Number of hits from which removed ones are replaced.
_REPLACEMENT_HITS = 48
# The date of all questions: after every document of the sets.
_DAY = date(2026, 11, 21)
# Share of drawn questions that are paired with a version that nothing answers.
_UNANSWERED_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class ReadingExample:
    """Evidence with labels: `passages` (p,), `units` (u,) and `answered` are 0-1, nan if unknown.

    `hits` are the reader's input; `complete` is False if answers were removed.
    """

    evidence: Evidence
    passages: Array
    units: Array
    answered: float
    question: TrainingQuestion
    hits: tuple[Hit, ...]
    complete: bool = False


def collect_reading_examples(settings: Settings, training_set: TrainingSet) -> list[ReadingExample]:
    """Return the examples of a set: each question as it is, and with its answers removed."""
    with open_temporary_index(settings, training_set.readings) as searched:
        builder = _ExampleBuilder(searched.index, searched.encoder)
        return [
            example
            for question in with_progress_bar(training_set.questions, training_set.name)
            for example in builder.build(question)
        ]


class _ExampleBuilder:
    def __init__(self, index: Index, encoder: Encoder) -> None:
        self._represent = QueryRepresentationCache(index, encoder)
        self._index = index
        self._parse = QueryParser(index.documents, index.keyword.idf)
        self._retrieve = Retriever(self._represent)

    def build(self, question: TrainingQuestion) -> Iterator[ReadingExample]:
        """Yield examples with the served hits, with only irrelevant hits, and with the answers cut out."""
        query = self._parse(nfkc(question.text), _DAY)
        retrieved = self._retrieve(Turn(Typed(question=question.text), _DAY, query=query)).hits
        hits = drop_later_documents(retrieved, query, self._index.by_id)
        if not hits:
            return
        grades = [question.grade(hit.passage) if question.grade else 0.0 for hit in hits]
        known = [grade for grade in grades if not isnan(grade)]
        answered = 0.0 if not any(grades) else 1.0 if max(known, default=0.0) == 1 else nan
        yield replace(self._example(question, query, hits, grades), answered=answered, complete=True)
        if not question.grade:
            return
        ids = {hit.passage.id for hit in hits}
        ranked = CandidateRanking(self._represent(query.topic), default_ranker())
        further = ranked.top_hits(_REPLACEMENT_HITS, query.scope.allowed)
        graded = [
            (hit, question.grade(hit.passage))
            for hit in (*hits, *(hit for hit in further if hit.passage.id not in ids))
        ]
        wrong = [hit for hit, grade in graded if grade == 0][: len(hits)]
        if wrong:
            yield self._example(question, query, wrong, [0.0] * len(wrong))
        cut = [hit for hit, grade in graded if grade == 0 or (question.answers and not isnan(grade))][: len(hits)]
        table = UnitTable(self._index, hit_rows(self._index, cut))
        bounds = zip(table.owners, table.units["start"], table.units["end"], strict=True)
        texts = [cut[owner].passage.text[start:end] for owner, start, end in bounds]
        remains = np.array([not (question.answers and question.answers(text)) for text in texts], bool)
        if not remains.all():
            table.keep_units(remains)
            yield self._example(question, query, cut, [0.0] * len(cut), table)

    def _example(
        self,
        question: TrainingQuestion,
        query: Query,
        hits: Sequence[Hit],
        grades: Sequence[float],
        table: UnitTable | None = None,
    ) -> ReadingExample:
        evidence = collect_evidence(self._represent(query.topic), query, hits, table)
        units = []
        for owner, (start, end) in zip(evidence.owners, evidence.bounds, strict=True):
            if grades[owner] == 0:
                units.append(0.0)
            elif question.answers is None or isnan(grades[owner]):
                units.append(nan)
            else:
                units.append(float(question.answers(hits[owner].passage.text[start:end])))
        labels = np.array(grades, np.float32), np.array(units, np.float32)
        return ReadingExample(evidence, *labels, 0.0, question, tuple(hits))


class ExampleDrawer:
    """Draws complete examples by weight, and most of them also in a version that nothing answers.

    Such a version is the same question without its answers, or the question of its pair that nothing answers.
    """

    def __init__(self, examples: Sequence[ReadingExample], random: np.random.Generator) -> None:
        self._examples = examples
        self._random = random
        self._complete: list[int] = []
        self._unanswered: dict[int, list[int]] = {}
        answered_of_pair: dict[str, int] = {}
        for place, example in enumerate(examples):
            if not example.complete:
                self._unanswered.setdefault(self._complete[-1], []).append(place)
                continue
            self._complete.append(place)
            if example.question.pair and example.answered == 1:
                answered_of_pair[example.question.pair] = place
        for place in self._complete:
            partner = answered_of_pair.get(examples[place].question.pair)
            if partner is not None and examples[place].answered == 0:
                self._unanswered.setdefault(partner, []).append(place)
        chances = np.array([examples[place].question.weight for place in self._complete])
        self._chances = chances / chances.sum()

    def draw(self, n: int) -> tuple[list[ReadingExample], list[tuple[int, int]]]:
        """Return `n` drawn examples and their unanswered versions, and pairs of places: answered, its version."""
        drawn = [int(place) for place in self._random.choice(self._complete, n, p=self._chances)]
        pairs = []
        for number, place in enumerate(drawn[:n]):
            if (versions := self._unanswered.get(place)) and self._random.random() < _UNANSWERED_SHARE:
                if self._examples[place].answered == 1:
                    pairs.append((number, len(drawn)))
                drawn.append(int(self._random.choice(versions)))
        return [self._examples[place] for place in drawn], pairs


def split_groups(examples: Sequence[ReadingExample], folds: int) -> Iterator[tuple[list[ReadingExample], list[int]]]:
    """Yield for each fold the examples to train on, and the places of those with other groups."""
    groups = sorted({example.question.group for example in examples})
    for fold in range(folds):
        held_out = set(groups[fold::folds])
        training = [example for example in examples if example.question.group not in held_out]
        yield training, [place for place, e in enumerate(examples) if e.question.group in held_out]


def relevance_figures(examples: Sequence[ReadingExample], scores: Sequence[Scores]) -> dict[str, Any]:
    """Return over the complete examples the area under the ROC curve, and how often what is right is scored highest."""
    complete = [(e, s) for e, s in zip(examples, scores, strict=True) if e.complete]
    right, wrong = (np.array([s[2] for e, s in complete if e.answered == answered]) for answered in (1, 0))
    answered = [(e, s) for e, s in complete if e.answered == 1]
    figures: dict[str, Any] = {"n": len(complete), "answered_n": len(right)}
    if len(right) and len(wrong):
        figures["area"] = float(((right[:, None] > wrong) + (right[:, None] == wrong) / 2).mean())
    passages = [float(e.passages[s[1].argmax()] == 1) for e, s in answered]
    units = [float(e.units[s[0].argmax()] == 1) for e, s in answered if np.nansum(e.units)]
    for name, values in (("right_passage_first", passages), ("right_unit_first", units)):
        figures |= sample_figures(name, values) if values else {}
    return figures
