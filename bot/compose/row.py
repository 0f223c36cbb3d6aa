"""A table row as an answer: the figure asked for with its subject, unit, condition and note."""

import re
from dataclasses import dataclass

from bot.check.roles import role_of_column
from bot.compose.sentence import is_sentence
from bot.compose.statement import Statement
from bot.find.evidence import content_terms_cached
from bot.turn import Source
from bot.understand.asked import Asked
from ingest.documents import Cell, Passage
from ingest.normalise import dates, nfkc

_NAME = re.compile(r"^([^\s。]+(?:\s?\([^()]*\))*)(?:\s+(.*))?$", re.DOTALL)
_NUMBER_COLUMN = re.compile(r"番号|項番|No\.?|№|#|通番|順位")
_NUMBER = re.compile(r"[\d.\-()①-⑳]+")
_SHORTEST_CONDITION = 7
_MARK = re.compile(r"※\s?\d*")
# The mark that a note answers to, and the number that tells it from others: ※1 民有地を除く, but ※5分野を追加.
_NOTE_MARK = re.compile(r"^[※*＊]\s?(?:\d{1,2}\s+)?")
_NOTE = re.compile(r"\s*(?=※)")
# The mark of a note under the table is no part of the name: 待機児童数 ※1.
_MARK_BEHIND = re.compile(r"\s*[※*＊]\s?\d*$")
_CLAUSE = re.compile(r"[?。、!]")
_FIGURE_ASKED = re.compile(
    r"何(?!年度|月|日|曜|時|が|を|に|で|の)|いくつ|いくら|どれ(?:だけ|くらい|ぐらい|ほど)|どの(?:くらい|ぐらい|程度)"
)
# The target is asked for in a clause with its own question word, or in one that breaks off (目標は?).
_TARGET_ASKED = re.compile(rf"目標.*(?:{_FIGURE_ASKED.pattern})|目標値?は$")
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
        elif value:
            cells.append(Cell(cell.column, value))
    target = next((c for c in cells if role_of_column(c.column) == "目標"), None)
    result = next((c for c in cells if role_of_column(c.column) == "実績"), None)
    return Row(passage, subject, condition, target, result, tuple(cells), tuple(notes))


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


def say_cells(row: Row, asked: Asked) -> list[Statement]:
    """Return a sentence with the cells that the question asks for, and one with the notes that limit them."""
    cells = _cells(row, asked)
    if not cells:
        words = row.condition or row.passage.text
        return [Statement(f"{row.subject}については、「{words}」と記載されています。", (row.source,))]
    if len(cells) == 1 and is_sentence(cells[0].value):
        text = f"{row.subject}の{cells[0].column}には「{cells[0].value}」とあります。"
    elif len(cells) == 1:
        text = f"{row.subject}の{cells[0].column}は{tight(cells[0].value)}です。"
    else:
        said = "、".join(f"{c.column or '値'}が{tight(c.value)}" for c in cells)
        text = f"{row.subject}は、{said}です。"
    return [Statement(text, (row.source,)), *_limits(row, cells)]


def tight(value: str) -> str:
    """Return a cell's value without the space before a bracket."""
    return re.sub(r"\s+(?=\()", "", value.strip())


def _cells(row: Row, asked: Asked) -> list[Cell]:
    """Return the cells asked for: target, result, or those whose header the question names; else all figures."""
    dated = [c for c in (*row.figures, *row.others) if is_of_date(c, asked)]
    if dated:
        return dated
    if asked.aspects == ("target",) and row.target and not _asks_besides_target(asked):
        return [row.target]
    if row.figures and asked.aspects:
        return list(row.figures)
    named = [c for c in row.others if content_terms_cached(c.column) & content_terms_cached(asked.text)]
    return named or list(row.figures) or list(row.others)


def _asks_besides_target(asked: Asked) -> bool:
    """Whether one clause asks for the target and another for a figure that is none (何人育てたの?目標は何人?)."""
    clauses = [clause for clause in _CLAUSE.split(asked.text) if clause]
    of_target = any(map(_TARGET_ASKED.search, clauses))
    return of_target and any("目標" not in clause and _FIGURE_ASKED.search(clause) for clause in clauses)


def is_of_date(cell: Cell, asked: Asked) -> bool:
    """Whether the header of the cell's column has a date that the question asks for: 目標値(令和11年度)."""
    return any(w.first <= m.last and m.first <= w.last for m in dates(nfkc(cell.column)) for w in asked.dates)


def _limits(row: Row, cells: list[Cell]) -> list[Statement]:
    """Return a sentence with the notes that limit what was said; a target alone is not limited by them."""
    if not row.notes or cells == [row.target]:
        return []
    notes = "、".join(f"「{unmarked(note)}」" for note in row.notes)
    return [Statement(f"注記に{notes}とあります。", (row.source,))]
