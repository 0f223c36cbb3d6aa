"""Renders tables as typed data: columns with role, date and unit; cells with their first figure or day."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from ingest.japanese import dates, nfkc
from ingest.tables.cell_values import TIME, head_unit, is_blank, parse_values, unit_above
from ingest.tables.table import ROLE_ORDER, Column, Table

Role = Literal["label", "target", "interim", "result", "current", "base", "note", "other"]
Kind = Literal["number", "date", "text"]


class TableColumn(BaseModel, frozen=True):
    """A column with what its cells are."""

    name: str
    role: Annotated[Role, Field(description="目標・実績・現状などの別（見出しから）")]
    kind: Kind
    when: Annotated[str, Field(description="見出しの年や日。なければ空")]
    unit: str


class TableCell(BaseModel, frozen=True):
    """The text of a cell, and the figure or day (YYYY-MM-DD) that it begins with; None for neither."""

    text: str
    value: int | float | str | None = None
    unit: str = ""


class TableOutline(BaseModel, frozen=True):
    """A table without its rows."""

    n: int
    caption: Annotated[str, Field(description="すぐ上の見出し")]
    path: Annotated[tuple[str, ...], Field(description="見出し（外側から）")]
    page: int | None
    columns: list[TableColumn]
    row_count: int
    notes: Annotated[tuple[str, ...], Field(description="表の注")]


class TableData(TableOutline):
    """A table with its rows."""

    rows: list[tuple[TableCell, ...]]


def type_columns(table: Table) -> list[TableColumn]:
    """Return the columns of a table with their types."""
    cells = list(zip(*type_cells(table), strict=True))
    return [
        _type_column(position, column, cells[position], _unit(table, column))
        for position, column in enumerate(table.columns)
    ]


def type_cells(table: Table) -> list[tuple[TableCell, ...]]:
    """Return the cells of each row with their values; a bare number gets the unit of its head or of the line above."""
    units = [_unit(table, column) for column in table.columns]
    return [tuple(map(_type_cell, row, units)) for row in table.texts]


def _unit(table: Table, column: Column) -> str:
    return head_unit(column.name) or unit_above(table.path)


def _type_column(position: int, column: Column, cells: Sequence[TableCell], unit: str) -> TableColumn:
    filled = [cell for cell in cells if not is_blank(cell.text)]
    numbers = [cell for cell in filled if isinstance(cell.value, int | float)]
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
    unit = unit if kind == "number" and unit else shared
    return TableColumn(name=column.name, role=role, kind=kind, when=_when(column), unit=unit)


def _when(column: Column) -> str:
    if len(column.times) != 1:
        return ""
    (time,) = column.times
    year, month, day = time.first.isoformat().split("-")
    return {"fiscal_year": f"{year}年度", "year": year, "month": f"{year}-{month}"}.get(
        time.granularity, f"{year}-{month}-{day}"
    )


@lru_cache(maxsize=65_536)
def _type_cell(written: str, unit: str) -> TableCell:
    text = nfkc(written).strip()
    value = next(iter(parse_values(text)), None)
    if value and value.unit != TIME:
        is_whole = value.number == value.number.to_integral_value()
        number = int(value.number) if is_whole else float(value.number)
        return TableCell(text=written, value=number, unit=value.unit or unit)
    days = [day.first.isoformat() for day in dates(text) if day.granularity == "day"]
    return TableCell(text=written, value=days[0] if value and days else None)


def read_outline(table: Table) -> TableOutline:
    """Return subject and size of a table, without its rows."""
    return TableOutline(
        n=table.n,
        caption=table.caption,
        path=table.path,
        page=table.page,
        columns=type_columns(table),
        row_count=len(table.rows),
        notes=table.notes,
    )


def read_data(table: Table) -> TableData:
    """Return a table with its rows: numbers as numbers, days as YYYY-MM-DD, each cell also as text."""
    return TableData(**dict(read_outline(table)), rows=type_cells(table))


FACT_COLUMNS = ("label", "column", "role", "when", "value", "unit", "text", "page")


def fact_rows(table: Table) -> Iterator[tuple[Any, ...]]:
    """Yield a row of `FACT_COLUMNS` for each filled cell after the labels, in long format."""
    columns = type_columns(table)
    for row in type_cells(table):
        labels = [cell.text for column, cell in zip(columns, row, strict=True) if column.role == "label"]
        label = " ".join(labels or [row[0].text])
        for column, cell in zip(columns, row, strict=True):
            if column.role != "label" and not is_blank(cell.text):
                yield label, column.name, column.role, column.when, cell.value, cell.unit, cell.text, table.page
