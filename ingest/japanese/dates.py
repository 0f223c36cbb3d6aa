"""Finds dates with their year in any notation, continued (同年10月) and relative ones (昨年度)."""

import re
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from ingest.japanese.characters import parse_number
from ingest.japanese.lexicon import any_of
from ingest.japanese.notation import (
    DAY,
    DAY_NUMBER,
    ERA,
    ERA_NUMBER,
    ERAS,
    GLOSS,
    KANJI_DAY,
    KANJI_DIGITS,
    KANJI_MONTH,
    MONTH,
    MONTH_NUMBER,
    SHORT_ERA,
    WESTERN,
    with_unit,
)
from ingest.japanese.spans import Spans

# First western year of each era, by all of its names.
_FIRST_YEARS = {name: era.first_day.year for era in ERAS for name in (era.name, era.letter, era.kanji)}
Granularity = Literal["day", "month", "year", "fiscal_year"]
_FISCAL_START = 4
# Years relative to the day of asking, and years relative to the year of a text.
YEARS_FROM_NOW = {"再来年": 2, "来年": 1, "今年": 0, "本年": 0, "一昨年": -2, "おととし": -2, "昨年": -1, "去年": -1}
YEARS_FROM_TEXT = {"翌年": 1, "当年": 0, "前年": -1}
# A month after such a year belongs to it: 今年の1月. 日本年金 and 本年齢 are not years.
_NAMED = rf"(?<![一-龥])(?P<named>{any_of(YEARS_FROM_NOW)})(?:(?P<fiscal>度)|の?(?P<month>1[0-2]|[1-9])月|(?![金齢]))"
_COUNTED = r"(?<![\d.,])(?P<before>\d{1,2})年前"
_RELATIVE_YEAR = re.compile(rf"{_NAMED}|{_COUNTED}")
# Before these, one number of years, months or days is a duration or count (4月1日から3日間, 2年生), not in 4月分.
_LENGTH = re.compile("間|以内|以上|前|後|目|程度|ほど|ぶり|生(?!ま)|(?<!月)分")
_YEARLESS_NEXT = re.compile(
    rf"\s?(?:\([^()\d]{{1,3}}\))?\s?(?P<join>から|より|~|-|・|、|,|及び|と)\s?"
    rf"(?P<rest>(?=\d|元)(?:(?P<year>元|\d{{1,2}})(?!\d)(?:\s?\(\d{{4}}\))?"
    rf"(?:年(?P<fiscal>度)?|(?=(?:[~・-]\d{{1,2}})+年(?P<shared>度)?)))?"
    rf"(?:(?P<month>{MONTH}){with_unit('月')})?(?:(?P<day>{DAY}){with_unit('日')})?)"
)
_RANGE = {"から", "より", "~", "-"}
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
        rf"{_YEAR}{GLOSS}(?=(?:{_ANOTHER_YEAR})+\s?年(?P<shared>度)?(?![間生後前]))",
        r"(?P<era>(?<![A-Za-z])[HR]|(?<![一-龥])[平令](?![元\d]{1,2}[一-龥]))(?P<era_year>元|\d{1,2}(?![\dA-Za-z.年]))",
    )
)
# Not 第3月曜, a weekday.
YEARLESS_DAY = re.compile(rf"(?<![\d.])({MONTH_NUMBER})月(?!曜)(?:\s?({DAY_NUMBER})日)?")
_SLASHED = re.compile(rf"\s?(?P<month>{MONTH})/(?P<day>{DAY})")
_YEARS = re.compile(rf"(?<![\d,/-])(?<!\d\.)({WESTERN})\s?[-~]\s?({WESTERN})(?![\d,-])")
# Every date with a year contains one of these; most texts contain none.
_OF_A_YEAR = re.compile(
    rf"(?:{ERA}|[昭平令MTSHR])\s?[元\d{KANJI_DIGITS}十]|(?<!\d){WESTERN}|[一二][{KANJI_DIGITS}]{{3}}"
)
# Characters; longer texts than sentences and questions are not cached.
_CACHED_TEXT_CHARACTERS = 200
_QUESTION = 1_500


def western_year(era: str, year: int) -> int:
    """Return the western year of `year` of `era` (令和, R, 令), counted from 1; raises KeyError for another name."""
    return _FIRST_YEARS[era] + year - 1


