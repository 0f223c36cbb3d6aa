"""Days that a text names without their date: weekdays, days without year (12/12), and days relative to another."""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from ingest.japanese.lexicon import any_of
from ingest.japanese.mentions.times import fiscal_year, make_time, times, with_months
from ingest.japanese.notation import DAY, MONTH, WEEKDAY, WEEKDAYS

NthWeekday = tuple[int, int]
"""The number of a weekday in its month, 0 for each, and the weekday from 0, Monday."""
YearlyDays = tuple[tuple[int, int], tuple[int, int]]
"""The first and last (month, day) of days of every year; may run over New Year."""
HALF_A_YEAR = timedelta(183)
# Years relative to the day of asking, and years relative to the year of a text.
YEARS_FROM_NOW = {"再来年": 2, "来年": 1, "今年": 0, "本年": 0, "一昨年": -2, "おととし": -2, "昨年": -1, "去年": -1}
YEARS_FROM_TEXT = {"翌年": 1, "当年": 0, "前年": -1}
# A month after such a year belongs to it: 今年の1月. 日本年金 and 本年齢 are not years.
_NAMED = rf"(?<![一-龥])(?P<named>{any_of(YEARS_FROM_NOW)})(?:(?P<fiscal>度)|の?(?P<month>1[0-2]|[1-9])月|(?![金齢]))"
_RELATIVE_YEAR = re.compile(rf"{_NAMED}|(?<![\d.,])(?P<before>\d{{1,2}})年前")
_EACH = {"平日": range(5), "毎日": range(7)}
_TOKEN = re.compile(
    rf"(?P<numbers>第\s?\d(?:\s?[・,、と]\s?第?\d)*\s?(?=[・,、]?{WEEKDAY}))|(?P<each>平日|毎日)"
    rf"|(?P<day>{WEEKDAY})(?:曜日?)?|(?P<to>~|から|-)|毎[週月]の?|まで|祝日?|休日|[・,、\s及びと]"
)
_BRACKETS = re.compile(r"\([^()]*\)")
_NUMBER = r"第\s?[1-5]"
_WEEKDAYS = re.compile(
    rf"(?:{_NUMBER}(?:\s?+[・,、と及びの]*+\s?+(?:第\s?)?[1-5](?!\d)){{0,9}}\s?の?)?"
    rf"(?:(?<![\d毎]){WEEKDAY}曜?日?[・,、と]\s?(?:{_NUMBER}\s?の?)?){{0,13}}{WEEKDAY}曜"
)
_NAMED_WEEKDAY = re.compile(rf"(?:(?P<month>{MONTH})月の?)?(?:第\s?(?P<n>[1-5])の?)?(?P<day>{WEEKDAY})曜")
_SLASHED = re.compile(rf"(?<![\d/.])(?P<month>{MONTH})/(?P<day>{DAY})(?![\d/.])")
_FROM_TODAY = {"昨日": -1, "きのう": -1, "今日": 0, "本日": 0, "明日": 1, "あした": 1, "明後日": 2, "あさって": 2}
_WEEKS = {"今週": 0, "来週": 1, "再来週": 2}
_MONTHS = {"先月": -1, "今月": 0, "来月": 1}
_RELATIVE_DAY = re.compile(
    rf"(?P<days>{any_of(_FROM_TODAY)})|(?P<months>{any_of(_MONTHS)})の?(?P<of_month>{DAY})日"
    rf"|(?P<week>{any_of(_WEEKS)})末?の?(?P<of_week>{WEEKDAY})曜|(?:今度|次)の(?P<next>{WEEKDAY})曜"
)


def make_date(year: int, month: int, day: int) -> date | None:
    """Return a date, None if it does not exist."""
    return date(year, month, day) if 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1] else None


def possible_dates(
    month: int, day: int, today: date, within: timedelta = HALF_A_YEAR, year: int | None = None
) -> list[date]:
    """Return the dates of a day; without its year those at most `within` from today, by default the nearest one."""
    years = (year,) if year else (today.year - 1, today.year, today.year + 1)
    candidates = filter(None, (make_date(each, month, day) for each in years))
    return [candidate for candidate in candidates if year or abs(candidate - today) <= within]


