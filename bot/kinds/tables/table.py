"""The table model: rows with labels and cells, columns with roles and times, cells as values with units."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated

from pydantic import PlainSerializer, PlainValidator

from ingest.blocks.unread_parts import UNREAD_CELL
from ingest.documents import Passage
from ingest.japanese import Quantity, Time, dates, nfkc
from ingest.japanese.cell_values import CellContent, strip_unit
from ingest.japanese.column_roles import Role, roles_of
from ingest.japanese.mentions.times import make_time

GOALS = frozenset({Role.TARGET, Role.INTERIM})
_TOTAL = re.compile(r"[【(]?(?:合\s?計|総\s?計|小\s?計|計|総\s?数|全\s?体)(?:$|[】)\s(])|.*(?:合計|総計|小計)$")
_AVERAGE = re.compile(r"[【(]?(?:全体)?平均(?:値)?[】)]?")
_YEARS = {"本年度": 0, "当年度": 0, "今年度": 0, "前年度": -1, "昨年度": -1, "翌年度": 1, "次年度": 1, "来年度": 1}
_RELATIVE_YEAR = re.compile("|".join(_YEARS))
_NOTE_HEAD = re.compile(r"備考|注|注記|摘要|補足|.{0,10}特記事項")
_NO_CELL = CellContent("")
# In JSON a passage is its position among those of its document: the context maps ids to positions, or back.
_StoredPassage = Annotated[
    Passage,
    PlainSerializer(lambda passage, info: info.context[passage.id]),
    PlainValidator(lambda position, info: info.context[position]),
]
_UNNAMED = re.compile(r"値(?:\(.*\))?|列\d+|内容|[(\[]?単位.*")


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        name: the head.
        roles: the roles of its figures (target, result).
        times: the dates in the head.
        is_note: whether its cells are notes.
    """

    name: str
    roles: frozenset[Role]
    times: tuple[Time, ...]
    is_note: bool

    @property
    def head(self) -> str:
        """The name without the unit: 利用者数 for 利用者数(人)."""
        return strip_unit(self.name)

    @property
    def is_unnamed(self) -> bool:
        """Whether the document does not name it: 値(件) of a list, 列2 of a table without heads."""
        return _UNNAMED.fullmatch(self.name) is not None


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A row of a table.

    Attributes:
        passage: the passage of the row.
        cells: the cells by column name, those of the label too.
        label: what the row is about.
        terms: the index terms of the label.
        notes: the notes of this row only.
        origins: the passages of the rows above whose cells it repeats (〃).
    """

    passage: _StoredPassage
    cells: Mapping[str, CellContent]
    label: str = ""
    notes: tuple[str, ...] = ()
    origins: tuple[_StoredPassage, ...] = ()
    terms: frozenset[str] = frozenset()

    @property
    def is_total(self) -> bool:
        """Whether its figures are sums or means of other rows."""
        return bool(_TOTAL.match(self.label) or _AVERAGE.fullmatch(self.label))

    @property
    def has_unread_cells(self) -> bool:
        """Whether a cell is a picture, which may be what is asked for."""
        return any(cell.value == UNREAD_CELL for cell in self.passage.cells)

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(cell.text for cell in self.cells.values())

    def cell(self, column: Column) -> CellContent:
        return self.cells.get(column.name, _NO_CELL)

    def text(self, column: Column) -> str:
        return self.cell(column).text

    def text_with_unit(self, column: Column) -> str:
        """Return the text of a cell; a bare number gets the unit of its head, its label or the line above."""
        cell = self.cell(column)
        return cell.text + cell.unit

    def values(self, column: Column) -> tuple[Quantity, ...]:
        """Return the figures of a cell; empty if it does not begin with one."""
        return self.cell(column).values

    def value(self, column: Column) -> Quantity | None:
        return next(iter(self.values(column)), None)


@dataclass(frozen=True, eq=False)
class Table:
    """A table.

    Attributes:
        rows: the rows in order.
        columns: the columns in order; with labelled rows, without those of the labels.
        notes: the notes that all rows share.
        label: the head of the labels, "" without labelled rows.
        label_columns: the columns of the labels.
    """

    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    notes: tuple[str, ...] = ()
    label: str = ""
    label_columns: tuple[Column, ...] = ()

    @property
    def path(self) -> tuple[str, ...]:
        """The headings above the table, from outer to inner."""
        return self.rows[0].passage.path

    @property
    def caption(self) -> str:
        return self.path[-1] if self.path else ""

    @property
    def section(self) -> str:
        return self.rows[0].passage.section

    @property
    def doc_id(self) -> str:
        return self.rows[0].passage.doc_id

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(row.passage.id for row in self.rows)

    @cached_property
    def items(self) -> tuple[Row, ...]:
        """The rows that are not totals or averages."""
        return tuple(row for row in self.rows if not row.is_total)

    @cached_property
    def measured(self) -> tuple[Column, ...]:
        """The columns in which at least half of the filled cells contain a figure or date."""
        columns = list[Column]()
        for column in self.columns:
            filled = [row for row in self.rows if row.text(column)]
            n_values = sum(bool(row.values(column)) for row in filled)
            if filled and not column.is_note and 2 * n_values >= len(filled):
                columns.append(column)
        return tuple(columns)

    def columns_of_role(self, role: Role) -> tuple[Column, ...]:
        """Return the measured columns of a role, the latest last."""
        matching = [column for column in self.measured if role in column.roles]
        return tuple(sorted(matching, key=lambda column: [time.first.toordinal() for time in column.times]))


def make_column(name: str, year: int | None = None) -> Column:
    """Return the column with this head; a relative year (前年度) is counted from the fiscal `year` of the table."""
    head = nfkc(name).strip()
    relative = _RELATIVE_YEAR.match(head)
    of_year = make_time((0, 3), year + _YEARS[relative[0]], fiscal=True) if relative and year else None
    return Column(
        name=name,
        roles=roles_of(head),
        times=(of_year,) if of_year else tuple(dates(head)),
        is_note=bool(_NOTE_HEAD.fullmatch(head)),
    )


def join_tables(tables: Sequence[Table]) -> Table:
    """Return tables with equal columns as one; several without their notes."""
    first, *others = tables
    return replace(first, rows=tuple(row for table in tables for row in table.rows), notes=()) if others else first
