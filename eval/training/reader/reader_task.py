"""Questions and documents that the reader is trained and measured on."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.documents import ParsedDocument, Passage

Holds = Callable[[str], bool]
_KINDS = {"広報": "notice", "議会": "meeting"}


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


def build_corpus_files(documents: Mapping[tuple[str, str, str], Mapping[str, Iterable[str]]]) -> dict[str, str]:
    """Return the files of a corpus from texts by heading, by (title, issuer, date)."""
    files, manifest = {}, []
    for number, ((title, issuer, published), headings) in enumerate(documents.items()):
        files[f"{number}.md"] = f"# {title}\n\n" + "\n\n".join(
            f"## {heading}\n\n" + "\n\n".join(texts) for heading, texts in headings.items()
        )
        kind = next((kind for mark, kind in _KINDS.items() if mark in title), "plan")
        fields = {"id": f"d{number}", "file": f"{number}.md", "title": title, "kind": kind}
        fields |= {"issuer": issuer, "published": published}
        manifest.append("\n".join(f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in fields.items()))
    files["manifest.toml"] = "".join(f"[[document]]\n{entry}\n\n" for entry in manifest)
    return files


def strip_spaces(text: str) -> str:
    """Return `text` without white space, for comparison of quotes."""
    return re.sub(r"\s", "", text)
