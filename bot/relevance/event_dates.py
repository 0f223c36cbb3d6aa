"""Event dates of notices: whether the dates that a notice mentions are past."""

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from ingest.documents import Document
from ingest.japanese import dates, nfkc
from ingest.japanese.dates import days_without_year
from ingest.japanese.notation import WEEKDAY
from ingest.metadata.validity import published_on

_WEEKDAY = rf"\s?(?:\([^()]*\)|{WEEKDAY}曜日?)?\s?"
# After a date: an open period (10月1日(水)から), or a reference day or birthday, which is no event.
_NOT_AN_END = re.compile(
    rf"{_WEEKDAY}(?:(?:から|より|以降)(?![^。\n]*(?:\d[日月末][^。\n]{{0,6}}まで|\d月|\d日\s?\({WEEKDAY}))"
    r"|~(?!\s?(?:\d|翌))|現在|時点|生まれ)"
)
_DEADLINE = re.compile(rf"{_WEEKDAY}まで")
# Before a date: the start of a period that it ends.
_PERIOD_START = re.compile(r"[^。\n]{0,16}?(?:~|から|より)\s?(?:翌年の?)?")
# Before a date: words for the next year.
_NEXT_YEAR = re.compile(r"[来翌]年の?$")
# Before a date: words for another year or every year.
_OTHER_YEAR = re.compile(r"(?:[昨去前毎]|一昨)年の?$")
# After a date: another day of the same month, as the end of a period or in a list.
_FURTHER_DAY = re.compile(rf"{_WEEKDAY}([~・、,])\s?(?:翌月)?(\d{{1,2}})日(?!間|以内|前|目|分)")
# A day without a month: 12日(土), 28日まで.
_DAY_WITHOUT_MONTH = re.compile(rf"(?<![\d月])\d{{1,2}}日(?:\s?\({WEEKDAY}|まで(?!の間)|[~・]\d{{1,2}}日)")
# A notice announces events up to nine months ahead, so that a later month lies in the past. But a deadline until March
# (3月31日まで) in a notice of April or later is the end of the fiscal year.
_MAX_MONTHS_AHEAD = 9
_FISCAL_YEAR_START_MONTH = 4


@dataclass(frozen=True, slots=True)
class _YearlessDate:
    """A day or month without a year in `text[start:end]`, and its last day; None if it is not of a single year."""

    start: int
    end: int
    last_day: date | None


def is_past(document: Document, quotes: Sequence[str], day: date) -> bool:
    """Whether all days and months that a notice mentions in `quotes` had passed by `day`; False if it mentions none.

    Dates before publication are ignored.
    """
    published = published_on(document) if document.kind == "notice" else None
    return published is not None and _are_all_dates_past(published, tuple(quotes), day)


@lru_cache(maxsize=4096)
def _are_all_dates_past(published: date, quotes: tuple[str, ...], day: date) -> bool:
    last_days: list[date] = []
    has_yearless_date = False
    has_day_without_month = False
    for text in map(nfkc, quotes):
        yearless = list(_yearless_dates(text, published))
        has_yearless_date |= bool(yearless)
        last_days += [mention.last_day for mention in yearless if mention.last_day]
        last_days += [
            mention.last
            for mention in dates(text)
            if mention.granularity in {"day", "month"} and mention.last > published
        ]
        has_day_without_month |= bool(_DAY_WITHOUT_MONTH.search(_blank_mentions(text, yearless)))
    if has_day_without_month:
        # Its month is the month of another date in the notice, else at the latest the month after publication.
        months = last_days if last_days or has_yearless_date else [_add_months(published, 1)]
        last_days = [_end_of_month(month) for month in months]
    return bool(last_days) and all(last_day < day for last_day in last_days)


def _yearless_dates(text: str, published: date) -> Iterator[_YearlessDate]:
    previous_end = 0
    previous_month: date | None = None
    for start, end, month, day in days_without_year(text):
        between = text[previous_end:start]
        previous_end = end
        if _NOT_AN_END.match(text, end) or _OTHER_YEAR.search(text, 0, start):
            yield _YearlessDate(start, end, None)
            continue
        is_deadline = bool(_DEADLINE.match(text, end))
        first = _add_months(published, _month_offset(month, published, is_deadline=is_deadline))
        ends_period = previous_month and first < previous_month and _PERIOD_START.fullmatch(between)
        if ends_period or (first.year == published.year and _NEXT_YEAR.search(text, 0, start)):
            first = _add_months(first, 12)
        previous_month = first
        last_day = _end_of_month(first)
        if day:
            last_day, previous_end = _last_of_days(text, end, first, day)
        yield _YearlessDate(start, previous_end, last_day)


def _last_of_days(text: str, end: int, month: date, day: int) -> tuple[date, int]:
    last = _end_of_month(month)
    while further := _FURTHER_DAY.match(text, end):
        next_day = int(further[2])
        end = further.end()
        if further[1] == "~" and next_day < day:  # 29日~3日 runs into the next month
            last = _end_of_month(_add_months(month, 1))
            day = next_day
        else:
            day = max(day, next_day)
    return last.replace(day=min(day, last.day)), end


def _month_offset(month: int, published: date, *, is_deadline: bool) -> int:
    ahead = (month - published.month) % 12
    ends_fiscal_year = is_deadline and month < _FISCAL_YEAR_START_MONTH <= published.month
    return ahead if ahead <= _MAX_MONTHS_AHEAD or ends_fiscal_year else ahead - 12


def _blank_mentions(text: str, mentions: Sequence[_YearlessDate]) -> str:
    for mention in reversed(mentions):
        text = text[: mention.start] + "、" + text[mention.end :]
    return text


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _end_of_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])
