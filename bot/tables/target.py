"""Compares the results in a table with their targets."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.question.operation import detect_outcome
from ingest.chunking.column_roles import Role
from ingest.chunking.table import GOALS, TIME, Column, Row, Table, Value
from ingest.japanese import dates, fiscal_year
from ingest.japanese.quantities import is_counter


class Verdict(StrEnum):
    """How a result compares with its target."""

    REACHED = "reached"
    """The target, or better."""
    MISSED = "missed"
    """The target was missed; its due date has passed or is unknown."""
    ABOVE = "above"
    """More than the target; the better direction is unknown."""
    BELOW = "below"
    """Less than the target; the better direction is unknown."""
    UNDERWAY = "underway"
    """Not reached yet; the due date is still to come."""
    NO_RESULT = "no_result"
    """There is no result yet."""
    INCOMPARABLE = "incomparable"
    """The result cannot be compared with the target: other units, no figures."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A target of a row and its result.

    `target` and `result` are the cell texts, "" for none, in `columns`. `due` is the due date, `when` the time of the
    result in the table's words, `year` its fiscal year, else the target's; None or "" where the table has none.
    """

    row: Row
    target: str
    result: str
    columns: tuple[Column, Column | None]
    verdict: Verdict
    due: date | None
    when: str
    year: int | None

    @property
    def figures(self) -> tuple[Value, Value] | None:
        """Target and result where both can be drawn on one scale."""
        found = [value for column in self.columns if column and (value := self.row.value(column))]
        alike = len(found) == len(self.columns) and len({(value.unit, value.change) for value in found}) == 1
        drawn = alike and all(value.number >= 0 and value.unit != TIME for value in found)
        return (found[0], found[1]) if drawn else None


# An improvement (削減量, 増加率) or a running total (累計): more is better.
_MORE = re.compile(r"(?:削減|減少|短縮|縮減|低減|増加)(?:率|量|額|数|時間|件数|人数|幅)|累計|累積|延べ|のべ")
_AT_MOST, _AT_LEAST = re.compile(r"以下|以内|未満|超えない"), re.compile(r"以上|超|上回")
_BEYOND = re.compile(r"未満|超(?!えない)")
# A share is at most 100 %; a ratio (経常収支比率) can exceed it.
_SHARE, _WHOLE = re.compile(r"(?<!比)率|割合"), 100
# The longest cell with the table's own verdict (達成, 未達成), and cells without a result yet.
_LONGEST_JUDGEMENT = 12
_BLANK = re.compile(r"未(?!達)\S{0,3}|\S{2,3}中|なし|無し|不明|非公表")
# A note that the target is expected to be reached (年度末までに達成予定).
_TO_COME = re.compile(r"達成(?:する)?(?:予定|見込)|(?:年度末|年度中)[^。]{0,8}(?:予定|見込)")


def goals(table: Table, today: date, ends: date | None = None) -> tuple[Goal, ...]:
    """Return each target of the rows with its result, in table order; empty for a table without targets.

    `ends` is the last day of the plan, the due date of targets without one.
    """
    rows, pairs, days = table.items, _pairs(table), (today, ends)
    return tuple(_goal(table, row, pair, days) for row in rows for pair in pairs if row.text(pair[0]))


def _pairs(table: Table) -> list[tuple[Column, Column | None]]:
    """Return each target column with the result column of its time; a single target with the latest result."""
    wanted = [c for c in table.measured if c.roles & GOALS]
    told = [c for c in table.columns if Role.RESULT in c.roles and not c.is_note]
    came = [c for c in (*told, *table.columns_of_role(Role.RESULT)) if c not in wanted]
    if len(wanted) == 1:
        return [(wanted[0], came[-1] if came else None)]
    when = {c: [mention.key for mention in c.times] for c in (*wanted, *came)}
    return [(c, next((r for r in came if when[r] and when[r] == when[c]), None)) for c in wanted]


def _goal(table: Table, row: Row, columns: tuple[Column, Column | None], days: tuple[date, date | None]) -> Goal:
    (target, result), (today, ends) = columns, days
    told = row.text_with_unit(result) if result else ""
    of_row = [m for m in dates(row.label) if m.end - m.start == len(row.label)]
    came_at, written = (result.times, result.name) if result and result.times else (of_row, row.label)
    due_at = target.times or of_row
    due = due_at[-1].last if due_at else ends
    verdict = _judged(table, row) or _verdict(table, row, columns)
    known = min([today, *(m.last for m in came_at[:1])])
    unmet = verdict is Verdict.MISSED and due is not None and due > known
    # Of a figure whose better side nobody told only the table can say that it is still to come.
    promised = verdict in _NOT_MET and any(map(_TO_COME.search, (told, *row.notes)))
    verdict = Verdict.UNDERWAY if unmet or promised else verdict
    when = next((written[m.start : m.end] for m in came_at), "")
    years = (m.first.year if m.granularity == "year" else fiscal_year(m.first) for m in (*came_at, *due_at[-1:]))
    return Goal(row, row.text_with_unit(target), told, columns, verdict, due, when, next(years, None))


def _judged(table: Table, row: Row) -> Verdict | None:
    """Return the table's own verdict on a row, from a cell without a figure; None without one."""
    cells = (row.text(c) for c in table.columns if Role.RESULT in c.roles and not row.value(c))
    outcomes = (detect_outcome(text) for text in cells if len(text) <= _LONGEST_JUDGEMENT)
    return next((Verdict(outcome.value) for outcome in outcomes if outcome), None)


def _verdict(table: Table, row: Row, columns: tuple[Column, Column | None]) -> Verdict:
    """Return how the figures of a row compare."""
    target, result = columns
    wanted, came = row.value(target), row.value(result) if result else None
    if result is None or not row.text(result) or (came is None and _is_open(row.text(result))):
        return Verdict.NO_RESULT
    if wanted is None or came is None or wanted.unit != came.unit or bool(wanted.change) != bool(came.change):
        return Verdict.INCOMPARABLE
    if wanted.change != came.change:  # it was to fall, and rose
        return Verdict.MISSED if came.number else Verdict.INCOMPARABLE
    better = _better_direction(table, row, columns, wanted)
    if wanted.number == came.number:
        return Verdict.MISSED if better and _BEYOND.search(row.text(target)) else Verdict.REACHED
    more = came.number > wanted.number
    if not better:
        return Verdict.ABOVE if more else Verdict.BELOW
    return Verdict.REACHED if more is (better > 0) else Verdict.MISSED


def _is_open(cell: str) -> bool:
    """Whether a cell says that there is no result yet, or is a unit without a figure."""
    return _BLANK.fullmatch(cell) is not None or is_counter(cell)


def _better_direction(table: Table, row: Row, columns: tuple[Column, Column | None], wanted: Value) -> int:
    """Return 1 where more is better, -1 where less is, 0 where the table does not show it."""
    target = row.text(columns[0])
    if _AT_MOST.search(target) or not wanted.number or wanted.unit == TIME:
        return -1
    if wanted.change or _AT_LEAST.search(target) or _MORE.search(row.label):
        return 1
    began = (c for role in (Role.BASE, Role.CURRENT) for c in table.columns_of_role(role) if c not in columns)
    base = next((v for c in began for v in row.values(c) if (v.unit, v.change) == (wanted.unit, 0)), wanted)
    if base.number != wanted.number:
        return 1 if wanted.number > base.number else -1
    whole = wanted.unit == "%" and wanted.number == _WHOLE
    return int(whole and bool(_SHARE.search(row.label)))


_NOT_MET = frozenset({Verdict.MISSED, Verdict.ABOVE, Verdict.BELOW})
