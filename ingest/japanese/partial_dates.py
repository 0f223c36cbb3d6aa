"""Finds all dates of a text, also without year or month, and spans of months."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from ingest.japanese.dates import dates, days_without_year, western_year
from ingest.japanese.notation import DAY_NUMBER, ERA, ERA_LETTER, MONTH_NUMBER, WEEKDAYS

_WESTERN = re.compile(r"(?<!\d)\d{4}(?!\d)")
_ERA = re.compile(rf"({ERA}|{ERA_LETTER})\s?(\d{{1,2}}|元)")
# A day whose month is given elsewhere: 12日, 14日(金).
_BARE_DAY = re.compile(rf"(?<![\d.,月第毎])({DAY_NUMBER})日(?![間目分以数前後]|\s?\d*[~-]?\d*日間)")
# 7年3月 and 6年度, with an implied era.
_SHORT_YEAR = re.compile(
    r"(?<![\d.,第築後満])(\d{1,2}|元)年(度)?(?![間以生ご前後目満])(?:(1[0-2]|[1-9])月)?(?:(3[01]|[12]?\d)日)?"
)
# 4月2~3日, 4月2・9・16日, 5~11月, 6・7年度: only the last has the unit.
_LISTED_DATES = re.compile(
    r"(?<![\d.:/])(?:(1[0-2]|[1-9])月)?((?:(?:3[01]|[12]?\d)\s?[~・、-]\s?)+)(?=\d{1,2}(月|年度|日(?!間)|\(|$))"
)
# 10/31(木); 1/2 may be a fraction.
_SLASHED = re.compile(rf"(?<![\d/])({MONTH_NUMBER})/({DAY_NUMBER})(?=\s?\([{WEEKDAYS}祝])")
# 同月15日, 翌19日: relative to the date before.
_RELATIVE = re.compile(rf"[同翌](?:月の?)?({DAY_NUMBER})日(?!間)")


@dataclass(frozen=True, slots=True)
class Time:
    """A date written at `text[start:end]`; missing parts are None. `era_year` is a year without era.

    `fiscal` is True for 年度; `contradicts` if its 和暦 and 西暦 differ.
    """

    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    fiscal: bool = False
    era_year: int | None = None
    contradicts: bool = False


@lru_cache(maxsize=8192)
def times(text: str) -> Sequence[Time]:
    """Return the dates of normalised `text` in order, including those without year or month."""
    partial: list[Time] = []
    for read in (_full, _short, _relative, _listed, _yearless, _bare):
        partial += [time for time in read(text) if not _within(time, partial)]
    partial.sort(key=lambda time: time.start)
    for n, (earlier, other) in enumerate(pairwise(partial), 1):
        if earlier.month and not other.month and text[: other.start].endswith(("翌月", "翌月の")):
            partial[n] = replace(other, month=earlier.month % 12 + 1)
    for n, (earlier, other) in enumerate(pairwise(partial)):
        if (
            text[earlier.end : other.start].strip() == "="
            and earlier.year
            and other.year
            and earlier.year != other.year
        ):
            partial[n + 1] = replace(other, contradicts=True)
    return partial


def _within(time: Time, others: Sequence[Time]) -> bool:
    return any(time.start < other.end and other.start < time.end for other in others)


def _full(text: str) -> Iterator[Time]:
    for m in dates(text):
        month = m.first.month if m.granularity in ("month", "day") else None
        day = m.first.day if m.granularity == "day" else None
        fiscal = m.granularity == "fiscal_year"
        wrong = _contradicts(text[m.start : m.end])
        yield Time(m.start, m.end, m.first.year, month, day, fiscal=fiscal, contradicts=wrong)


def _listed(text: str) -> Iterator[Time]:
    for match in _LISTED_DATES.finditer(text):
        for number in re.finditer(r"\d+", match[2]):
            n = int(number[0])
            end = match.start(2) + number.end()
            start = match.start() if match[1] and not number.start() else match.start(2) + number.start()
            if match[3] == "年度":
                yield Time(start, end, fiscal=True, era_year=n)
            elif match[3] == "月":
                yield Time(start, end, month=n)
            elif match[1] or match[3] == "日":
                yield Time(start, end, None, int(match[1]) if match[1] else None, n)


def _relative(text: str) -> Iterator[Time]:
    for match in _RELATIVE.finditer(text):
        yield Time(match.start(1), match.end(), day=int(match[1]))


def _yearless(text: str) -> Iterator[Time]:
    for match in _SLASHED.finditer(text):
        yield Time(*match.span(), None, int(match[1]), int(match[2]))
    for start, end, month, day in days_without_year(text):
        if text[end : end + 1] not in ("間", "額"):
            yield Time(start, end, None, month, day)


def _short(text: str) -> Iterator[Time]:
    for match in _SHORT_YEAR.finditer(text):
        if match[2] or match[3]:
            year = 1 if match[1] == "元" else int(match[1])
            month, day = (int(match[n]) if match[n] else None for n in (3, 4))
            yield Time(*match.span(), month=month, day=day, fiscal=bool(match[2]), era_year=year)


def _bare(text: str) -> Iterator[Time]:
    for match in _BARE_DAY.finditer(text):
        yield Time(*match.span(), day=int(match[1]))


def _contradicts(text: str) -> bool:
    years = {int(year) for year in _WESTERN.findall(text)}
    years |= {western_year(era, 1 if year == "元" else int(year)) for era, year in _ERA.findall(text)}
    return len(years) > 1
