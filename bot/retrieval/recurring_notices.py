"""Finds the later issues of a recurring notice, by issuer and heading."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from ingest.documents import Document, Passage
from ingest.index.index import Index
from ingest.japanese import nfkc
from ingest.metadata.validity import published_on

if TYPE_CHECKING:
    from datetime import date

# Years, months and numbers change from paper to paper, and marks with them: 6月の催し, 令和7年4月~8年3月の催し, (2).
# 65歳以上 and 4か月児 tell whom it is for.
_CHANGING = re.compile(r"(?:令和|平成)?\d+(?:年度?|月|日|号|回)|\d+/\d+|(?:第|No\.?)\s?\d+|\(\d+\)|[\W_]+")


class RecurringNotices:
    """Knows where the papers of an issuer have a notice again; safe to share between threads.

    A notice is told by its innermost heading without figures and marks, for papers put it under one column now and
    under another then. One that a paper has under several (日時, 申込方法) is known with the one above it; what stands
    before the first heading is none.
    """

    def __init__(self, index: Index) -> None:
        self._papers = {
            document.id: (document, published)
            for document in index.documents
            if document.kind == "notice" and (published := published_on(document))
        }
        above: dict[tuple[str, str], set[str]] = defaultdict(set)
        for document, _ in self._papers.values():
            for passage in index.document_passages(document.id):
                outer, inner = ["", "", *_headings(document, passage)][-2:]
                above[document.id, inner].add(outer)
        self._unclear = {inner for (_, inner), outer in above.items() if len(outer) > 1}
        # Under the same heading of an issuer: day, document, id and row of each passage, latest first.
        self._under: dict[tuple[str, ...], list[tuple[date, str, str, int]]] = defaultdict(list)
        for document, published in self._papers.values():
            for row, passage in zip(index.rows(document.id), index.document_passages(document.id), strict=True):
                if known := self._notice_key(document, passage):
                    self._under[known].append((published, document.id, passage.id, row))
        for places in self._under.values():
            places.sort(key=lambda place: place[:2], reverse=True)

    def later(self, passage: Passage, doc_ids: Collection[str]) -> Iterator[dict[str, int]]:
        """Yield what stands under the passage's heading in each later paper of `doc_ids`, the latest paper first.

        Ids of passages, each with its row.
        """
        if passage.doc_id not in self._papers:
            return
        document, published = self._papers[passage.doc_id]
        places = self._under.get(self._notice_key(document, passage), [])
        after = [place for place in places if place[0] > published and place[1] in doc_ids]
        for _, of_paper in groupby(after, key=lambda place: place[1]):
            yield {passage_id: row for _, _, passage_id, row in of_paper}

    def _notice_key(self, document: Document, passage: Passage) -> tuple[str, ...]:
        """Return by what a notice is known, the issuer first; nothing where it stands under no heading."""
        headings = _headings(document, passage)
        told = headings[-2:] if headings[-1:] and headings[-1] in self._unclear else headings[-1:]
        return (document.issuer, *told) if told else ()


def _headings(document: Document, passage: Passage) -> tuple[str, ...]:
    told = (_CHANGING.sub("", nfkc(heading)) for heading in passage.path if heading != document.title)
    return tuple(filter(None, told))
