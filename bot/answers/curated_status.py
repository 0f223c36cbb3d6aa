"""Status of a curated answer on a day: served, later, expired, withdrawn or to review."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from bot.answers.curated_records import CuratedAnswer, CuratedStatus, PublishedSource
from ingest.documents import Document, Passage
from ingest.index.index import Index
from ingest.japanese.today import format_japanese_date
from ingest.metadata.validity import published_on, superseded_by, superseding_documents


def passage_digest(passage: Passage) -> str:
    """Return the SHA-256 of a passage's content: its text, the columns of its cells and the notes of its table."""
    content = [passage.text, *(cell.column for cell in passage.cells), *passage.notes]
    return hashlib.sha256("\n".join(content).encode()).hexdigest()


class SourceLookup:
    """Finds the sources of curated answers in one generation of the index."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._passages_by_digest: dict[str, dict[str, Passage]] = {}
        self.replacing = superseding_documents(index.documents)

    def passage(self, source: PublishedSource) -> Passage | None:
        """Return the passage with the published content, also under a new id; None if its document has none."""
        if self.document(source) is None:
            return None
        with suppress(KeyError):
            passage = self._index.passages[self._index.passage_row(source.passage_id)]
            if passage_digest(passage) == source.digest:
                return passage
        if source.doc_id not in self._passages_by_digest:
            passages = self._index.document_passages(source.doc_id)
            self._passages_by_digest[source.doc_id] = {passage_digest(passage): passage for passage in passages}
        return self._passages_by_digest[source.doc_id].get(source.digest)

    def document(self, source: PublishedSource) -> Document | None:
        """Return the document of a source, or None if it is no longer in the index."""
        return self._index.document(source.doc_id)


@dataclass(frozen=True)
class IndexedAnswer:
    """A curated answer with its sources in one generation of the index."""

    curated: CuratedAnswer
    sources: SourceLookup

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """The passages of its sources in order; empty if the content of any has changed."""
        passages = [self.sources.passage(source) for source in self.curated.sources]
        unchanged = tuple(passage for passage in passages if passage is not None)
        return unchanged if len(unchanged) == len(passages) else ()

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """The documents of its sources that are in the index."""
        documents = {source.doc_id: self.sources.document(source) for source in self.curated.sources}
        return tuple(document for document in documents.values() if document is not None)

    def status_on(self, day: date) -> CuratedStatus:
        """Return the status on a day, with the reasons if the answer is not served."""
        curated = self.curated
        if curated.withdrawn:
            return CuratedStatus(curated, "withdrawn", (curated.note,))
        problems = []
        for source in curated.sources:
            cited = self.sources.document(source)
            if cited is None:
                problems.append(f"出典の文書「{source.doc_id}」は、登録から外れました。")
            elif self.sources.passage(source) is None:
                problems.append(f"出典の「{cited.title}」「{source.section}」の文が変わりました。")
        successors = ((document, superseded_by(document, day, self.sources.replacing)) for document in self.documents)
        problems += [
            f"出典の「{document.title}」は「{successor.title}」に引き継がれました。"
            for document, successor in successors
            if successor
        ]
        if problems:
            return CuratedStatus(curated, "review", tuple(problems))
        periods = [document.period for document in self.documents if document.period]
        starts = [curated.valid_from] if curated.valid_from else [period.start for period in periods]
        first = max([*starts, *(published_on(document) or date.min for document in self.documents)])
        last = curated.valid_until or min((period.end for period in periods), default=date.max)
        if day < first:
            return CuratedStatus(curated, "later", (f"{format_japanese_date(first)}から使います。",))
        if day > last:
            return CuratedStatus(curated, "expired", (f"{format_japanese_date(last)}で期限が切れました。",))
        return CuratedStatus(curated, "served")
