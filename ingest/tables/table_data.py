"""Renders tables as typed data: columns with role, date and unit; cells with their first figure or day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

from ingest.japanese import dates, nfkc
from ingest.tables.cell_values import TIME, head_unit, is_blank, parse_values, unit_above
from ingest.tables.table import ROLE_ORDER, Column, Table

Role = Literal["label", "target", "interim", "result", "current", "base", "note", "other"]
Kind = Literal["number", "date", "text"]


@dataclass(frozen=True, slots=True)
class TypedColumn:
    """A column with what its cells are.

    Attributes:
        name: the head.
        role: what its figures are.
        kind: of what kind most of its cells are.
        when: the date in the head as in the manifest (2026, 2026-04), its fiscal year (2026年度), or "".
        unit: the unit in the head, in the line above the table, or of all figures; "" without one.
    """

    name: str
    role: Role
    kind: Kind
    when: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class TypedCell:
    """A cell text, and the figure or day (YYYY-MM-DD) that it begins with; None for neither."""

    text: str
    value: Decimal | str | None = None
    unit: str = ""


def type_columns(table: Table) -> list[TypedColumn]:
    """Return the columns of a table with their types."""
    cells = list(zip(*type_cells(table), strict=True))
    return [
        _type_column(position, column, cells[position], _unit(table, column))
        for position, column in enumerate(table.columns)
    ]


def type_cells(table: Table) -> list[tuple[TypedCell, ...]]:
    """Return the cells of each row with their values; a bare number gets the unit of its head or of the line above."""
    units = [_unit(table, column) for column in table.columns]
    return [tuple(map(_type_cell, row, units)) for row in table.texts]


def _unit(table: Table, column: Column) -> str:
    return head_unit(column.name) or unit_above(table.path)


def _type_column(position: int, column: Column, cells: Sequence[TypedCell], unit: str) -> TypedColumn:
    filled = [cell for cell in cells if not is_blank(cell.text)]
    numbers = [cell for cell in filled if isinstance(cell.value, Decimal)]
    days = [cell for cell in filled if isinstance(cell.value, str)]
    kind: Kind = "text"
    if 2 * len(numbers) > len(filled):
        kind = "number"
    elif 2 * len(days) > len(filled):
        kind = "date"
    role: Role = next((role.value for role in ROLE_ORDER if role in column.roles), "other")
    if column.is_note:
        role = "note"
    if position == 0 and kind == "text":
        role = "label"
    units = {cell.unit for cell in numbers}
    shared = next(iter(units)) if len(units) == 1 else ""
    return TypedColumn(column.name, role, kind, _when(column), unit if kind == "number" and unit else shared)


def _when(column: Column) -> str:
    if len(column.times) != 1:
        return ""
    (time,) = column.times
    year, month, day = time.first.isoformat().split("-")
    return {"fiscal_year": f"{year}年度", "year": year, "month": f"{year}-{month}"}.get(
        time.granularity, f"{year}-{month}-{day}"
    )


@lru_cache(maxsize=65_536)
def _type_cell(written: str, unit: str) -> TypedCell:
    text = nfkc(written).strip()
    value = next(iter(parse_values(text)), None)
    if value and value.unit != TIME:
        return TypedCell(written, value.number, value.unit or unit)
    days = [day.first.isoformat() for day in dates(text) if day.granularity == "day"]
    return TypedCell(written, days[0] if value and days else None)


def table_to_json(table: Table) -> dict[str, Any]:
    """Return a table as JSON: numbers as numbers, days as YYYY-MM-DD, each cell also as text."""
    rows = [[{"text": c.text, "value": _plain(c.value), "unit": c.unit} for c in row] for row in type_cells(table)]
    return {**table_outline(table), "rows": rows}


def table_outline(table: Table) -> dict[str, Any]:
    """Return subject and size of a table, without its rows."""
    columns = [
        {"name": column.name, "role": column.role, "kind": column.kind, "when": column.when, "unit": column.unit}
        for column in type_columns(table)
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


def fact_rows(table: Table) -> Iterator[tuple[Any, ...]]:
    """Yield a row of `FACT_COLUMNS` for each filled cell after the labels, in long format."""
    columns = type_columns(table)
    for row in type_cells(table):
        labels = [cell.text for column, cell in zip(columns, row, strict=True) if column.role == "label"]
        label = " ".join(labels or [row[0].text])
        for column, cell in zip(columns, row, strict=True):
            if column.role != "label" and not is_blank(cell.text):
                value = _plain(cell.value)
                yield label, column.name, column.role, column.when, value, cell.unit, cell.text, table.page


def _plain(value: Decimal | str | None) -> int | float | str | None:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
