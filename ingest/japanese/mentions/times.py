"""Finds the times of a text: dates in any notation, continued ones (同年10月), and those without year or month."""

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache, partial
from itertools import pairwise
from typing import Literal

from ingest.japanese.characters import parse_number
from ingest.japanese.notation import (
    DAY,
    DAY_NUMBER,
    ERA,
    ERA_LETTER,
    ERA_NUMBER,
    ERAS,
    GLOSS,
    KANJI_DAY,
    KANJI_DIGITS,
    KANJI_MONTH,
    MONTH,
    MONTH_NUMBER,
    SHORT_ERA,
    WEEKDAYS,
    WESTERN,
    with_unit,
)
from ingest.japanese.spans import Spans

# First western year of each era, by all of its names.
_FIRST_YEARS = {name: era.first_day.year for era in ERAS for name in (era.name, era.letter, era.kanji)}
Granularity = Literal["day", "month", "year", "fiscal_year"]
_FISCAL_START = 4
# Before these, one number of years, months or days is a duration or count (4月1日から3日間, 2年生), not in 4月分.
_LENGTH = re.compile("間|以内|以上|前|後|目|程度|ほど|ぶり|生(?!ま)|(?<!月)分")
_YEARLESS_NEXT = re.compile(
    rf"\s?(?:\([^()\d]{{1,3}}\))?\s?(?P<join>から|より|~|-|・|、|,|及び|と)\s?"
    rf"(?P<rest>(?=\d|元)(?:(?P<year>元|\d{{1,2}})(?!\d)(?:\s?\(\d{{4}}\))?"
    rf"(?:年(?P<fiscal>度)?|(?=(?:[~・-]\d{{1,2}})+年(?P<shared>度)?)))?"
    rf"(?:(?P<month>{MONTH}){with_unit('月')})?(?:(?P<day>{DAY}){with_unit('日')})?)"
)
_RANGE = {"から", "より", "~", "-"}
_ENDS_PERIOD = re.compile(r"\s?(?:まで|にかけ)")
_RELATIVE = re.compile(
    rf"(?P<year>[同翌])年\s?(?P<month>{MONTH})\s?月(?:\s?(?P<day>{DAY})\s?日)?|同月\s?(?P<of_month>{DAY})\s?日"
)
_ERA = re.compile(f"{ERA}|{SHORT_ERA}")
_WESTERN = rf"(?<![\d,{KANJI_DIGITS}])(?<!\d\.)(?P<western>{WESTERN}|[一二][{KANJI_DIGITS}]{{3}})"
_YEAR = rf"(?:(?P<era>{ERA}|{SHORT_ERA})\s?(?P<era_year>{ERA_NUMBER})|{_WESTERN})"
# M, T and S need two digits before a mark: M7.3 is an earthquake, S3.1 a version.
_SHORT_ERA_BEFORE_MARK = r"(?<![一-龥])[昭平令]|(?<![A-Za-z])(?:[HR]|[MTS](?=\d\d))"
_ERA_YEAR_BEFORE_MARK = rf"(?P<era>{ERA}|{_SHORT_ERA_BEFORE_MARK})(?P<era_year>元|\d{{1,2}})"
_MONTH = rf"(?P<month>{MONTH}|{KANJI_MONTH}){with_unit('月')}"
_DAY = rf"(?P<day>{DAY}|{KANJI_DAY}){with_unit('日')}"
# In 2023~2025年 and 令和5・6年度 only the last year has 年.
_ANOTHER_YEAR = rf"\s?(?:~|-|・|から|及び)\s?(?:{WESTERN}|(?:{ERA}|[HR])?(?:元|\d{{1,2}})(?!\d)){GLOSS}"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"{_YEAR}{GLOSS}\s?年(?P<fiscal>度)?{GLOSS}(?:\s?{_MONTH}(?:\s?{_DAY})?)?",
        rf"(?<![/-]){_YEAR}\s?(?P<mark>[/.])\s?(?P<month>{MONTH})\s?(?P=mark)\s?(?P<day>{DAY})(?!/)",
        rf"(?<![/-]){_WESTERN}-(?P<month>{MONTH})(?:-(?P<day>{DAY}))?(?![A-Za-z\d_-])",
        rf"(?:{_ERA_YEAR_BEFORE_MARK}|{_WESTERN})\.{_MONTH}(?:\s?{_DAY})?",
        rf"(?<![/-]){_ERA_YEAR_BEFORE_MARK}[/.](?P<month>{MONTH})(?![A-Za-z%/]|[.,]\d)",
        rf"(?<![/-]){_WESTERN}[/.](?P<month>{MONTH})(?![\w%/]|[.,]\d)",
        rf"{_YEAR}{GLOSS}(?=(?:{_ANOTHER_YEAR}){{1,20}}\s?年(?P<shared>度)?(?![間生後前]))",
        r"(?P<era>(?<![A-Za-z])[HR]|(?<![一-龥])[平令](?![元\d]{1,2}[一-龥]))(?P<era_year>元|\d{1,2}(?![\dA-Za-z.年]))",
    )
)
# Not 第3月曜, a weekday.
YEARLESS_DAY = re.compile(rf"(?<![\d.])(?P<month>{MONTH_NUMBER})月(?!曜)(?:\s?(?P<day>{DAY_NUMBER})日)?")
_SLASHED = re.compile(rf"\s?(?P<month>{MONTH})/(?P<day>{DAY})")
_YEARS = re.compile(rf"(?<![\d,/-])(?<!\d\.)({WESTERN})\s?[-~]\s?({WESTERN})(?![\d,-])")
# Where a date with a year may begin; most texts have no such place.
_BEGINS_YEAR = re.compile(
    rf"(?=(?:{ERA}|[昭平令MTSHR])\s?[元\d{KANJI_DIGITS}十]|(?<!\d){WESTERN}|[一二][{KANJI_DIGITS}]{{3}})"
)
_WESTERN_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_YEAR_OF_ERA = re.compile(rf"({ERA}|{ERA_LETTER})\s?(\d{{1,2}}|元)")
# 4月2~3日, 4月2・9・16日, 5~11月, 6・7年度: only the last has the unit.
_LISTED = re.compile(
    r"(?<![\d.:/])(?:(1[0-2]|[1-9])月)?((?:(?:3[01]|[12]?\d)\s?[~・、-]\s?){1,31})(?=\d{1,2}(月|年度|日(?!間)|\(|$))"
)
# Times with parts missing, the most certain first; `_LISTED` comes after the second.
_PARTIAL = (
    # 7年3月 and 6年度, with an implied era.
    re.compile(
        r"(?<![\d.,第築後満])(?P<year>\d{1,2}|元)年(?P<fiscal>度)?(?![間以生ご前後目満])"
        r"(?:(?P<month>1[0-2]|[1-9])月)?(?:(?P<day>3[01]|[12]?\d)日)?"
    ),
    # 同月15日, 翌19日: relative to the date before.
    re.compile(rf"(?:(?<=[同翌])|(?<=[同翌]月)|(?<=[同翌]月の))(?P<day>{DAY_NUMBER})日(?!間)"),
    # 10/31(木); 1/2 may be a fraction.
    re.compile(rf"(?<![\d/])(?P<month>{MONTH_NUMBER})/(?P<day>{DAY_NUMBER})(?=\s?\([{WEEKDAYS}祝])"),
    re.compile(rf"(?>{YEARLESS_DAY.pattern})(?![間額])"),
    # A day whose month is given elsewhere: 12日, 14日(金).
    re.compile(rf"(?<![\d.,月第毎])(?P<day>{DAY_NUMBER})日(?![間目分以数前後]|\s?\d*+(?:[~-]\d*+)?日間)"),
)
# Characters; longer texts than questions are not cached.
_MAX_CACHED = 1_500


