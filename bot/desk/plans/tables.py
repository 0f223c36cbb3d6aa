"""Reads the tables of a document that have targets: rows with labels, columns with roles and times."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache

from ingest.documents import Passage, innermost_heading
from ingest.japanese import Quantity, Time, dates, nfkc
from ingest.japanese.cell_values import head_unit, is_bare_number, is_blank, parse_values, unit_above
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.mentions.quantities import is_counter
from ingest.japanese.mentions.times import make_time
from ingest.passages.table_passages import table_ranges


class Role(StrEnum):
    """What the figures of a column are: 基準値, 現状値, 中間目標, 目標値 or 実績値."""

    BASE = "base"
    CURRENT = "current"
    INTERIM = "interim"
    TARGET = "target"
    RESULT = "result"


GOALS = frozenset({Role.TARGET, Role.INTERIM})
_WORDING = {role: re.compile(any_of(load_lexicon("column_roles")[role])) for role in Role}
_TOTAL = re.compile(r"[【(]?(?:合\s?計|総\s?計|小\s?計|計|総\s?数|全\s?体)(?:$|[】)\s(])|.*(?:合計|総計|小計)$")
_AVERAGE = re.compile(r"[【(]?(?:全体)?平均(?:値)?[】)]?")
_YEARS = {"本年度": 0, "当年度": 0, "今年度": 0, "前年度": -1, "昨年度": -1, "翌年度": 1, "次年度": 1, "来年度": 1}
_RELATIVE_YEAR = re.compile("|".join(_YEARS))
_NOTE_HEAD = re.compile(r"備考|注|注記|摘要|補足|.{0,10}特記事項")
_NOTE_MARK = re.compile(r"(?<!\s)\s*+(?:[(（](?:[※*＊]|注)\s?\d*[)）]|(?:[※*＊]|注)\s?\d*)\s*$")
_ROW_NUMBER = re.compile(r"\(?\d{1,3}(?:[.-]\d{1,3})*[.)]?|[①-⑳]")
# An identifier: the same in each row (a code of the municipality), or with leading zeros.
_CODE = re.compile(r"[\dA-Za-z][\dA-Za-z_-]*")
# A note within a cell, 100% ※里帰りの場合を除く, or the target of a link.
_NOTE_IN_CELL = re.compile(r"(?<=\S)\s*(?=※|\((?:https?://|メールアドレス ))")
# A phrase after a label, long enough to explain how the figures are counted.
_PHRASE = re.compile(r" (?=.{7})")
# Characters of a line above a table that may give its unit.
_MAX_UNIT_LINE_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Column:
    """A column with the roles of its figures and the dates in its head; `is_note` if its cells are notes."""

    name: str
    roles: frozenset[Role]
    times: tuple[Time, ...]
    is_note: bool


@dataclass(frozen=True, slots=True)
class CellContent:
    """The normalised text of a table cell, and the figures, or the one day or year, that it begins with.

    `unit` is that of a bare number, which the head, the label or the line above the table gives.
    """

    text: str
    unit: str = ""
    values: tuple[Quantity, ...] = ()


_NO_CELL = CellContent("")


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A row of a table: what it is about, its cells by column name, and the notes of this row only."""

    passage: Passage
    label: str
    cells: Mapping[str, CellContent]
    notes: tuple[str, ...] = ()

    @property
    def is_total(self) -> bool:
        """Whether its figures are sums or means of other rows."""
        return bool(_TOTAL.match(self.label) or _AVERAGE.fullmatch(self.label))

    def text(self, column: Column) -> str:
        return self.cells.get(column.name, _NO_CELL).text

    def text_with_unit(self, column: Column) -> str:
        """Return the text of a cell; a bare number gets its unit."""
        cell = self.cells.get(column.name, _NO_CELL)
        return cell.text + cell.unit

    def values(self, column: Column) -> tuple[Quantity, ...]:
        """Return the figures of a cell; empty if it does not begin with one."""
        return self.cells.get(column.name, _NO_CELL).values

    def value(self, column: Column) -> Quantity | None:
        return next(iter(self.values(column)), None)


@dataclass(frozen=True, eq=False)
class Table:
    """A table: its rows, and its columns without those of the labels, both in order."""

    rows: tuple[Row, ...]
    columns: tuple[Column, ...]

    @property
    def section(self) -> str:
        return innermost_heading(self.rows[0].passage.path)

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
        matching = [column for column in self.measured if role in column.roles]
        return tuple(sorted(matching, key=lambda column: [time.first.toordinal() for time in column.times]))


def find_tables(passages: Sequence[Passage], title: str) -> Iterator[Table]:
    """Yield the tables with targets among the passages of a document with this title.

    Rows that instruct a language model are left out.
    """
    for positions in table_ranges(passages):
        rows = [passage for passage in passages[positions.start : positions.stop] if passage.cells]
        heads = {cell.column for row in rows for cell in row.cells}
        if any(not _roles_of(head).isdisjoint(GOALS) for head in heads):
            table = _label_rows(rows, _unit_above(passages, positions.start), title)
            if kept := tuple(row for row in table.rows if not row.passage.withheld):
                yield Table(kept, table.columns)


@lru_cache(maxsize=4096)
def _roles_of(head: str) -> frozenset[Role]:
    text = nfkc(head).strip()
    roles = {role for role, wording in _WORDING.items() if wording.search(text)}
    # 中間目標 also contains the word for a target.
    only_interim = Role.INTERIM in roles and text.count("目標") < len(("中間", "最終"))
    return frozenset(roles - {Role.TARGET} if only_interim else roles)


