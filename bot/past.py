"""Whether all days that are quoted of a notice have gone by. Notices seldom write a year, and often no month either."""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache

from bot.claims import days_without_year
from bot.validity import published_on
from ingest.documents import Document
from ingest.normalise import dates, nfkc

_WEEKDAY = r"\s?(?:\([^()]*\))?\s?"
# What begins and has no end (10月1日(水)から), and the day by which something is counted or known.
_GOES_ON = re.compile(rf"{_WEEKDAY}(?:(?:から|より|以降)(?![^。\n]*(?:まで|\d[月日]))|現在|時点|生まれ)")
_UNTIL = re.compile(rf"{_WEEKDAY}まで")
# Behind a day: another of the same month, to which it runs or beside which it stands.
_AND_DAY = re.compile(rf"{_WEEKDAY}[~・、,]\s?(\d{{1,2}})日")
# A day of the paper's own month, or of the next: 12日(土), 28日まで.
_DAY_ALONE = re.compile(r"(?<![\d月])\d{1,2}日(?:\s?\([月火水木金土日]|まで(?!の間)|[~・]\d{1,2}日)")
# Months that a notice tells of ahead: one or two before that of the paper have been, but for an end (3月31日まで).
_AHEAD = 9


def is_past(document: Document, quotes: Sequence[str], day: date) -> bool:
    """Whether all days and months that a notice tells of in these `quotes` had passed by `day`, and there are any.

    What had been when the paper came out is not told of ahead.
    """
    return is_ahead(document, quotes, day) is False


def is_ahead(document: Document, quotes: Sequence[str], day: date) -> bool | None:
    """Whether any of the days and months that a notice tells of is still to come on `day`; None where it tells none."""
    published = published_on(document) if document.kind == "notice" else None
    return None if published is None else _ahead(published, tuple(quotes), day)


@lru_cache(maxsize=4096)
def _ahead(published: date, quotes: tuple[str, ...], day: date) -> bool | None:
    texts = [nfkc(quote) for quote in quotes]
    ahead = [one for text in texts for one in dates(text) if one.last > published]
    told = [one for text in texts for one in _told(text, published)]
    rests = [_without(text, [span for span, _ in _told(text, published)]) for text in texts]
    last_days = [last for _, last in told if last]
    if any(_DAY_ALONE.search(rest) for rest in rests):
        # Of which month it is shows by those beside it, else by the paper's.
        months = last_days if told or ahead else [_in_months(published, 1)]
        last_days = [_end_of_month(one) for one in months]
    tells = bool(last_days) or any(one.granularity in {"day", "month"} for one in ahead)
    return any(one >= day for one in (*last_days, *(one.last for one in ahead))) if tells else None


def _told(text: str, published: date) -> Iterator[tuple[tuple[int, int], date | None]]:
    """Yield where a day or month without its year stands, and the last day of it; None for what goes on."""
    for start, end, month, day in days_without_year(text):
        if _GOES_ON.match(text, end):
            yield (start, end), None
            continue
        on = (month - published.month) % 12
        first = _in_months(published, on if on <= _AHEAD or _UNTIL.match(text, end) else on - 12)
        last, behind = _end_of_month(first), end
        if day:
            latest = day
            while more := _AND_DAY.match(text, behind):
                latest, behind = max(latest, int(more[1])), more.end()
            last = last.replace(day=min(latest, last.day))
        yield (start, behind), last


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    for start, end in reversed(list(spans)):
        text = text[:start] + "、" + text[end:]
    return text


def _in_months(of: date, months: int) -> date:
    """Return the first day of the month that lies so many months ahead."""
    year, month = divmod(of.year * 12 + of.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _end_of_month(of: date) -> date:
    return of.replace(day=monthrange(of.year, of.month)[1])
