"""Fits the ranker's weights with the ListNet loss."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.retrieval.features import compute_features
from bot.retrieval.query_representation import QueryRepresentation
from bot.retrieval.ranking import CandidateRanking, Ranker
from eval.benchmarks.pages import load_page_questions, pdf_files, read_pdfs
from eval.benchmarks.ranked import half_for_id
from eval.benchmarks.reading import context_readings as contexts
from eval.benchmarks.reading import load_squad, sample_evenly
from eval.benchmarks.retrieval import entry_readings as entries
from eval.benchmarks.retrieval import load_beir
from eval.benchmarks.temporary_index import SearchableIndex, open_temporary_index
from eval.storage.progress import with_progress_bar
from ingest.configuration.settings import Settings
from ingest.documents import ParsedDocument, Passage

Grade = Callable[[Passage], float]


@dataclass(frozen=True, slots=True)
class RankingExample:
    """A question: `features[name]` and `grades` have a value per candidate, grade 0 for wrong ones."""

    features: dict[str, NDArray[np.float32]]
    grades: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FittingTask:
    """Passages to search, and the questions of the fitting half, each with a grading function."""

    readings: Sequence[ParsedDocument]
    questions: Sequence[tuple[str, Grade]]


def load_beir_task(folder: Path, split: str) -> FittingTask:
    """Return a BEIR set with its grades."""
    beir = load_beir(folder, split)
    questions = [query for query in beir.queries if half_for_id(query.id) == "fit"]
    return FittingTask(
        entries(beir.corpus), [(query.text, _grade_by_document(beir.grades[query.id])) for query in questions]
    )


def load_squad_task(file: Path, limit: int) -> FittingTask:
    """Return a SQuAD set with up to `limit` questions; each question's own context is right."""
    squad = load_squad(file)
    questions = sample_evenly(tuple(q for q in squad.questions if half_for_id(q.id) == "fit"), limit)
    texts = [context.text for context in squad.contexts]
    return FittingTask(contexts(squad.contexts), [(q.text, _grade_by_text(texts[q.context])) for q in questions])


def load_pages_task(folder: Path, file: Path) -> FittingTask:
    """Return PDFs with questions; every passage of the right page is right."""
    pdfs = pdf_files(folder)
    questions = [q for q in load_page_questions(file, pdfs) if q.page is not None and half_for_id(q.id) == "fit"]
    readings, _ = read_pdfs(list(pdfs.items()))
    files = {reading.document.id: reading.document.file for reading in readings}
    return FittingTask(readings, [(q.question, _grade_by_page(files, q.file, q.page)) for q in questions])


def _grade_by_document(grades: Mapping[str, int]) -> Grade:
    return lambda passage: float(grades.get(passage.doc_id, 0))


def _grade_by_text(text: str) -> Grade:
    return lambda passage: float(passage.text == text)


def _grade_by_page(files: dict[str, str], file: str | None, page: int | None) -> Grade:
    return lambda passage: float(files[passage.doc_id] == file and passage.page == page)


def collect_ranking_examples(settings: Settings, task: FittingTask) -> list[RankingExample]:
    """Return an example for each question with a right passage among its candidates."""
    with open_temporary_index(settings, task.readings) as searched:
        examples = [
            _make_example(searched, text, grade)
            for text, grade in with_progress_bar(task.questions, "特徴を集めています")
        ]
    return [example for example in examples if example.grades.any()]


def _make_example(searched: SearchableIndex, text: str, grade: Grade) -> RankingExample:
    query = QueryRepresentation(text, searched.index, searched.encoder)
    rows = np.array(CandidateRanking(query, searched.ranker).candidate_rows(), np.int64)
    grades = np.array([grade(searched.index.passages[row]) for row in rows], np.float32)
    return RankingExample(compute_features(query, rows), grades)


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

    from scipy.optimize import minimize  # noqa: PLC0415 -- half a second that the other commands need not pay

    result = minimize(loss, prior, jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(names))
    return Ranker({name: float(weight) for name, weight in zip(names, result.x / scale, strict=True)})


def _feature_matrix(example: RankingExample, names: Sequence[str]) -> Array:
    return np.stack([example.features[name] for name in names], axis=1).astype(np.float64)


def _feature_spread(examples: Sequence[RankingExample], names: Sequence[str]) -> Array:
    spread: Array = np.mean([_feature_matrix(example, names).std(axis=0) for example in examples], axis=0)
    return np.maximum(spread, 1e-6)