def era_year(year: int) -> str:
    """Return the 和暦 year that is current at the end of western `year`: 2023 -> 令和5, 2019 -> 令和元.

    A year before 明治 is returned in figures.
    """
    era = next((era for era in reversed(ERAS) if year >= era.first_day.year), None)
    if era is None:
        return str(year)
    number = year - era.first_day.year + 1
    return f"{era.name}{number if number > 1 else '元'}"


def fiscal_year(day: date) -> int:
    """Return the fiscal year (年度) of a day, which begins in April."""
    return day.year - (day.month < _FISCAL_START)


@dataclass(frozen=True, slots=True)
class Time:
    """A day, month or year as written at `text[start:end]`; parts that are not written are None.

    Attributes:
        fiscal: whether it is a 年度; the months of a 年度 with its year have the year of the calendar.
        era_year: a year without era.
        contradicts: whether its 和暦 and 西暦 differ.
    """

    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    fiscal: bool = False
    era_year: int | None = None
    contradicts: bool = False

    @property
    def granularity(self) -> Granularity:
        return "day" if self.day else "month" if self.month else "fiscal_year" if self.fiscal else "year"

    @property
    def first(self) -> date:
        """Its first day; raises ValueError for a time without year."""
        return date(self.year or 0, self.month or (_FISCAL_START if self.fiscal else 1), self.day or 1)

    @property
    def last(self) -> date:
        """Its last day; raises ValueError for a time without year."""
        first = self.first
        if self.granularity == "fiscal_year":
            return date(first.year + 1, 3, 31)
        month = self.month or 12
        return date(first.year, month, self.day or monthrange(first.year, month)[1])

    @property
    def key(self) -> str:
        """The canonical spelling of a date with its year: 2023年度, 2023年, 2023年1月, 2023年1月5日."""
        month = f"{self.month}月" if self.month else "度" if self.fiscal else ""
        return f"{self.year}年{month}" + (f"{self.day}日" if self.day else "")

    @property
    def iso_text(self) -> str:
        """The date as YYYY, YYYY-MM or YYYY-MM-DD; "" for a fiscal year."""
        length = {"year": 4, "month": 7, "day": 10}.get(self.granularity, 0)
        return self.first.isoformat()[:length]

    def overlaps(self, other: "Time") -> bool:
        return self.first <= other.last and other.first <= self.last

    def covers(self, other: "Time") -> bool:
        """Whether every day of `other` is a day of this one."""
        return self.first <= other.first and other.last <= self.last


