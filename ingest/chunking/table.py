"""The table model: rows with labels and cells, columns with roles and times, cells as values with units.

`split_tables` returns the tables of a document with all columns. `label_rows` separates row labels from values, so that
values can be selected, compared and added.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ingest.chunking.cell_values import TIME, Value, head_unit, is_bare_number, is_blank, parse_values, strip_unit
from ingest.chunking.column_roles import Role, roles_of
from ingest.documents import Passage
from ingest.japanese import DateMention, dates, nfkc
from ingest.readers.unread_parts import UNREAD_CELL

GOALS = frozenset({Role.TARGET, Role.INTERIM})
_TOTAL = re.compile(r"[【(]?(?:合\s?計|総\s?計|小\s?計|計|総\s?数|全\s?体)(?:$|[】)\s(])")
_AVERAGE = re.compile(r"[【(]?(?:全体)?平均(?:値)?[】)]?")
_NOTE_HEAD = re.compile(r"備考|注|注記|摘要|補足")
_NOTE_MARK = re.compile(r"\s*(?:[(（](?:[※*＊]|注)\s?\d*[)）]|(?:[※*＊]|注)\s?\d*)\s*$")
_ROW_NUMBER = re.compile(r"\(?\d{1,3}(?:[.-]\d{1,3})*[.)]?|[①-⑳]")
_MONTH_HEAD = re.compile(r"\d{1,2}月(?:分|中)?")
_UNNAMED = re.compile(r"値(?:\(.*\))?|列\d+|内容")
_DIGITS = re.compile(r"\d[\d,.]*")
# A note within a cell: 100% ※里帰りの場合を除く.
_NOTE_IN_CELL = re.compile(r"(?<=\S)\s*(?=※)")
# A phrase after a label, long enough to explain how the figures are counted.
_PHRASE = re.compile(r" (?=.{7})")


@dataclass(frozen=True, slots=True)
class Column:
    """A column head with the roles and times of its figures, and whether it contains notes or totals."""

    name: str
    roles: frozenset[Role]
    times: tuple[DateMention, ...]
    is_note: bool
    is_total: bool

    @property
    def head(self) -> str:
        """The name without the unit: 利用者数 for 利用者数(人)."""
        return strip_unit(self.name)

    @property
    def is_unnamed(self) -> bool:
        """Whether the document does not name it: 値(件) of a list, 列2 of a table without heads."""
        return _UNNAMED.fullmatch(self.name) is not None

    @property
    def is_month(self) -> bool:
        """Whether the head is a month without year."""
        return _MONTH_HEAD.fullmatch(nfkc(self.name).strip()) is not None


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A row: its passage, its cells by column name, its label and its own notes.

    An item of a list is the `span` (start, end) of its passage. `group` names the part of the list that it is in: the
    item above it, or the heading. `unit` is that of figures without one, where a line above the table gives it.
    """

    passage: Passage
    cells: Mapping[str, str]
    label: str = ""
    notes: tuple[str, ...] = ()
    span: tuple[int, int] | None = None
    group: str = ""
    unit: str = ""

    @property
    def has_unread_cells(self) -> bool:
        """Whether a cell is a picture, which may be what is asked for."""
        return any(cell.value == UNREAD_CELL for cell in self.passage.cells)

    def text(self, column: Column) -> str:
        """Return the text of a cell, "" if it is blank."""
        cell = self.cells.get(column.name, "")
        return "" if is_blank(cell) else cell

    def text_with_unit(self, column: Column) -> str:
        """Return the text of a cell; a bare number gets the unit of its head, its label or the line above."""
        text = self.text(column)
        if not is_bare_number(text):
            return text
        above = self.passage.path[-1] if self.passage.path else ""
        names = (column.name, self.label, above)
        units = (*(head_unit(name, counters_only=True) for name in names), self.unit)
        return text + next(filter(None, units), "")

    def values(self, column: Column) -> tuple[Value, ...]:
        """Return the figures of a cell; empty if it does not begin with one."""
        return parse_values(self.text_with_unit(column))

    def value(self, column: Column) -> Value | None:
        """Return the first figure of a cell, or None."""
        return next(iter(self.values(column)), None)


