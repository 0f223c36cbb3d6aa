"""The row of a table in whose stretch of a measure a figure of the question lies (170センチ in 120cm以上180cm未満)."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from bot.compose.asked_cells import cells_asked
from bot.compose.corpus import Corpus
from bot.compose.row import read_row, tight
from bot.compose.statement import Statement, assemble
from bot.find.evidence import title_of
from bot.find.sought import Sought
from bot.find.weigh import Weighed
from bot.turn import Draft
from bot.understand.bounds import bounded_names
from bot.understand.intervals import interval_of, measured
from ingest.documents import Cell, Passage
from ingest.normalise import nfkc

# Rows whose table may have the stretches, and how many of its rows one figure may lie in.
_BEST_ROWS, _MOST = 5, 2
Chosen = tuple[Passage, Cell]


def in_stretch(sought: Sought, fitting: Sequence[Weighed], corpus: Corpus) -> Draft | None:
    """Say the row in whose stretch the figure lies, with the cells asked for; None where no table has such."""
    figures = measured(sought.asked.text)
    if not figures or sought.reckoning is not None:
        return None
    bounds = bounded_names(sought.asked.text)
    rows = [w.evidence.passage for w in fitting if w.evidence.kind == "row"][:_BEST_ROWS]
    for row in rows if fitting[0].evidence.kind == "row" else ():
        stretches = list(_stretches(corpus.table(row)))
        named = [pair for pair in stretches if any(name in nfkc(pair[1].value) for name in bounds)]  # 3年未満
        chosen = named or [pair for pair in stretches if _holds(pair[1], figures)]
        if 0 < len(chosen) <= _MOST:
            return assemble([_say(*pair, sought) for pair in chosen], topic=title_of(row.section))
    return None


def _stretches(table: Sequence[Passage]) -> Iterator[Chosen]:
    """Yield the rows with their cell in the first column that has stretches, two and more, in most of its rows."""
    for column in dict.fromkeys(c.column for row in table for c in row.cells):
        found = [(row, c) for row in table for c in row.cells if c.column == column and interval_of(nfkc(c.value))]
        if len(found) > 1 and len(found) * 2 > len(table):
            yield from found
            return


def _holds(cell: Cell, figures: Sequence[tuple[Decimal, str]]) -> bool:
    stretch = interval_of(nfkc(cell.value))
    return stretch is not None and any(stretch.holds(value, unit) for value, unit in figures)


def _say(passage: Passage, cell: Cell, sought: Sought) -> Statement:
    row = read_row(passage)
    cells = [c for c in cells_asked(row, sought.asked) if c != cell] or [c for c in row.cells if c != cell]
    of_name = cell == passage.cells[0]
    subject = f"{cell.column}{tight(cell.value)}" if of_name else f"{row.subject}({cell.column} {tight(cell.value)})"
    said = "、".join(f"{c.column or '値'}が{tight(c.value)}" for c in cells)
    return Statement(f"{subject}は、{said}です。", (row.source,))
