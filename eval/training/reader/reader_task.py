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
    """A question: `grade` tells how right a passage is (0-1, nan for unknown), `answers` whether a sentence answers.

    No grade: nothing answers. No `answers`: which sentences do is not known. `must` are groups of wordings of which
    one each has to be shown. `group` is the town or set that is left out together. Two questions of one `pair`
    are about one article, which answers one of them.
    """

    text: str
    group: str
    grade: Callable[[Passage], float] | None
    answers: Holds | None = None
    must: tuple[tuple[str, ...], ...] = ()
    pair: str = ""


@dataclass(frozen=True, slots=True)
class ReaderTask:
    """Questions over documents: those in the folder `corpus`, those of `files` (name: text), or `readings`.

    `questions` makes them of the passages that the documents are cut into.
    """

    name: str
    questions: Callable[[Sequence[Passage]], Iterable[TrainingQuestion]]
    corpus: Path | None = None
    files: Mapping[str, str] | None = None
    readings: Sequence[ParsedDocument] = ()


def make_task(name: str, questions: Sequence[TrainingQuestion], **documents: Any) -> ReaderTask:
    """Return a task whose questions are known before its documents are cut."""
    return ReaderTask(name, lambda _: questions, **documents)


def build_corpus_files(documents: Mapping[tuple[str, str, str], Mapping[str, Iterable[str]]]) -> dict[str, str]:
    """Return a corpus folder: by title, issuer and day the texts by heading."""
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
    """Return `text` without white space, as quotes are compared."""
    return re.sub(r"\s", "", text)
