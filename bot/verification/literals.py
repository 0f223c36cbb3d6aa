"""Literals of a text, and whether a source text has them in any notation: figures, dates, contacts, names."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import LiteralMention

from bot.verification.organisation_names import names
from bot.verification.source_text import SourceText, content_words, period_ends
from ingest.japanese import era_year, fiscal_year
from ingest.japanese.contacts import contact_key, contacts
from ingest.japanese.dates import YEARS_FROM_NOW, YEARS_FROM_TEXT
from ingest.japanese.figures import COUNTS_NOTHING, FigureMention, figures, to_base_unit
from ingest.japanese.lexicon import any_of
from ingest.japanese.normal_forms import fold_normalised
from ingest.japanese.notation import BRACKETED_WEEKDAYS, WEEKDAY, WEEKDAYS
from ingest.japanese.partial_dates import Time, times
from ingest.japanese.quantities import ANY_THING

_YEARS = frozenset({"年", "年間"})
# Numbers below this may name rather than count: 区分2, 改訂3; not 約5.
_MAX_NAMING_NUMBER = 100
_NOUN_BEFORE = re.compile("(?![約計全各第年毎最大小差])[一-龥ァ-ヶーA-Za-z]$")
# A month this far after the month of issue may belong to the previous year: an event of November in a January issue.
_HALF_YEAR = 6
_OF_ISSUE = re.compile(r"\s?(?:\([^()]*\))?(?:の|号|発行|公表|発表|時点|現在|に(?:策定|公表|発行|作成))")
_OFFSETS = YEARS_FROM_NOW | YEARS_FROM_TEXT
_FROM_NOW = re.compile(rf"(?P<word>{any_of(_OFFSETS)})(?P<fiscal>度)?|(?<!\d)(?P<n>\d{{1,2}})年(?P<way>前|後)")
_WEEKDAY_OF_DAY = re.compile(rf"(?:\s?[の(]|は、?)({WEEKDAY})(?:曜|(?<!は.)[)・])")
_WEEKDAY = re.compile(BRACKETED_WEEKDAYS)
# Suffixes that a list writes only once: 浜・港・岬市.
_SHARED = "市町村区県課部館園校"
# The years of 令和, the most likely era of a bare year number.
_CURRENT_ERA = range(2019, 2100)
# The year before the first of 平成 and of 昭和, and the centuries of a year in two digits.
_YEARS_BEFORE = (1988, 1925, 1900, 2000)
_NOON = 12
# 年に3回, 1年分: one year is a rate, not a figure of the source.
_PER_YEAR = re.compile(r"1年(?:間)?(?=に|分)")


@dataclass(frozen=True, slots=True)
class LiteralMention:
    """A figure, date, contact or name at `text[start:end]` of a normalised statement; `value` is its canonical form."""

    kind: LiteralMention["figure", "date", "contact", "name"]
    start: int
    end: int
    text: str
    value: FigureMention | Time | str

    @property
    def written(self) -> str:
        """The literal as the statement writes it."""
        return self.text[self.start : self.end]


@lru_cache(maxsize=2048)
def literals(text: str) -> tuple[LiteralMention, ...]:
    """Return the figures, dates and contacts of normalised `text` in order, then its names.

    Numbers within a date or a contact are no figures, and neither is one of something (1人, 1回).
    """
    spans = contacts(text)
    dated = [time for time in times(text) if not _is_within(time.start, spans)]
    taken = (*spans, *((time.start, time.end) for time in dated))
    counted = [figure for figure in figures(text) if not figure.is_each and not _is_within(figure.start, taken)]
    counted = [figure for figure in counted if not _PER_YEAR.match(text, figure.start)]
    ordered = sorted(
        [
            *(LiteralMention("contact", start, end, text, contact_key(text[start:end])) for start, end in spans),
            *(LiteralMention("date", time.start, time.end, text, time) for time in dated),
            *(LiteralMention("figure", figure.start, figure.end, text, figure) for figure in counted),
        ],
        key=lambda literal: literal.start,
    )
    return (*ordered, *(LiteralMention("name", start, start + len(name), text, name) for start, name in names(text)))


def _is_within(place: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= place < end for start, end in spans)


@lru_cache(maxsize=16384)
def content_terms(text: str) -> frozenset[str]:
    """Return the content words of normalised `text`, and each of its figures and dates as one word."""
    terms = {f"{f.value.normalize():f}{f.unit}" for f in figures(text) if f.unit not in ANY_THING}
    terms |= {f"{t.month or ''}/{t.day or ''}" for t in times(text) if t.day or t.month}
    terms |= {f"{t.year}年" for t in times(text) if t.year}
    return content_words(_WEEKDAY.sub("", text)) | terms


def is_in_source(literal: LiteralMention, source: SourceText, nearby: Sequence[Time] = ()) -> bool:
    """Whether passage, headings, title or publication date have the literal; `nearby` dates complete a partial one."""
    if isinstance(literal.value, Time):
        return _has_date(source, literal.value, literal.text[literal.end :], nearby)
    if isinstance(literal.value, FigureMention):
        if name := _numbered_name(literal.value, literal.text[: literal.start]):
            return has_name(source, name)
        return any(is_same_figure(stated, literal.value, source.whole) for stated in source.figures)
    if literal.kind == "contact":
        given = {contact_key(source.body[start:end]) for start, end in contacts(source.body)}
        return literal.value in given or (not literal.value.isdigit() and literal.value in source.letters)
    return has_name(source, literal.value)


def is_in_question(literal: LiteralMention, question: str) -> bool:
    """Whether the normalised question has the literal, so that a statement may repeat it."""
    if isinstance(literal.value, Time):
        return not literal.value.contradicts and any(_states_date(literal.value, t, (), "") for t in times(question))
    if isinstance(literal.value, FigureMention):
        return any(is_same_figure(stated, literal.value, "") for stated in figures(question))
    return fold_normalised(literal.written) in fold_normalised(question)


def is_same_figure(stated: FigureMention, claim: FigureMention, text: str) -> bool:
    """Whether a figure equals the claim in any unit or notation; a bare number may have its unit elsewhere in `text`.

    An hour below noon may be meant in the afternoon (午後3時から4時).
    """
    unit, value = stated.unit, stated.value
    is_one_kind = (
        unit == claim.unit
        or not claim.unit
        or (unit and ANY_THING & {unit, claim.unit} and not COUNTS_NOTHING & {unit, claim.unit})
        or {unit, claim.unit} == _YEARS
        or (claim.unit[:1] == "第" and unit in ("第", "") and "曜" in claim.unit)
        or (not unit and claim.unit in text)
    )
    if is_one_kind and (claim.allows(value) or (unit == "時" and claim.value < _NOON == value - claim.value)):
        return True
    return unit != claim.unit and to_base_unit(value, unit) == to_base_unit(claim.value, claim.unit)


def has_name(source: SourceText, name: str) -> bool:
    """Whether the source text has the name letter for letter, in text, headings or document names."""
    letters = fold_normalised(name)
    is_in_list = letters[-1:] in _SHARED and re.search(
        rf"{re.escape(letters[:-1])}(?:[・、][^\W・、]+)+{letters[-1:]}", source.letters
    )
    return letters in source.letters or bool(is_in_list)


def find_wrong_weekdays(text: str, sources: Sequence[SourceText]) -> Iterator[str]:
    """Yield the days of normalised `text` whose weekday is wrong in every possible year.

    A weekday that a source text gives itself is accepted.
    """
    in_sources = {entry[:3] for source in sources for entry in _weekdays(source.whole)}
    for month, number, weekday, time, end in _weekdays(text):
        years = {time.year} if time.year else {y for p in sources for y in _years(time, p.times, p.published)}
        days = [date(year, month, 1) + timedelta(number - 1) for year in years]
        is_wrong = days and all(WEEKDAYS[day.weekday()] != weekday for day in days)
        if is_wrong and (month, number, weekday) not in in_sources:
            yield text[time.start : end]


def _weekdays(text: str) -> Iterator[tuple[int, int, str, Time, int]]:
    """Yield (month, day, weekday, time, end) of each day that is written with its weekday."""
    month: int | None = None
    for time in times(text):
        month = time.month or month
        if (weekday := _WEEKDAY_OF_DAY.match(text, time.end)) and month and time.day:
            yield month, time.day, weekday[1], time, weekday.end()


def _numbered_name(claim: FigureMention, before: str) -> str:
    """Return the noun `before` and its number where the number names (区分2), else an empty string."""
    is_name = not claim.unit and claim.value < _MAX_NAMING_NUMBER and _NOUN_BEFORE.search(before)
    return f"{before[-1:]}{claim.value:f}" if is_name else ""


def _has_date(source: SourceText, claim: Time, after: str, nearby: Sequence[Time]) -> bool:
    own_times = [*source.times, *_relative_years(source)]
    near = [*own_times, *nearby]
    is_stated = any(_states_date(claim, own, near, source.published) for own in own_times)
    is_issue = (claim.month is None or _OF_ISSUE.match(after)) and _is_publication_date(source, claim)
    return not claim.contradicts and bool(is_stated or is_issue)


def _states_date(claim: Time, stated: Time, near: Sequence[Time], published: str) -> bool:
    """Whether `stated`, completed from nearby dates and the publication date, equals the claim."""
    if claim.day is not None and claim.day != stated.day:
        return False
    if claim.month is not None and claim.month not in _months(stated, near, published):
        return False
    years = set(_years(stated, near, published))
    if claim.era_year is not None:
        return claim.era_year == stated.era_year or any(claim.era_year in (_era_number(y), y % 100) for y in years)
    is_of_year = claim.year is None or claim.year in years or not years
    is_year_alone = claim.day is None and claim.month is None and claim.year is not None
    return is_of_year and bool(years or not is_year_alone)


def _months(stated: Time, near: Sequence[Time], published: str) -> set[int | None]:
    if stated.month is not None:
        return {stated.month}
    if stated.day is None:
        return {None}
    months: set[int | None] = {t.month for t in near if t.month is not None}
    day = _to_day(published)
    return months | ({day.month} if day else set())


def _years(stated: Time, near: Sequence[Time], published: str) -> Iterator[int]:
    """Yield the possible years of a date: its own, else those of nearby dates and of the publication."""
    if stated.year is not None:
        yield stated.year
        return
    if stated.era_year is not None:
        nearby_years = (t.year for t in near if t.year is not None)
        yield from (year for year in (*nearby_years, *_CURRENT_ERA) if _era_number(year) == stated.era_year)
        yield from (before + stated.era_year for before in _YEARS_BEFORE)
        return
    yield from (t.year for t in near if t.year is not None)
    if day := _to_day(published):
        month = stated.month or day.month
        yield day.year
        if month < day.month:
            yield day.year + 1
        if month > day.month + _HALF_YEAR:
            yield day.year - 1


def _era_number(year: int | None) -> int | None:
    if year is None:
        return None
    written = era_year(year).replace("元", "1")
    return int("".join(filter(str.isdigit, written)))


def _to_day(published: str) -> date | None:
    parts = [int(part) for part in published.split("-") if part.isdigit()]
    return date(*[*parts, 1, 1][:3]) if parts else None


@lru_cache(maxsize=4096)
def _relative_years(source: SourceText) -> tuple[Time, ...]:
    """Return the years that the source text names relative to its own date: 昨年, 来年度, 3年前."""
    day = _to_day(source.published)
    if day is None:
        return ()
    years = []
    for match in _FROM_NOW.finditer(source.body):
        offset = _OFFSETS[match["word"]] if match["word"] else int(match["n"]) * (-1 if match["way"] == "前" else 1)
        fiscal = bool(match["fiscal"])
        years.append(Time(*match.span(), (fiscal_year(day) if fiscal else day.year) + offset, fiscal=fiscal))
    return (*years, *period_ends(years, source.body))


def _is_publication_date(source: SourceText, claim: Time) -> bool:
    """Whether the date is the publication date, as far as both are given."""
    day, parts_given = _to_day(source.published), source.published.count("-")
    if day is None:
        return False
    year = fiscal_year(day) if claim.fiscal else day.year
    return (
        claim.year in (None, year)
        and claim.era_year in (None, _era_number(year))
        and (claim.month is None or (parts_given > 0 and claim.month == day.month))
        and (claim.day is None or (parts_given > 1 and claim.day == day.day))
    )
