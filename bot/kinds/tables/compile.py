"""Compiles the tables of an index at build, one artefact for each document, and reads them back a table at a time."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from bot.kinds.tables.labelled_rows import label_rows
from bot.kinds.tables.table import Table
from ingest.documents import Document, Passage
from ingest.index.artefacts import read_artefact
from ingest.index.index import Index
from ingest.index.passages import PassageStore
from ingest.japanese.cell_values import head_unit
from ingest.passages.table_passages import table_ranges

TABLES = "tables"
"""The name of the artefacts."""
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


_POSITIONS: TypeAdapter[list[TablePosition]] = TypeAdapter(list[TablePosition])
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


def compile_tables(store: PassageStore, document: Document) -> bytes | None:
    """Return the tables of a document of an index, None without any."""
    passages = store.all_passages(document.id)
    has_rows = any(passage.kind == "row" for passage in passages)
    return encode_tables(passages, document.title) if has_rows else None


def read_document_tables(index: Index, doc_id: str) -> DocumentTables:
    """Return the tables of a document of an index."""
    content = read_artefact(index.folder, TABLES, doc_id) or b"[]"
    first = index.passage_rows(doc_id).start
    return DocumentTables(content, lambda: index.all_passages(doc_id), lambda one: index.passage_row(one) - first)


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


def _unit_above(passages: Sequence[Passage], position: int) -> str:
    if position == 0 or passages[position - 1].kind != "text" or passages[position - 1].path != passages[position].path:
        return ""
    line = passages[position - 1].text.strip().split("\n")[-1]
    return head_unit(line, counters_only=True) if len(line) <= _MAX_UNIT_LINE_LENGTH else ""
