"""Fits the weights of the search (`retrieval/ranker.json`) with the ListNet loss, from halves of judged sets."""

import json
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bot.answering.retrieval.features import FEATURE_KEYS, compute_features
from bot.answering.retrieval.query_representation import QueryRepresentation
from bot.answering.retrieval.ranking import CandidateRanking, Ranker
from eval.dataset.sets import ROOT
from eval.errors import EvalError
from ingest.configuration.environment import read_settings
from ingest.configuration.settings import Settings
from ingest.metadata.manifest import read_corpus
from ingest.passages.document_reading import read_document
from lab.benchmarks.judged_sets import (
    JudgedQuestion,
    JudgedSet,
    load_beir,
    load_pages,
    load_squad,
    open_temporary_index,
)
from lab.benchmarks.search import half_for_id, sample_evenly, with_progress_bar
from lab.training.sources import find_sets

# A fit over this many questions of a SQuAD set takes minutes. @1 on JSQuAD: .9295 with 1,000 of JaQuAD, .9313 with
# 2,000 (decision 003).
_MAX_SQUAD_QUESTIONS = 2000
_SMALL_QUESTIONS = 20
# Halved after the fit: 18 questions about pages overrate it, by 533 others (decision 003).
_HALVED = "page_vector_gain"


@dataclass(frozen=True, slots=True)
class RankingExample:
    """A question: `features[name]` and `grades` have a value per candidate, grade 0 for wrong ones."""

    features: dict[str, NDArray[np.float32]]
    grades: NDArray[np.float32]


def collect_ranking_examples(settings: Settings, judged: JudgedSet, limit: int, seed: int) -> list[RankingExample]:
    """Return an example for each question of the fitting half with a right passage among its candidates.

    Of more than `limit` questions, some are taken: evenly spread for seed 0, else drawn.
    """
    questions = [question for question in judged.questions if half_for_id(question.id) == "fit"]
    if seed and len(questions) > limit:
        questions = Random(seed).sample(questions, limit)  # noqa: S311 -- reproducible
    examples = []
    with open_temporary_index(settings, judged.readings) as searched:
        for question in with_progress_bar(sample_evenly(questions, limit), "特徴を集めています"):
            query = QueryRepresentation(question.text, searched.index, searched.encoder)
            rows = np.array(CandidateRanking(query, searched.ranker).candidate_rows(), np.int64)
            keys = (judged.key(searched.index.passages[row]) for row in rows)
            grades = np.array([question.grades.get(key, 0) for key in keys], np.float32)
            if grades.any():
                examples.append(RankingExample(compute_features(query, rows), grades))
    return examples


# Initial weights: keywords, encoder and word vectors count equally.
PRIOR = {"bm25": 1.0, "encoder_cosine": 1.0, "word_vector_cosine": 1.0}
# Strength of the L2 pull towards the prior, per standard deviation of a feature (decision 003).
_PULL = 0.03

Array = NDArray[np.float64]


def fit_ranker(tasks: Sequence[Sequence[RankingExample]], pull: float = _PULL) -> Ranker:
    """Return the ranker that minimises the mean loss of the tasks plus an L2 pull towards PRIOR.

    A task is weighted by the square root of its number of questions, relative to the largest. With equal weights, 18
    questions about pages moved 2 % of JSQuAD's to another passage without finding more pages (decision 003).

    Weights are not negative. Otherwise two features that one task cannot distinguish get large weights of opposite
    signs, which do harm on another corpus.

    The loss is ListNet's (Cao et al. 2007, "Learning to rank: from pairwise approach to listwise approach"): the cross
    entropy between the grades and the softmax of the scores. It is convex.
    """
    names = list(tasks[0][0].features)
    scale = _feature_spread([example for task in tasks for example in task], names)
    prior = np.array([PRIOR.get(name, 0.0) for name in names])
    largest = max(map(len, tasks))
    shares = [(len(task) / largest) ** 0.5 / len(task) for task in tasks]
    sets = [[(_feature_matrix(e, names) / scale, e.grades / e.grades.sum()) for e in task] for task in tasks]

    def loss(weights: Array) -> tuple[float, Array]:
        value = pull * ((weights - prior) ** 2).sum()
        slope = 2 * pull * (weights - prior)
        for examples, share in zip(sets, shares, strict=True):
            for features, target in examples:
                scores = features @ weights
                log_sum = np.logaddexp.reduce(scores)
                value += share * (log_sum - target @ scores)
                slope = slope + share * (features.T @ (np.exp(scores - log_sum) - target))
        return float(value), slope

    result = minimize(loss, prior, jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(names))
    return Ranker({name: float(weight) for name, weight in zip(names, result.x / scale, strict=True)})


def _feature_matrix(example: RankingExample, names: Sequence[str]) -> Array:
    return np.stack([example.features[name] for name in names], axis=1).astype(np.float64)


def _feature_spread(examples: Sequence[RankingExample], names: Sequence[str]) -> Array:
    spread: Array = np.mean([_feature_matrix(example, names).std(axis=0) for example in examples], axis=0)
    return np.where(spread > 1e-6, spread, 1)  # a feature that is the same everywhere keeps its weight


def train(options: Namespace) -> tuple[bytes, dict[str, Any]]:
    """Return the file of weights, fitted on the fitting halves of the public sets or of those of the options.

    The seed chooses the questions of sets in SQuAD format.
    """
    limit = _MAX_SQUAD_QUESTIONS
    own = bool(options.beir or options.squad)
    if options.small:
        judged, limit = {"corpus": _headings_as_questions(ROOT / "corpus")}, _SMALL_QUESTIONS
    elif own:
        judged = {folder.name: load_beir(folder, options.split) for folder in options.beir}
        judged |= {file.name: load_squad(file) for file in options.squad}
    else:
        names = "localgovfaq/corpus.jsonl", "jaquad/train-sample.json", "pages/pdfs", "pages/questions.jsonl"
        faq, squad, pdfs, questions = find_sets(options.sets, *names)
        judged = {"localgovfaq": load_beir(faq.parent, "dev"), squad.name: load_squad(squad)}
        judged |= {questions.name: load_pages(pdfs, questions)}
    settings = read_settings()
    collected = {name: collect_ranking_examples(settings, each, limit, options.seed) for name, each in judged.items()}
    by_set = {name: examples for name, examples in collected.items() if examples}
    if not by_set:
        raise EvalError("重みを決められる問いがありません。判定(qrels)や答えのある問いを確かめてください。")
    ranker = fit_ranker(list(by_set.values()))
    fitted_on = {name: len(examples) for name, examples in by_set.items()}
    fitted = ranker.weights if options.small or own else {**ranker.weights, _HALVED: ranker.weights[_HALVED] / 2}
    weights = {FEATURE_KEYS[name]: round(weight, 4) for name, weight in fitted.items()}
    content = json.dumps({"fitted_on": fitted_on, "weights": weights}, ensure_ascii=False, indent=2) + "\n"
    return content.encode(), {"weights": weights, "fitted_on": fitted_on}


def _headings_as_questions(corpus: Path) -> JudgedSet:
    readings = [read_document(entry.path, entry.document) for entry in read_corpus(corpus).entries]
    passages = [passage for reading in readings for passage in reading.passages if passage.path]
    questions = [JudgedQuestion(passage.id, f"{passage.path[-1]}は?", {passage.id: 1}) for passage in passages]
    return JudgedSet(readings, questions, lambda passage: passage.id)
