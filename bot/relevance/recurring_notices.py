"""Finds the later issues of a recurring notice, by issuer and heading."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from ingest.documents import Document, Passage
from ingest.japanese import nfkc
from ingest.japanese.notation import ERA
from ingest.metadata.validity import published_on

if TYPE_CHECKING:
    from datetime import date

# The parts of a heading that change from issue to issue: 6月の催し, 令和7年4月~8年3月の催し, (2). Other numbers stay,
# because 65歳以上 and 4か月児 name the people a notice is for.
_CHANGING = re.compile(rf"(?:{ERA})?\d+(?:年度?|月|日|号|回)|\d+/\d+|(?:第|No\.?)\s?\d+|\(\d+\)|[\W_]+")


class RecurringNotices:
    """The passages of all notices by issuer and heading; safe to share between threads.

    The innermost heading without numbers and punctuation identifies a series, because issues put it under different
    outer headings. A heading that one issue has several times (日時, 申込方法) is combined with the one above it. Text
    before the first heading belongs to no series.
    """

    def __init__(self, documents: Sequence[Document], passages_of: Callable[[str], Iterable[Passage]]) -> None:
        self._notices = {
            document.id: (document, published)
            for document in documents
            if document.kind == "notice" and (published := published_on(document))
        }
        outer_headings: dict[tuple[str, str], set[str]] = defaultdict(set)
        for document, _ in self._notices.values():
            for passage in passages_of(document.id):
                outer, inner = ["", "", *_stable_headings(document, passage)][-2:]
                outer_headings[document.id, inner].add(outer)
        self._ambiguous = {inner for (_, inner), outer in outer_headings.items() if len(outer) > 1}
        # Publication date, document id and passage id of each issue, latest first.
        self._issues: dict[tuple[str, ...], list[tuple[date, str, str]]] = defaultdict(list)
        for document, published in self._notices.values():
            for passage in passages_of(document.id):
                if series := self._series_key(document, passage):
                    self._issues[series].append((published, document.id, passage.id))
        for issues in self._issues.values():
            issues.sort(key=lambda issue: issue[:2], reverse=True)

    def find_later(self, passage: Passage, doc_ids: Collection[str]) -> Iterator[list[str]]:
        """Yield the ids of the passages under the same heading in each later issue of `doc_ids`, latest issue first."""
        if passage.doc_id not in self._notices:
            return
        document, published = self._notices[passage.doc_id]
        issues = self._issues.get(self._series_key(document, passage), [])
        later = [issue for issue in issues if issue[0] > published and issue[1] in doc_ids]
        for _, same_issue in groupby(later, key=lambda issue: issue[1]):
            yield [passage_id for _, _, passage_id in same_issue]

    def _series_key(self, document: Document, passage: Passage) -> tuple[str, ...]:
        """Return the issuer and stable headings of a notice, empty for a passage under no heading."""
        headings = _stable_headings(document, passage)
        own = headings[-2:] if headings[-1:] and headings[-1] in self._ambiguous else headings[-1:]
        return (document.issuer, *own) if own else ()


def _stable_headings(document: Document, passage: Passage) -> tuple[str, ...]:
    headings = (_CHANGING.sub("", nfkc(heading)) for heading in passage.path if heading != document.title)
    return tuple(filter(None, headings))
