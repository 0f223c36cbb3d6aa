"""Grounding of figures, dates, contacts and names in source texts, in any notation."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache

from bot.verification.source_text import SourceText, period_ends, squash
from ingest.japanese import era_year, fiscal_year
from ingest.japanese.contacts import contact_key, contacts
from ingest.japanese.dates import YEARS_FROM_NOW, YEARS_FROM_TEXT
from ingest.japanese.figures import COUNTS_NOTHING, Figure, figures, to_base_unit
from ingest.japanese.lexicon import any_of
from ingest.japanese.notation import WEEKDAY, WEEKDAYS
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
_WEEKDAY = re.compile(rf"(?:\s?[の(]|は、?)({WEEKDAY})(?:曜|(?<!は.)[)・])")
# Suffixes that a list writes only once: 浜・港・岬市.
_SHARED = "市町村区県課部館園校"
# The years of 令和, the most likely era of a bare year number.
_CURRENT_ERA, _CENTURY = range(2019, 2100), 2000


def states_figure(text: str, heads: str, claim: Figure) -> bool:
    """Whether normalised `text` has the figure; a bare number takes its unit from `heads`."""
    return any(is_same_figure(stated, claim, heads) for stated in figures(text))


def is_same_figure(stated: Figure, claim: Figure, heads: str) -> bool:
    """Whether a figure under `heads` equals the claim, in any unit or notation."""
    unit, value = stated.unit, stated.value
    one_kind = (
        unit == claim.unit
        or not claim.unit
        or (unit and ANY_THING & {unit, claim.unit} and not COUNTS_NOTHING & {unit, claim.unit})
        or {unit, claim.unit} == _YEARS
        or (claim.unit[:1] == "第" and unit in ("第", "") and "曜" in claim.unit)
        or (not unit and claim.unit in heads)
    )
    if one_kind and claim.allows(value):
        return True
    return unit != claim.unit and to_base_unit(value, unit) == to_base_unit(claim.value, claim.unit)


def _era_number(year: int | None) -> int | None:
    if year is None:
        return None
    written = era_year(year).replace("元", "1")
    return int("".join(filter(str.isdigit, written)))


def states_time(claim: Time, stated: Time, near: Sequence[Time], published: str) -> bool:
    """Whether `stated`, completed from nearby dates and the publication date, equals the claim."""
    if claim.day is not None and claim.day != stated.day:
        return False
    if claim.month is not None and claim.month not in _months(stated, near, published):
        return False
    years = set(_years(stated, near, published))
    if claim.era_year is not None:
        return claim.era_year == stated.era_year or any(claim.era_year in (_era_number(y), y % 100) for y in years)
    of_year = claim.year is None or claim.year in years or not years
    only_year = claim.day is None and claim.month is None and claim.year is not None
    return of_year and bool(years or not only_year)


def _months(stated: Time, near: Sequence[Time], published: str) -> set[int | None]:
    if stated.month is not None:
        return {stated.month}
    if stated.day is None:
        return {None}
    months: set[int | None] = {t.month for t in near if t.month is not None}
    day = _day(published)
    return months | ({day.month} if day else set())


def _years(stated: Time, near: Sequence[Time], published: str) -> Iterator[int]:
    """Yield the possible years of a date: its own, else those of nearby dates and of the publication."""
    if stated.year is not None:
        yield stated.year
        return
    if stated.era_year is not None:
        nearby_years = (t.year for t in near if t.year is not None)
        yield from (year for year in (*nearby_years, *_CURRENT_ERA) if _era_number(year) == stated.era_year)
        yield _CENTURY + stated.era_year
        return
    yield from (t.year for t in near if t.year is not None)
    if day := _day(published):
        month = stated.month or day.month
        yield day.year
        if month < day.month:
            yield day.year + 1
        if month > day.month + _HALF_YEAR:
            yield day.year - 1


def _day(published: str) -> date | None:
    parts = [int(part) for part in published.split("-") if part.isdigit()]
    return date(*[*parts, 1, 1][:3]) if parts else None


def numbered_name(claim: Figure, before: str) -> str:
    """Return the noun `before` and its number where the number names (区分2), else an empty string."""
    names = not claim.unit and claim.value < _MAX_NAMING_NUMBER and _NOUN_BEFORE.search(before)
    return f"{before[-1:]}{claim.value:f}" if names else ""


def has_figure(source: SourceText, claim: Figure) -> bool:
    """Whether the source text has the figure."""
    return states_figure(source.whole, source.heading, claim)


def has_time(source: SourceText, claim: Time, after: str = "", nearby: Sequence[Time] = ()) -> bool:
    """Whether the source text has the date, or was published on it; `after` follows the claim.

    Missing parts of a date are completed from the source text's dates and from `nearby`.
    """
    own_times = [*source.times, *_relative_years(source)]
    near = [*own_times, *nearby]
    stated = any(states_time(claim, own, near, source.published) for own in own_times)
    as_issue = (claim.month is None or _OF_ISSUE.match(after)) and _is_publication_date(source, claim)
    return not claim.contradicts and bool(stated or as_issue)


@lru_cache(maxsize=4096)
def _relative_years(source: SourceText) -> tuple[Time, ...]:
    """Return the years that the source text names relative to its own date: 昨年, 来年度, 3年前."""
    day = _day(source.published)
    if day is None:
        return ()
    years = []
    for match in _FROM_NOW.finditer(source.body):
        offset = _OFFSETS[match["word"]] if match["word"] else int(match["n"]) * (-1 if match["way"] == "前" else 1)
        fiscal = bool(match["fiscal"])
        years.append(Time(*match.span(), (fiscal_year(day) if fiscal else day.year) + offset, fiscal=fiscal))
    return (*years, *period_ends(years, source.body))


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
        if (weekday := _WEEKDAY.match(text, time.end)) and month and time.day:
            yield month, time.day, weekday[1], time, weekday.end()


def _is_publication_date(source: SourceText, claim: Time) -> bool:
    """Whether the date is the publication date, as far as both are given."""
    day, known = _day(source.published), source.published.count("-")
    if day is None:
        return False
    year = fiscal_year(day) if claim.fiscal else day.year
    return (
        claim.year in (None, year)
        and claim.era_year in (None, _era_number(year))
        and (claim.month is None or (known > 0 and claim.month == day.month))
        and (claim.day is None or (known > 1 and claim.day == day.day))
    )


def has_contact(source: SourceText, contact: str) -> bool:
    """Whether the source text has the telephone number or address."""
    key = contact_key(contact)
    given = {contact_key(source.body[start:end]) for start, end in contacts(source.body)}
    return key in given or (not key.isdigit() and key in source.letters)


def has_name(source: SourceText, name: str) -> bool:
    """Whether the source text has the name letter for letter, in text, headings or document names."""
    letters_of_name = squash(name)
    is_in_list = letters_of_name[-1:] in _SHARED and re.search(
        rf"{re.escape(letters_of_name[:-1])}(?:[・、][^\W・、]+)+{letters_of_name[-1:]}", source.letters
    )
    return letters_of_name in source.letters or bool(is_in_list)
