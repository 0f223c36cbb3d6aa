"""Days and times of day that follow from given ones by a rule that a text states.

A rule is a length (14日以内, 45分前), an nth weekday (第2・第4水曜日), a weekday, every second week, or an open day.
Code checks that the result follows from the rule; whether it is the rule of what is asked, only a model can judge.
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

import jpholiday
from dateutil.relativedelta import relativedelta

from ingest.japanese.mentions.days import NthWeekday, days_in, is_within, named_days, possible_dates, written_weekdays
from ingest.japanese.mentions.quantities import Quantity, clock_times, figures
from ingest.japanese.mentions.times import Time, times
from ingest.japanese.sentences import sentences
from ingest.japanese.spans import Spans

_PERIODS = {"日間": relativedelta(days=1), "週間": relativedelta(weeks=1)}
_PERIODS |= dict.fromkeys(("か月", "か月間"), relativedelta(months=1))
_PERIODS |= dict.fromkeys(("年", "年間"), relativedelta(years=1))
# As `figures` reads their unit.
_OPEN_DAYS = frozenset({"営業", "営業日", "開庁", "開庁日", "開館日", "平日"})
# Of one text; among more days and rules, some pair gives any day.
_MAX_DAYS = 8
_MAX_LENGTHS = 8
# Of a unit; longer periods are no deadlines.
_MAX_COUNT = 1_000
# How far ahead a weekday without a month is meant, and how far a rule of every second week goes.
_MAX_DAYS_AHEAD = 62
_MAX_WEEKS_AHEAD = 54
_YEAR = timedelta(366)
# Offices are closed from 29 December to 3 January (行政機関の休日に関する法律 第1条).
_YEAR_END = ((12, 29), (1, 3))
_BACKWARD = re.compile(r"[営開業庁館日]*の?前")
_FIRST_DAY_COUNTS = re.compile(r"(?:含め|含み|含む|算入し)(?![なま])|(?:1|一)日目|[当同]日から")
_EVERY_SECOND_WEEK = re.compile(r"隔週|[12]週(?:間)?(?:おき|ごと|に1[回度])")
_CLOSED = re.compile(r"閉庁|休[みいむ日館業]|祝日|土曜|日曜|[開翌][庁館]|営業日|平日")
_MOVES_IF_CLOSED = re.compile(
    r"(?:当たる|あたる|重なる|場合|とき)[^。\n]{0,60}?(?:(?P<before>直?前[の日開営]|繰り?上げ)|翌|次の|直?後|最初)[^。\n]{0,60}日"
)
_LAST_DAY = re.compile(r"末日|月末")
_SIGNED_LENGTH = re.compile(r"\s?([+-])\s?(\d+(?:日間?|週間?|[かヶケカ箇]月間?|年間?|時間|分間?|営業日|開庁日))")
_MINUTES = {"時間": 60, "分間": 1}
_YEARS = frozenset({"年", "年間"})
_DAY_IN_MINUTES = 24 * 60
_HALF_A_DAY = 12 * 60


def read_formula(formula: str) -> str:
    """Return a normalised formula over days or times with words for signs: 11月20日 + 14日 as 11月20日から14日後."""
    return _SIGNED_LENGTH.sub(lambda m: f"から{m[2]}{'後' if m[1] == '+' else '前'}", formula)


@dataclass(frozen=True, slots=True)
class CalendarBasis:
    """What a day may be counted from; texts are normalised.

    Attributes:
        texts: those with rules and days: quotes, headings, other statements, a formula.
        passages: the whole passages, which may say what moves a day.
        question: its days come first; the day of asking counts only if it names none.
        today: the day of asking.
    """

    texts: tuple[str, ...]
    passages: tuple[str, ...]
    question: str
    today: date


def follows_by_calendar(claim: Time, statement: str, basis: CalendarBasis) -> bool:
    """Whether a day of normalised `statement` follows from a day by a rule.

    A weekday must be in a month that the question names, if it names any. A day without month is of a month that the
    texts name; one without year is the nearest to today.
    """
    rules = _read_rules(basis)
    if claim.day is None and claim.month is None:  # 築50年 in 2024 is of 1974
        ages = [int(one.value) for one in figures(basis.question) if one.unit in _YEARS and not one.value % 1]
        return claim.year in {basis.today.year + sign * age for age in ages for sign in (1, -1)}
    if claim.day is None:
        return claim.month is not None and (claim.year, claim.month) in rules.result_months(claim.year)
    months = frozenset((day.year, day.month) for day in rules.asked_days) | rules.asked_months
    months |= {(time.year, time.month) for text in basis.texts for time in times(text) if time.month}
    return any(rules.gives(day) for day in _possible_days(claim, times(statement), months, basis.today))


def written_time(claim: Quantity, statement: str) -> tuple[int, int, int] | None:
    """Return (start, end, minutes since midnight) of the time of day that a figure of normalised `statement` is in."""
    return next((time for time in clock_times(statement) if time[0] <= claim.start < time[1]), None)


def is_stated_time(minutes: int, texts: Iterable[str]) -> bool:
    """Whether a time of day, in minutes since midnight, is in normalised `texts`, in the morning or the afternoon."""
    return any(stated % _HALF_A_DAY == minutes % _HALF_A_DAY for text in texts for _, _, stated in clock_times(text))


def follows_by_clock(minutes: int, given: Sequence[str]) -> bool:
    """Whether a time of day, in minutes since midnight, is a stated length from a time in the normalised texts."""
    texts = tuple(map(read_formula, given))
    lengths = [length for text in texts for length in _minutes_of(text)]
    starts = {start for text in texts for _, _, start in clock_times(text)}
    return any((start + length - minutes) % _DAY_IN_MINUTES == 0 for start in starts for length in lengths)


@dataclass(frozen=True, slots=True)
class _Rules:
    # `weekdays` have their number in the month, 0 for each; every second week counts from the days of `series`;
    # `asked_months` are (year or None, month).
    results: frozenset[date]
    weekdays: frozenset[NthWeekday]
    series: tuple[date, ...]
    asked_days: tuple[date, ...]
    asked_months: frozenset[tuple[int | None, int]]
    today: date
    moves_holidays: bool = False

    def gives(self, day: date) -> bool:
        if day in self.results:
            return True
        weeks = [(day - start).days / 7 for start in self.series]
        if self.series and any(0 <= week <= _MAX_WEEKS_AHEAD and week % 2 == 0 for week in weeks):
            return True
        is_moved = self.moves_holidays and jpholiday.is_holiday(day)
        return self.has_weekday(day) and self.is_asked(day) and not is_moved

    def result_months(self, year: int | None) -> set[tuple[int | None, int]]:
        # Without their year if `year` is None.
        return {(day.year if year else None, day.month) for day in (*self.results, *self.asked_days)}

    def has_weekday(self, day: date) -> bool:
        number = 0 if (0, day.weekday()) in self.weekdays and not self.series else (day.day + 6) // 7
        return (number, day.weekday()) in self.weekdays

    def is_asked(self, day: date) -> bool:
        if self.asked_months:
            return any(month == day.month and year in (None, day.year) for year, month in self.asked_months)
        return any(0 <= (day - start).days <= _MAX_DAYS_AHEAD for start in (self.today, *self.asked_days))


@lru_cache(maxsize=64)
def _read_rules(basis: CalendarBasis) -> _Rules:
    texts = tuple(map(read_formula, basis.texts))
    question, today = basis.question, basis.today
    asked_days = named_days(question, today)
    asked_months = frozenset((time.year, time.month) for time in times(question) if time.month)
    stated = dict.fromkeys(day for text in texts for day in days_in(text, today))
    days = [*(asked_days or (today,)), *stated][:_MAX_DAYS]
    if any(_LAST_DAY.search(text) for text in texts):
        firsts = [day for year, month in asked_months for day in _days_of_month(year, month, today) if day.day == 1]
        for first in firsts or [today.replace(day=1)]:  # the end of the month, and of the month before
            days += [first + relativedelta(months=1, days=-1), first - timedelta(1)]
    stated_lengths = dict.fromkeys(length for text in texts for length in _lengths(text))
    from_first_day = {(one.count, one.unit) for one in stated_lengths if one.is_from_first_day}
    # A formula does not say that the first day counts.
    lengths = [one for one in stated_lengths if one.is_from_first_day or (one.count, one.unit) not in from_first_day]
    weekdays = frozenset[NthWeekday]().union(*map(written_weekdays, texts))
    is_biweekly = any(_EVERY_SECOND_WEEK.search(text) for text in texts)
    series = tuple(day for text in texts for day in days_in(text, today, _YEAR)) if is_biweekly else ()
    rules = _Rules(frozenset(), weekdays, series, asked_days, asked_months, today)
    near = {start + timedelta(n) for start in (today, *asked_days) for n in range(_MAX_DAYS_AHEAD)}
    near.update(day for year, month in asked_months for day in _days_of_month(year, month, today))
    of_weekdays = sorted(day for day in near if weekdays and rules.has_weekday(day) and rules.is_asked(day))
    starts = (*days, *of_weekdays[:_MAX_DAYS])
    results = {moved for day in starts for length in lengths[:_MAX_LENGTHS] for moved in length.apply(day)}
    rules = replace(rules, results=frozenset(results))
    if not any(_CLOSED.search(text) for text in (*texts, *basis.passages)):
        return rules
    of_rules = {*days, *results, *of_weekdays}
    moves = [match for text in basis.passages for match in _MOVES_IF_CLOSED.finditer(text)]
    signs = {-1 if match["before"] else 1 for match in moves} or {1}
    if moves:
        results = {day for day in results if not _is_closed(day)}
    results |= {_next_open_day(day, sign) for day in of_rules if _is_closed(day) for sign in signs}
    return replace(rules, results=frozenset(results), moves_holidays=bool(moves))


def _possible_days(
    claim: Time, stated: Sequence[Time], months: frozenset[tuple[int | None, int]], today: date
) -> Iterator[date]:
    if claim.day is None or claim.contradicts:
        return
    named = {(time.year, time.month) for time in stated if time.month and time.start < claim.start}
    for year, month in {(claim.year, claim.month)} if claim.month else named or months:
        yield from possible_dates(month, claim.day, today, year=year) if month else ()


@dataclass(frozen=True, slots=True)
class _Length:
    # With `is_from_first_day`, a sentence says that it counts the first day.
    count: int
    unit: str
    is_backward: bool
    counts_first_day: bool
    is_from_first_day: bool = False

    def apply(self, day: date) -> Iterator[date]:
        sign = -1 if self.is_backward else 1
        if self.unit in _OPEN_DAYS:
            for _ in range(self.count):
                day = _next_open_day(day, sign)
            yield day
            return
        moved = day + _PERIODS[self.unit] * (sign * self.count)
        yield moved - timedelta(sign) if self.counts_first_day else moved


def _lengths(text: str) -> Iterator[_Length]:
    for sentence in sentences(text):
        covered = Spans((time.start, time.end) for time in times(sentence))
        counts_first = bool(_FIRST_DAY_COUNTS.search(sentence))
        for figure in figures(sentence):
            is_period = (figure.unit in _PERIODS or figure.unit in _OPEN_DAYS) and figure.value <= _MAX_COUNT
            if not is_period or figure.value % 1 or covered.meet(figure.start, figure.end):
                continue
            is_backward = bool(_BACKWARD.match(sentence, figure.end))
            length = _Length(int(figure.value), figure.unit, is_backward, counts_first, counts_first)
            yield length
            is_span = sentence[figure.end - 1] == "間" and not sentence.startswith("以内", figure.end)
            if is_span and not counts_first:  # ten days from the 1st end on the 10th
                yield replace(length, counts_first_day=True)


def _minutes_of(text: str) -> Iterator[int]:
    clocks = Spans((start, end) for start, end, _ in clock_times(text))
    for figure in figures(text):
        length = figure.value * _MINUTES.get(figure.unit, 0)
        if length and not length % 1 and not clocks.meet(figure.start, figure.end):
            yield -int(length) if text.startswith("前", figure.end) else int(length)


def _is_closed(day: date) -> bool:
    return day.weekday() > 4 or is_within(day, _YEAR_END) or jpholiday.is_holiday(day)


def _next_open_day(day: date, sign: int) -> date:
    day += timedelta(sign)
    while _is_closed(day):
        day += timedelta(sign)
    return day


def _days_of_month(year: int | None, month: int, today: date) -> Iterator[date]:
    for first in possible_dates(month, 1, today, year=year):
        yield from (first + timedelta(n) for n in range(monthrange(first.year, month)[1]))
