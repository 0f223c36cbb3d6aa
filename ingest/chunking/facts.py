"""Tables as data: typed columns with role, date and unit, and parsed cell values.

The cells stay as they are written; beside each that begins with a figure or a day stands what it says.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

from ingest.chunking import column_roles
from ingest.documents import Passage
from ingest.japanese import dates, nfkc, quantities

Role = Literal["label", "target", "interim", "result", "current", "base", "note", "other"]
Kind = Literal["number", "date", "text"]
# A column has one role here; that of 中間目標 is the interim, of 目標 the target, whatever else the head says.
_ORDER = (
    column_roles.Role.INTERIM,
    column_roles.Role.TARGET,
    column_roles.Role.RESULT,
    column_roles.Role.CURRENT,
    column_roles.Role.BASE,
)
_NOTE = re.compile(r"^(?:備考|注|注記|摘要|補足)$")
# 利用者数（人）, 事業費（単位：千円）.
_UNIT = re.compile(r"[(\[]\s?(?:単位\s?[::]?\s?)?(?P<unit>[^()\[\]\s\d]{1,8})\s?[)\]]\s*$")
_UNIT_LINE = re.compile(r"単位\s?[::]\s?(?P<unit>[^()\s]{1,8})")
_NOT_A_UNIT = re.compile(r"累計|目標|実績|年|見込|推計|予定|案|税|含|除|参考|再掲|[ぁ-ん]{2}")
# What may stand before the figure that begins a cell, and what of it says that the figure is below zero.
BEFORE, NEGATIVE = re.compile(r"[\s約+△▲-]*"), re.compile(r"[\s約]*[△▲-]")
# A cell that says that there is nothing.
NOTHING = re.compile(r"[-‐‑–—―−ーｰ－…・\s]*")


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its head: what its cells are (`role`, `kind`), of which year or day, and in which unit.

    `when` is a date as the manifest writes it (2026, 2026-04), or a fiscal year as 2026年度; "" for none.
    `unit` is that of the head, of the line above the table, or the one that all figures have.
    """

    name: str
    role: Role
    kind: Kind
    when: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Datum:
    """A cell: as it is written, and the figure or the day (YYYY-MM-DD) that it begins with; None for neither."""

    text: str
    value: Decimal | str | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class FactTable:
    """A table of a document, the `n`th from 1: its headings, columns, rows (a `Datum` a column), and notes.

    `ids` are the passages of its rows.
    """

    n: int
    path: tuple[str, ...]
    page: int | None
    columns: tuple[Column, ...]
    rows: tuple[tuple[Datum, ...], ...]
    notes: tuple[str, ...]
    ids: tuple[str, ...] = ()

    @property
    def caption(self) -> str:
        """What stands over it, "" for nothing."""
        return self.path[-1] if self.path else ""


def fact_tables(passages: Sequence[Passage]) -> list[FactTable]:
    """Return the tables among the passages of a document, in order."""
    return [_table(n, rows) for n, rows in enumerate(_row_groups(passages), start=1)]


def _row_groups(passages: Sequence[Passage]) -> Iterator[list[Passage]]:
    """Yield the rows that follow each other under one heading, their labels under the same head."""
    run: list[Passage] = []
    for passage in passages:
        if run and not continues_table(run[-1], passage):
            yield run
            run = []
        if passage.kind == "row" and passage.cells:
            run.append(passage)
    if run:
        yield run


def continues_table(last: Passage, passage: Passage) -> bool:
    """Return whether a passage is the next row of a table: of the same headings, its label under the same head."""
    if passage.kind != "row" or last.kind != "row" or (passage.doc_id, passage.path) != (last.doc_id, last.path):
        return False
    pairs = len(last.cells) == len(passage.cells) == 1
    return pairs or [cell.column for cell in last.cells[:1]] == [cell.column for cell in passage.cells[:1]]


def _table(n: int, rows: Sequence[Passage]) -> FactTable:
    named = all(len(row.cells) == 1 and row.cells[0].column for row in rows)  # a list of names and values
    cells = [_name_and_value(row) if named and len(rows) > 1 else _cells_by_head(row) for row in rows]
    heads = list(dict.fromkeys(head for row in cells for head in row))
    above = next((found["unit"] for p in rows[0].path[::-1] if (found := _UNIT_LINE.search(nfkc(p)))), "")
    data = {head: [_datum(row.get(head, ""), _unit_of(head) or above) for row in cells] for head in heads}
    columns = tuple(_column(at, head, data[head], _unit_of(head) or above) for at, head in enumerate(heads))
    notes = tuple(dict.fromkeys(note for row in rows for note in row.notes))
    body = tuple(tuple(data[head][at] for head in heads) for at in range(len(cells)))
    ids = tuple(row.id for row in rows)
    return FactTable(n, rows[0].path, rows[0].page, columns, body, notes, ids)