def make_time(
    span: tuple[int, int], year: int, month: int | None = None, day: int | None = None, *, fiscal: bool = False
) -> Time | None:
    """Return the date at `span`, None if it does not exist; January to March of a fiscal year are in the next year."""
    is_next = fiscal and month and month < _FISCAL_START
    time = Time(*span, year + bool(is_next), month, day, fiscal and not month)
    try:
        return time if time.first <= time.last else None
    except ValueError:
        return None


def dates(text: str) -> list[Time]:
    """Return the dates with a year in normalised `text` in order; dates that do not exist are skipped.

    Parts that continue a date are included: 2024年1月~3月, 令和5年度から7年度まで, 同年10月.
    """
    read = _read_lately if len(text) <= _MAX_CACHED else _read
    return list(read(text)) if _BEGINS_YEAR.search(text) else []


def days_without_year(text: str) -> list[Time]:
    """Return the months and days without year in normalised `text`, in order: 3月末, 1月31日."""
    dated = Spans((mention.start, mention.end) for mention in dates(text))
    return [time for time in _partial_times(YEARLESS_DAY, text) if not dated.meet(time.start, time.start + 1)]


@lru_cache(maxsize=8192)
def times(text: str) -> Sequence[Time]:
    """Return all times of normalised `text` in order, including those without year or month."""
    found: list[Time] = dates(text)
    readers: list[Callable[[str], Iterator[Time]]] = [partial(_partial_times, form) for form in _PARTIAL]
    for read in (*readers[:2], _listed, *readers[2:]):
        covered = Spans((time.start, time.end) for time in found)
        found += [time for time in read(text) if not covered.meet(time.start, time.end)]
    found.sort(key=lambda time: time.start)
    for n, (earlier, other) in enumerate(pairwise(found), 1):
        if earlier.month and not other.month and text[: other.start].endswith(("翌月", "翌月の")):
            found[n] = replace(other, month=earlier.month % 12 + 1)
        is_equation = text[earlier.end : other.start].strip() == "="
        if is_equation and earlier.year and other.year and earlier.year != other.year:
            found[n] = replace(other, contradicts=True)
    return found


def with_months(found: Iterable[Time]) -> Iterator[Time]:
    """Yield the times, the days without month with the month before them."""
    month: int | None = None
    for time in found:
        month = time.month or month
        yield replace(time, month=month) if time.day else time


def _western_year(era: str, year: int) -> int:
    return _FIRST_YEARS[era] + year - 1


def _number(text: str | None) -> int | None:
    return int(parse_number(text)) if text else None


def _partial_times(form: re.Pattern[str], text: str) -> Iterator[Time]:
    for match in form.finditer(text):
        part = match.groupdict()
        year, month, day = (_number(part.get(name)) for name in ("year", "month", "day"))
        fiscal = bool(part.get("fiscal"))
        if year is None or fiscal or month:
            yield Time(*match.span(), month=month, day=day, fiscal=fiscal, era_year=year)


