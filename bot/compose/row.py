"""A table row, understood: what it is about, its condition, its target and result, its notes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.check.roles import Role, role_of_column
from bot.turn import Source
from ingest.documents import Cell, Passage
from ingest.normalise import dates, nfkc

_NAME = re.compile(r"^([^\s。]+(?:\s?\([^()]*\))*)(?:\s+(.*))?$", re.DOTALL)
_NUMBER_COLUMN = re.compile(r"番号|項番|No\.?|№|#|通番|順位")
_NUMBER = re.compile(r"[\d.\-()①-⑳]+")
_SHORTEST_CONDITION = 7
_MARK = re.compile(r"※\s?\d*")
# The mark that a note answers to, and the number that tells it from others: ※1 民有地を除く, but ※5分野を追加; (注).
_NOTE_MARK = re.compile(
    r"^(?:[※*＊]\s?(?:\d{1,2}\s+)?|[(（]注\s?\d{0,2}[)）]\s*|注\s?\d{1,2}(?:[.:：)）]\s*|\s+)|注\s?[:：]\s*)"
)
# How a table writes that there is nothing.
_NOTHING = re.compile(r"[-‐‑–—―−ーｰ－]+")
_NOTE = re.compile(r"\s*(?=※)")
# The mark of a note under the table is no part of the name: 待機児童数 ※1.
_MARK_BEHIND = re.compile(r"\s*[※*＊]\s?\d*$")
_MIDWAY = "中間"
_NOTE_COLUMN = re.compile(r"注|備考|摘要|補足")


@dataclass(frozen=True, slots=True)
class Row:
    """A row, understood: what it is about, its cells, target and result among them where it has them, its notes."""

    passage: Passage
    subject: str
    condition: str
    target: Cell | None
    result: Cell | None
    cells: tuple[Cell, ...]
    notes: tuple[str, ...]

    @property
    def others(self) -> tuple[Cell, ...]:
        """The cells besides target and result."""
        return tuple(c for c in self.cells if c not in (self.target, self.result))

    @property
    def figures(self) -> tuple[Cell, ...]:
        """Result and target, as far as the row has them."""
        return tuple(cell for cell in (self.result, self.target) if cell)

    @property
    def source(self) -> Source:
        """The whole row as what a statement stands on."""
        return Source(self.passage, self.passage.text)


def read_row(passage: Passage) -> Row:
    """Return the parts of a row. The first cell names its subject; words behind the name are its condition."""
    first, *rest = passage.cells
    if rest and _is_number(first):
        first, *rest = rest
    subject, condition = _name(first.value)
    notes = list(passage.notes)
    cells: list[Cell] = []
    for cell in rest:
        value, *behind = _NOTE.split(cell.value) if role_of_column(cell.column) else (cell.value,)
        notes += [note for note in behind if note and not _MARK.fullmatch(note)]
        if value and _NOTE_COLUMN.search(cell.column):
            notes.append(value)
        elif value and not _NOTHING.fullmatch(value.strip()):
            cells.append(Cell(cell.column, value))
    target, result = _last(cells, "目標"), _last(cells, "実績")
    return Row(passage, subject, condition, target, result, tuple(cells), tuple(notes))


def _last(cells: Sequence[Cell], role: Role) -> Cell | None:
    """Return the target that the row ends in, or its newest result: of columns without a date the first."""
    of_role = [c for c in cells if role_of_column(c.column) == role]
    final = [c for c in of_role if _MIDWAY not in c.column] or of_role
    return max(final, key=lambda c: max((m.last for m in dates(nfkc(c.column))), default=date.min), default=None)


def _is_number(cell: Cell) -> bool:
    """Whether the cell only numbers its row."""
    return bool(_NUMBER_COLUMN.fullmatch(cell.column.strip()) or _NUMBER.fullmatch(cell.value.strip()))


def _name(value: str) -> tuple[str, str]:
    """Return a first cell as name and condition: words behind a space are a condition where they are a phrase."""
    value = _MARK_BEHIND.sub("", value)
    match = _NAME.match(value)
    if match is None or not match[2] or (len(match[2]) < _SHORTEST_CONDITION and not match[2].startswith("※")):
        return value, ""
    return match[1], match[2]


def unmarked(note: str) -> str:
    """Return a note without the mark by which the table refers to it."""
    return _NOTE_MARK.sub("", note)


def tight(value: str) -> str:
    """Return a cell's value without the space before a bracket."""
    return re.sub(r"\s+(?=\()", "", value.strip())