def _name_and_value(row: Passage) -> dict[str, str]:
    return {"項目": row.cells[0].column, "値": row.cells[0].value}


def _cells_by_head(row: Passage) -> dict[str, str]:
    """Return the cells by their heads; one that stands there twice gets a number behind it."""
    found: dict[str, str] = {}
    said = Counter[str]()
    for cell in row.cells:
        said[cell.column] += 1
        head = cell.column if said[cell.column] == 1 else f"{cell.column}({said[cell.column]})"
        while head in found:  # a head that is written with such a number
            said[cell.column] += 1
            head = f"{cell.column}({said[cell.column]})"
        found[head] = cell.value
    return found


def _unit_of(head: str) -> str:
    found = _UNIT.search(nfkc(head))
    return found["unit"] if found and not _NOT_A_UNIT.search(found["unit"]) else ""


def _column(at: int, head: str, data: Sequence[Datum], unit: str) -> Column:
    filled = [datum for datum in data if not NOTHING.fullmatch(datum.text)]
    numbers = [datum for datum in filled if isinstance(datum.value, Decimal)]
    days = [datum for datum in filled if isinstance(datum.value, str)]
    kind: Kind = "text"
    for name, some in (("number", numbers), ("date", days)):
        if filled and 2 * len(some) > len(filled):
            kind = "number" if name == "number" else "date"
    text = nfkc(head)
    told = column_roles.roles_of(text)
    role: Role = "note" if _NOTE.search(text) else next((one.value for one in _ORDER if one in told), "other")
    if at == 0 and kind == "text":
        role = "label"
    units = Counter(datum.unit for datum in numbers)
    shared = next(iter(units)) if len(units) == 1 else ""
    return Column(head, role, kind, _head_date(text), unit if kind == "number" and unit else shared)


def _head_date(head: str) -> str:
    found = dates(head)
    if len(found) != 1:
        return ""
    day = found[0]
    parts = day.first.isoformat().split("-")
    return {"fiscal_year": f"{parts[0]}年度", "year": parts[0], "month": "-".join(parts[:2])}.get(
        day.granularity, "-".join(parts)
    )


# The same figures, names and dashes stand in many cells; about 200 bytes a cell.
@lru_cache(maxsize=65_536)
def _datum(written: str, unit: str) -> Datum:
    """Return a cell; a bare number takes the unit of its head."""
    text = nfkc(written).strip()
    days = dates(text)
    if len(days) == 1 and days[0].granularity == "day" and text[: days[0].start].strip(" (") == "":
        return Datum(written, days[0].first.isoformat())
    found = quantities(text)
    if days or not found or not BEFORE.fullmatch(text[: found[0].start]) or found[0].unit.startswith("第"):
        return Datum(written)
    rest = text[found[0].end :]
    if re.match(r"\s*(?:~|から|-\s?\d)", rest):
        return Datum(written)
    sign = -1 if NEGATIVE.match(text) else 1
    return Datum(written, sign * found[0].value, found[0].unit or unit)


def table_to_json(table: FactTable) -> dict[str, Any]:
    """Return a table as plain data: numbers as numbers, days as YYYY-MM-DD, each cell also as it is written."""
    return {
        **table_outline(table),
        "rows": [[{"text": d.text, "value": _plain(d.value), "unit": d.unit} for d in row] for row in table.rows],
    }


def table_outline(table: FactTable) -> dict[str, Any]:
    """Return what a table is about, and how long it is, without its rows."""
    columns = [
        {"name": one.name, "role": one.role, "kind": one.kind, "when": one.when, "unit": one.unit}
        for one in table.columns
    ]
    return {
        "n": table.n,
        "caption": table.caption,
        "path": list(table.path),
        "page": table.page,
        "columns": columns,
        "row_count": len(table.rows),
        "notes": list(table.notes),
    }


FACT_COLUMNS = ("label", "column", "role", "when", "value", "unit", "text", "page")


def fact_rows(table: FactTable) -> Iterator[tuple[Any, ...]]:
    """Yield a row of `FACT_COLUMNS` for each filled cell behind the labels: one fact a row, as statistics want it."""
    for row in table.rows:
        labels = [d.text for c, d in zip(table.columns, row, strict=True) if c.role == "label"] or [row[0].text]
        for column, datum in zip(table.columns, row, strict=True):
            if column.role != "label" and not NOTHING.fullmatch(datum.text):
                value = _plain(datum.value)
                yield " ".join(labels), column.name, column.role, column.when, value, datum.unit, datum.text, table.page


def _plain(value: Decimal | str | None) -> int | float | str | None:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
