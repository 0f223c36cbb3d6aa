"""Tables as relations: labelled rows, columns with roles and times, cells as values with units."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache

from bot.verification import escape_marks
from ingest.chunking.column_roles import Role, roles_of
from ingest.chunking.facts import BEFORE, NEGATIVE, NOTHING, continues_table
from ingest.documents import Passage
from ingest.japanese import DateMention, dates, nfkc, quantities

# The unit of a value that is a day or a year: such values are compared, never reckoned with.
TIME = "time"
GOALS = frozenset({Role.TARGET, Role.INTERIM})
_KEPT = 256
_TOTAL = re.compile(r"[【(]?(?:合\s?計|総\s?計|小\s?計|計|総\s?数|全\s?体)(?:$|[】)\s(])")
_BEHIND = re.compile(r"\s?(?:(?P<falls>減|削減|の減)|(?P<rises>増|の増))")
# 利用者数(人), 事業費(単位:千円): a counter, with how many of it a bare number counts; no (累計), no (目標).
COUNTER = r"円|人|名|件|回|冊|点|台|本|戸|棟|校|館|枚|隻|か?所|世帯|団体|時間|分|日|%|km|kg|k?Wh|[gtm]|m[23]|ha"
_UNIT = re.compile(rf"[(（]\s?(?:単位\s?[:：]\s?)?(?P<unit>[十百千万億]*(?:{COUNTER}))\s?[)）]\s*$")
_BARE = re.compile(rf"{BEFORE.pattern}[\d,.]+")
_MARK_BEHIND = re.compile(r"\s*(?:[(（](?:[※*＊]|注)\s?\d*[)）]|(?:[※*＊]|注)\s?\d*)\s*$")
_NUMBERING = re.compile(r"\(?\d{1,3}(?:[.-]\d{1,3})*[.)]?|[①-⑳]")
_NOTE_COLUMN = re.compile(r"注|備考|摘要|補足")
# A note within a cell: 100% ※里帰りの場合を除く.
_NOTE = re.compile(r"(?<=\S)\s*(?=※)")
# What stands behind a label and a space, where it is long enough to tell how the label's figures are counted.
_PHRASE = re.compile(r" (?=.{7})")


@dataclass(frozen=True, slots=True)
class Value:
    """A figure in `unit` (a counter in its one spelling, "" for a bare number), `written` as its cell has it, if any.

    `change` is 1 or -1 where it says by how much something rises or falls.
    """

    number: Decimal
    unit: str
    written: str = ""
    change: int = 0


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its head: the roles of its figures, the times that it is of, whether it holds notes, or sums up."""

    name: str
    roles: frozenset[Role]
    times: tuple[DateMention, ...]
    is_note: bool
    is_total: bool

    @property
    def head(self) -> str:
        """The name without the unit of its figures: 利用者数 for 利用者数(人)."""
        return _UNIT.sub("", self.name)


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A row: its passage, its `label` without a note's mark, its cells by the names of the columns, its own notes."""

    passage: Passage
    label: str
    cells: Mapping[str, str]
    notes: tuple[str, ...] = ()

    def text(self, column: Column) -> str:
        """Return a cell as it is written, "" where the row has none or a dash."""
        found = self.cells.get(column.name, "")
        return "" if NOTHING.fullmatch(found) else found

    def values(self, column: Column) -> tuple[Value, ...]:
        """Return the figures of a cell, the first of which begins it; none where it begins with something else."""
        return _values(self.told(column))

    def told(self, column: Column) -> str:
        """Return a cell as `text` does, a bare number with the unit in its head or in the line above: 2,345千円."""
        text, above = self.text(column), self.passage.path[-1] if self.passage.path else ""
        unit = _BARE.fullmatch(text) and (_UNIT.search(column.name) or _UNIT.search(nfkc(above)))
        return text + unit["unit"] if unit else text

    def value(self, column: Column) -> Value | None:
        """Return the first figure of a cell; None where it has none."""
        return next(iter(self.values(column)), None)


