"""Days and times of day that follow from given ones by a rule that a text states.

A rule is a length (14日以内, 45分前), an nth weekday (第2・第4水曜日), a weekday, or an open day.
Code checks that the result follows from the rule; whether it is the rule of what is asked, only a model can judge.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import jpholiday
from dateutil.relativedelta import relativedelta

from ingest.japanese.mentions.days import NthWeekday, days_in, named_days, possible_dates, written_weekdays
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
# How far ahead a weekday without a month is meant.
_MAX_DAYS_AHEAD = 62
# Offices are closed from 29 December to 3 January (行政機関の休日に関する法律 第1条).
_YEAR_END = {(12, 29), (12, 30), (12, 31), (1, 2), (1, 3)}
_BACKWARD = re.compile(r"[営開業庁館日]*の?前")
_FIRST_DAY_COUNTS = re.compile(r"(?:含め|含み|含む|算入し)(?![なま])|(?:1|一)日目|[当同]日から")
_EVERY_SECOND_WEEK = re.compile(r"隔週|[12]週(?:間)?(?:おき|ごと|に1[回度])")
_CLOSED = re.compile(r"閉庁|休[みいむ日館業]|祝日|土曜|日曜|[開翌][庁館]|営業日|平日")
_MOVES_IF_CLOSED = re.compile(
    r"(?:当たる|あたる|重なる|場合|とき)[^。\n]*?(?:(?P<before>直?前[の日開営]|繰り?上げ)|翌|次の|直?後|最初)[^。\n]*日"
)
_MINUTES = {"時間": 60, "分間": 1}
_DAY_IN_MINUTES = 24 * 60
_HALF_A_DAY = 12 * 60


@dataclass(frozen=True)
class Calendar:
    """What a day may be counted from; texts are normalised.

    Attributes:
        texts: those with rules and days: quotes, headings, other statements.
        passages: the whole passages, which may say what moves a day.
        question: its days come first; the day of asking counts only if it names none.
        today: the day of asking.
    """

    texts: tuple[str, ...]
    passages: tuple[str, ...]
    question: str
    today: date

    def gives(self, claim: Time, statement: str) -> bool:
        """Whether a day of normalised `statement` follows from a day by a rule.

        A weekday must be in a month that the question names, if it names any. A day without month is of a month that
        the texts name; one without year is the nearest to today.
        """
        if claim.day is None and claim.month is None:  # a house of fifty years in 2024 is of 1974
            ages = [
                int(one.value) for one in figures(self.question) if one.unit in ("年", "年間") and not one.value % 1
            ]
            return claim.year in {self.today.year + sign * age for age in ages for sign in (1, -1)}
        if claim.day is None:
            days = (*self._results, *self._asked_days)
            months = {(day.year if claim.year else None, day.month) for day in days}
            return (claim.year, claim.month) in months
        return any(day in self._results or self._is_on_weekday(day) for day in self._possible_days(claim, statement))

    @cached_property
    def _asked_days(self) -> tuple[date, ...]:
        return named_days(self.question, self.today)

    @cached_property
    def _asked_months(self) -> set[tuple[int | None, int]]:
        return {(time.year, time.month) for time in times(self.question) if time.month}

    @cached_property
    def _moves(self) -> list[re.Match[str]]:
        return [match for text in self.passages for match in _MOVES_IF_CLOSED.finditer(text)]

    @cached_property
    def _weekdays(self) -> frozenset[NthWeekday]:
        if any(_EVERY_SECOND_WEEK.search(text) for text in self.texts):
            return frozenset()
        return frozenset[NthWeekday]().union(*map(written_weekdays, self.texts))

    @cached_property
    def _results(self) -> set[date]:
        """The days that lengths and open days give."""
        stated = dict.fromkeys(day for text in self.texts for day in days_in(text, self.today))
        days = [*(self._asked_days or (self.today,)), *stated][:_MAX_DAYS]
        lengths = dict.fromkeys(length for text in self.texts for length in _lengths(text))
        # One text says that the first day counts, another leaves it out.
        from_first_day = {(one.count, one.unit) for one in lengths if one.counts_first_day}
        usable = [one for one in lengths if one.counts_first_day or (one.count, one.unit) not in from_first_day]
        results = {result for day in days for length in usable[:_MAX_LENGTHS] for result in length.apply(day)}
        if not any(_CLOSED.search(text) for text in (*self.texts, *self.passages)):
            return results
        closed = {day for day in (*days, *results) if _is_closed(day)}
        signs = {-1 if match["before"] else 1 for match in self._moves} or {1}
        moved = {_next_open_day(day, sign) for day in closed for sign in signs}
        return moved | (results - closed if self._moves else results)

    def _is_on_weekday(self, day: date) -> bool:
        if not self._weekdays & {(0, day.weekday()), ((day.day + 6) // 7, day.weekday())}:
            return False
        if self._moves and jpholiday.is_holiday(day):
            return False
        if self._asked_months:
            return any(month == day.month and year in (None, day.year) for year, month in self._asked_months)
        return any(0 <= (day - start).days <= _MAX_DAYS_AHEAD for start in (self.today, *self._asked_days))

    def _possible_days(self, claim: Time, statement: str) -> Iterator[date]:
        if claim.day is None or claim.contradicts:
            return
        named = {(time.year, time.month) for time in times(statement) if time.month and time.start < claim.start}
        stated = {(time.year, time.month) for text in self.texts for time in times(text) if time.month}
        asked = self._asked_months | {(day.year, day.month) for day in self._asked_days}
        for year, month in {(claim.year, claim.month)} if claim.month else named or asked | stated:
            yield from possible_dates(month, claim.day, self.today, year=year) if month else ()


def written_time(claim: Quantity, statement: str) -> tuple[int, int, int] | None:
    """Return (start, end, minutes since midnight) of the time of day that a figure of normalised `statement` is in."""
    return next((time for time in clock_times(statement) if time[0] <= claim.start < time[1]), None)


def is_stated_time(minutes: int, texts: Iterable[str]) -> bool:
    """Whether a time of day, in minutes since midnight, is in normalised `texts`, in the morning or the afternoon."""
    return any(stated % _HALF_A_DAY == minutes % _HALF_A_DAY for text in texts for _, _, stated in clock_times(text))


def follows_by_clock(minutes: int, texts: Sequence[str]) -> bool:
    """Whether a time of day, in minutes since midnight, is a stated length from a time in the normalised texts."""
    lengths = [length for text in texts for length in _minutes_of(text)]
    starts = {start for text in texts for _, _, start in clock_times(text)}
    return any((start + length - minutes) % _DAY_IN_MINUTES == 0 for start in starts for length in lengths)


@dataclass(frozen=True, slots=True)
class _Length:
    """A stated length; it may be one that counts its first day, or for `None` either."""

    count: int
    unit: str
    is_backward: bool
    counts_first_day: bool | None

    def apply(self, day: date) -> Iterator[date]:
        sign = -1 if self.is_backward else 1
        if self.unit in _OPEN_DAYS:
            for _ in range(self.count):
                day = _next_open_day(day, sign)
            yield day
            return
        moved = day + _PERIODS[self.unit] * (sign * self.count)
        if not self.counts_first_day:
            yield moved
        if self.counts_first_day is not False:
            yield moved - timedelta(sign)


def _lengths(text: str) -> Iterator[_Length]:
    for sentence in sentences(text):
        covered = Spans((time.start, time.end) for time in times(sentence))
        counts_first = bool(_FIRST_DAY_COUNTS.search(sentence))
        for figure in figures(sentence):
            is_period = (figure.unit in _PERIODS or figure.unit in _OPEN_DAYS) and figure.value <= _MAX_COUNT
            if not is_period or figure.value % 1 or covered.meet(figure.start, figure.end):
                continue
            # Ten days from the 1st end on the 10th.
            is_span = sentence[figure.end - 1] == "間" and not sentence.startswith("以内", figure.end)
            is_backward = bool(_BACKWARD.match(sentence, figure.end))
            yield _Length(int(figure.value), figure.unit, is_backward, counts_first or (None if is_span else False))


def _minutes_of(text: str) -> Iterator[int]:
    clocks = Spans((start, end) for start, end, _ in clock_times(text))
    for figure in figures(text):
        length = figure.value * _MINUTES.get(figure.unit, 0)
        if length and not length % 1 and not clocks.meet(figure.start, figure.end):
            yield -int(length) if text.startswith("前", figure.end) else int(length)


def _is_closed(day: date) -> bool:
    return day.weekday() > 4 or (day.month, day.day) in _YEAR_END or jpholiday.is_holiday(day)


def _next_open_day(day: date, sign: int) -> date:
    day += timedelta(sign)
    while _is_closed(day):
        day += timedelta(sign)
    return day
