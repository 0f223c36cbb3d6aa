"""Compiles the tables of an index at build, one artefact for each document, and reads them back."""

from collections.abc import Sequence
from dataclasses import replace

from pydantic import TypeAdapter

from bot.kinds.tables.labelled_rows import label_rows
from bot.kinds.tables.table import Table
from ingest.documents import Document, Passage
from ingest.index.passages import PassageStore
from ingest.japanese.cell_values import head_unit
from ingest.passages.table_passages import table_ranges

TABLES = "tables"
"""The name of the artefacts."""
# Characters of a line above a table that may give its unit.
_MAX_UNIT_LINE_LENGTH = 40
_TABLES: TypeAdapter[list[Table]] = TypeAdapter(list[Table])


def compile_tables(store: PassageStore, document: Document) -> bytes | None:
    """Return the tables of a document of an index, None without any."""
    return encode_tables(store.all_passages(document.id), document.title)


def encode_tables(passages: Sequence[Passage], title: str = "") -> bytes | None:
    """Return the tables with labelled values among the passages of a document with this title as JSON, None for none.

    Rows that instruct the model are left out.
    """
    tables = list[Table]()
    for rows in table_ranges(passages):
        table = label_rows(passages[rows.start : rows.stop], _unit_above(passages, rows.start), title)
        if table and (kept := tuple(row for row in table.rows if not row.passage.withheld)):
            tables.append(replace(table, rows=kept))
    numbers = {passage.id: n for n, passage in enumerate(passages)}
    return _TABLES.dump_json(tables, context=numbers) if tables else None


def decode_tables(content: bytes, passages: Sequence[Passage]) -> list[Table]:
    """Return the tables of a document with these passages."""
    return _TABLES.validate_json(content, context=passages)


def _unit_above(passages: Sequence[Passage], position: int) -> str:
    if position == 0 or passages[position - 1].kind != "text" or passages[position - 1].path != passages[position].path:
        return ""
    line = passages[position - 1].text.strip().split("\n")[-1]
    return head_unit(line, counters_only=True) if len(line) <= _MAX_UNIT_LINE_LENGTH else ""
