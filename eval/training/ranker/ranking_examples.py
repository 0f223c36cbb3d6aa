"""Training examples of the ranker: features and grades of the candidates of each question."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.retrieval.features import compute_features
from bot.retrieval.query_representation import QueryRepresentation
from bot.retrieval.ranking import CandidateRanking
from eval.benchmarks.ranked.beir import load_beir
from eval.benchmarks.ranked.beir_retrieval import entry_readings as entries
from eval.benchmarks.ranked.page_questions import load_page_questions, pdf_files, read_pdfs
from eval.benchmarks.ranked.ranked_run import half_for_id
from eval.benchmarks.ranked.temporary_index import SearchableIndex, open_temporary_index
from eval.benchmarks.reading.squad import load_squad, sample_evenly
from eval.benchmarks.reading.squad_reading import context_readings as contexts
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
