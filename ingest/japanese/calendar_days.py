"""Weekdays, and days that a text names without their year: 第2日曜, 12/12, 今週の土曜日."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from ingest.japanese.dates import YEARLESS_DAY, dates, days_without_year
from ingest.japanese.notation import DAY, MONTH, WEEKDAY, WEEKDAYS

NthWeekday = tuple[int, int]
"""The number of a weekday in its month, 0 for each, and the weekday from 0, Monday."""

_EACH = {"平日": range(5), "毎日": range(7)}
_TOKEN = re.compile(
    rf"(?P<numbers>第\s?\d(?:\s?[・,、と]\s?第?\d)*\s?(?=[・,、]?{WEEKDAY}))|(?P<each>平日|毎日)"
    rf"|(?P<day>{WEEKDAY})(?:曜日?)?|(?P<to>~|から|-)|毎[週月]の?|まで|祝日?|休日|[・,、\s及びと]"
)
_BRACKETS = re.compile(r"\([^()]*\)")
_NAMED_WEEKDAY = re.compile(rf"(?:(?P<month>{MONTH})月の?)?(?:第\s?(?P<n>[1-5])の?)?(?P<day>{WEEKDAY})曜")
_SLASHED = re.compile(rf"(?<![\d/.])(?P<month>{MONTH})/(?P<day>{DAY})(?![\d/.])")
_FROM_TODAY = {"昨日": -1, "きのう": -1, "今日": 0, "本日": 0, "明日": 1, "あした": 1, "明後日": 2, "あさって": 2}
_WEEKS = {"今週": 0, "来週": 1, "再来週": 2}
_MONTHS = {"先月": -1, "今月": 0, "来月": 1}
_RELATIVE_DAY = re.compile(
    rf"(?P<days>{'|'.join(_FROM_TODAY)})|(?P<months>[先今来]月)の?(?P<of_month>{DAY})日|(?P<week>再?[今来]週)末?の?(?P<of_week>{WEEKDAY})曜|(?:今度|次)の(?P<next>{WEEKDAY})曜"
)
# Days without year are those of the year that is nearest to the day of asking.
_HALF_A_YEAR = timedelta(183)


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


def named_weekdays(text: str) -> frozenset[NthWeekday]:
    """Return the weekdays that a normalised text names, with their number in the month if it has one."""
    weekdays = {(int(match["n"] or 0), WEEKDAYS.index(match["day"])) for match in _NAMED_WEEKDAY.finditer(text)}
    return frozenset(weekdays | {(0, day) for name, days in _EACH.items() if name in text for day in days})


def named_days(text: str, today: date) -> tuple[date, ...]:
    """Return the single days that a normalised text names, also relative to `today`."""
    days = [mention.first for mention in dates(text) if mention.granularity == "day"]
    days += filter(None, (_near(today, month, day) for _, _, month, day in days_without_year(text) if day))
    days += filter(None, (_near(today, int(m["month"]), int(m["day"])) for m in _SLASHED.finditer(text)))
    return tuple(dict.fromkeys((*days, *_nth_weekdays(text, today), *_relative_days(text, today))))


def calendar_words(text: str) -> str:
    """Return the words of a normalised text that name weekdays and single days."""
    forms = (_NAMED_WEEKDAY, _SLASHED, _RELATIVE_DAY, YEARLESS_DAY)
    return " ".join(f"{match[0]}日" for form in forms for match in form.finditer(text))


def _near(today: date, month: int, day: int) -> date | None:
    days = [_day(today.year + years, month, day) for years in (0, 1, -1)]
    return next((each for each in days if each and abs(each - today) <= _HALF_A_YEAR), None)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _nth_weekdays(text: str, today: date) -> Iterator[date]:
    for match in _NAMED_WEEKDAY.finditer(text):
        first = _near(today, int(match["month"]), 1) if match["month"] else None
        if first and match["n"]:
            ahead = (WEEKDAYS.index(match["day"]) - first.weekday()) % 7 + 7 * (int(match["n"]) - 1)
            if (day := first + timedelta(ahead)).month == first.month:
                yield day


def _relative_days(text: str, today: date) -> Iterator[date]:
    for match in _RELATIVE_DAY.finditer(text):
        if match["days"]:
            yield today + timedelta(_FROM_TODAY[match["days"]])
        elif match["months"]:
            months = today.month - 1 + _MONTHS[match["months"]]
            if day := _day(today.year + months // 12, months % 12 + 1, int(match["of_month"])):
                yield day
        elif match["week"] in _WEEKS:
            monday = today - timedelta(today.weekday()) + timedelta(7 * _WEEKS[match["week"]])
            yield monday + timedelta(WEEKDAYS.index(match["of_week"]))
        elif match["next"]:
            yield today + timedelta((WEEKDAYS.index(match["next"]) - today.weekday() - 1) % 7 + 1)
