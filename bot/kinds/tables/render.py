"""Renders table rows as sentences, lines of text and table blocks."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate, groupby

from bot.kinds.tables.table import Column, Row, Table
from bot.languages import nest_quotes
from bot.state import ServiceMessage, Source, SourceLine, Statement, TableRows, service_message
from bot.state.length_budget import MARKS_LENGTH, MAX_ANSWER_LENGTH
from ingest.japanese import nfkc

# Rows of a table that an answer shows.
MAX_ROWS = 20
# Characters of rows in an answer that introduces them.
_MAX_ROWS_LENGTH = MAX_ANSWER_LENGTH - 100
# The end of a column head that is the time from or until which a value is valid.
_HEAD_OF_TIME = re.compile(r"(?:まで|から|以降|以後|以前|[前後])$")
# After a figure, these are no phrase.
_CHANGES = {"の増", "の減"}


def cell_sentence(row: Row, columns: Sequence[Column], name: str = "", n: int = 1) -> Statement:
    """Return cells of a row as a statement with source `n`: Xの目標値は10件です。 The default `name` is its label."""
    label = name or row.label
    if len(columns) > 1:
        cells = "、".join(f"{column.name}が{_quoted(row, column)}" for column in columns)
        return Statement(f"{label}は、{cells}です", (n,), "。")
    (column,) = columns
    head = "" if column.is_unnamed else column.name
    if _HEAD_OF_TIME.search(head):
        return Statement(f"{label}は{_quoted(row, column)}です（{head}）", (n,), "。")
    return Statement(f"{label}{'の' if head else ''}{head}は{_quoted(row, column)}です", (n,), "。")


def _quoted(row: Row, column: Column) -> str:
    text, value = row.text_with_unit(column), row.value(column)
    rest = text[: value.start] + text[value.end :] if value else ""
    is_phrase = any(char >= "ぁ" for char in rest) and rest.strip() not in _CHANGES and not text.endswith(")")
    return f"「{nest_quotes(text)}」" if is_phrase else text


def join_lines(lines: Iterable[tuple[Statement, ...]]) -> tuple[Statement, ...]:
    """Return the statements of lines as one text; empty lines are left out."""
    *other_lines, last_line = filter(None, lines)
    statements = list[Statement]()
    for *first, last in other_lines:
        statements += [*first, replace(last, end=f"{last.end}\n")]
    return (*statements, *last_line)


def row_text(table: Table, row: Row, columns: Sequence[Column] = (), *, notes: bool = False) -> str:
    """Return a row as a line: its label, each cell after its column head, and its `notes` if wanted.

    A text that several columns share, as in merged cells, is written once.
    """
    filled = [column for column in columns or table.columns if row.text(column)]
    merged = groupby(filled, lambda column: (row.text_with_unit(column), row.values(column) and column))
    cells = [f"{'・'.join(column.name for column in heads)} {text}".strip() for (text, _), heads in merged]
    shown = [row.text(column) for column in columns or table.columns]
    cells += [note for note in row.notes if notes and note not in shown]
    return f"・{row.label}: {'、'.join(cells).replace('。、', '。')}" if cells else f"・{row.label}"


def note_statements(rows: Sequence[Row]) -> tuple[Statement, ...]:
    """Return a sentence with the distinct notes of the rows; empty without notes."""
    notes = {note: n for n, row in reversed(list(enumerate(rows, 1))) for note in row.notes}
    if not notes:
        return ()
    quoted = "".join(f"「{note}」" for note in notes)
    return (Statement(f"{quoted}との注記があります", tuple(sorted({*notes.values()})), "。"),)


def table_notes(table: Table, n: int, max_length: int) -> Statement | None:
    """Return a line with the notes of the table that fit in `max_length` characters, with source `n`."""
    notes = ""
    for note in table.notes:
        notes += f" {note}" if len(notes) + len(note) < max_length else ""
    return Statement(f"表の注:{notes}", (n,)) if notes else None


def count_fitting(lines: Iterable[str]) -> int:
    """Return how many of the first lines of rows fit in an answer."""
    lengths = accumulate(len(line) + MARKS_LENGTH for line in lines)
    return sum(length <= _MAX_ROWS_LENGTH for length in lengths)


def note_part_of_rows(n_shown: int, n_rows: int) -> tuple[ServiceMessage, ...]:
    """Return what a source line says if not all rows that are meant are shown; empty if they are."""
    if n_shown >= n_rows:
        return ()
    return (service_message("part_of_rows", n=str(n_shown), total=str(n_rows)),)


def cite_rows(rows: Sequence[Row]) -> tuple[tuple[Source, ...], tuple[tuple[int, ...], ...]]:
    """Return the sources of rows and the numbers of each row's sources: its own, and those of the rows it repeats."""
    passages = {row.passage.id: row.passage for row in rows}
    passages |= {origin.id: origin for row in rows for origin in row.origins}
    numbers = {passage_id: n for n, passage_id in enumerate(passages, 1)}
    sources = tuple(Source(passage, passage.text) for passage in passages.values())
    return sources, tuple(tuple(numbers[passage.id] for passage in (row.passage, *row.origins)) for row in rows)


def renumber(statements: Iterable[Statement], numbers: Sequence[tuple[int, ...]]) -> tuple[Statement, ...]:
    """Return statements that cite rows, counted from 1, with the numbers of their sources."""
    return tuple(
        replace(statement, cited=tuple(dict.fromkeys(number for n in statement.cited for number in numbers[n - 1])))
        for statement in statements
    )


def to_table_rows(table: Table, rows: Sequence[Row], first: int = 1) -> TableRows:
    """Return rows as a table with sources numbered from `first` and their unit if there is one."""
    columns = table.columns
    rows = rows[:MAX_ROWS]
    _, numbers = cite_rows(rows)
    values = ((row.text_with_unit(column), row.value(column)) for row in rows for column in columns)
    units = {text[value.start : value.end].lstrip("0123456789,.") for text, value in values if value}
    return TableRows(
        SourceLine((Statement(table.caption),)),
        columns=(table.label, *(column.name for column in columns)),
        rows=tuple((row.label, *(_cell(row, column) or "－" for column in columns)) for row in rows),
        cited=tuple(own + first - 1 for own, *_ in numbers),
        unit=units.pop() or None if len(units) == 1 else None,
    )


def _cell(row: Row, column: Column) -> str:
    original = {nfkc(cell.column).strip(): nfkc(cell.value) for cell in row.passage.cells}.get(column.name, "")
    notes = [note for note in row.notes if note.startswith("※") and note in original and note not in row.text(column)]
    return " ".join([row.text_with_unit(column), *notes]).strip()