@dataclass(frozen=True, eq=False)
class Table:
    """A table, the `n`th of its document: rows and columns in order, and the notes that all rows share.

    With labelled rows, `label` is the head of the labels and `columns` are the others. A list has its introduction in
    `lead`, "" where it has none, and `is_list`.
    """

    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    notes: tuple[str, ...] = ()
    label: str = ""
    n: int = 0
    lead: str = ""
    is_list: bool = False

    @property
    def path(self) -> tuple[str, ...]:
        """The headings above the table, from outer to inner."""
        return self.rows[0].passage.path

    @property
    def caption(self) -> str:
        """The line right above the table, or ""."""
        return self.path[-1] if self.path else ""

    @property
    def section(self) -> str:
        """The innermost heading that is not a caption."""
        return self.rows[0].passage.section

    @property
    def page(self) -> int | None:
        """The page on which the table begins."""
        return self.rows[0].passage.page

    @property
    def doc_id(self) -> str:
        """The document of the table."""
        return self.rows[0].passage.doc_id

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the passages of its rows."""
        return tuple(row.passage.id for row in self.rows)

    @property
    def texts(self) -> list[list[str]]:
        """The cell texts of each row; "" for a missing cell."""
        return [[row.cells.get(column.name, "") for column in self.columns] for row in self.rows]

    @property
    def items(self) -> tuple[Row, ...]:
        """The rows that are not totals or averages."""
        return tuple(row for row in self.rows if not (_TOTAL.match(row.label) or _AVERAGE.fullmatch(row.label)))

    @property
    def groups(self) -> tuple[str, ...]:
        """The names of the parts of a list, in order."""
        return tuple(dict.fromkeys(row.group for row in self.rows if row.group))

    @cached_property
    def total(self) -> Row | None:
        """The only row of totals; None if there is none or several."""
        totals = [row for row in self.rows if _TOTAL.match(row.label)]
        return totals[0] if len(totals) == 1 else None

    @cached_property
    def measured(self) -> tuple[Column, ...]:
        """The columns in which at least half of the filled cells contain a figure or date."""
        filled = {c: [row for row in self.rows if row.text(c)] for c in self.columns if not c.is_note}
        return tuple(c for c, rows in filled.items() if 2 * sum(bool(row.values(c)) for row in rows) >= len(rows) > 0)

    def columns_of_role(self, role: Role) -> tuple[Column, ...]:
        """Return the measured columns of a role, the latest last."""
        matching = [column for column in self.measured if role in column.roles]
        return tuple(sorted(matching, key=lambda c: [m.first.toordinal() for m in c.times]))

    @property
    def has_times(self) -> bool:
        """Whether a column has days or years."""
        return any(self.unit(column) == TIME for column in self.measured)

    def unit(self, column: Column) -> str:
        """Return the most frequent unit of a column."""
        units = Counter(value.unit for row in self.items if (value := row.value(column)))
        return units.most_common(1)[0][0] if units else ""


def split_tables(passages: Sequence[Passage]) -> list[Table]:
    """Return the tables among a document's passages, in order and with all columns."""
    return [_written_table(n, rows) for n, rows in enumerate(_group_rows(passages), start=1)]


def continues_table(last: Passage, passage: Passage) -> bool:
    """Whether a passage is the next row of a table: same headings, same first column."""
    if passage.kind != "row" or last.kind != "row" or (passage.doc_id, passage.path) != (last.doc_id, last.path):
        return False
    pairs = len(last.cells) == len(passage.cells) == 1
    return pairs or [cell.column for cell in last.cells[:1]] == [cell.column for cell in passage.cells[:1]]


def _group_rows(passages: Sequence[Passage]) -> Iterator[list[Passage]]:
    run: list[Passage] = []
    for passage in passages:
        if run and not continues_table(run[-1], passage):
            yield run
            run = []
        if passage.kind == "row" and passage.cells:
            run.append(passage)
    if run:
        yield run


def _written_table(n: int, passages: Sequence[Passage]) -> Table:
    named = len(passages) > 1 and _are_pairs(passages)
    rows = [Row(one, _name_and_value(one) if named else _written_cells(one), notes=one.notes) for one in passages]
    columns = tuple(make_column(head) for head in dict.fromkeys(head for row in rows for head in row.cells))
    return Table(tuple(rows), columns, tuple(dict.fromkeys(note for row in rows for note in row.notes)), n=n)


def _are_pairs(passages: Sequence[Passage]) -> bool:
    """Whether rows are name-value pairs."""
    return all(len(row.cells) == 1 and row.cells[0].column for row in passages)


def _name_and_value(row: Passage) -> dict[str, str]:
    return {"項目": row.cells[0].column, "値": row.cells[0].value}


def _written_cells(row: Passage) -> dict[str, str]:
    """Return the cells by column head; a repeated head gets a number."""
    cells: dict[str, str] = {}
    for cell in row.cells:
        head, n = cell.column, 1
        while head in cells:
            n += 1
            head = f"{cell.column}({n})"
        cells[head] = cell.value
    return cells