@dataclass(frozen=True, eq=False)
class Relation:
    """The rows of a table in order, the head over their labels, the columns behind it, notes that all rows share."""

    rows: tuple[Row, ...]
    label: str
    columns: tuple[Column, ...]
    notes: tuple[str, ...] = ()

    @property
    def caption(self) -> str:
        """What stands over the table."""
        return self.rows[0].passage.section

    @property
    def doc_id(self) -> str:
        """The document that the table stands in."""
        return self.rows[0].passage.doc_id

    @property
    def items(self) -> tuple[Row, ...]:
        """The rows that do not sum up others."""
        return tuple(row for row in self.rows if not _TOTAL.match(row.label))

    @cached_property
    def total(self) -> Row | None:
        """The row that sums up the others; None without one, or with several."""
        totals = [row for row in self.rows if _TOTAL.match(row.label)]
        return totals[0] if len(totals) == 1 else None

    @cached_property
    def measured(self) -> tuple[Column, ...]:
        """The columns of which at least half of the cells that are filled hold a figure or a date."""
        filled = {c: [row for row in self.rows if row.text(c)] for c in self.columns if not c.is_note}
        return tuple(c for c, rows in filled.items() if 2 * sum(bool(row.values(c)) for row in rows) >= len(rows) > 0)

    def columns_of_role(self, role: Role) -> tuple[Column, ...]:
        """Return the measured columns of a role, the latest last."""
        found = [column for column in self.measured if role in column.roles]
        return tuple(sorted(found, key=lambda c: [m.first.toordinal() for m in c.times]))

    def unit(self, column: Column) -> str:
        """Return the unit that most figures of a column are in."""
        units = Counter(value.unit for row in self.items if (value := row.value(column)))
        return units.most_common(1)[0][0] if units else ""


class Tables:
    """The tables among passages, found by any of their rows; each is read once. Safe to share between threads.

    Rows of which `withheld` is true are not shown and not computed with. `row` tells where the passage of an id is;
    an index knows that, of other passages it is found out here.
    """

    def __init__(
        self,
        passages: Sequence[Passage],
        withheld: Callable[[Passage], bool] = lambda _row: False,
        row: Callable[[str], int] | None = None,
    ) -> None:
        self._passages = passages
        self._row = row or {passage.id: place for place, passage in enumerate(passages)}.__getitem__
        # Where the tables are that were asked for lately.
        self._lately: tuple[range, ...] = ()
        self._read = lru_cache(maxsize=_KEPT)(
            lambda rows: build_relation([row for row in self._passages[rows.start : rows.stop] if not withheld(row)])
        )

    def of(self, passage: Passage) -> Relation | None:
        """Return the table that a passage is a row of; None where it is none, or tells nothing by row and column."""
        if passage.kind != "row":
            return None
        try:
            row = self._row(passage.id)
        except KeyError:
            return None
        rows = next((rows for rows in self._lately if row in rows), None) or self._table_rows(row)
        self._lately = (rows, *[other for other in self._lately if other != rows][: _KEPT - 1])
        return self._read(rows)

    def _table_rows(self, row: int) -> range:
        """Return the rows of the table that `row` is one of."""
        passages, first, end = self._passages, row, row + 1
        while first > 0 and continues_table(passages[first - 1], passages[first]):
            first -= 1
        while end < len(passages) and continues_table(passages[end - 1], passages[end]):
            end += 1
        return range(first, end)


