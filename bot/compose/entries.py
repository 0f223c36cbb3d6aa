"""The figures of a table: each with its row, its column, its value and unit, so that they can be compared and added."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.check.roles import role_of_column
from bot.compose.row import Row, tight
from bot.find.evidence import content_terms_cached
from bot.find.sought import Sought
from bot.find.units import same_unit
from bot.understand.asked import Kind, meant_words
from ingest.documents import Cell
from ingest.normalise import DateMention, dates, nfkc, quantities

# The unit of a value that is a date: dates are compared too (最も古い館), never added.
DAY = "day"
# いちばん古い館 is asked of the column of dates.
_OF_TIME = re.compile(r"(?:新し|古|早|遅)")
# 事業費(千円), 処理能力(m3/日): a counter, and no (累計) or (目標).
_UNIT_IN_HEAD = re.compile(
    r"\((?:単位\s?[:：]\s?)?([百千万億]*(?:円|人|件|回|冊|点|台|本|戸|棟|校|館|枚|か?所|世帯|団体|時間|日|%|t|kg|km|m[23]?|ha|kWh)"
    r"(?:/[年月日人回戸])?)\)\s*$"
)
_FALLEN = re.compile(r"^\s*[△▲-]\s?(?=\d)")
_FEWEST = 2
_PAIR = 2
# What a word that only means the column's is worth against the word itself.
_MEANT = 0.9
# What the column of a name, a role or a date is worth against one of which some words are said.
_UNIT, _ROLE, _DATE = 0.3, 0.5, 1.0
_ROLES = {"目標": "target", "実績": "result"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A figure of `row` in `cell`: `value` in `unit`, `written` as it stands there without what is around it."""

    row: Row
    cell: Cell
    value: Decimal
    unit: str
    written: str

    @property
    def said(self) -> str:
        """The whole cell, as an answer says it."""
        return tight(self.cell.value) if self.written in nfkc(self.cell.value) else self.written


def entry(row: Row, cell: Cell) -> Entry | None:
    """Return the figure that a cell begins with, or its date; None where it has neither (-, 未実施)."""
    text = nfkc(cell.value)
    fallen = bool(_FALLEN.match(text))
    found = next((q for q in quantities(text) if not text[: q.start].strip(" 約△▲-")), None)
    if found and not found.unit.startswith("第"):
        head = _UNIT_IN_HEAD.search(nfkc(cell.column))
        unit = found.unit or (head[1].split("/")[0] if head else "")
        written = text[found.start : found.end] + ("" if found.unit else unit)
        return Entry(row, cell, -found.value if fallen else found.value, unit, "-" * fallen + written)
    days = dates(text)
    if len(days) == 1 and not text[: days[0].start].strip():
        return Entry(row, cell, Decimal(days[0].first.toordinal()), DAY, text[days[0].start : days[0].end])
    return None


def entries(rows: Sequence[Row], column: str) -> list[Entry]:
    """Return the figures in a column that have its most frequent unit, row by row."""
    found = [e for row in rows for c in row.cells if c.column == column and (e := entry(row, c))]
    return _of_one_unit(found)


def dated_entries(row: Row) -> list[tuple[DateMention, Entry]]:
    """Return the figures of a row in columns that name a time, by time, where they have one unit."""
    found = [(mentions[0], e) for c in row.cells if (mentions := dates(nfkc(c.column))) and (e := entry(row, c))]
    kept = _of_one_unit([e for _, e in found])
    return sorted(((day, e) for day, e in found if e in kept), key=lambda pair: pair[0].first)


def _of_one_unit(found: Sequence[Entry]) -> list[Entry]:
    units = Counter(e.unit for e in found)
    return [e for e in found if e.unit == units.most_common(1)[0][0]] if found else []


def column_asked(rows: Sequence[Row], sought: Sought) -> str | None:
    """Return the column whose figures the question is about, by its name, date, role or unit; a result before others.

    None where the question says nothing of any, or the same of several.
    """
    names = dict.fromkeys(c.column for row in rows for c in row.cells)
    figures = {name: found for name in names if len(found := entries(rows, name)) >= _FEWEST}
    fits = {name: fit for name, found in figures.items() if (fit := _fit(name, found[0].unit, sought)) > 0}
    best = sorted(fits, key=lambda name: -fits[name])
    if not best:
        return None
    if len(best) == 1 or fits[best[0]] > fits[best[1]]:
        return best[0]
    return next((name for name in best if role_of_column(name) == "実績" and fits[name] == fits[best[0]]), None)


def columns_alike(rows: Sequence[Row], sought: Sought) -> list[str]:
    """Return the two columns of one unit that the question may be about, where it says the same of both; else none."""
    names = [name for name in dict.fromkeys(c.column for row in rows for c in row.cells) if entries(rows, name)]
    fits = [(name, _fit(name, entries(rows, name)[0].unit, sought)) for name in names]
    best = [name for name, fit in fits if fit == max(fit for _, fit in fits)]
    units = {entries(rows, name)[0].unit for name in best}
    return best if len(best) == _PAIR and len(units) == 1 and DAY not in units else []


def _fit(column: str, unit: str, sought: Sought) -> float:
    asked, name = sought.asked, nfkc(column)
    words = content_terms_cached(name)
    said = len(words & content_terms_cached(asked.text)) / max(len(words), 1)
    meant = len(words & meant_words(asked)) / max(len(words), 1)
    dated = any(w.overlaps(m) for m in dates(name) for w in asked.dates)
    role = _ROLES.get(role_of_column(name)) in asked.aspects
    if sought.reckoning and _OF_TIME.search(sought.reckoning.wording):
        return float(unit == DAY)
    wanted = _unit_wanted(sought)
    if wanted and not same_unit(unit, wanted):
        return 0.0
    return max(said, _MEANT * meant) + _DATE * dated + _ROLE * role + _UNIT * bool(wanted)


def _unit_wanted(sought: Sought) -> str:
    """Return the unit that the figures must have; "" where the question does not say, or counts rows (何館)."""
    asked, reckoning = sought.asked, sought.reckoning
    if reckoning and reckoning.bound:
        return reckoning.bound.unit
    return "円" if asked.kind is Kind.MONEY else asked.unit


def written(value: Decimal, unit: str, like: Sequence[Entry]) -> str:
    """Return a figure in the manner of those it was reckoned from: 3億3,700万円 beside 8,500万円, else 1,200人."""
    if not any(re.search(r"[万億兆]", e.written) for e in like) or value % 1:
        return f"{value:,}{unit}"
    parts, rest = "", int(value)
    for name, size in (("兆", 10**12), ("億", 10**8), ("万", 10**4)):
        if rest >= size:
            parts += f"{rest // size:,}{name}"
            rest %= size
    return f"{parts}{f'{rest:,}' if rest or not parts else ''}{unit}"


def subtraction(one: Entry, other: Entry) -> str:
    """Return the subtraction, the higher figure first; of percentages the difference is in points."""
    high, low = (one, other) if one.value > other.value else (other, one)
    unit = "ポイント" if high.unit == "%" else high.unit
    return f"{high.written} − {low.written} = {written(high.value - low.value, unit, (high, low))}"
