"""Status of a curated answer on a day: served, later, expired, withdrawn or to review."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from bot.curation.answers import CuratedAnswer, CuratedStatus, PublishedSource
from ingest.documents import Document, Passage
from ingest.index.index import Index
from ingest.japanese.today import format_japanese_date
from ingest.metadata.validity import published_on, superseded_by, superseding_documents


def passage_digest(passage: Passage) -> str:
    """Return the SHA-256 of all that a passage says: its text, the columns over its cells, the notes under them."""
    said = [passage.text, *(cell.column for cell in passage.cells), *passage.notes]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


class SourceLookup:
    """The passages that curated answers stand on, as one generation of the index has them."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._of_document: dict[str, Mapping[str, Passage]] = {}
        self.replacing = superseding_documents(index.documents)

    def passage(self, source: PublishedSource) -> Passage | None:
        """Return the passage, also where it only has another number now; None where none says the same any more.

        A document that is withdrawn says nothing.
        """
        if self.document(source) is None:
            return None
        with suppress(KeyError):
            passage = self._index.passages[self._index.passage_row(source.passage_id)]
            if passage_digest(passage) == source.digest:
                return passage
        if source.doc_id not in self._of_document:
            passages = self._index.document_passages(source.doc_id)
            self._of_document[source.doc_id] = {passage_digest(passage): passage for passage in passages}
        return self._of_document[source.doc_id].get(source.digest)

    def document(self, source: PublishedSource) -> Document | None:
        """Return the document of a source, None where it is not in the index any more."""
        return self._index.document(source.doc_id)


@dataclass(frozen=True)
class IndexedAnswer:
    """A curated answer in one generation; what does not depend on the day is found once."""

    curated: CuratedAnswer
    sources: SourceLookup

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """The passages of its sources, in their order; empty where one of them does not say any more what it said."""
        found = [self.sources.passage(source) for source in self.curated.sources]
        whole = tuple(passage for passage in found if passage is not None)
        return whole if len(whole) == len(found) else ()

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """The documents of its sources that are in the index."""
        found = {source.doc_id: self.sources.document(source) for source in self.curated.sources}
        return tuple(document for document in found.values() if document is not None)

    def status_on(self, day: date) -> CuratedStatus:
        """Return how it stands on a day, and why it is not served, if it is not."""
        curated = self.curated
        if curated.withdrawn:
            return CuratedStatus(curated, "withdrawn", (curated.note,))
        if broken := [*self._source_problems(), *self._supersession_problems(day)]:
            return CuratedStatus(curated, "review", tuple(broken))
        first, last = self._first(), self._last()
        if day < first:
            return CuratedStatus(curated, "later", (f"{format_japanese_date(first)}から使います。",))
        if day > last:
            return CuratedStatus(curated, "expired", (f"{format_japanese_date(last)}で期限が切れました。",))
        return CuratedStatus(curated, "served")

    def _source_problems(self) -> Iterator[str]:
        for source in self.curated.sources:
            document = self.sources.document(source)
            if document is None:
                yield f"出典の文書「{source.doc_id}」は、登録から外れました。"
            elif self.sources.passage(source) is None:
                yield f"出典の「{document.title}」「{source.section}」の文が変わりました。"

    def _supersession_problems(self, day: date) -> Iterator[str]:
        for document in self.documents:
            if successor := superseded_by(document, day, self.sources.replacing):
                yield f"出典の「{document.title}」は「{successor.title}」に引き継がれました。"

    def _first(self) -> date:
        """Return its first day: its own, else that of its documents, which must all be out and govern."""
        published = [published_on(document) or date.min for document in self.documents]
        begun = [document.period.start for document in self.documents if document.period]
        return max([*published, self.curated.valid_from] if self.curated.valid_from else [*published, *begun])

    def _last(self) -> date:
        """Return its last day: its own, else that of the first of its documents to end."""
        ending = [document.period.end for document in self.documents if document.period]
        return self.curated.valid_until or min(ending, default=date.max)


def statuses_on(answers: Sequence[CuratedAnswer], sources: SourceLookup, day: date) -> list[CuratedStatus]:
    """Return how each of the answers stands on a day."""
    return [IndexedAnswer(curated, sources).status_on(day) for curated in answers]
