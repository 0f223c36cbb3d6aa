"""What is needed held against what there is for it, in one row or in two that share a name (何人分足りませんか)."""

import re
from collections.abc import Sequence

from bot.compose.corpus import Corpus
from bot.compose.entries import DAY, Entry, entry, subtraction
from bot.compose.members import named, total_of, without_totals
from bot.compose.row import Row, read_row
from bot.compose.statement import MARK, Statement, assemble
from bot.find.evidence import title_of
from bot.find.sides import Side, side_of, sides_in
from bot.find.sought import Sought
from bot.find.supply import asks_balance
from bot.find.weigh import Weighed
from bot.turn import Draft
from bot.understand.intervals import interval_of, measured
from ingest.documents import Cell
from ingest.normalise import dates, nfkc

Pair = tuple[Entry, Entry]
_BRACKETS = re.compile(r"\(([^()]*)\)")


def balance(sought: Sought, fitting: Sequence[Weighed], corpus: Corpus) -> Draft | None:
    """Say for the row that is named what is needed, what there is, and the difference; None where no table has both."""
    if not asks_balance(sought):
        return None
    first = next(
        (w.evidence.passage for w in fitting if w.evidence.kind == "row" and sides_in(w.evidence.passage)), None
    )
    rows = [read_row(row) for row in corpus.table(first)] if first else []
    pairs = [pair for group in _groups(rows, sought) if (pair := _pair(group, sought))]
    if not pairs:
        return None
    return assemble([_say(pair) for pair in pairs], topic=title_of(rows[0].passage.section))


def _groups(rows: Sequence[Row], sought: Sought) -> list[list[Row]]:
    """Return the rows that the question names, those of one name together; where it names none, the total."""
    only = named(without_totals(rows), sought) or _by_brackets(rows, sought)
    if not only and (total := total_of(rows)):
        only = [row for row in rows if row.subject == total.subject]
    names = dict.fromkeys(row.subject for row in only)
    return [[row for row in rows if row.subject == name] for name in names]


def _by_brackets(rows: Sequence[Row], sought: Sought) -> list[Row]:
    """Return the rows whose name holds in brackets what the question says (3号(1・2歳)), or a stretch of its figure."""
    text, figures = sought.asked.text, measured(sought.asked.text)
    inside = {row: part for row in rows if (found := _BRACKETS.search(nfkc(row.subject))) and (part := found[1])}
    said = [row for row, part in inside.items() if part in text]
    within = {row: interval_of(part) for row, part in inside.items()}
    return said or [row for row, stretch in within.items() if stretch and any(stretch.holds(*f) for f in figures)]


def _pair(group: Sequence[Row], sought: Sought) -> Pair | None:
    """Return the figures of need and of supply, in the column of the date asked; None where they are not one each."""
    found: dict[Side, list[Entry]] = {Side.NEED: [], Side.SUPPLY: []}
    for row in group:
        of_row = next((side for c in row.cells if not dates(nfkc(c.column)) and (side := side_of(nfkc(c.value)))), None)
        for cell in row.cells:
            side = of_row or side_of(nfkc(cell.column))
            if side and _is_meant(cell, sought) and (figure := entry(row, cell)) and figure.unit != DAY:
                found[side].append(figure)
    need, supply = found[Side.NEED], found[Side.SUPPLY]
    alike = len(need) == len(supply) == 1 and need[0].unit == supply[0].unit
    return (need[0], supply[0]) if alike else None


def _is_meant(cell: Cell, sought: Sought) -> bool:
    """Whether the cell is of the date asked, or of none where its column has none."""
    of = dates(nfkc(cell.column))
    return not of or any(w.overlaps(m) for m in of for w in sought.asked.dates)


def _say(pair: Pair) -> Statement:
    need, supply = pair
    figures = "、".join(f"{_label(e)}が{e.said}" for e in pair)
    gap = "値は同じ" if need.value == supply.value else f"差は{subtraction(need, supply)}"
    sources = tuple(dict.fromkeys(e.row.source for e in pair))
    return Statement(f"{need.row.subject}は、{figures}です{MARK}。{gap}です。", sources)


def _label(e: Entry) -> str:
    """Return what the figure is: its column, before it the second name of its row."""
    second = next((c.value for c in e.row.cells if side_of(nfkc(c.value)) and not dates(nfkc(c.column))), "")
    return f"{e.cell.column}の{second}" if second else e.cell.column
