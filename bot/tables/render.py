"""Renders table rows as sentences, text lines and table blocks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from bot.state import SourceLine, Statement, TableRows
from ingest.chunking.table import Column, Row, Table
from ingest.japanese import dates, nfkc

# Rows of a table that an answer shows.
_MOST_ROWS = 20
# Years from which on figures are a course.
_LEAST_YEARS = 3


@dataclass(frozen=True, slots=True)
class TableResult:
    """What an operation yields: statements, and the rows and columns that support them."""

    statements: tuple[Statement, ...]
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]


def cell_sentence(row: Row, columns: Sequence[Column], n: int = 1, ending: str = "です") -> Statement:
    """Return cells of a row as a statement from source `n`, as in Xの目標値は10件です。."""
    if len(columns) == 1:
        name = f"の{columns[0].name}" if columns[0].name else ""
        return Statement(f"{row.label}{name}は{row.text_with_unit(columns[0])}{ending}", (n,), "。")
    told = "、".join(f"{column.name}が{row.text_with_unit(column)}" for column in columns)
    return Statement(f"{row.label}は、{told}{ending}", (n,), "。")


def enumerate_statements(items: Sequence[tuple[str, int]], before: str, after: str) -> tuple[Statement, ...]:
    """Return one sentence of `items`, each with its source number, with the words before and after them."""
    last = len(items) - 1
    return tuple(
        Statement(text if at else f"{before}{text}", (n,), after if at == last else "、")
        for at, (text, n) in enumerate(items)
    )


def join_lines(lines: Iterable[tuple[Statement, ...]]) -> tuple[Statement, ...]:
    """Return the statements of lines as those of one text; empty lines are left out."""
    *before, last = filter(None, lines)
    ended = ((*line[:-1], replace(line[-1], end=f"{line[-1].end}\n")) for line in before)
    return (*(statement for line in ended for statement in line), *last)


def row_text(table: Table, row: Row, columns: Sequence[Column] = (), *, notes: bool = False) -> str:
    """Return a row as a line: its label, each cell behind the head of its column, its notes where they are wanted.

    Words that go on over several columns, as where cells were merged, are said once.
    """
    filled = [column for column in columns or table.columns if row.text(column)]
    alike = groupby(filled, lambda column: (row.text_with_unit(column), row.values(column) and column))
    cells = [f"{'・'.join(column.name for column in heads)} {text}".strip() for (text, _), heads in alike]
    cells += [note for note in row.notes if notes and note not in row.cells.values()]
    return f"・{row.label}: {'、'.join(cells).replace('。、', '。')}" if cells else f"・{row.label}"


def note_statements(rows: Sequence[Row]) -> tuple[Statement, ...]:
    """Return a sentence with the notes that are of the rows alone, each once; none without notes."""
    notes = {note: n for n, row in reversed(list(enumerate(rows, 1))) for note in row.notes}
    quoted = "".join(f"「{note}」" for note in notes)
    return (Statement(f"{quoted}との注記があります", tuple(sorted(set(notes.values()))), "。"),) if notes else ()


def table_notes(table: Table, n: int = 1, longest: int = 240) -> Statement | None:
    """Return a line with the notes of the table that fit into `longest` characters, from source `n`."""
    told = ""
    for note in table.notes:
        told += f" {note}" if len(told) + len(note) < longest else ""
    return Statement(f"表の注:{told}", (n,)) if told else None


def to_table_rows(table: Table, rows: Sequence[Row], first: int = 1) -> TableRows:
    """Return rows as a table, cited from `first` on, with a chart where all columns have figures of one unit."""
    heads, rows = table.columns, rows[:_MOST_ROWS]
    units = {table.unit(head) for head in heads if head in table.measured}
    said = {value.written.lstrip("0123456789,.") for row in rows for head in heads for value in row.values(head)[:1]}
    return TableRows(
        SourceLine((Statement(table.caption),)),
        columns=(table.label, *(head.name for head in heads)),
        rows=tuple((row.label, *(_cell(row, head) or "－" for head in heads)) for row in rows),
        cited=tuple(range(first, first + len(rows))),
        unit=next(iter(said)) or None if len(units) == len(said) == 1 else None,
        chart=_chart(heads, rows) if len(units) == 1 and heads == table.measured else None,
    )


def _cell(row: Row, column: Column) -> str:
    """Return a cell with the note that stands in it: 92人 ※対象者すべて."""
    written = {nfkc(cell.column).strip(): nfkc(cell.value) for cell in row.passage.cells}.get(column.name, "")
    notes = [note for note in row.notes if note.startswith("※") and note in written and note not in row.text(column)]
    return " ".join([row.text_with_unit(column), *notes]).strip()


def _chart(heads: Sequence[Column], rows: Sequence[Row]) -> Literal["bar", "line"] | None:
    """Return how figures of one unit are drawn: as lines over three years or more, as bars where there are several."""
    by_column = all(len(head.times) == 1 and not head.roles for head in heads) and len(heads)
    by_row = all(len(dates(row.label)) == 1 for row in rows) and len(rows)
    return "line" if max(by_column, by_row) >= _LEAST_YEARS else "bar" if len(rows) > 1 else None
