"""Targets and what came of them: whether a row has reached its own, told only where the table's words say which way."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

from bot.query.operation import Outcome, outcome_of
from bot.tables.relation import TIME, Column, Relation, Row, Value
from ingest.normalise import DateMention, counter_at, dates, fiscal_year
from ingest.roles import ROLE_WORDING, Role


class Verdict(StrEnum):
    """How what came compares with what was wanted."""

    REACHED = "reached"
    """The target, or better."""
    MISSED = "missed"
    """Not the target, whose time is over or is not told."""
    ABOVE = "above"
    """More than the target; no word of the table says whether that is better."""
    BELOW = "below"
    """Less than the target, likewise."""
    UNDERWAY = "underway"
    """Not the target yet, whose time is still to come."""
    NO_RESULT = "no_result"
    """Nothing stands there yet."""
    INCOMPARABLE = "incomparable"
    """Something stands there that cannot be set against the target: other units, no figures."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A target of a row, and the result that stands against it.

    `target` and `result` are the cells as they are told, "" for none, `columns` those that they stand in; `wanted` and
    `came` are their figures. `due` is the day by which it is to be reached, `when` what the result is of, in the
    table's words, and `year` its fiscal year, else the target's; each is None or "" where the table does not tell.
    """

    row: Row
    target: str
    result: str
    wanted: Value | None
    came: Value | None
    columns: tuple[Column, Column | None]
    verdict: Verdict
    due: date | None
    when: str
    year: int | None

    @property
    def came_under(self) -> str:
        """The head that the result stands under, "" for none."""
        result = self.columns[1]
        return result.name if result else ""

    @property
    def comparable(self) -> bool:
        """Whether both figures can be drawn on one scale."""
        both = self.wanted, self.came
        alike = all(both) and len({(value.unit, value.change) for value in both if value}) == 1
        return alike and all(value.number >= 0 and value.unit != TIME for value in both if value)


# What is measured is itself a change for the better (削減量, 増加率), or what is counted up (累計): more is better.
_MORE = re.compile(r"(?:削減|減少|短縮|縮減|低減|増加)(?:率|量|額|数|時間|件数|人数|幅)|累計|累積|延べ|のべ")
_AT_MOST, _AT_LEAST = re.compile(r"以下|以内|未満|超えない"), re.compile(r"以上|超|上回")
_BEYOND = re.compile(r"未満|超(?!えない)")
# Of a share all is the most; a ratio (経常収支比率, 前年比) can be greater.
_SHARE, _RATIO = re.compile(r"率|割合|[%％]"), re.compile(r"比")
_WHOLE = 100
_GOALS = (Role.TARGET, Role.INTERIM)
# Characters of a cell in which the table itself judges (達成, 未達成), and one that says that nothing is known yet.
_LONGEST_JUDGEMENT = 12
_BLANK = re.compile(r"未(?!達)\S{0,3}|\S{2,3}中|なし|無し|不明|非公表")
# A note that says that it is still to come (年度末までに達成予定).
_TO_COME = re.compile(r"達成(?:する)?(?:予定|見込)|(?:年度末|年度中)[^。]{0,8}(?:予定|見込)")


def goals(relation: Relation, today: date, ends: date | None = None) -> tuple[Goal, ...]:
    """Return each target of the rows with what came of it, in the table's order; none for a table without targets.

    `ends` is the last day of the plan that the table stands in: by then what has no day of its own is to be reached.
    """
    pairs = _pairs(relation)
    if pairs:
        return tuple(
            _goal(row, (target, result), (today, ends), _base(relation, row, target, result), _judged(relation, row))
            for row in relation.items
            for target, result in pairs
            if row.text(target)
        )
    return tuple(_by_rows(relation, today, ends))


def _pairs(relation: Relation) -> list[tuple[Column, Column | None]]:
    """Return the columns of targets, each with that of the result of its time; a single one with the latest."""
    wanted = [c for c in relation.measured if c.roles & {*_GOALS}]
    came = [c for c in relation.columns if Role.RESULT in c.roles and c not in wanted and not c.is_note]
    if len(wanted) == 1:
        measured = [c for c in relation.of_role(Role.RESULT) if c in came]
        return [(wanted[0], measured[-1] if measured else came[-1] if came else None)]
    return [(c, next((r for r in came if _same_time(r.times, c.times)), None)) for c in wanted]


def _same_time(one: Sequence[DateMention], other: Sequence[DateMention]) -> bool:
    return bool(one and other) and (one[0].first, one[-1].last) == (other[0].first, other[-1].last)


def _base(relation: Relation, row: Row, target: Column, result: Column | None) -> Value | None:
    """Return where it began, in the unit of the target."""
    wanted = row.value(target)
    began = (c for role in (Role.BASE, Role.CURRENT) for c in relation.of_role(role) if c not in (target, result))
    return next((v for c in began if wanted and (v := row.value(c, wanted.unit)) and not v.change), None)


def _judged(relation: Relation, row: Row) -> Outcome | None:
    """Return how the table itself judges a row, in a cell beside its figures; None where it does not."""
    beside = (row.text(c) for c in relation.columns if c not in relation.measured and Role.RESULT in c.roles)
    return next((found for text in beside if len(text) <= _LONGEST_JUDGEMENT and (found := outcome_of(text))), None)


def _goal(
    row: Row,
    columns: tuple[Column, Column | None],
    days: tuple[date, date | None],
    base: Value | None = None,
    judged: Outcome | None = None,
) -> Goal:
    (target, result), (today, ends) = columns, days
    wanted, came = row.value(target), row.value(result) if result else None
    told = row.told(result) if result else ""
    of_row = [m for m in dates(row.label) if m.end - m.start == len(row.label)]
    came_at = (*(result.times if result else ()), *of_row)[:1]
    due_at = (*target.times, *of_row)[-1:]
    due = due_at[0].last if due_at else ends
    verdict = _JUDGED[judged] if judged else _verdict(row, row.text(target), told, (wanted, came), base)
    is_early = due is not None and due > _known(came_at, today)
    unmet = verdict is Verdict.MISSED and is_early
    # Of a figure whose better side nobody told only the table can say that it is still to come.
    promised = verdict in _NOT_MET and any(map(_TO_COME.search, (told, *row.notes)))
    verdict = Verdict.UNDERWAY if unmet or promised else verdict
    head = row.label if came_at and came_at[0] in of_row else result.name if result else ""
    when = head[came_at[0].start : came_at[0].end] if came_at else ""
    year = next((_fiscal(m) for m in (*came_at, *due_at)), None)
    return Goal(row, row.told(target), told, wanted, came, columns, verdict, due, when, year)


def _known(came_at: Sequence[DateMention], today: date) -> date:
    """Return until when is told how it came."""
    return min(came_at[0].last, today) if came_at else today


def _fiscal(mention: DateMention) -> int:
    return mention.first.year if mention.granularity == "year" else fiscal_year(mention.first)


def _verdict(
    row: Row, target: str, result: str, figures: tuple[Value | None, Value | None], base: Value | None
) -> Verdict:
    wanted, came = figures
    if came is None and len(result) <= _LONGEST_JUDGEMENT and (judged := outcome_of(result)):
        return _JUDGED[judged]
    if not result or (came is None and _is_blank(result)):
        return Verdict.NO_RESULT
    if wanted is None or came is None or wanted.unit != came.unit or bool(wanted.change) != bool(came.change):
        return Verdict.INCOMPARABLE
    return _compared(row, target, wanted, came, base)


def _is_blank(result: str) -> bool:
    """Whether a cell says that there is nothing yet, or holds nothing but what would be counted: 件."""
    counter = counter_at(result, 0)
    return bool(_BLANK.fullmatch(result)) or bool(counter and counter.length == len(result))


def _compared(row: Row, target: str, wanted: Value, came: Value, base: Value | None) -> Verdict:
    if wanted.change != came.change:  # it was to fall, and rose
        return Verdict.MISSED if came.number else Verdict.INCOMPARABLE
    better = _better(row, target, wanted, base)
    if wanted.number == came.number:
        return Verdict.MISSED if better and _BEYOND.search(target) else Verdict.REACHED
    more = came.number > wanted.number
    if not better:
        return Verdict.ABOVE if more else Verdict.BELOW
    return Verdict.REACHED if more is (better > 0) else Verdict.MISSED


def _better(row: Row, target: str, wanted: Value, base: Value | None) -> int:
    """Return 1 where more is better, -1 where less is, 0 where no word and no figure of the table tells."""
    if _AT_MOST.search(target) or not wanted.number or wanted.unit == TIME:
        return -1
    if wanted.change or _AT_LEAST.search(target):
        return 1
    if _MORE.search(row.label):
        return 1
    if base and base.number != wanted.number:
        return 1 if wanted.number > base.number else -1
    whole = wanted.unit == "%" and wanted.number == _WHOLE
    return int(whole and bool(_SHARE.search(row.label)) and not _RATIO.search(row.label))


def _by_rows(relation: Relation, today: date, ends: date | None) -> Iterator[Goal]:
    """Yield the goals of a table whose rows are the target and its result, and whose columns are times."""
    years = [c for c in relation.columns if c.times and not c.roles]
    for one, other in pairwise(relation.rows):
        named = [_roles(row.label) for row in (one, other)]
        if not years or named != [Role.TARGET, Role.RESULT] or _rest(one.label) != _rest(other.label):
            continue
        for year in years:
            if one.text(year):
                wanted, came = (
                    Column(f"{year.name} {name}", frozenset({role}), year.times, is_note=False) for name, role in _SIDES
                )
                cells = {wanted.name: one.told(year), came.name: other.told(year)}
                yield _goal(Row(one.passage, one.label, cells, one.notes), (wanted, came), (today, ends))


_NOT_MET = frozenset({Verdict.MISSED, Verdict.ABOVE, Verdict.BELOW})
_JUDGED = {Outcome.REACHED: Verdict.REACHED, Outcome.MISSED: Verdict.MISSED}
_SIDES = (("目標", Role.TARGET), ("実績", Role.RESULT))


def _roles(label: str) -> Role | None:
    return next((role for role in (Role.TARGET, Role.RESULT) if ROLE_WORDING[role].search(label)), None)


def _rest(label: str) -> str:
    """Return what a label says besides its role."""
    return re.sub(r"目標値?|計画値|実績値?|[\s・()（）:：]", "", label)
