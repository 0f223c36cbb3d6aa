"""Dates with their year, however it is written: 令和5(2023)年度, R5.1月, H31.2, 2019年2月, 2024/4/1, 二〇二三年三月."""

import re
from functools import lru_cache

from ingest.normalise.carried import carried
from ingest.normalise.eras import western_year
from ingest.normalise.mention import DateMention, mention
from ingest.normalise.notation import (
    DAY,
    ERA,
    ERA_NUMBER,
    GLOSS,
    KANJI_DAY,
    KANJI_MONTH,
    MONTH,
    SHORT_ERA,
    WESTERN,
    with_unit,
)
from ingest.normalise.numerals import number

_WESTERN = rf"(?<![\d,〇一二三四五六七八九])(?<!\d\.)(?P<western>{WESTERN}|[一二][〇一二三四五六七八九]{{3}})"
_YEAR = rf"(?:(?P<era>{ERA}|{SHORT_ERA})\s?(?P<era_year>{ERA_NUMBER})|{_WESTERN})"
# Before a mark M, T and S need two digits: M7.3 is an earthquake, S3.1 a version.
_SHORT_ERA_BEFORE_MARK = r"(?<![一-龥])[昭平令]|(?<![A-Za-z])(?:[HR]|[MTS](?=\d\d))"
_ERA_YEAR_BEFORE_MARK = rf"(?P<era>{ERA}|{_SHORT_ERA_BEFORE_MARK})(?P<era_year>元|\d{{1,2}})"
_MONTH = rf"(?P<month>{MONTH}|{KANJI_MONTH}){with_unit('月')}"
_DAY = rf"(?P<day>{DAY}|{KANJI_DAY}){with_unit('日')}"
# In 2023~2025年 and 令和5・6年度 the last year says 年 for all.
_ANOTHER_YEAR = rf"\s?(?:~|-|・|から|及び)\s?(?:{WESTERN}|(?:{ERA}|[HR])?(?:元|\d{{1,2}})(?!\d)){GLOSS}"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"{_YEAR}{GLOSS}\s?年(?P<fiscal>度)?{GLOSS}(?:\s?{_MONTH}(?:\s?{_DAY})?)?",
        rf"(?<![/-]){_YEAR}\s?(?P<mark>[/.])\s?(?P<month>{MONTH})\s?(?P=mark)\s?(?P<day>{DAY})(?!/)",
        rf"(?<![/-]){_WESTERN}-(?P<month>{MONTH})(?:-(?P<day>{DAY}))?(?![\w-])",
        rf"(?:{_ERA_YEAR_BEFORE_MARK}|{_WESTERN})\.{_MONTH}(?:\s?{_DAY})?",
        rf"(?<![/-]){_ERA_YEAR_BEFORE_MARK}[/.](?P<month>{MONTH})(?![A-Za-z%/]|[.,]\d)",
        rf"(?<![/-]){_WESTERN}[/.](?P<month>{MONTH})(?![\w%/]|[.,]\d)",
        rf"{_YEAR}{GLOSS}(?=(?:{_ANOTHER_YEAR})+\s?年(?P<shared>度)?(?![間生後前]))",
        r"(?<![A-Za-z])(?P<era>[HR])(?P<era_year>\d{1,2})(?![\dA-Za-z.年])",
    )
)
_SLASHED = re.compile(rf"\s?(?P<month>{MONTH})/(?P<day>{DAY})")
_YEARS = re.compile(rf"(?<![\d,/-])(?<!\d\.)({WESTERN})\s?[-~]\s?({WESTERN})(?![\d,-])")
# Every year has one of these, and most texts have none.
_OF_A_YEAR = re.compile(r"[\d〇一二三四五六七八九十元]")
# Characters of a heading, a cell or a sentence; what is longer is read but once.
_SHORT = 200


def dates(text: str) -> list[DateMention]:
    """Return the dates written in `text` in order, each with its granularity; what names no real day is left out.

    A part that carries on from the date before it counts too: 2024年1月~3月, 令和5年度から7年度まで, 同年10月.
    """
    if not _OF_A_YEAR.search(text):
        return []
    return list(_read_lately(text) if len(text) <= _SHORT else _read(text))


def _read(text: str) -> tuple[DateMention, ...]:
    found = sorted(_written(text), key=lambda m: m.start)
    return tuple(sorted(found + carried(text, found), key=lambda m: m.start))


# The same cells, headings and sentences are read by a dozen rules for each question; about half a KB a text.
_read_lately = lru_cache(maxsize=8192)(_read)


def _written(text: str) -> list[DateMention]:
    found: list[DateMention] = []
    taken: list[tuple[int, int]] = []
    for form in _FORMS:
        for match in form.finditer(text):
            if _is_free(match.span(), taken):
                taken.append(match.span())
                found += filter(None, [_mention(text, match)])
    for match in _YEARS.finditer(text):
        if _is_free(match.span(), taken):
            found += filter(None, [mention(match.span(group), int(match[group])) for group in (1, 2)])
    return found


def _is_free(span: tuple[int, int], taken: list[tuple[int, int]]) -> bool:
    return not any(start < span[1] and span[0] < end for start, end in taken)


def _mention(text: str, match: re.Match[str]) -> DateMention | None:
    part = {name: value for name, value in match.groupdict().items() if value}
    year = _year(part)
    start, end = match.span()
    if "month" not in part and match[0].endswith("年") and (slashed := _SLASHED.match(text, end)):
        part |= slashed.groupdict()
        end = slashed.end()
    month, day = (int(number(part[name])) if name in part else None for name in ("month", "day"))
    return mention((start, end), year, month, day, fiscal="fiscal" in part or "shared" in part)


def _year(part: dict[str, str]) -> int:
    """Return the western year; 0, which no calendar has, for the year 0 of an era."""
    if "western" in part:
        return int(number(part["western"]))
    in_era = int(number(part["era_year"]))
    return western_year(part["era"], in_era) if in_era else 0
