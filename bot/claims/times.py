"""Dates of a text as far as they are written: a year, a month, a day, each of which may be left to the context."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from ingest.normalise import dates, western_year

_WESTERN = re.compile(r"(?<!\d)\d{4}(?!\d)")
_ERA = re.compile(r"(明治|大正|昭和|平成|令和|[MTSHR])\s?(\d{1,2}|元)")
_YEAR, _MONTH, _DAY = r"(?P<year>\d{1,2}|元)", r"(?P<month>1[0-2]|0?[1-9])", r"(?P<day>3[01]|[12]\d|0?[1-9])"
_JOINT = r"\s?[~・、-]\s?"
_ENDS = r"(?![間目分以数前後]|\s?\d*[~-]?\d*日間)"
# What leaves its year open, the longer before the shorter: 7年3月 and 6年度 leave the era open, in a list (5~11月,
# 4月2・9・16日, 6・7年度) the last says the unit for all; of 10/31 a weekday tells that it is no share.
_OPEN = tuple(
    re.compile(form)
    for form in (
        rf"(?<![\d.,第築後満]){_YEAR}年(?=度|(?:1[0-2]|[1-9])月)(?P<fiscal>度)?(?![間以生ご前後目満])(?:{_MONTH}月)?(?:{_DAY}日)?",
        rf"(?<![\d.:/])(?:{_MONTH}月)?{_DAY}(?={_JOINT}(?:\d{{1,2}}{_JOINT})*\d{{1,2}}日(?!間))",
        rf"(?<![\d.:/]){_MONTH}月{_DAY}(?={_JOINT}\d{{1,2}}(?:{_JOINT}\d{{1,2}})*(?:\(|$))",
        rf"(?<![\d.:/]){_MONTH}(?={_JOINT}(?:\d{{1,2}}{_JOINT})*\d{{1,2}}月)",
        rf"(?<![\d.:/]){_YEAR}(?P<fiscal>)(?={_JOINT}(?:\d{{1,2}}{_JOINT})*\d{{1,2}}年度)",
        rf"(?<![\d/]){_MONTH}/{_DAY}(?=\s?\([日月火水木金土祝])",
        rf"(?<![\d.]){_MONTH}月(?:\s?{_DAY}日)?(?![間額])",
        rf"(?<![\d.,第毎])(?<!(?<![同翌])月){_DAY}日{_ENDS}",
    )
)


@dataclass(frozen=True, slots=True)
class Time:
    """A date written at `text[start:end]`, None for what it leaves to its context; `era_year` is a year without era.

    `fiscal` where the year is a 年度; `contradicts` where 和暦 and 西暦 of it name different years.
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
    """Return the dates of normalised `text` in order, those without a year or a month too."""
    found = [*_full(text)]
    for form in _OPEN:
        found += [one for one in map(_open, form.finditer(text)) if not _meets(one, found)]
    found.sort(key=lambda time: time.start)
    for n, (one, other) in enumerate(pairwise(found), 1):
        if one.month and not other.month and text[: other.start].endswith(("翌月", "翌月の")):
            found[n] = replace(other, month=one.month % 12 + 1)
    for n, (one, other) in enumerate(pairwise(found)):
        if text[one.end : other.start].strip() == "=" and one.year and other.year and one.year != other.year:
            found[n + 1] = replace(other, contradicts=True)
    return found


def _meets(time: Time, others: Sequence[Time]) -> bool:
    return any(time.start < other.end and other.start < time.end for other in others)


def _full(text: str) -> Iterator[Time]:
    for m in dates(text):
        month = m.first.month if m.granularity in ("month", "day") else None
        day = m.first.day if m.granularity == "day" else None
        fiscal = m.granularity == "fiscal_year"
        wrong = _contradicts(text[m.start : m.end])
        yield Time(m.start, m.end, m.first.year, month, day, fiscal, contradicts=wrong)


def _open(match: re.Match[str]) -> Time:
    parts = match.groupdict()
    year, month, day = (int((parts.get(name) or "0").replace("元", "1")) or None for name in ("year", "month", "day"))
    return Time(*match.span(), None, month, day, parts.get("fiscal") is not None, year)


def _contradicts(written: str) -> bool:
    """Whether 和暦 and 西暦 of one date name different years: 令和8(2025)年度."""
    years = {int(year) for year in _WESTERN.findall(written)}
    years |= {western_year(era, 1 if year == "元" else int(year)) for era, year in _ERA.findall(written)}
    return len(years) > 1
