"""The text of a set's documents, for checking cases against it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from eval.dataset.matching import canonical_heading
from ingest.chunking.document_reading import read_document
from ingest.configuration.settings import Settings
from ingest.documents import Document, Passage
from ingest.errors import NoIndexError
from ingest.index.document_edits import load_edited_documents
from ingest.lifecycle.withdrawals import read_withdrawals
from ingest.metadata.manifest import read_corpus
from ingest.readers import read_lines


@dataclass(frozen=True)
class CorpusText:
    """The text of documents.

    Attributes:
        set_names: the sets of cases about them.
        lines: the canonical lines by document.
    """

    set_names: tuple[str, ...]
    documents: tuple[Document, ...]
    passages: tuple[Passage, ...]
    lines: Mapping[str, frozenset[str]]

    def has_document(self, doc_id: str) -> bool:
        """Whether a document has this id."""
        return any(document.id == doc_id for document in self.documents)

    def sections(self, doc_id: str) -> list[str]:
        """Return the headings that a citation of this document may name, in order."""
        return list(dict.fromkeys(passage.section for passage in self.passages if passage.doc_id == doc_id))

    def has_section(self, doc_id: str, section: str) -> bool:
        """Whether this line is in the document, as a heading or as text that another reader may take for one."""
        return (
            canonical_heading(section) in self.lines.get(doc_id, ())
            or (doc_id, canonical_heading(section)) in self._by_section
        )

    def section_text(self, doc_id: str, section: str) -> str | None:
        """Return the text under a heading with all headings above it; None without such a heading."""
        passages = self._by_section.get((doc_id, canonical_heading(section)))
        return "\n".join(map(_passage_text, passages)) if passages else None

    @cached_property
    def full_text(self) -> str:
        """All text, with title, issuer, date and period of each document."""
        return "\n".join([*map(_document_text, self.documents), *map(_passage_text, self.passages)])

    @cached_property
    def _by_section(self) -> dict[tuple[str, str], list[Passage]]:
        by_section: dict[tuple[str, str], list[Passage]] = {}
        for passage in self.passages:
            for heading in dict.fromkeys(map(canonical_heading, passage.path)):
                by_section.setdefault((passage.doc_id, heading), []).append(passage)
        return by_section


def load_corpus_text(sets: Sequence[str], folders: Sequence[Path]) -> CorpusText:
    """Read the documents in `folders`, which belong to these sets.

    Raises ManifestError for a broken manifest, UnreadableDocumentError for a document that cannot be read.
    """
    entries = read_corpus(*folders).entries
    passages = (passage for entry in entries for passage in read_document(entry.path, entry.document).passages)
    lines = {
        entry.document.id: frozenset(canonical_heading(line.text) for line in read_lines(entry.path))
        for entry in entries
    }
    return CorpusText(tuple(sets), tuple(entry.document for entry in entries), tuple(passages), lines)


def load_indexed_text(sets: Sequence[str], settings: Settings) -> CorpusText | None:
    """Return the text of the current index, for these sets; None without an index.

    Documents added one at a time are included, withdrawn ones are not.
    """
    try:
        documents = load_edited_documents(settings).items
    except NoIndexError:
        return None
    withdrawn = read_withdrawals(settings)
    readings = [edited.load() for edited in documents if edited.document.id not in withdrawn]
    passages = tuple(passage for reading in readings for passage in reading.passages)
    lines: dict[str, frozenset[str]] = {
        reading.document.id: frozenset(
            canonical_heading(line) for passage in reading.passages for line in passage.text.splitlines()
        )
        for reading in readings
    }
    return CorpusText(tuple(sets), tuple(reading.document for reading in readings), passages, lines)


def _passage_text(passage: Passage) -> str:
    cells = [f"{cell.column} {cell.value}" for cell in passage.cells]
    return "\n".join([*passage.path, passage.text, *cells, *passage.notes])


def _document_text(document: Document) -> str:
    days = [document.period.start, document.period.end] if document.period else []
    return "\n".join([document.title, document.issuer, document.published, *(day.isoformat() for day in days)])
