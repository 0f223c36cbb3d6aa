"""What surrounds a piece of evidence: its document, its table, its section, the series that its section belongs to."""

import re
from collections.abc import Callable, Sequence
from functools import cached_property

from ingest.documents import Document, Passage

_NUMBER = re.compile(r"\d+|[一二三四五六七八九十](?=[章節条編部])")
_ONLY_NUMBER = re.compile(r"[#.]+")


class Corpus:
    """All passages of the index in the order of the sources; read-only."""

    def __init__(self, passages: Sequence[Passage], documents: Sequence[Document]) -> None:
        self._passages = passages
        self._place = {p.id: i for i, p in enumerate(passages)}
        self._documents = {d.id: d for d in documents}

    def document(self, passage: Passage) -> Document:
        """Return the document that the passage is of."""
        return self._documents[passage.doc_id]

    def by_id(self, doc_id: str) -> Document:
        """Return the document with the id."""
        return self._documents[doc_id]

    @property
    def documents(self) -> tuple[Document, ...]:
        """All documents."""
        return tuple(self._documents.values())

    @property
    def passages(self) -> Sequence[Passage]:
        """All passages, in order."""
        return self._passages

    def passages_of(self, doc_id: str) -> list[Passage]:
        """Return the passages of a document, in order."""
        return list(self._by_document.get(doc_id, ()))

    @cached_property
    def _by_document(self) -> dict[str, list[Passage]]:
        found: dict[str, list[Passage]] = {}
        for passage in self._passages:
            found.setdefault(passage.doc_id, []).append(passage)
        return found

    def table(self, row: Passage) -> list[Passage]:
        """Return the rows of the table that `row` is in: they stand together, under one heading and first column."""
        return self._around(row, lambda p: p.kind == "row" and p.cells[:1] != () and _head(p) == _head(row))

    def table_after(self, passage: Passage) -> list[Passage]:
        """Return the rows of the table that follows a passage under the same heading; none where none does."""
        place = self._place[passage.id] + 1
        following = self._passages[place] if place < len(self._passages) else None
        if following is None or following.kind != "row" or following.path != passage.path:
            return []
        return self.table(following)

    def lead_of(self, table: Sequence[Passage]) -> str:
        """Return the text right before a table under its heading, which tells what it is of; "" where none stands."""
        place = self._place[table[0].id] - 1
        before = self._passages[place] if place >= 0 else None
        return before.text if before and before.kind != "row" and before.path == table[0].path else ""

    def section(self, passage: Passage) -> list[Passage]:
        """Return the passages that stand together with `passage` under its heading."""
        return self._around(passage, lambda p: (p.doc_id, p.path) == (passage.doc_id, passage.path))

    def headings_below(self, passage: Passage) -> tuple[str, ...]:
        """Return the headings right below the passage's own, in order."""
        path, found = passage.path, dict[str, None]()
        for other in self._passages[self._place[passage.id] :]:
            if other.doc_id != passage.doc_id or other.path[: len(path)] != path:
                break
            if len(other.path) > len(path):
                found.setdefault(other.path[len(path)])
        return tuple(found)

    @cached_property
    def series(self) -> list[list[Passage]]:
        """The series of sections (視点1, 視点2; 分野1 … 分野5), each member by its first passage."""
        found: dict[tuple[str, tuple[str, ...], str], dict[str, Passage]] = {}
        for passage in self._passages:
            for depth, heading in enumerate(passage.path):
                pattern = _NUMBER.sub("#", heading.split(" ")[0])
                if "#" in pattern and not _ONLY_NUMBER.fullmatch(pattern):
                    members = found.setdefault((passage.doc_id, passage.path[:depth], pattern), {})
                    members.setdefault(heading, passage)
        return [list(members.values()) for members in found.values() if len(members) > 1]

    def _around(self, passage: Passage, alike: Callable[[Passage], bool]) -> list[Passage]:
        """Return the run of passages around `passage` that are alike."""
        start = end = self._place[passage.id]
        while start > 0 and alike(self._passages[start - 1]):
            start -= 1
        while end + 1 < len(self._passages) and alike(self._passages[end + 1]):
            end += 1
        return list(self._passages[start : end + 1])


def _head(row: Passage) -> tuple[str, tuple[str, ...], str]:
    return row.doc_id, row.path, row.cells[0].column
