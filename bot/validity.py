"""Documents in time: when they were published, whether they govern on a day, what replaced them by then."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date

from ingest.documents import Document


def published_on(document: Document) -> date | None:
    """Return the first day that the document's publication date covers, or None where it has none."""
    parts = [int(part) for part in document.published.split("-") if part.isdigit()]
    return date(*[*parts, 1, 1][:3]) if parts else None


def in_force(document: Document, as_of: date, documents: Iterable[Document]) -> bool:
    """Whether the document governs on `as_of`: within its period, and not replaced by one that governs by then."""
    within = document.period is None or as_of in document.period
    return within and superseded_by(document, as_of, documents) is None


def governs_during(document: Document, first: date, last: date, documents: Iterable[Document]) -> bool:
    """Whether the document is in force on a day from `first` to `last`, told by the days on which it changes."""
    if document.period is None:
        return in_force(document, first, documents)
    start = max(first, document.period.start)
    return start <= min(last, document.period.end) and superseded_by(document, start, documents) is None


def superseded_by(document: Document, as_of: date, documents: Iterable[Document]) -> Document | None:
    """Return the known document that had replaced this one by `as_of`, if there is one."""
    for other in documents:
        if document.id in other.supersedes:
            start = other.period.start if other.period else published_on(other)
            if start is None or start <= as_of:
                return other
    return None


def successors(documents: Iterable[Document]) -> list[Document]:
    """Return the documents that replace any: all that the other functions need to look through, few among thousands."""
    return [document for document in documents if document.supersedes]


def known_on(documents: Iterable[Document], as_of: date) -> list[Document]:
    """Return the documents that had been published by `as_of`; one without a date counts as published."""
    return [d for d in documents if (published_on(d) or as_of) <= as_of]


class Publications:
    """When each of many documents was published, so that a question need not look at all of them."""

    def __init__(self, documents: Iterable[Document]) -> None:
        dated = sorted((published_on(document) or date.min, document.id) for document in documents)
        self._days = [day for day, _ in dated]
        self._ids = [doc_id for _, doc_id in dated]

    def known_on(self, as_of: date) -> frozenset[str] | None:
        """Return the ids of what had been published by `as_of`, or None where all had; no date counts as published."""
        count = bisect_right(self._days, as_of)
        return None if count == len(self._ids) else frozenset(self._ids[:count])
