"""Event dates of notices: whether the dates that a notice mentions are past or upcoming."""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
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
# Before a date: the start of a period that it ends, and words for another year or every year.
_PERIOD_START = re.compile(r"[^。\n]{0,16}?(?:~|から|より)\s?(?:翌年の?)?")
_NEXT_YEAR, _OTHER_YEAR = re.compile(r"[来翌]年の?$"), re.compile(r"(?:[昨去前毎]|一昨)年の?$")
# After a date: another day of the same month, as the end of a period or in a list.
_FURTHER_DAY = re.compile(rf"{_WEEKDAY}([~・、,])\s?(?:翌月)?(\d{{1,2}})日(?!間|以内|前|目|分)")
# A day without a month: 12日(土), 28日まで.
_DAY_WITHOUT_MONTH = re.compile(rf"(?<![\d月])\d{{1,2}}日(?:\s?\({WEEKDAY}|まで(?!の間)|[~・]\d{{1,2}}日)")
# A notice announces events up to nine months ahead, so that a later month lies in the past. But a deadline until March
# (3月31日まで) in a notice of April or later is the end of the fiscal year.
_MAX_MONTHS_AHEAD, _FISCAL_YEAR_START_MONTH = 9, 4


def is_past(document: Document, quotes: Sequence[str], day: date) -> bool:
    """Whether all days and months that a notice mentions in `quotes` had passed by `day`; False where it has none.

    Dates before publication are ignored.
    """
    return is_upcoming(document, quotes, day) is False


def is_upcoming(document: Document, quotes: Sequence[str], day: date) -> bool | None:
    """Whether any day or month that a notice mentions is on or after `day`; None where it mentions none."""
    published = published_on(document) if document.kind == "notice" else None
    return None if published is None else _is_any_date_upcoming(published, tuple(quotes), day)


@lru_cache(maxsize=4096)
def _is_any_date_upcoming(published: date, quotes: tuple[str, ...], day: date) -> bool | None:
    texts = [nfkc(quote) for quote in quotes]
    dated = [date for text in texts for date in dates(text) if date.granularity in {"day", "month"}]
    yearless = [list(_yearless_dates(text, published)) for text in texts]
    last_days = [last for dates_of_text in yearless for _, last in dates_of_text if last]
    last_days += [date.last for date in dated if date.last > published]
    remaining = (
        _blank_spans(text, [span for span, _ in dates_of_text])
        for text, dates_of_text in zip(texts, yearless, strict=True)
    )
    if any(_DAY_WITHOUT_MONTH.search(text) for text in remaining):
        # Its month is that of another date in the notice, else at the latest the month after publication.
        months = last_days if last_days or any(yearless) else [_add_months(published, 1)]
        last_days = [_end_of_month(month) for month in months]
    return any(last >= day for last in last_days) if last_days else None


def _yearless_dates(text: str, published: date) -> Iterator[tuple[tuple[int, int], date | None]]:
    """Yield the span of each day or month without a year, and its last day; None where it has no single year."""
    previous_end, previous_month = 0, None
    for start, end, month, day in days_without_year(text):
        between, previous_end = text[previous_end:start], end
        if _NOT_AN_END.match(text, end) or _OTHER_YEAR.search(text, 0, start):
            yield (start, end), None
            continue
        is_deadline = bool(_DEADLINE.match(text, end))
        first = _add_months(published, _month_offset(month, published, is_deadline=is_deadline))
        ends_period = previous_month and first < previous_month and _PERIOD_START.fullmatch(between)
        if ends_period or (first.year == published.year and _NEXT_YEAR.search(text, 0, start)):
            first = _add_months(first, 12)
        previous_month, last = first, _end_of_month(first)
        if day:
            last, previous_end = _last_of_days(text, end, first, day)
        yield (start, previous_end), last


def _last_of_days(text: str, end: int, month: date, day: int) -> tuple[date, int]:
    """Return the last of the days listed from `day` of a month (29日~3日), and where the list ends in the text."""
    last = _end_of_month(month)
    while further := _FURTHER_DAY.match(text, end):
        next_day, end = int(further[2]), further.end()
        if further[1] == "~" and next_day < day:  # 29日~3日 runs into the next month
            last, day = _end_of_month(_add_months(month, 1)), next_day
        else:
            day = max(day, next_day)
    return last.replace(day=min(day, last.day)), end


def _month_offset(month: int, published: date, *, is_deadline: bool) -> int:
    """Return the months from publication to a month that is written without its year, negative for a past one."""
    ahead = (month - published.month) % 12
    ends_fiscal_year = is_deadline and month < _FISCAL_YEAR_START_MONTH <= published.month
    return ahead if ahead <= _MAX_MONTHS_AHEAD or ends_fiscal_year else ahead - 12


def _blank_spans(text: str, spans: Iterable[tuple[int, int]]) -> str:
    for start, end in reversed(list(spans)):
        text = text[:start] + "、" + text[end:]
    return text


def _add_months(day: date, months: int) -> date:
    """Return the first day of the month that is this many months later."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _end_of_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])