def era_year(year: int) -> str:
    """Return the 和暦 year that is current at the end of western `year`: 2023 -> 令和5, 2019 -> 令和元.

    A year before 明治 is returned in figures.
    """
    era = next((era for era in reversed(ERAS) if year >= era.first_day.year), None)
    if era is None:
        return str(year)
    number = year - era.first_day.year + 1
    return f"{era.name}{number if number > 1 else '元'}"


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date as written at `text[start:end]`: the days `first` to `last` of its granularity."""

    start: int
    end: int
    first: date
    last: date
    granularity: Granularity

    @property
    def key(self) -> str:
        """The canonical spelling of this date: 2023年度, 2023年, 2023年1月, 2023年1月5日."""
        year = f"{self.first.year}年"
        if self.granularity == "fiscal_year":
            return year + "度"
        parts = {"year": "", "month": f"{self.first.month}月", "day": f"{self.first.month}月{self.first.day}日"}
        return year + parts[self.granularity]

    def overlaps(self, other: "DateMention") -> bool:
        """Whether the two have a day in common."""
        return self.first <= other.last and other.first <= self.last

    def covers(self, other: "DateMention") -> bool:
        """Whether every day of `other` is a day of this one."""
        return self.first <= other.first and other.last <= self.last

    def is_of(self, other: "DateMention") -> bool:
        """Whether it is in `other`, or the year of the calendar or fiscal year of the same number: R元, 2019年度."""
        is_year = {self.granularity, other.granularity} == {"year", "fiscal_year"}
        return other.covers(self) or (is_year and self.first.year == other.first.year)


def fiscal_year(day: date) -> int:
    """Return the fiscal year (年度) of a day, which begins in April."""
    return day.year - (day.month < _FISCAL_START)


def make_mention(
    span: tuple[int, int], year: int, month: int | None = None, day: int | None = None, *, fiscal: bool = False
) -> DateMention | None:
    """Return the date at `span`, None if it does not exist; January to March of a fiscal year are in the next year."""
    if fiscal and month and month < _FISCAL_START:
        year += 1
    try:
        first = date(year, month or (_FISCAL_START if fiscal else 1), day or 1)
        if day:
            return DateMention(*span, first, first, "day")
        if month:
            return DateMention(*span, first, first.replace(day=monthrange(year, month)[1]), "month")
        if fiscal:
            return DateMention(*span, first, date(year + 1, 3, 31), "fiscal_year")
        return DateMention(*span, first, date(year, 12, 31), "year")
    except ValueError:
        return None


def resolve_relative_dates(text: str, day: date, is_known: Callable[[str], bool] = lambda _key: True) -> str:
    """Return normalised `text` with relative years resolved from `day`: in 2026, 去年の3月 is 2025年3月.

    Only dates for whose `DateMention.key` `is_known` returns True are replaced.
    """

    def resolve(match: re.Match[str]) -> str:
        year = fiscal_year(day) if match["fiscal"] else day.year
        year += YEARS_FROM_NOW[match["named"]] if match["named"] else -int(match["before"])
        mention = make_mention(
            match.span(), year, int(match["month"]) if match["month"] else None, fiscal=bool(match["fiscal"])
        )
        return mention.key if mention and is_known(mention.key) else match[0]

    return _RELATIVE_YEAR.sub(resolve, text)


def continued_dates(text: str, mentions: Sequence[DateMention]) -> list[DateMention]:
    """Return the dates of `text` that continue complete ones, which are `mentions` in order."""
    mentioned = Spans((w.start, w.end) for w in mentions)
    chained = [following for head in mentions for following in _chain(text, head)]
    free = [m for m in chained if not mentioned.meet(m.start, m.end)]
    return free + list(_relative(text, [*mentions, *free]))


def _chain(text: str, head: DateMention) -> Iterator[DateMention]:
    era = _ERA.match(text, head.start)
    last: DateMention | None = head
    while last and (match := _YEARLESS_NEXT.match(text, last.end)) and match["rest"]:
        has_one_part = sum(match[name] is not None for name in ("year", "month", "day")) == 1
        if has_one_part and _LENGTH.match(text, match.end()):
            return
        last = _next(text, match, last, era[0] if era else None)
        if last:
            yield last


def _next(text: str, match: re.Match[str], last: DateMention, era: str | None) -> DateMention | None:
    if match["year"]:
        return _next_year(text, match, last, era)
    span = match.span("rest")
    month, day = (int(match[name]) if match[name] else None for name in ("month", "day"))
    if month and last.granularity in ("month", "day"):
        turned = match["join"] in _RANGE and month < last.first.month
        return make_mention(span, last.first.year + turned, month, day)
    if day and not month and last.granularity == "day":
        return make_mention(span, last.first.year, last.first.month, day)
    return None


def _next_year(text: str, match: re.Match[str], last: DateMention, era: str | None) -> DateMention | None:
    # A later year of the same era or century; a bare 7年 after から is a duration unless まで follows.
    short = int(parse_number(match["year"]))
    year = western_year(era, short) if era else last.first.year // 100 * 100 + short
    month, day = (int(match[name]) if match[name] else None for name in ("month", "day"))
    fiscal = bool(match["fiscal"] or match["shared"])
    names_time = fiscal or month or re.match(r"\s?(?:まで|にかけ)", text[match.end() :])
    if year <= last.first.year or not (names_time or match["join"] in {"~", "-", "・"}):
        return None
    return make_mention(match.span("rest"), year, month, day, fiscal=fiscal)


def _relative(text: str, mentions: Sequence[DateMention]) -> Iterator[DateMention]:
    in_order = sorted(mentions, key=lambda m: m.end)
    ends = [m.end for m in in_order]
    last: list[DateMention] = []
    for dated in in_order:
        last.append(max([*last[-1:], dated], key=lambda m: m.start))
    for match in _RELATIVE.finditer(text):
        place = bisect_right(ends, match.start())
        if not place:
            continue
        previous = last[place - 1]
        if match["of_month"]:
            mention = make_mention(match.span(), previous.first.year, previous.first.month, int(match["of_month"]))
        else:
            day = int(match["day"]) if match["day"] else None
            mention = make_mention(
                match.span(), previous.first.year + (match["year"] == "翌"), int(match["month"]), day
            )
        if mention:
            yield mention


def dates(text: str) -> list[DateMention]:
    """Return the dates in `text` in order, each with its granularity; dates that do not exist are skipped.

    Parts that continue a date are included: 2024年1月~3月, 令和5年度から7年度まで, 同年10月.
    """
    if not _OF_A_YEAR.search(text):
        return []
    if len(text) > _QUESTION:
        return list(_read(text))
    return list(_read_lately(text) if len(text) <= _CACHED_TEXT_CHARACTERS else _read_long(text))


def days_without_year(text: str) -> list[tuple[int, int, int, int | None]]:
    """Return (start, end, month, day or None) of each month or day without year: 3月末, 1月31日."""
    dated = Spans((mention.start, mention.end) for mention in dates(text))
    return [
        (*match.span(), int(match[1]), int(match[2]) if match[2] else None)
        for match in YEARLESS_DAY.finditer(text)
        if not dated.meet(match.start(), match.start() + 1)
    ]


def _read(text: str) -> tuple[DateMention, ...]:
    mentions = sorted(_explicit_dates(text), key=lambda m: m.start)
    return tuple(sorted(mentions + continued_dates(text, mentions), key=lambda m: m.start))


# A dozen rules parse the same texts for each question; about 0.5 KB per text.
_read_lately = lru_cache(maxsize=8192)(_read)
_read_long = lru_cache(maxsize=32)(_read)


def _explicit_dates(text: str) -> list[DateMention]:
    mentions: list[DateMention] = []
    covered = Spans()
    for form in _FORMS:
        for match in form.finditer(text):
            if not covered.meet(*match.span()):
                covered.add(*match.span())
                mentions += filter(None, [_mention(text, match)])
    for match in _YEARS.finditer(text):
        if not covered.meet(*match.span()):
            mentions += filter(None, [make_mention(match.span(group), int(match[group])) for group in (1, 2)])
    return mentions


def _mention(text: str, match: re.Match[str]) -> DateMention | None:
    part = {name: value for name, value in match.groupdict().items() if value}
    year = _year(part)
    start, end = match.span()
    if "month" not in part and match[0].endswith("年") and (slashed := _SLASHED.match(text, end)):
        part |= slashed.groupdict()
        end = slashed.end()
    month, day = (int(parse_number(part[name])) if name in part else None for name in ("month", "day"))
    return make_mention((start, end), year, month, day, fiscal="fiscal" in part or "shared" in part)


def _year(part: dict[str, str]) -> int:
    if "western" in part:
        return int(parse_number(part["western"]))
    in_era = int(parse_number(part["era_year"]))
    # An era has no year 0: the date does not exist.
    return western_year(part["era"], in_era) if in_era else 0


def named_months(text: str) -> frozenset[str]:
    """Return the months that a text names (6月, 2024年6月号, 6/8), as strings of their numbers."""
    return frozenset(re.findall(r"(?<![\d/])(1[0-2]|[1-9])(?:月|/\d)", text))
