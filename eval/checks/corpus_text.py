"""The text of documents, against which cases are checked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from eval.dataset.case import ANY_SECTION
from eval.dataset.matching import canonical_heading
from ingest.configuration.settings import Settings
from ingest.documents import Document, Passage
from ingest.errors import NoIndexError
from ingest.metadata.document_states import load_edited_documents, read_withdrawals
from ingest.metadata.manifest import read_corpus
from ingest.passages.document_reading import read_document
from ingest.readers import read_lines


@dataclass(frozen=True)
class CorpusText:
    """The text of documents, which the cases of `set_names` are about; `lines` are canonical, by document."""

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
        if section == ANY_SECTION:
            return self.has_document(doc_id)
        heading = canonical_heading(section)
        return heading in self.lines.get(doc_id, ()) or (doc_id, heading) in self._by_section

    def cited_text(self, cites: Iterable[str]) -> str:
        """Return the text under the headings of citations, with all headings above it."""
        keys = ((doc_id, canonical_heading(section)) for doc_id, _, section in (cite.partition("#") for cite in cites))
        return "\n".join(_passage_text(passage) for key in keys for passage in self._by_section.get(key, ()))

    @cached_property
    def full_text(self) -> str:
        """All text, with title, issuer, date and period of each document."""
        texts = []
        for document in self.documents:
            days = [document.period.start, document.period.end] if document.period else []
            texts += [document.title, document.issuer, document.published, *(day.isoformat() for day in days)]
        return "\n".join([*texts, *map(_passage_text, self.passages)])

    @cached_property
    def _by_section(self) -> dict[tuple[str, str], list[Passage]]:
        by_section: dict[tuple[str, str], list[Passage]] = {}
        for passage in self.passages:
            for heading in dict.fromkeys(map(canonical_heading, passage.path)):
                by_section.setdefault((passage.doc_id, heading), []).append(passage)
        return by_section


def _passage_text(passage: Passage) -> str:
    cells = [f"{cell.column} {cell.value}" for cell in passage.cells]
    return "\n".join([passage.text_with_headings, *cells, *passage.notes])


def load_corpus_text(sets: Sequence[str], folders: Sequence[Path]) -> CorpusText:
    """Read the documents in `folders`, which belong to these sets; raises IngestError."""
    entries = read_corpus(*folders).entries
    passages = (passage for entry in entries for passage in read_document(entry.path, entry.document).passages)
    lines = {
        entry.document.id: frozenset(canonical_heading(line.text) for line in read_lines(entry.path))
        for entry in entries
    }
    return CorpusText(tuple(sets), tuple(entry.document for entry in entries), tuple(passages), lines)


def load_indexed_text(sets: Sequence[str], settings: Settings) -> CorpusText | None:
    """Return the text of the current index, added documents too, for these sets; None without an index."""
    try:
        store = load_edited_documents(settings)
    except NoIndexError:
        return None
    withdrawn = read_withdrawals(settings)
    readings = [store.load(document.id) for document in store.documents if document.id not in withdrawn]
    lines = {
        reading.document.id: frozenset(
            canonical_heading(line) for passage in reading.passages for line in passage.text.splitlines()
        )
        for reading in readings
    }
    passages = tuple(passage for reading in readings for passage in reading.passages)
    return CorpusText(tuple(sets), tuple(reading.document for reading in readings), passages, lines)
