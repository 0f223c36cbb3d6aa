"""Compiles the tables of an index at build, one artefact for each document, and reads them back a table at a time."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from ingest.documents import Passage
from ingest.index.artefacts import read_artefact, write_artefact
from ingest.index.index import Index
from ingest.index.passages import PassageStore
from ingest.tables.cell_values import head_unit
from ingest.tables.table import Table
from ingest.tables.table_data import TableOutline, read_outline
from ingest.tables.table_reading import label_rows, table_ranges, written_table

_KIND = "tables"
_OUTLINES_KIND = "table_outlines"
# Characters of a line above a table that may give its unit.
_MAX_UNIT_LINE_LENGTH = 40


@dataclass(frozen=True, slots=True)
class TablePosition:
    """Where a table of a document is.

    Attributes:
        first, end: the positions of its row passages in the document.
        n_cells: the number of its rows by that of its columns.
    """

    first: int
    end: int
    n_cells: int


@dataclass(frozen=True, slots=True)
class PlacedOutline:
    """A table as it is written, without its rows, and the positions of their passages in the document."""

    first: int
    end: int
    outline: TableOutline


_POSITIONS: TypeAdapter[list[TablePosition]] = TypeAdapter(list[TablePosition])
_OUTLINES: TypeAdapter[list[PlacedOutline]] = TypeAdapter(list[PlacedOutline])
_TABLE: TypeAdapter[Table | None] = TypeAdapter(Table | None)


class DocumentTables:
    """The tables of a document, read back when they are needed.

    `content` holds the positions of the tables in its first line, and then a table each. `read_passages` returns the
    passages of the document, and `position_of` the position of one among them by its id.
    """

    def __init__(
        self, content: bytes, read_passages: Callable[[], Sequence[Passage]], position_of: Callable[[str], int]
    ) -> None:
        positions, *self._tables = content.split(b"\n")
        self.positions = _POSITIONS.validate_json(positions)
        self._read_passages = read_passages
        self._position_of = position_of

    def find_number(self, passage_id: str) -> int | None:
        """Return the number of the table that a passage is a row of, from 0; None if it is of none."""
        position = self._position_of(passage_id)
        n = bisect_right(self.positions, position, key=lambda each: each.first) - 1
        return n if n >= 0 and position < self.positions[n].end else None

    def read(self, n: int) -> Table | None:
        """Return a table, None for one without labelled values."""
        return _TABLE.validate_json(self._tables[n], context=self._read_passages())


def compile_tables(store: PassageStore) -> None:
    """Write the tables of the documents of an index into its folder."""
    for document in store.documents:
        passages = store.all_passages(document.id)
        if any(passage.kind == "row" for passage in passages):
            write_artefact(store.folder, _KIND, document.id, encode_tables(passages, document.title))
            write_artefact(store.folder, _OUTLINES_KIND, document.id, _OUTLINES.dump_json(_outlines(passages)))


def read_document_tables(index: Index, doc_id: str) -> DocumentTables:
    """Return the tables of a document of an index."""
    content = read_artefact(index.folder, _KIND, doc_id) or b"[]"
    first = index.passage_rows(doc_id).start
    return DocumentTables(content, lambda: index.all_passages(doc_id), lambda one: index.passage_row(one) - first)


def read_outlines(index: Index, doc_id: str) -> list[PlacedOutline]:
    """Return the tables of a document of an index as they are written, without rows that are withheld."""
    return _OUTLINES.validate_json(read_artefact(index.folder, _OUTLINES_KIND, doc_id) or b"[]")


def encode_tables(passages: Sequence[Passage], title: str = "") -> bytes:
    """Return the tables among the passages of a document with this title as lines of JSON."""
    numbers = {passage.id: n for n, passage in enumerate(passages)}
    ranges = list(table_ranges(passages))
    lines = [_POSITIONS.dump_json([_position(passages, rows) for rows in ranges])]
    for rows in ranges:
        table = label_rows(passages[rows.start : rows.stop], _unit_above(passages, rows.start), title)
        lines.append(_TABLE.dump_json(table, context=numbers))
    return b"\n".join(lines)


def _position(passages: Sequence[Passage], rows: range) -> TablePosition:
    heads = {cell.column for row in passages[rows.start : rows.stop] for cell in row.cells}
    return TablePosition(rows.start, rows.stop, len(rows) * len(heads))


def _outlines(passages: Sequence[Passage]) -> list[PlacedOutline]:
    outlines = list[PlacedOutline]()
    for rows in table_ranges(passages):
        shown = [row for row in passages[rows.start : rows.stop] if row.cells and not row.withheld]
        if shown:
            outline = read_outline(written_table(len(outlines) + 1, shown))
            outlines.append(PlacedOutline(rows.start, rows.stop, outline))
    return outlines


def _unit_above(passages: Sequence[Passage], position: int) -> str:
    if position == 0 or passages[position - 1].kind != "text" or passages[position - 1].path != passages[position].path:
        return ""
    line = passages[position - 1].text.strip().split("\n")[-1]
    return head_unit(line, counters_only=True) if len(line) <= _MAX_UNIT_LINE_LENGTH else ""
