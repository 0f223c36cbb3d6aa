"""Stores the questions that a row of a FAQ file answers, and who to ask."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import TypeAdapter

from ingest.documents import Document
from ingest.index.artefacts import read_artefact
from ingest.index.index import Index
from ingest.index.passages import PassageStore
from ingest.readers.faq_file import OFFICE, TELEPHONE, UPDATED, WORDINGS, is_row

FAQ = "faq"
"""The name of the artefacts."""


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """What a row answers: `wordings`, the question first; `contact` is the office with its telephone number."""

    doc_id: str
    wordings: tuple[str, ...]
    contact: str
    updated: str


_ENTRY = TypeAdapter(FaqEntry)


def compile_faq(store: PassageStore, document: Document) -> bytes | None:
    """Return the questions of a document that is a row of a FAQ file."""
    if not is_row(document):
        return None
    question, *others = store.blocks(document.id)
    cells = {
        name: tuple(block.text for block in others if block.style == name)
        for name in (WORDINGS, OFFICE, TELEPHONE, UPDATED)
    }
    entry = FaqEntry(
        document.id,
        (question.text, *cells[WORDINGS]),
        " ".join((*cells[OFFICE], *cells[TELEPHONE])),
        "".join(cells[UPDATED]),
    )
    return _ENTRY.dump_json(entry)


def faq_entries(index: Index) -> Iterator[FaqEntry]:
    """Yield what the rows of an index answer that are not withdrawn."""
    for document in index.documents:
        if is_row(document) and (content := read_artefact(index.folder, FAQ, document.id)):
            yield _ENTRY.validate_json(content)