def build_relation(rows: Sequence[Passage]) -> Relation | None:
    """Return the relation of a table's row passages, in order; None where no value stands behind a label.

    The label is the first cell, behind a number that only counts the rows; where labels are said twice, the text behind
    belongs to them. Rows of one cell are names and values.
    """
    filled = [row for row in rows if row.cells]
    if filled and all(len(row.cells) == 1 and row.cells[0].column for row in filled):
        return _pairs(filled)
    heads = list(dict.fromkeys(_plain(cell.column) for row in filled for cell in row.cells))
    read = [_by_head(row) for row in filled]
    cells = [of for of, _ in read]
    if len(heads) > 1 and all(_NUMBERING.fullmatch(of.get(heads[0], "")) for of in cells):
        del heads[0]
    first, rest = heads[:1], [head for head in heads[1:] if head]
    while rest and _are_labels(rest[0], first, cells):
        first.append(rest.pop(0))
    if not rest:
        return None
    columns, made = tuple(map(_column, rest)), []
    # The notes that every row has are of the table.
    shared = tuple(n for n in filled[0].notes if all(n in row.notes for row in filled)) if len(filled) > 1 else ()
    for row, (of, within), (label, *phrase) in zip(filled, read, _labels(first, cells), strict=True):
        notes = [*(note for note in row.notes if note not in shared), *within, *phrase]
        notes += [of[c.name] for c in columns if c.is_note and not NOTHING.fullmatch(of.get(c.name, ""))]
        made += [Row(row, label, of, tuple(dict.fromkeys(notes)))] if label else []
    return Relation(tuple(made), "・".join(filter(None, first)), columns, shared) if made else None


def _pairs(rows: Sequence[Passage]) -> Relation | None:
    if len({row.cells[0].column for row in rows}) < len(rows):
        return None
    made = (Row(row, _plain(row.cells[0].column), {"": _plain(row.cells[0].value)}) for row in rows)
    return Relation(tuple(made), "", (_column(""),))


def _plain(text: str) -> str:
    return escape_marks(nfkc(text).strip())


def _by_head(row: Passage) -> tuple[dict[str, str], list[str]]:
    """Return the cells by their heads, and the notes within them.

    What stands under one head is joined, a cell over several columns once.
    """
    found: dict[str, dict[str, None]] = {}
    notes = list[str]()
    for cell in row.cells:
        text, *behind = _NOTE.split(_MARK_BEHIND.sub("", _plain(cell.value)))
        found.setdefault(_plain(cell.column), {})[text] = None
        notes += behind
    return {head: " ".join(filter(None, values)) for head, values in found.items()}, notes


def _labels(first: Sequence[str], cells: Sequence[Mapping[str, str]]) -> list[list[str]]:
    """Return each row's label, and a phrase behind it that tells how it is counted, where labels differ without it."""
    whole = [" ".join(of.get(name, "") for name in first).strip() for of in cells]
    apart = [_PHRASE.split(label, maxsplit=1) for label in whole]
    return apart if len({label for label, *_ in apart}) == len(set(whole)) else [[label] for label in whole]


def _are_labels(head: str, first: Sequence[str], cells: Sequence[Mapping[str, str]]) -> bool:
    """Whether the column is needed to tell the rows apart: some labels stand twice, and it holds no figures."""
    labels = [tuple(row.get(name, "") for name in first) for row in cells]
    named = [row.get(head, "") for row in cells]
    return len(set(labels)) < len(labels) and all(named) and not any(map(_values, named))


def _column(head: str) -> Column:
    is_note, is_total = bool(_NOTE_COLUMN.search(head)), bool(_TOTAL.match(head)) or head.startswith("総")
    return Column(head, roles_of(head), tuple(dates(head)), is_note, is_total)


@lru_cache(maxsize=16_384)
def _values(text: str) -> tuple[Value, ...]:
    """Return the figures of a cell."""
    days = dates(text)
    if len(days) == 1 and not text[: days[0].start].strip():
        written = text[days[0].start : days[0].end]
        return (Value(Decimal(days[0].first.toordinal()), TIME, written),)
    found = [q for q in quantities(text) if not q.unit.startswith("第")]
    if not found or not BEFORE.fullmatch(text[: found[0].start]) or found[0].unit == "時" or "~" in text:
        return ()
    values = []
    for q in found:
        moved = _BEHIND.match(text, q.end)
        change = 0 if moved is None else -1 if moved["falls"] else 1
        sign = -1 if q is found[0] and NEGATIVE.match(text) else 1
        values.append(Value(sign * q.value, q.unit, text[q.start : q.end], change))
    return tuple(values)
