"""The documents of an index as adjustments look them up, with the series of recurring notices."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby

from bot.state.query import Scope
from bot.tables.lookup import Tables
from ingest.documents import Document, Passage
from ingest.japanese import nfkc
from ingest.japanese.notation import ERA
from ingest.metadata.validity import published_on, superseded_by, superseding_documents

# The parts of a heading that change from issue to issue: 6月の催し, 令和7年4月~8年3月の催し, (2). Other numbers stay,
# because 65歳以上 and 4か月児 name the people a notice is for.
_CHANGING_PARTS = re.compile(rf"(?:{ERA})?\d+(?:年度?|月|日|号|回)|\d+/\d+|(?:第|No\.?)\s?\d+|\(\d+\)|[\W_]+")
FindPassages = Callable[[str], Iterable[Passage]]
"""Returns the passages of a document by its id."""


class DocumentCatalogue:
    """The documents of an index with their passages and tables; safe to share between threads."""

    def __init__(self, documents: Sequence[Document], tables: Tables, find_passages: FindPassages) -> None:
        self.documents = {document.id: document for document in documents}
        self.tables = tables
        self.find_passages = find_passages
        self._superseding = superseding_documents(documents)

    @cached_property
    def recurring_notices(self) -> "RecurringNotices":
        """The series of notices."""
        return RecurringNotices(self.documents.values(), self.find_passages)

    def is_superseded(self, doc_id: str, scope: Scope) -> bool:
        """Whether the document had been superseded by the as-of date."""
        return superseded_by(self.documents[doc_id], scope.as_of, self._superseding) is not None


@dataclass(frozen=True, slots=True)
class _IssuePassage:
    """A passage of one issue of a recurring notice."""

    published: date
    doc_id: str
    passage_id: str


class RecurringNotices:
    """The passages of all notices by issuer and heading; safe to share between threads.

    The innermost heading without numbers and punctuation identifies a series, because issues put it under different
    outer headings. A heading that one issue has several times (日時, 申込方法) is combined with the one above it. Text
    before the first heading belongs to no series.
    """

    def __init__(self, documents: Iterable[Document], find_passages: FindPassages) -> None:
        self._notices = {
            document.id: (document, published)
            for document in documents
            if document.kind == "notice" and (published := published_on(document))
        }
        outer_headings: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for document, _ in self._notices.values():
            for passage in find_passages(document.id):
                outer, inner = ["", "", *_stable_headings(document, passage)][-2:]
                outer_headings[document.id, inner].add(outer)
        self._repeated_headings = {inner for (_, inner), outer in outer_headings.items() if len(outer) > 1}
        self._series: defaultdict[tuple[str, ...], list[_IssuePassage]] = defaultdict(list)
        for document, published in self._notices.values():
            for passage in find_passages(document.id):
                if key := self._series_key(document, passage):
                    self._series[key].append(_IssuePassage(published, document.id, passage.id))
        for passages in self._series.values():
            passages.sort(key=lambda passage: (passage.published, passage.doc_id), reverse=True)

    def find_later(self, passage: Passage, doc_ids: Collection[str]) -> Iterator[list[str]]:
        """Yield the ids of the passages under the same heading in each later issue of `doc_ids`, latest issue first."""
        if passage.doc_id not in self._notices:
            return
        document, published = self._notices[passage.doc_id]
        series = self._series.get(self._series_key(document, passage), [])
        later = [issue for issue in series if issue.published > published and issue.doc_id in doc_ids]
        for _, same_issue in groupby(later, key=lambda issue: issue.doc_id):
            yield [issue.passage_id for issue in same_issue]

    def _series_key(self, document: Document, passage: Passage) -> tuple[str, ...]:
        headings = _stable_headings(document, passage)
        if not headings:
            return ()
        is_repeated = headings[-1] in self._repeated_headings
        return (document.issuer, *headings[-2 if is_repeated else -1 :])


def _stable_headings(document: Document, passage: Passage) -> tuple[str, ...]:
    headings = (_CHANGING_PARTS.sub("", nfkc(heading)) for heading in passage.path if heading != document.title)
    return tuple(filter(None, headings))