def is_within(day: date, days: YearlyDays) -> bool:
    """Whether a day is between two days of the year, both included."""
    first, last = days
    of_year = (day.month, day.day)
    return first <= of_year <= last if first <= last else of_year >= first or of_year <= last


def days_in(text: str, today: date, within: timedelta = HALF_A_YEAR) -> Iterator[date]:
    """Yield the days of normalised `text`; one without year is the nearest, or each one `within` that of today.

    A day without month is of the month before it.
    """
    for time in with_months(times(text)):
        if time.day and time.month:
            yield from possible_dates(time.month, time.day, today, within, time.year)


def named_days(text: str, today: date) -> tuple[date, ...]:
    """Return the single days that a normalised text names, also relative to `today`."""
    slashed = (possible_dates(int(m["month"]), int(m["day"]), today)[:1] for m in _SLASHED.finditer(text))
    named = [*days_in(text, today), *(day for days in slashed for day in days)]
    for match in _NAMED_WEEKDAY.finditer(text):
        for first in possible_dates(int(match["month"]), 1, today)[:1] if match["month"] and match["n"] else ():
            ahead = (WEEKDAYS.index(match["day"]) - first.weekday()) % 7 + 7 * (int(match["n"]) - 1)
            named += [day] if (day := first + timedelta(ahead)).month == first.month else []
    return tuple(dict.fromkeys((*named, *_relative_days(text, today))))


def _relative_days(text: str, today: date) -> Iterator[date]:
    for match in _RELATIVE_DAY.finditer(text):
        if match["days"]:
            yield today + timedelta(_FROM_TODAY[match["days"]])
        elif match["months"]:
            month = today + relativedelta(months=_MONTHS[match["months"]])
            yield from filter(None, [make_date(month.year, month.month, int(match["of_month"]))])
        elif match["week"]:
            monday = today - timedelta(today.weekday()) + timedelta(7 * _WEEKS[match["week"]])
            yield monday + timedelta(WEEKDAYS.index(match["of_week"]))
        else:
            yield today + timedelta((WEEKDAYS.index(match["next"]) - today.weekday() - 1) % 7 + 1)


def named_months(text: str) -> frozenset[int]:
    """Return the months that a normalised text names, alone or in a date: 6月, 2024年6月号, 6/8(土)."""
    return frozenset(time.month for time in times(text) if time.month)


def written_weekdays(text: str) -> frozenset[NthWeekday]:
    """Return the weekdays that are written in a normalised text: 第2・第4水曜, 土・日曜."""
    return frozenset[NthWeekday]().union(*(read_weekdays(match[0]) for match in _WEEKDAYS.finditer(text)))


def read_weekdays(text: str) -> frozenset[NthWeekday]:
    """Return the weekdays of a normalised text that consists of nothing else: 月・水, 月曜~金曜, 第2・4日曜, 土日."""
    weekdays = set[NthWeekday]()
    numbers: list[int] = [0]
    position, previous, spans = 0, -1, False
    text = _BRACKETS.sub("", text)
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            return frozenset()
        position = token.end()
        if token["numbers"]:
            numbers = [int(number) for number in re.findall(r"\d", token["numbers"])]
        elif token["each"]:
            weekdays |= {(0, day) for day in _EACH[token["each"]]}
        elif token["day"]:
            day = WEEKDAYS.index(token["day"])
            first = previous + 1 if spans and previous >= 0 else day
            days = [(first + i) % 7 for i in range((day - first) % 7 + 1)]
            weekdays |= {(n, each) for n in numbers for each in days}
            previous, spans = day, False
        elif token["to"]:
            spans = True
    return frozenset(weekdays)


def resolve_relative_dates(text: str, day: date, is_known: Callable[[str], bool] = lambda _key: True) -> str:
    """Return normalised `text` with relative years resolved from `day`: in 2026, 去年の3月 is 2025年3月.

    Only dates for whose `Time.key` `is_known` returns True are replaced.
    """

    def resolve(match: re.Match[str]) -> str:
        year = fiscal_year(day) if match["fiscal"] else day.year
        year += YEARS_FROM_NOW[match["named"]] if match["named"] else -int(match["before"])
        month = int(match["month"]) if match["month"] else None
        time = make_time(match.span(), year, month, fiscal=bool(match["fiscal"]))
        return time.key if time and is_known(time.key) else match[0]

    return _RELATIVE_YEAR.sub(resolve, text)
