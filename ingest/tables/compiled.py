"""Compiles the tables of an index at build, one artefact for each document, and reads them back a table at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from pydantic import TypeAdapter

from ingest.documents import Passage
from ingest.index.artefacts import read_artefact, write_artefact
from ingest.index.index import Index
from ingest.index.passages import PassageStore
from ingest.tables.cell_values import head_unit
from ingest.tables.table import Table
from ingest.tables.table_reading import label_rows, table_ranges

_KIND = "tables"
# Characters of a line above a table that may give its unit.
_MAX_UNIT_LINE_LENGTH = 40
# Characters of the text above and below a table that may tell that it is a part.
_MAX_TEXT_LENGTH = 120


@dataclass(frozen=True, slots=True)
class TablePosition:
    """Where a table of a document is.

    Attributes:
        first, end: the positions of its row passages in the document.
        heads: the heads of its columns.
        text_around: the text right above and below it in its section.
    """

    first: int
    end: int
    heads: frozenset[str]
    text_around: str


_OUTLINES: TypeAdapter[list[TablePosition]] = TypeAdapter(list[TablePosition])
_TABLE: TypeAdapter[Table | None] = TypeAdapter(Table | None)


class DocumentTables:
    """The tables of a document, read back when they are needed.

    `content` holds the outlines of the tables in its first line, and then a table each.
    """

    def __init__(self, passages: Sequence[Passage], content: bytes) -> None:
        outlines, *self._tables = content.split(b"\n")
        self.outlines = _OUTLINES.validate_json(outlines)
        self._passages = passages

    @cached_property
    def positions(self) -> dict[str, int]:
        """The number of the table of each row passage, by its id."""
        return {
            self._passages[position].id: n
            for n, outline in enumerate(self.outlines)
            for position in range(outline.first, outline.end)
        }

    def rows(self, n: int) -> Sequence[Passage]:
        """Return the passages of the rows of a table."""
        return self._passages[self.outlines[n].first : self.outlines[n].end]

    def read(self, n: int) -> Table | None:
        """Return a table, None for one without labelled values."""
        return _TABLE.validate_json(self._tables[n], context=self._passages)


def compile_tables(store: PassageStore) -> None:
    """Write the tables of the documents of an index into its folder."""
    for document in store.documents:
        passages = store.all_passages(document.id)
        if any(passage.kind == "row" for passage in passages):
            write_artefact(store.folder, _KIND, document.id, encode_tables(passages, document.title))


def read_document_tables(index: Index, doc_id: str) -> DocumentTables:
    """Return the tables of a document of an index."""
    return DocumentTables(index.all_passages(doc_id), read_artefact(index.folder, _KIND, doc_id) or b"[]")


def encode_tables(passages: Sequence[Passage], title: str = "") -> bytes:
    """Return the tables among the passages of a document with this title as lines of JSON."""
    numbers = {passage.id: n for n, passage in enumerate(passages)}
    ranges = list(table_ranges(passages))
    outlines = [_outline(passages, rows) for rows in ranges]
    lines = [_OUTLINES.dump_json(outlines)]
    for rows in ranges:
        table = label_rows(passages[rows.start : rows.stop], _unit_above(passages, rows.start), title)
        lines.append(_TABLE.dump_json(table, context=numbers))
    return b"\n".join(lines)


def _outline(passages: Sequence[Passage], rows: range) -> TablePosition:
    first, last = passages[rows.start], passages[rows.stop - 1]
    above = passages[max(rows.start - 1, 0) : rows.start]
    below = passages[rows.stop : rows.stop + 1]
    texts = [passage.text[-_MAX_TEXT_LENGTH:] for passage in above if passage.path == first.path]
    texts += [passage.text[:_MAX_TEXT_LENGTH] for passage in below if passage.path == last.path]
    heads = frozenset(cell.column for row in passages[rows.start : rows.stop] for cell in row.cells)
    return TablePosition(rows.start, rows.stop, heads, "\n".join(texts))


def _unit_above(passages: Sequence[Passage], position: int) -> str:
    if position == 0 or passages[position - 1].kind != "text" or passages[position - 1].path != passages[position].path:
        return ""
    line = passages[position - 1].text.strip().split("\n")[-1]
    return head_unit(line, counters_only=True) if len(line) <= _MAX_UNIT_LINE_LENGTH else ""