def label_rows(passages: Sequence[Passage], escape: Callable[[str], str] = str) -> Table | None:
    """Return the table of row passages with labelled rows; None if no value follows a label.

    The label is the first cell, or the second if the first only numbers the rows; if labels repeat, the text in the
    next column is added. Rows of one cell are name-value pairs. Texts are normalised and then passed through `escape`.
    """

    def plain(text: str) -> str:
        return escape(nfkc(text).strip())

    filled = [row for row in passages if row.cells]
    if filled and _are_pairs(filled):
        return _pair_table(filled, plain)
    if _head_is_row(filled):
        return _headless_table(filled, plain)
    heads = list(dict.fromkeys(plain(cell.column) for row in filled for cell in row.cells))
    merged = [_merge_heads(row, plain) for row in filled]
    cells = [own for own, _ in merged]
    if len(heads) > 1 and all(_ROW_NUMBER.fullmatch(own.get(heads[0], "")) for own in cells):
        del heads[0]
    first, rest = heads[:1], [head for head in heads[1:] if head]
    while rest and _are_labels(rest[0], first, cells):
        first.append(rest.pop(0))
    if not rest:
        return None
    columns = tuple(map(make_column, rest))
    shared = tuple(n for n in filled[0].notes if all(n in row.notes for row in filled)) if len(filled) > 1 else ()
    rows = []
    for row, (own, within), (label, *phrase) in zip(filled, merged, _labels(first, cells), strict=True):
        notes = [*(note for note in row.notes if note not in shared), *within, *phrase]
        notes += [own[c.name] for c in columns if c.is_note and not is_blank(own.get(c.name, ""))]
        rows += [Row(row, own, label, tuple(dict.fromkeys(notes)))] if label else []
    return Table(tuple(rows), columns, shared, "・".join(filter(None, first))) if rows else None


def _pair_table(passages: Sequence[Passage], plain: Callable[[str], str]) -> Table | None:
    if len({row.cells[0].column for row in passages}) < len(passages):
        return None
    rows = (Row(row, {"": plain(row.cells[0].value)}, plain(row.cells[0].column)) for row in passages)
    return Table(tuple(rows), (make_column(""),))


def _head_is_row(passages: Sequence[Passage]) -> bool:
    """Whether the column heads are the first row of a table without heads, because they look like cells.

    A head is like the cells of its column where it has their figures (9:00~17:00) or recurs among them (月曜休館).
    """
    first = passages[0].cells if passages else ()
    if len(passages) <= 1 or not all(cell.column.strip() for cell in first):
        return False
    for i, cell in enumerate(first[1:], 1):
        cells = [nfkc(row.cells[i].value).strip() for row in passages if len(row.cells) == len(first)]
        head = nfkc(cell.column).strip()
        shape = _DIGITS.sub("0", head)
        is_time = bool(dates(head)) and not any(map(dates, cells))
        if len(cells) > 1 and not is_time and shape != head and all(_DIGITS.sub("0", text) == shape for text in cells):
            return True
    return False


def _headless_table(passages: Sequence[Passage], plain: Callable[[str], str]) -> Table:
    """Return a table whose heads are its first row; its columns are numbered."""
    names = [f"列{i}" for i in range(2, len(passages[0].cells) + 1)]
    texts = [(passages[0], [cell.column for cell in passages[0].cells])]
    texts += [(row, [cell.value for cell in row.cells]) for row in passages]
    rows = (
        Row(row, dict(zip(names, map(plain, cells[1:]), strict=False)), plain(cells[0]))
        for row, cells in texts
        if cells
    )
    return Table(tuple(rows), tuple(map(make_column, names)))


def _merge_heads(row: Passage, plain: Callable[[str], str]) -> tuple[dict[str, str], list[str]]:
    """Return the cells by head and the notes inside them; distinct cells under one head are joined."""
    merged: dict[str, dict[str, None]] = {}
    notes = list[str]()
    for cell in row.cells:
        text, *within = _NOTE_IN_CELL.split(_NOTE_MARK.sub("", plain(cell.value)))
        merged.setdefault(plain(cell.column), {})[text] = None
        notes += within
    return {head: " ".join(filter(None, values)) for head, values in merged.items()}, notes


def _labels(first: Sequence[str], cells: Sequence[Mapping[str, str]]) -> list[list[str]]:
    """Return each row's label, separated from a following phrase if labels are distinct without the phrases."""
    labels = [" ".join(own.get(name, "") for name in first).strip() for own in cells]
    parted = [_PHRASE.split(label, maxsplit=1) for label in labels]
    return parted if len({label for label, *_ in parted}) == len(set(labels)) else [[label] for label in labels]


def _are_labels(head: str, first: Sequence[str], cells: Sequence[Mapping[str, str]]) -> bool:
    """Whether a column is needed to distinguish rows: labels repeat, and it has no figures."""
    labels = [tuple(row.get(name, "") for name in first) for row in cells]
    named = [row.get(head, "") for row in cells]
    return len(set(labels)) < len(labels) and all(named) and not any(map(parse_values, named))


def make_column(name: str) -> Column:
    """Return the column with this head."""
    head = nfkc(name).strip()
    is_total = bool(_TOTAL.match(head)) or head.startswith("総")
    return Column(name, roles_of(head), tuple(dates(head)), bool(_NOTE_HEAD.fullmatch(head)), is_total)


def join_tables(tables: Sequence[Table]) -> Table:
    """Return tables with equal columns as one, without notes."""
    return replace(tables[0], rows=tuple(row for table in tables for row in table.rows), notes=())
