"""Questions and documents that the reader is trained and measured on."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.documents import ParsedDocument, Passage

Holds = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class TrainingQuestion:
    """A question: `grade` returns how right a passage is (0-1, nan if unknown), `answers` whether a sentence answers.

    Without `grade`, nothing answers; without `answers`, it is unknown which sentences do. `must` are groups of
    alternative wordings, one of each group is required. `group` is held out together. Of two questions of one `pair`,
    about one article, only one is answered.
    """

    text: str
    group: str
    grade: Callable[[Passage], float] | None
    answers: Holds | None = None
    must: tuple[tuple[str, ...], ...] = ()
    pair: str = ""


@dataclass(frozen=True, slots=True)
class ReaderTask:
    """Questions over documents: of the folder `corpus`, of `files` (text by name), or `readings`.

    `questions` generates them from the passages.
    """

    name: str
    questions: Callable[[Sequence[Passage]], Iterable[TrainingQuestion]]
    corpus: Path | None = None
    files: Mapping[str, str] | None = None
    readings: Sequence[ParsedDocument] = ()


def make_task(name: str, questions: Sequence[TrainingQuestion], **documents: Any) -> ReaderTask:
    """Return a task with given questions."""
    return ReaderTask(name, lambda _: questions, **documents)
