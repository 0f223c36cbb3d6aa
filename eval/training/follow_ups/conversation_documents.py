"""The documents of the conversations: bulletins, council minutes and plans."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.dataset.bulletins import unread_ids
from eval.dataset.matching import is_same_section
from eval.storage.numbered_lines import read_json_lines
from eval.training.reader.bulletin_questions import build_bulletin_corpus
from ingest.chunking.document_reading import read_document
from ingest.documents import Document, ParsedDocument, Passage
from ingest.japanese.normal_forms import remove_spaces
from ingest.metadata.manifest import read_corpus

Right = Callable[[Passage], bool]
_LINE_CHARACTERS = 40


def load_readings(shared: Path, files: Path, units: set[str]) -> list[ParsedDocument]:
    """Return all bulletins, the minutes with the speeches in `units`, and the city's plans.

    `shared` is the folder of the public sets, next to the plans; bulletins are written to `files`.
    """
    for name, text in build_bulletin_corpus(shared, unread_ids(), units).items():
        (files / name).write_text(text, "utf-8")
    corpora = (files, shared.parent / "corpus")
    return [read_document(entry.path, entry.document) for corpus in corpora for entry in read_corpus(corpus).entries]


class ArticleMatcher:
    """Maps the names used in conversations to the passages of an article, speech or file."""

    def __init__(self, shared: Path, documents: Sequence[Document]) -> None:
        self._titles = {document.id: document.title for document in documents}
        self._files = {document.id: document.file for document in documents}
        self._articles: Mapping[str, dict[str, Any]] = {
            row["id"]: row for row in read_json_lines(shared / "bulletins" / "articles.jsonl")
        }
        self._speeches = {row["id"]: row["text"] for row in read_json_lines(shared / "kiryu" / "speeches.jsonl")}

    def matcher_for(self, name: str) -> Right:
        """Return a function that checks whether a passage is from the article, speech or file `name`."""
        if article := self._articles.get(name):
            return lambda passage: (
                self._titles[passage.doc_id] == article["issue"]
                and any(is_same_section(heading, article["title"]) for heading in passage.path)
            )
        if name in self._speeches:
            speech = remove_spaces(self._speeches[name])
            return lambda passage: any(
                remove_spaces(line)[:_LINE_CHARACTERS] in speech
                for line in passage.text.splitlines()
                if len(line) > _LINE_CHARACTERS
            )
        return lambda passage: self._files[passage.doc_id] == name