def _unit_above(passages: Sequence[Passage], position: int) -> str:
    if position == 0 or passages[position - 1].kind != "text" or passages[position - 1].path != passages[position].path:
        return ""
    line = passages[position - 1].text.strip().split("\n")[-1]
    return head_unit(line, counters_only=True) if len(line) <= _MAX_UNIT_LINE_LENGTH else ""


def _label_rows(passages: Sequence[Passage], unit: str, title: str) -> Table:
    # The label is the first cell that does not only number or code the rows; if labels repeat, with the next column.
    heads = list(dict.fromkeys(_normalise(cell.column) for passage in passages for cell in passage.cells))
    merged = list(map(_merge_heads, passages))
    cells = [row_cells for row_cells, _ in merged]
    label_heads, value_heads = _split_heads(heads, cells)
    year = _fiscal_year((title, *passages[0].path))
    columns = tuple(_make_column(head, year) for head in value_heads)
    # A note of all rows is one of the table.
    first, *others = passages
    shared_notes = [note for note in first.notes if others and all(note in passage.notes for passage in others)]
    rows = list[Row]()
    for passage, (row_cells, notes_in_cells), (label, *phrases) in zip(
        passages, merged, _split_labels(label_heads, cells), strict=True
    ):
        notes = [note for note in passage.notes if note not in shared_notes]
        notes += [*notes_in_cells, *phrases]
        notes += [text for one in columns if one.is_note and not is_blank(text := row_cells.get(one.name, ""))]
        if label:
            rows.append(Row(passage, label, _read_cells(passage, row_cells, label, unit), tuple(dict.fromkeys(notes))))
    return Table(tuple(rows), columns)


def _make_column(head: str, year: int | None) -> Column:
    # A relative year (前年度) is counted from the fiscal year of the table.
    relative = _RELATIVE_YEAR.match(head)
    of_year = make_time((0, 3), year + _YEARS[relative[0]], fiscal=True) if relative and year else None
    times = (of_year,) if of_year else tuple(dates(head))
    return Column(head, _roles_of(head), times, is_note=bool(_NOTE_HEAD.fullmatch(head)))


def _fiscal_year(headings: Sequence[str]) -> int | None:
    for heading in reversed(headings):
        years = {day.first.year for day in dates(nfkc(heading)) if day.granularity == "fiscal_year"}
        if years:
            return years.pop() if len(years) == 1 else None
    return None


# Columns repeat their heads in each row, and many cells have the same content.
@lru_cache(maxsize=16_384)
def _normalise(text: str) -> str:
    return nfkc(text).strip()


def _read_cells(passage: Passage, texts: Mapping[str, str], label: str, unit: str) -> dict[str, CellContent]:
    names = (label, passage.path[-1] if passage.path else "")
    unit = unit or next(filter(is_counter, [unit_above(passage.path)]), "")
    shared_unit = next(filter(None, (head_unit(name, counters_only=True) for name in names)), unit)
    cells = dict.fromkeys(texts, _NO_CELL)
    for head, text in texts.items():
        if not is_blank(text):
            own_unit = (head_unit(head, counters_only=True) or shared_unit) if is_bare_number(text) else ""
            cells[head] = CellContent(text, own_unit, parse_values(text + own_unit))
    return cells


def _split_heads(heads: list[str], cells: Sequence[Mapping[str, str]]) -> tuple[list[str], list[str]]:
    while len(heads) > 1 and not is_counter(heads[0]) and _are_codes([row.get(heads[0], "") for row in cells]):
        heads = heads[1:]
    label_heads = heads[:1]
    value_heads = [head for head in heads[1:] if head]
    while value_heads and _distinguishes_rows(value_heads[0], label_heads, cells):
        label_heads.append(value_heads.pop(0))
    return label_heads, value_heads


def _are_codes(texts: Sequence[str]) -> bool:
    is_constant = len(texts) > 1 and len({*texts}) == 1
    return all(map(_ROW_NUMBER.fullmatch, texts)) or (
        all(_CODE.fullmatch(text) and (is_constant or text.startswith("0")) for text in texts)
    )


def _distinguishes_rows(head: str, label_heads: Sequence[str], cells: Sequence[Mapping[str, str]]) -> bool:
    labels = {tuple(row.get(name, "") for name in label_heads) for row in cells}
    texts = [row.get(head, "") for row in cells]
    return len(labels) < len(cells) and all(texts) and not any(map(parse_values, texts))


def _split_labels(label_heads: Sequence[str], cells: Sequence[Mapping[str, str]]) -> list[list[str]]:
    units = {head: head for head in label_heads if is_counter(head)}  # 18 under 時 is 18時
    labels = [
        " ".join(text + units.get(head, "") * text.isdecimal() for head in label_heads if (text := row.get(head, "")))
        for row in cells
    ]
    parted = [_PHRASE.split(label, maxsplit=1) for label in labels]
    is_distinct = len({label for label, *_ in parted}) == len(set(labels))
    return parted if is_distinct else [[label] for label in labels]


def _merge_heads(row: Passage) -> tuple[dict[str, str], list[str]]:
    texts_by_head: dict[str, dict[str, None]] = {}
    notes = list[str]()
    for cell in row.cells:
        text, *notes_in_cell = _NOTE_IN_CELL.split(_NOTE_MARK.sub("", _normalise(cell.value)))
        texts_by_head.setdefault(_normalise(cell.column), {})[text] = None
        notes += notes_in_cell
    return {head: " ".join(filter(None, texts)) for head, texts in texts_by_head.items()}, notes
