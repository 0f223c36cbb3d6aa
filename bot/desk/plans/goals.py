"""Compares the results in a table with their targets."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.desk.plans.tables import GOALS, Column, Role, Row, Table
from ingest.japanese import Quantity, dates, fiscal_year
from ingest.japanese.cell_values import TIME
from ingest.japanese.mentions.quantities import is_counter


class GoalVerdict(StrEnum):
    """How a result compares with its target.

    ABOVE and BELOW tell that the better direction is unknown, UNDERWAY that the due date is still to come, and
    INCOMPARABLE that there are other units or no figures.
    """

    REACHED = "reached"
    MISSED = "missed"
    ABOVE = "above"
    BELOW = "below"
    UNDERWAY = "underway"
    NO_RESULT = "no_result"
    INCOMPARABLE = "incomparable"


@dataclass(frozen=True, slots=True)
class Goal:
    """A target of a row and its result, as the texts of their cells, "" for none.

    `when` is the time of the result in the table's words, `year` the fiscal year of the result, else of the target.
    """

    row: Row
    target: str
    result: str
    verdict: GoalVerdict
    due: date | None
    when: str
    year: int | None


# An improvement (削減量, 増加率) or a running total (累計): more is better.
_MORE_IS_BETTER = re.compile(r"(?:削減|減少|短縮|縮減|低減|増加)(?:率|量|額|数|時間|件数|人数|幅)|累計|累積|延べ|のべ")
_AT_MOST = re.compile(r"以下|以内|未満|超えない")
_AT_LEAST = re.compile(r"以上|超|上回")
_EXCLUSIVE_BOUND = re.compile(r"未満|超(?!えない)")
# The table's own verdict.
_OWN_VERDICT = re.compile(
    r"(?:目標)?(?:(?P<missed>未(?:達成|達|到達)|(?:達成|到達)(?:して|できて?)?(?:いない|いません|ない|せず|ず))|達成|到達)(?:済み?|した)?"
)
# A note that the target is expected to be reached (年度末までに達成予定).
_EXPECTED = re.compile(r"達成(?:する)?(?:予定|見込)|(?:年度末|年度中)[^。]{0,8}(?:予定|見込)")


def find_goals(table: Table, today: date, plan_end: date | None = None) -> tuple[Goal, ...]:
    """Return each target of the rows with its result, in table order; empty for a table without targets.

    `plan_end` is the due date of targets for which the table has none.
    """
    targets = [column for column in table.measured if column.roles & GOALS]
    by_head = [column for column in table.columns if Role.RESULT in column.roles and not column.is_note]
    results = [column for column in (*by_head, *table.columns_of_role(Role.RESULT)) if column not in targets]
    pairs = [(target, results[-1] if results else None) for target in targets]
    if len(targets) > 1:
        by_time = {tuple(time.key for time in result.times): result for result in reversed(results) if result.times}
        pairs = [(target, by_time.get(tuple(time.key for time in target.times))) for target in targets]
    return tuple(
        _make_goal(table, row, columns, today, plan_end)
        for row in table.items
        for columns in pairs
        if row.text(columns[0])
    )


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
    is_early = verdict is GoalVerdict.MISSED and due and due > min([today, *(date.last for date in result_dates[:1])])
    # If the better direction is unknown, only the table can say that the target is still to be reached.
    may_be_reached = verdict in {GoalVerdict.MISSED, GoalVerdict.ABOVE, GoalVerdict.BELOW}
    if is_early or (may_be_reached and any(map(_EXPECTED.search, (result_text, *row.notes)))):
        verdict = GoalVerdict.UNDERWAY
    years = (
        date.first.year if date.granularity == "year" else fiscal_year(date.first)
        for date in (*result_dates, *due_dates[-1:])
    )
    when = next((dated_text[date.start : date.end] for date in result_dates), "")
    return Goal(row, row.text_with_unit(target), result_text, verdict, due, when, next(years, None))


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
        return GoalVerdict.MISSED if result.value else GoalVerdict.INCOMPARABLE
    is_more_better = _is_more_better(table, row, columns, target)
    if target.value == result.value:
        is_excluded = is_more_better is not None and _EXCLUSIVE_BOUND.search(row.text(target_column))
        return GoalVerdict.MISSED if is_excluded else GoalVerdict.REACHED
    is_more = result.value > target.value
    if is_more_better is None:
        return GoalVerdict.ABOVE if is_more else GoalVerdict.BELOW
    return GoalVerdict.REACHED if is_more is is_more_better else GoalVerdict.MISSED


def _is_more_better(table: Table, row: Row, columns: tuple[Column, Column | None], target: Quantity) -> bool | None:
    target_text = row.text(columns[0])
    if _AT_MOST.search(target_text) or not target.value or target.unit == TIME:
        return False
    if target.change or _AT_LEAST.search(target_text) or _MORE_IS_BETTER.search(row.label):
        return True
    base_columns = (*table.columns_of_role(Role.BASE), *table.columns_of_role(Role.CURRENT))
    values = (value for column in base_columns if column not in columns for value in row.values(column))
    base = next((value for value in values if (value.unit, value.change) == (target.unit, "")), target)
    return target.value > base.value if target.value != base.value else None
