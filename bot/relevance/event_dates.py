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
# What begins and has no end (10月1日(水)から, 随時), and the day by which something is counted or known.
_GOES_ON = re.compile(
    rf"{_WEEKDAY}(?:(?:から|より|以降)(?![^。\n]*(?:\d[日月末][^。\n]{{0,6}}まで|\d月|\d日\s?\({WEEKDAY}))"
    r"|~(?!\s?(?:\d|翌))|現在|時点|生まれ)"
)
_UNTIL = re.compile(rf"{_WEEKDAY}まで")
# Before a day: the beginning of which it is the end, another year than the one it would be of, and every year.
_TO = re.compile(r"[^。\n]{0,16}?(?:~|から|より)\s?(?:翌年の?)?")
_NEXT_YEAR, _OTHER_YEAR = re.compile(r"[来翌]年の?$"), re.compile(r"(?:[昨去前毎]|一昨)年の?$")
# Behind a day: another of the same month, to which it runs or beside which it stands.
_AND_DAY = re.compile(rf"{_WEEKDAY}([~・、,])\s?(?:翌月)?(\d{{1,2}})日(?!間|以内|前|目|分)")
# A day of the paper's own month, or of the next: 12日(土), 28日まで.
_DAY_ALONE = re.compile(rf"(?<![\d月])\d{{1,2}}日(?:\s?\({WEEKDAY}|まで(?!の間)|[~・]\d{{1,2}}日)")
# Months that a notice tells of ahead: one or two before that of the paper have been. But what runs until March or
# before (3月31日まで) in a paper of April or later is the end of its fiscal year.
_AHEAD, _FISCAL_YEAR = 9, 4


def is_past(document: Document, quotes: Sequence[str], day: date) -> bool:
    """Whether a notice mentions days or months in these `quotes` and all had passed by `day`.

    Dates before publication are ignored.
    """
    return is_upcoming(document, quotes, day) is False


def is_upcoming(document: Document, quotes: Sequence[str], day: date) -> bool | None:
    """Whether any day or month that a notice mentions is still to come on `day`; None where it mentions none."""
    published = published_on(document) if document.kind == "notice" else None
    return None if published is None else _is_any_date_upcoming(published, tuple(quotes), day)


@lru_cache(maxsize=4096)
def _is_any_date_upcoming(published: date, quotes: tuple[str, ...], day: date) -> bool | None:
    texts = [nfkc(quote) for quote in quotes]
    dated = [one for text in texts for one in dates(text) if one.granularity in {"day", "month"}]
    told = [list(_yearless_dates(text, published)) for text in texts]
    last_days = [last for each in told for _, last in each if last]
    last_days += [one.last for one in dated if one.last > published]
    rests = (_blank_spans(text, [span for span, _ in each]) for text, each in zip(texts, told, strict=True))
    if any(_DAY_ALONE.search(rest) for rest in rests):
        # Of which month it is shows by those beside it, else by the paper's.
        months = last_days if last_days or any(told) else [_add_months(published, 1)]
        last_days = [_end_of_month(one) for one in months]
    return any(one >= day for one in last_days) if last_days else None


def _yearless_dates(text: str, published: date) -> Iterator[tuple[tuple[int, int], date | None]]:
    """Yield the span of each day or month without a year, and its last day; None where it has no single year."""
    behind, before = 0, None
    for start, end, month, day in days_without_year(text):
        joint, behind = text[behind:start], end
        if _GOES_ON.match(text, end) or _OTHER_YEAR.search(text, 0, start):
            yield (start, end), None
            continue
        first = _add_months(published, _month_offset(month, published, is_end=bool(_UNTIL.match(text, end))))
        if (before and first < before and _TO.fullmatch(joint)) or (
            first.year == published.year and _NEXT_YEAR.search(text, 0, start)
        ):
            first = _add_months(first, 12)
        before, last = first, _end_of_month(first)
        if day:
            latest = day
            while more := _AND_DAY.match(text, behind):
                another, behind = int(more[2]), more.end()
                if more[1] == "~" and another < latest:  # 29日~3日
                    last, latest = _end_of_month(_add_months(first, 1)), another
                else:
                    latest = max(latest, another)
            last = last.replace(day=min(latest, last.day))
        yield (start, behind), last


def _month_offset(month: int, published: date, *, is_end: bool) -> int:
    """Return the months between publication and a month that is written without its year."""
    on = (month - published.month) % 12
    ends_the_year = is_end and month < _FISCAL_YEAR <= published.month
    return on if on <= _AHEAD or ends_the_year else on - 12


def _blank_spans(text: str, spans: Iterable[tuple[int, int]]) -> str:
    for start, end in reversed(list(spans)):
        text = text[:start] + "、" + text[end:]
    return text


def _add_months(of: date, months: int) -> date:
    """Return the first day of the month that is this many months later."""
    year, month = divmod(of.year * 12 + of.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _end_of_month(of: date) -> date:
    return of.replace(day=monthrange(of.year, of.month)[1])
