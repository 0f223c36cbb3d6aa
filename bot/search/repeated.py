"""What notices bring again: of the same headings in the papers of an issuer the latest holds."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from bot.validity import published_on
from ingest.documents import Document, Passage
from ingest.index import Index
from ingest.normalise import nfkc

if TYPE_CHECKING:
    from datetime import date

# Years, months and numbers change from paper to paper, and marks with them: 6月の催し, 令和7年4月~8年3月の催し.
_CHANGING = re.compile(r"(?:令和|平成)?\d+(?:年度?|月|日|号|回)?|[\W_]+")
# Letters of a heading that says too little alone.
_SHORT = 4


class Repeated:
    """Knows where the papers of an issuer have a notice again; safe to share between threads.

    A notice is told by its heading without figures and marks; what stands before the first heading is none.
    """

    def __init__(self, index: Index) -> None:
        # Under the same headings of an issuer: day, document, id and row of each passage, latest first.
        self._under: dict[tuple[str, tuple[str, ...]], list[tuple[date, str, str, int]]] = defaultdict(list)
        self._papers = {
            document.id: (document, published)
            for document in index.documents
            if document.kind == "notice" and (published := published_on(document))
        }
        for document, published in self._papers.values():
            rows = index.rows(document.id)
            for row, passage in zip(rows, index.of_document(document.id), strict=True):
                if headings := _headings(document, passage):
                    self._under[document.issuer, headings].append((published, document.id, passage.id, row))
        for places in self._under.values():
            places.sort(key=lambda place: place[:2], reverse=True)

    def later(self, passage: Passage, doc_ids: Collection[str]) -> Iterator[dict[str, int]]:
        """Yield what stands under the passage's headings in each later paper of `doc_ids`, the latest paper first.

        Ids of passages, each with its row.
        """
        if passage.doc_id not in self._papers:
            return
        document, published = self._papers[passage.doc_id]
        places = self._under.get((document.issuer, _headings(document, passage)), [])
        after = [place for place in places if place[0] > published and place[1] in doc_ids]
        for _, of_paper in groupby(after, key=lambda place: place[1]):
            yield {passage_id: row for _, _, passage_id, row in of_paper}


def _headings(document: Document, passage: Passage) -> tuple[str, ...]:
    """Return the innermost heading, which papers put under one column now and under another then; a short one of two.

    日時 and 申込方法 are of whatever they stand under.
    """
    told = (_CHANGING.sub("", nfkc(heading)) for heading in passage.path if heading != document.title)
    headings = tuple(filter(None, told))
    return headings[-1:] if len("".join(headings[-1:])) > _SHORT else headings[-2:]
