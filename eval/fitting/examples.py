"""What a ranker is fitted on: for each question the features of its candidates, and which of them are right."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.search.asked_words import AskedWords
from bot.search.features import features
from bot.search.ranking import Ranking
from eval.ranked.beir import load_beir
from eval.ranked.halves import half_of
from eval.ranked.indexed import Indexed, indexed
from eval.ranked.paged import load_questions, pdf_files, read_pdfs
from eval.ranked.retrieval import readings as entries
from eval.reading.reading import readings as contexts
from eval.reading.squad import evenly, load_squad
from eval.runs.progress import tracked
from ingest.documents import Passage, Reading
from ingest.settings import Settings

Grade = Callable[[Passage], float]


@dataclass(frozen=True, slots=True)
class Example:
    """A question: `features[name]` and `grades` have a number for each of its m candidates, 0 for those not right."""

    features: dict[str, NDArray[np.float32]]
    grades: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Task:
    """Passages to search, and the questions of the fitting half, each with a grade for every passage."""

    readings: Sequence[Reading]
    questions: Sequence[tuple[str, Grade]]


def beir_task(folder: Path, split: str) -> Task:
    """Return a set in the format of BEIR; an entry is as right as it was judged."""
    beir = load_beir(folder, split)
    asked = [query for query in beir.queries if half_of(query.id) == "fit"]
    return Task(entries(beir.corpus), [(query.text, _by_document(beir.grades[query.id])) for query in asked])


def squad_task(file: Path, most: int) -> Task:
    """Return a set in the format of SQuAD, at most `most` questions evenly from it; their own contexts are right."""
    squad = load_squad(file)
    asked = evenly(tuple(q for q in squad.questions if half_of(q.id) == "fit"), most)
    texts = [context.text for context in squad.contexts]
    return Task(contexts(squad.contexts), [(q.text, _by_text(texts[q.context])) for q in asked])


def pages_task(folder: Path, file: Path) -> Task:
    """Return PDFs with questions that are judged by the page; each passage of that page is right."""
    pdfs = pdf_files(folder)
    questions = load_questions(file, pdfs)
    asked = [q for q in questions if q.page is not None and half_of(q.id) == "fit"]
    readings, _ = read_pdfs(list(pdfs.items()))
    files = {reading.document.id: reading.document.file for reading in readings}
    return Task(readings, [(q.question, _by_page(files, q.file, q.page)) for q in asked])


def _by_document(grades: Mapping[str, int]) -> Grade:
    return lambda passage: float(grades.get(passage.doc_id, 0))


def _by_text(text: str) -> Grade:
    return lambda passage: float(passage.text == text)


def _by_page(files: dict[str, str], file: str | None, page: int | None) -> Grade:
    return lambda passage: float(files[passage.doc_id] == file and passage.page == page)


def examples(settings: Settings, task: Task) -> list[Example]:
    """Return an example for each question that has a right passage among its candidates."""
    with indexed(settings, task.readings) as searched:
        made = [_example(searched, text, grade) for text, grade in tracked(task.questions, "特徴を集めています")]
    return [example for example in made if example.grades.any()]


def _example(searched: Indexed, text: str, grade: Grade) -> Example:
    asked = AskedWords(text, searched.index, searched.encoder)
    rows = np.array(Ranking(asked, searched.ranker).candidates(), np.int64)
    grades = np.array([grade(searched.index.passages[row]) for row in rows], np.float32)
    return Example(features(asked, rows), grades)
