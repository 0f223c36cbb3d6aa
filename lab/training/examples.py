"""Training examples of the relevance models: evidence of passages with labels, and how they are drawn and judged."""

from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import isnan, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from bot.answering.question.query_parser import QueryParser
from bot.answering.relevance.adjustments import drop_later_documents
from bot.answering.relevance.evidence import Evidence, collect_evidence, hit_rows
from bot.answering.relevance.evidence_features import UnitTable
from bot.answering.retrieval.query_representation import QueryRepresentationCache
from bot.answering.retrieval.ranking import CandidateRanking
from bot.answering.retrieval.retrieve import Retriever, default_ranker
from bot.answering.state import Hit, Turn
from bot.answering.state import Question as Typed
from bot.answering.state.query import Query
from ingest.configuration.environment import read_settings
from ingest.configuration.settings import Settings
from ingest.japanese import nfkc
from lab.benchmarks.judged_sets import SearchableIndex, open_temporary_index
from lab.benchmarks.search import sample_figures, with_progress_bar
from lab.training.questions import TrainingQuestion, TrainingSet, load_training_sets, small_training_set

Array = NDArray[np.float32]
Scores = tuple[Array, Array, float]
"""The probabilities of the units, of the passages, and of an answer."""
# Number of hits from which removed ones are replaced.
_REPLACEMENT_HITS = 48
# The date of all questions: after every document of the sets.
_DAY = date(2026, 11, 21)
# Share of drawn questions that are paired with a version that nothing answers.
_UNANSWERED_SHARE = 0.8
# Every third group is held out.
_HELD_OUT_STRIDE = 3


@dataclass(frozen=True, slots=True)
class ReadingExample:
    """Evidence with labels: `passages` (p,), `units` (u,) and `answered` are 0-1, nan if unknown.

    `text` is the question in normal form, `hits` its passages; `complete` is False if answers were removed.
    """

    evidence: Evidence
    passages: Array
    units: Array
    answered: float
    question: TrainingQuestion
    text: str
    hits: tuple[Hit, ...]
    complete: bool = False

    @property
    def labels(self) -> tuple[Array, Array, Array]:
        """The labels of the units, of the passages, and of an answer (1,), in the order of OUTPUTS."""
        return self.units, self.passages, np.array([self.answered], np.float32)

    def unit_texts(self, passage: int) -> list[str]:
        """Return the texts of the units of a passage, without those that were removed."""
        units = zip(self.evidence.owners.tolist(), self.evidence.bounds, strict=True)
        return [self.hits[passage].passage.text[start:end] for owner, (start, end) in units if owner == passage]


def collect_training_examples(options: Namespace) -> list[ReadingExample]:
    """Return the examples of all sets, or of a small one with `--small`."""
    sets = [small_training_set()] if options.small else load_training_sets(options.sets)
    return collect_examples(read_settings(), sets)


def collect_examples(settings: Settings, sets: Iterable[TrainingSet]) -> list[ReadingExample]:
    """Return the examples of the sets: each question as it is, and with its answers removed."""
    examples = list[ReadingExample]()
    for each in sets:
        with open_temporary_index(settings, each.readings) as searched:
            builder = _ExampleBuilder(searched)
            for question in with_progress_bar(each.questions, each.name):
                examples += builder.build(question)
    return examples


class _ExampleBuilder:
    def __init__(self, searched: SearchableIndex) -> None:
        self._index = searched.index
        self._represent = QueryRepresentationCache(searched.index, searched.encoder)
        self._parse = QueryParser(searched.index.documents, searched.index.keyword.idf)
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
        ranked = CandidateRanking(self._represent(query.topic), default_ranker())
        further = ranked.top_hits(_REPLACEMENT_HITS, query.scope.allowed)
        candidates = {hit.passage.id: hit for hit in (*hits, *further)}
        graded = [(hit, question.grade(hit.passage)) for hit in candidates.values()]
        if wrong := [hit for hit, grade in graded if grade == 0][: len(hits)]:
            yield self._example(question, query, wrong, [0.0] * len(wrong))
        cut = [hit for hit, grade in graded if grade == 0 or (question.answers and not isnan(grade))][: len(hits)]
        if not (question.answers and cut):
            return
        table = UnitTable(self._index, hit_rows(self._index, cut))
        bounds = zip(table.owners, table.units["start"], table.units["end"], strict=True)
        is_kept = np.array([not question.answers(cut[o].passage.text[start:end]) for o, start, end in bounds], bool)
        if not is_kept.all():
            _keep_units(table, is_kept)
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
        passages = np.array(grades, np.float32)
        units = np.where(passages[evidence.owners] == 0, 0, nan).astype(np.float32)
        if question.answers:
            for unit in np.flatnonzero(passages[evidence.owners] > 0):
                start, end = evidence.bounds[unit]
                units[unit] = question.answers(hits[evidence.owners[unit]].passage.text[start:end])
        return ReadingExample(evidence, passages, units, 0.0, question, query.text, tuple(hits))


def _keep_units(table: UnitTable, is_kept: NDArray[np.bool_]) -> None:
    """Drop the other units of a table in place; `is_kept` is (u,)."""
    cells = is_kept[table.unit_of_cell]
    terms = cells[table.cell_of_term]
    table.letters = table.letters[np.repeat(cells, table.cells["letters"])]
    table.terms, table.is_label = table.terms[terms], table.is_label[terms]
    table.cell_of_term = (np.cumsum(cells) - 1)[table.cell_of_term[terms]]
    table.cells = table.cells[cells]
    table.unit_of_cell = (np.cumsum(is_kept) - 1)[table.unit_of_cell[cells]]
    table.first_cells = np.flatnonzero(np.diff(table.unit_of_cell, prepend=-1))
    table.owners = table.owners[is_kept]


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


def hold_out(examples: Sequence[ReadingExample]) -> tuple[list[ReadingExample], list[ReadingExample]]:
    """Return the examples to train on, and those of every third group; those of a single group by their question."""
    has_groups = len({example.question.group for example in examples}) > 1
    keys = [example.question.group if has_groups else example.text for example in examples]
    held_out = set(sorted(set(keys))[::_HELD_OUT_STRIDE])
    keyed = list(zip(examples, keys, strict=True))
    return [e for e, key in keyed if key not in held_out], [e for e, key in keyed if key in held_out]


def relevance_figures(examples: Sequence[ReadingExample], scores: Sequence[Scores]) -> dict[str, Any]:
    """Return over the complete examples the area under the ROC curve, and how often what is right is scored highest."""
    complete = [(e, s) for e, s in zip(examples, scores, strict=True) if e.complete]
    judged = [(e.answered, s[2]) for e, s in complete if not isnan(e.answered)]
    figures: dict[str, Any] = {"n": len(complete)}
    if len({answered for answered, _ in judged}) == 2:
        figures |= {"area": float(roc_auc_score(*zip(*judged, strict=True))), "area_n": len(judged)}
    answered = [(e, s) for e, s in complete if e.answered == 1]
    passages = [float(e.passages[s[1].argmax()] == 1) for e, s in answered]
    units = [float(e.units[s[0].argmax()] == 1) for e, s in answered if np.nansum(e.units)]
    for name, values in (("right_passage_first", passages), ("right_unit_first", units)):
        figures |= sample_figures(name, values) if values else {}
    return figures
