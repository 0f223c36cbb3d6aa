"""Examples of reading: for each question of a task what speaks for the passages found, and which are right."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import isnan, nan
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from bot.answer import Question as Typed
from bot.query.query import Query
from bot.query.read import QueryReader
from bot.reader.evidence import Evidence, evidence
from bot.reader.units import units
from bot.search.asked_words import AskedOnce
from bot.search.ranking import Ranking
from bot.search.retrieve import Retrieve, fitted
from bot.turn import Hit, Turn
from eval.reader.task import Question, Task
from eval.runs.aside import aside
from eval.runs.progress import tracked
from ingest.build import build, index_readings
from ingest.encoders import Encoder, open_encoder
from ingest.index import Index, open_index
from ingest.normalise import nfkc
from ingest.settings import Settings

# Hits among which others are found where right ones are taken away.
FOUND = 48
# What a set counts for (decision 013).
_WEIGHTS = {"towns": 1.5, "replies": 1.2, "faq": 0.6, "bulletins": 0.6, "rows": 0.5, "everyday": 0.5, "pages": 0.5}
_LEAST_TEXT = 15
# The day on which all is asked: behind every document of the sets.
_DAY = date(2026, 11, 21)


@dataclass(frozen=True, slots=True)
class Example:
    """Evidence with what is right: `passages` (p,) and `units` (u,) 0-1 or nan for unknown, `answered` too.

    `query` and `hits` are what was read; `complete` where nothing was taken away.
    """

    evidence: Evidence
    passages: NDArray[np.float32]
    units: NDArray[np.float32]
    answered: float
    question: Question
    query: Query
    hits: tuple[Hit, ...]
    weight: float
    complete: bool


def examples(settings: Settings, task: Task) -> list[Example]:
    """Return the examples of `task`: each question as it is, and with what answers taken away."""
    with aside(settings) as apart, TemporaryDirectory() as folder:
        encoder = open_encoder(apart)
        if task.readings:
            index_readings(apart, task.readings, encoder=encoder)
        else:
            for name, text in (task.files or {}).items():
                (Path(folder) / name).write_text(text, "utf-8")
            build(apart, (task.corpus or Path(folder),))
        with open_index(apart) as index:
            asked, made = list(task.questions(index.passages)), Asked(index, encoder)
            return [one for question in tracked(asked, task.name) for one in made.of(question, task.name)]


class Asked:
    """Questions asked of one index as serving asks it."""

    def __init__(self, index: Index, encoder: Encoder) -> None:
        self._asked = AskedOnce(index, encoder)
        self._index = index
        self._read = QueryReader(index.documents, index.keyword.idf)
        self._retrieve = Retrieve(self._asked)

    def of(self, question: Question, task: str) -> Iterator[Example]:
        """Yield `question` with the hits that serving reads, without those that are right, and with these cut."""
        query = self._read(nfkc(question.text), _DAY)
        hits = self._retrieve(Turn(Typed(question=question.text), _DAY, query=query)).hits
        if not hits:
            return
        grades = [question.grade(hit.passage) if question.grade else 0.0 for hit in hits]
        first = self._example(question, query, hits, grades, _WEIGHTS.get(task, 1.0))
        yield replace(first, answered=_answered(grades, question), complete=True)
        if not question.grade:
            return
        graded = [(hit, question.grade(hit.passage)) for hit in self._more(query, hits)]
        wrong = [hit for hit, grade in graded if grade == 0][: len(hits)]
        if wrong:
            yield self._example(question, query, wrong, [0.0] * len(wrong), first.weight)
        cut = [hit for pair in graded if (hit := _without(*pair, question.answers))][: len(hits)]
        if any(hit.passage.text != self._index.passages[self._index.row(hit.passage.id)].text for hit in cut):
            yield self._example(question, query, cut, [0.0] * len(cut), first.weight)

    def _more(self, query: Query, hits: Sequence[Hit]) -> Sequence[Hit]:
        """Return the hits and others behind them."""
        known = {hit.passage.id for hit in hits}
        behind = Ranking(self._asked(query.topic), fitted()).best(FOUND, query.scope.allowed)
        return [*hits, *(hit for hit in behind if hit.passage.id not in known)]

    def _example(
        self, question: Question, query: Query, hits: Sequence[Hit], grades: Sequence[float], weight: float
    ) -> Example:
        found = evidence(self._asked(query.topic), query, hits)
        of_units = np.array([*_of_units(found, hits, grades, question.answers)], np.float32)
        right = np.array(grades, np.float32)
        return Example(found, right, of_units, 0.0, question, query, tuple(hits), weight, complete=False)


def _answered(grades: Sequence[float], question: Question) -> float:
    """Return 1 where a passage tells all, 0 where none tells anything, nan where that is not known."""
    if question.grade is None or all(grade == 0 for grade in grades):
        return 0.0
    return 1.0 if max((grade for grade in grades if not isnan(grade)), default=0.0) == 1 else nan


def _of_units(
    found: Evidence, hits: Sequence[Hit], grades: Sequence[float], answers: Callable[[str], bool] | None
) -> Iterator[float]:
    for owner, (start, end) in zip(found.owners, found.bounds, strict=True):
        if grades[owner] == 0:
            yield 0.0
        elif answers is None or isnan(grades[owner]):
            yield nan
        else:
            yield float(answers(hits[owner].passage.text[start:end]))


def _without(hit: Hit, grade: float, answers: Callable[[str], bool] | None) -> Hit | None:
    """Return the hit without the units that answer; None where nothing is left or it is not known which do."""
    if grade == 0:
        return hit
    if answers is None or isnan(grade):
        return None
    passage = hit.passage
    texts = [passage.text[start:end] for start, end in units(passage)]
    left = "\n".join(text for text in texts if not answers(text))
    return replace(hit, passage=replace(passage, text=left)) if len(left) >= _LEAST_TEXT else None
