"""Compares the results in a table with their targets."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ingest.japanese import dates, fiscal_year
from ingest.japanese.quantities import is_counter
from ingest.tables.cell_values import TIME, Value
from ingest.tables.table import GOALS, Column, Role, Row, Table


class GoalVerdict(StrEnum):
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

    Attributes:
        target, result: the cell texts, "" for none.
        columns: the columns of target and result.
        when: the time of the result in the table's words, "" for none.
        year: the fiscal year of the result, else of the target; None if it is unknown.
    """

    row: Row
    target: str
    result: str
    columns: tuple[Column, Column | None]
    verdict: GoalVerdict
    due: date | None
    when: str
    year: int | None

    @property
    def figures(self) -> tuple[Value, Value] | None:
        """Target and result if both can be drawn on one scale, else None."""
        values = [value for column in self.columns if column and (value := self.row.value(column))]
        is_one_unit = len(values) == len(self.columns) and len({(value.unit, value.change) for value in values}) == 1
        can_be_drawn = is_one_unit and all(value.number >= 0 and value.unit != TIME for value in values)
        return (values[0], values[1]) if can_be_drawn else None


# An improvement (削減量, 増加率) or a running total (累計): more is better.
_MORE_IS_BETTER = re.compile(r"(?:削減|減少|短縮|縮減|低減|増加)(?:率|量|額|数|時間|件数|人数|幅)|累計|累積|延べ|のべ")
_AT_MOST = re.compile(r"以下|以内|未満|超えない")
_AT_LEAST = re.compile(r"以上|超|上回")
_EXCLUSIVE_BOUND = re.compile(r"未満|超(?!えない)")
# A share is at most 100 %; a ratio (経常収支比率) can exceed it.
_SHARE = re.compile(r"(?<!比)率|割合")
_MAX_SHARE = 100
# The table's own verdict.
_OWN_VERDICT = re.compile(
    r"(?:目標)?(?:(?P<missed>未(?:達成|達|到達)|(?:達成|到達)(?:して|できて?)?(?:いない|いません|ない|せず|ず))|達成|到達)(?:済み?|した)?"
)
# A note that the target is expected to be reached (年度末までに達成予定).
_EXPECTED = re.compile(r"達成(?:する)?(?:予定|見込)|(?:年度末|年度中)[^。]{0,8}(?:予定|見込)")

# Verdicts on targets that may still be reached.
_NOT_REACHED = frozenset({GoalVerdict.MISSED, GoalVerdict.ABOVE, GoalVerdict.BELOW})


def find_goals(table: Table, today: date, plan_end: date | None = None) -> tuple[Goal, ...]:
    """Return each target of the rows with its result, in table order; empty for a table without targets.

    `plan_end` is the due date of targets for which the table has none.
    """
    column_pairs = _target_result_columns(table)
    return tuple(
        _make_goal(table, row, columns, today, plan_end)
        for row in table.items
        for columns in column_pairs
        if row.text(columns[0])
    )


def _target_result_columns(table: Table) -> list[tuple[Column, Column | None]]:
    targets = [column for column in table.measured if column.roles & GOALS]
    by_head = [column for column in table.columns if Role.RESULT in column.roles and not column.is_note]
    results = [column for column in (*by_head, *table.columns_of_role(Role.RESULT)) if column not in targets]

    def times_of(column: Column) -> list[str]:
        return [time.key for time in column.times]

    if len(targets) == 1:
        return [(targets[0], results[-1] if results else None)]
    return [
        (target, next((result for result in results if result.times and times_of(result) == times_of(target)), None))
        for target in targets
    ]


def _make_goal(
    table: Table, row: Row, columns: tuple[Column, Column | None], today: date, plan_end: date | None
) -> Goal:
    target, result = columns
    result_text = row.text_with_unit(result) if result else ""
    label_dates = [date for date in dates(row.label) if date.end - date.start == len(row.label)]
    result_dates, dated_text = (result.times, result.name) if result and result.times else (label_dates, row.label)
    due_dates = target.times or label_dates
    due = due_dates[-1].last if due_dates else plan_end
    verdict = _table_verdict(table, row) or _compare(table, row, columns)
    result_day = min([today, *(date.last for date in result_dates[:1])])
    is_early = verdict is GoalVerdict.MISSED and due is not None and due > result_day
    # If the better direction is unknown, only the table can say that the target is still to be reached.
    is_expected = verdict in _NOT_REACHED and any(map(_EXPECTED.search, (result_text, *row.notes)))
    years = (
        date.first.year if date.granularity == "year" else fiscal_year(date.first)
        for date in (*result_dates, *due_dates[-1:])
    )
    return Goal(
        row=row,
        target=row.text_with_unit(target),
        result=result_text,
        columns=columns,
        verdict=GoalVerdict.UNDERWAY if is_early or is_expected else verdict,
        due=due,
        when=next((dated_text[date.start : date.end] for date in result_dates), ""),
        year=next(years, None),
    )


def _table_verdict(table: Table, row: Row) -> GoalVerdict | None:
    for column in table.columns:
        own = _OWN_VERDICT.fullmatch(row.text(column)) if Role.RESULT in column.roles else None
        if own and not row.value(column):
            return GoalVerdict.MISSED if own["missed"] else GoalVerdict.REACHED
    return None


def _compare(table: Table, row: Row, columns: tuple[Column, Column | None]) -> GoalVerdict:
    target_column, result_column = columns
    target = row.value(target_column)
    result = row.value(result_column) if result_column else None
    result_text = row.text(result_column) if result_column else ""
    if not result_text or (result is None and is_counter(result_text)):
        return GoalVerdict.NO_RESULT
    if target is None or result is None or target.unit != result.unit or bool(target.change) != bool(result.change):
        return GoalVerdict.INCOMPARABLE
    if target.change != result.change:  # it was to fall, but rose
        return GoalVerdict.MISSED if result.number else GoalVerdict.INCOMPARABLE
    better = _better_direction(table, row, columns, target)
    if target.number == result.number:
        return (
            GoalVerdict.MISSED if better and _EXCLUSIVE_BOUND.search(row.text(target_column)) else GoalVerdict.REACHED
        )
    is_more = result.number > target.number
    if not better:
        return GoalVerdict.ABOVE if is_more else GoalVerdict.BELOW
    return GoalVerdict.REACHED if is_more is (better > 0) else GoalVerdict.MISSED


def _better_direction(table: Table, row: Row, columns: tuple[Column, Column | None], target: Value) -> int:
    target_text = row.text(columns[0])
    if _AT_MOST.search(target_text) or not target.number or target.unit == TIME:
        return -1
    if target.change or _AT_LEAST.search(target_text) or _MORE_IS_BETTER.search(row.label):
        return 1
    base_columns = (*table.columns_of_role(Role.BASE), *table.columns_of_role(Role.CURRENT))
    values = (value for column in base_columns if column not in columns for value in row.values(column))
    base = next((value for value in values if (value.unit, value.change) == (target.unit, 0)), target)
    if base.number != target.number:
        return 1 if target.number > base.number else -1
    is_full_share = target.unit == "%" and target.number == _MAX_SHARE
    return int(is_full_share and bool(_SHARE.search(row.label)))
