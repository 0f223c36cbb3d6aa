"""Finds the questions that the rows of FAQ files answer, and who to ask."""

from collections.abc import Iterator
from dataclasses import dataclass

from ingest.index.index import Index
from ingest.readers.faq_file import OFFICE, TELEPHONE, UPDATED, WORDINGS, is_row


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """What a row answers: `wordings`, the question first; `contact` is the office with its telephone number."""

    doc_id: str
    wordings: tuple[str, ...]
    contact: str
    updated: str


def faq_entries(index: Index) -> Iterator[FaqEntry]:
    """Yield what the rows of an index answer that are not withdrawn."""
    for document in filter(is_row, index.documents):
        question, *others = index.blocks(document.id)
        cells = {
            name: tuple(block.text for block in others if block.style == name)
            for name in (WORDINGS, OFFICE, TELEPHONE, UPDATED)
        }
        contact = " ".join((*cells[OFFICE], *cells[TELEPHONE]))
        yield FaqEntry(document.id, (question.text, *cells[WORDINGS]), contact, "".join(cells[UPDATED]))
