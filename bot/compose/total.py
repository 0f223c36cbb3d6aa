"""Sums over a table: down a column, or along the years of one row, with the sum shown and each operand cited."""

import re
from collections.abc import Sequence
from decimal import Decimal

from bot.compose.entries import DAY, Entry, column_asked, dated_entries, entries, entry, written
from bot.compose.members import meant, named, total_of, without_totals
from bot.compose.row import Row, tight
from bot.compose.statement import Statement
from bot.find.of_dates import spans
from bot.find.sought import Sought
from ingest.normalise import dates, nfkc

# Figures of these are not added: a rate, a date.
_NOT_ADDED = frozenset({"%", "ポイント", "倍", DAY, "年"})
# A column that adds up its row: 総排出量, 合計, 計.
_TOTAL = re.compile(r"^総|合計|総[数額計]|^計$|全体")
# Two things are added: where the table has only one of them, it has not what is asked.
_ADDS_TWO = re.compile(r"と[^、。?]{1,24}(?:足[しす]|合わせ|あわせ|合計)")
# More operands than this are not read.
_MOST_OPERANDS = 20


def total(rows: Sequence[Row], sought: Sought) -> list[Statement]:
    """Say the sum of a row's years, or of a column; one that the table gives itself is not reckoned again."""
    if of_year := _given(rows, sought):
        return of_year
    only = named(without_totals(rows), sought)
    if len(only) == 1 and len(years := _years(only[0], sought)) > 1:
        return _sum(years, only[0].subject, [e.cell.column for e in years])
    column = column_asked(rows, sought)
    if column is None or (len(only) == 1 and _ADDS_TWO.search(sought.asked.text)):
        return []
    members = meant(rows, sought, column)
    given = total_of(rows)
    cell = next((c for c in given.cells if c.column == column), None) if given else None
    if given and cell and entry(given, cell) and len(members) == len(without_totals(rows)):
        return [Statement(f"{column}の{given.subject}は{tight(cell.value)}です。", (given.source,))]
    found = entries(members, column)
    return _sum(found, column, [e.row.subject for e in found]) if len(found) == len(members) > 1 else []


def _given(rows: Sequence[Row], sought: Sought) -> list[Statement]:
    """Say the total that the row of the year asked for gives itself (令和4年度: 総排出量)."""
    of_date = [row for row in rows if any(w.overlaps(m) for m in dates(nfkc(row.subject)) for w in sought.asked.dates)]
    totals = [cell for row in of_date for cell in row.cells if _TOTAL.search(cell.column)]
    if len(of_date) != 1 or len(totals) != 1:
        return []
    row, cell = of_date[0], totals[0]
    return [Statement(f"{row.subject}の{cell.column}は{tight(cell.value)}です。", (row.source,))]


def _years(row: Row, sought: Sought) -> list[Entry]:
    """Return the figures of the row over the years that the question names, over a span from end to end, or all."""
    wanted = sought.asked.dates
    if not wanted:
        return [e for _, e in dated_entries(row)]
    if not spans(sought.asked.text):  # 令和7年度と令和9年度
        return [e for day, e in dated_entries(row) if any(day.overlaps(w) for w in wanted)]
    first, last = min(w.first for w in wanted), max(w.last for w in wanted)
    return [e for day, e in dated_entries(row) if first <= day.last and day.first <= last]


def _sum(found: Sequence[Entry], what: str, labels: Sequence[str]) -> list[Statement]:
    if found[0].unit in _NOT_ADDED or len(found) > _MOST_OPERANDS:
        return []
    value = written(sum((e.value for e in found), Decimal(0)), found[0].unit, found)
    shown = " + ".join(e.written for e in found)
    sources = tuple(dict.fromkeys(e.row.source for e in found))
    items = tuple(f"{label} {e.said}" for label, e in zip(labels, found, strict=True))
    return [Statement(f"{what}の合計は、{shown} = {value}です。", sources, items)]
