"""When documents were published and are in force, and which others supersede or amend them."""

from collections.abc import Collection, Iterable
from datetime import date

from ingest.documents import Document


def published_on(document: Document) -> date | None:
    """Return the first day of the publication date, else of the date in the text, or None without one."""
    parts = [int(part) for part in (document.published or document.date_in_text).split("-") if part.isdigit()]
    return date(*[*parts, 1, 1][:3]) if parts else None


class Publications:
    """When documents were published, are in force, and were superseded or amended by others; safe to share.

    Attributes:
        by_id: the documents by their id, in their order.
    """

    def __init__(self, documents: Iterable[Document]) -> None:
        self.by_id = {document.id: document for document in documents}
        self._amending = [document for document in self.by_id.values() if document.amends]
        self._successors = dict[str, list[Document]]()
        for document in self.by_id.values():
            for doc_id in document.supersedes:
                self._successors.setdefault(doc_id, []).append(document)

    def published_by(self, day: date) -> list[Document]:
        """Return the documents published by a day, and those without a date."""
        return [document for document in self.by_id.values() if (published_on(document) or day) <= day]

    def is_in_force(self, document: Document, first: date, last: date | None = None) -> bool:
        """Whether the document is in its period and not superseded on `first`, or on any day from it to `last`."""
        if document.period is None:
            return self.successor(document, first) is None
        start = max(first, document.period.start)
        return start <= min(last or first, document.period.end) and self.successor(document, start) is None

    def successor(self, document: Document, day: date) -> Document | None:
        """Return the document that has superseded this one by a day, or None."""
        for other in self._successors.get(document.id, ()):
            start = other.period.start if other.period else published_on(other)
            if start is None or start <= day:
                return other
        return None

    def amendments(self, doc_ids: Collection[str], day: date) -> list[tuple[Document, str]]:
        """Return the documents published by a day that amend some of `doc_ids`, each with the id that it amends."""
        amending = (document for document in self._amending if (published_on(document) or day) <= day)
        return [(document, doc_id) for document in amending for doc_id in document.amends if doc_id in doc_ids]