def _listed(text: str) -> Iterator[Time]:
    for match in _LISTED.finditer(text):
        for number in re.finditer(r"\d+", match[2]):
            n = int(number[0])
            end = match.start(2) + number.end()
            start = match.start() if match[1] and not number.start() else match.start(2) + number.start()
            if match[3] == "年度":
                yield Time(start, end, fiscal=True, era_year=n)
            elif match[3] == "月":
                yield Time(start, end, month=n)
            elif match[1] or match[3] == "日":
                yield Time(start, end, month=_number(match[1]), day=n)


def _read(text: str) -> tuple[Time, ...]:
    found = sorted(_explicit_dates(text), key=lambda m: m.start)
    covered = Spans((time.start, time.end) for time in found)
    chained = [following for head in found for following in _chain(text, head)]
    found += [time for time in chained if not covered.meet(time.start, time.end)]
    written = tuple(found)
    for match in _RELATIVE.finditer(text):
        if before := [time for time in written if time.end <= match.start()]:
            previous = max(before, key=lambda time: time.start)
            year, month = previous.first.year + (match["year"] == "翌"), _number(match["month"])
            month, day = month or previous.first.month, _number(match["day"] or match["of_month"])
            found += filter(None, [make_time(match.span(), year, month, day)])
    return tuple(sorted(found, key=lambda m: m.start))


# A dozen rules parse the same texts for each question; about 0.5 KB per text.
_read_lately = lru_cache(maxsize=4096)(_read)


def _explicit_dates(text: str) -> list[Time]:
    found: list[Time] = []
    covered = Spans()
    begins = [match.start() for match in _BEGINS_YEAR.finditer(text)]
    for form in _FORMS:
        for match in _matches(form, text, begins):
            if not covered.meet(*match.span()):
                covered.add(*match.span())
                found += filter(None, [_explicit_date(text, match)])
    for match in _matches(_YEARS, text, begins):
        if not covered.meet(*match.span()):
            found += filter(None, [make_time(match.span(group), int(match[group])) for group in (1, 2)])
    return found


def _matches(form: re.Pattern[str], text: str, begins: Iterable[int]) -> Iterator[re.Match[str]]:
    """Yield what `finditer` would find, which tries every letter."""
    end = 0
    for begin in begins:
        if begin >= end and (match := form.match(text, begin)):
            end = match.end()
            yield match


def _explicit_date(text: str, match: re.Match[str]) -> Time | None:
    part = {name: value for name, value in match.groupdict().items() if value}
    start, end = match.span()
    if "month" not in part and match[0].endswith("年") and (slashed := _SLASHED.match(text, end)):
        part |= slashed.groupdict()
        end = slashed.end()
    year, month, day = (_number(part.get(name)) for name in ("western", "month", "day"))
    if year is None:
        in_era = int(parse_number(part["era_year"]))
        # An era has no year 0: the date does not exist.
        year = _western_year(part["era"], in_era) if in_era else 0
    time = make_time((start, end), year, month, day, fiscal="fiscal" in part or "shared" in part)
    if time is None or "(" not in match[0]:
        return time
    years = {int(each) for each in _WESTERN_YEAR.findall(match[0])}
    years |= {_western_year(era, int(parse_number(each))) for era, each in _YEAR_OF_ERA.findall(match[0])}
    return replace(time, contradicts=len(years) > 1)


def _chain(text: str, head: Time) -> Iterator[Time]:
    era = _ERA.match(text, head.start)
    last: Time | None = head
    while last and (match := _YEARLESS_NEXT.match(text, last.end)) and match["rest"]:
        year, month, day = (_number(match[name]) for name in ("year", "month", "day"))
        has_one_part = sum(part is not None for part in (year, month, day)) == 1
        if has_one_part and _LENGTH.match(text, match.end()):
            return
        of_last = last.first.year
        fiscal = False
        if year is not None:
            # A later year of the same era or century; a bare 7年 after から is a duration unless まで follows.
            year = _western_year(era[0], year) if era else of_last // 100 * 100 + year
            fiscal = bool(match["fiscal"] or match["shared"])
            names_time = fiscal or month or _ENDS_PERIOD.match(text, match.end())
            if year <= of_last or not (names_time or match["join"] in {"~", "-", "・"}):
                return
        elif month and last.month:
            year = of_last + (match["join"] in _RANGE and month < last.month)
        elif day and not month and last.day:
            year, month = of_last, last.month
        else:
            return
        last = make_time(match.span("rest"), year, month, day, fiscal=fiscal)
        if last:
            yield last
