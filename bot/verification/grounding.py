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
# Numbers that name rather than count: 区分2, 改訂3; not 約5.
_NAMED_BY_NUMBER = 100
_NOUN_BEFORE = re.compile("(?![約計全各第年毎最大小差])[一-龥ァ-ヶーA-Za-z]$")
# A month so many behind that of the issue may also be of the year before: what was held in November, told in January.
_HALF_A_YEAR = 6
_OF_ISSUE = re.compile(r"\s?(?:\([^()]*\))?(?:の|号|発行|公表|発表|時点|現在|に(?:策定|公表|発行|作成))")
_OFFSETS = YEARS_FROM_NOW | YEARS_FROM_TEXT
_FROM_NOW = re.compile(rf"(?P<word>{any_of(_OFFSETS)})(?P<fiscal>度)?|(?<!\d)(?P<n>\d{{1,2}})年(?P<way>前|後)")
_WEEKDAY = re.compile(rf"(?:\s?[の(]|は、?)({WEEKDAY})(?:曜|(?<!は.)[)・])")
# What the towns of a list have in common is written once: 浜・港・岬市.
_SHARED = "市町村区県課部館園校"
# The first year of 令和, in which a bare number of a year is most likely counted.
_THIS_ERA, _CENTURY = range(2019, 2100), 2000


def states_figure(text: str, heads: str, claim: Figure) -> bool:
    """Whether normalised `text` states the figure; a bare number takes its unit from the `heads` over it."""
    return any(is_same_figure(stated, claim, heads) for stated in figures(text))


def is_same_figure(stated: Figure, claim: Figure, heads: str) -> bool:
    """Whether a figure that stands under `heads` is the one claimed, in this or in another unit or notation."""
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
    """Whether `stated`, with what it leaves to the dates `near` it and to the day of publication, is the claim."""
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
    said: set[int | None] = {t.month for t in near if t.month is not None}
    day = _day(published)
    return said | ({day.month} if day else set())


def _years(stated: Time, near: Sequence[Time], published: str) -> Iterator[int]:
    """Yield the years that the date may be of: its own, else those near it, else those about its publication."""
    if stated.year is not None:
        yield stated.year
        return
    if stated.era_year is not None:
        said = (t.year for t in near if t.year is not None)
        yield from (year for year in (*said, *_THIS_ERA) if _era_number(year) == stated.era_year)
        yield _CENTURY + stated.era_year
        return
    yield from (t.year for t in near if t.year is not None)
    if day := _day(published):
        month = stated.month or day.month
        yield day.year
        if month < day.month:
            yield day.year + 1
        if month > day.month + _HALF_A_YEAR:
            yield day.year - 1


def _day(published: str) -> date | None:
    parts = [int(part) for part in published.split("-") if part.isdigit()]
    return date(*[*parts, 1, 1][:3]) if parts else None


def numbered_name(claim: Figure, before: str) -> str:
    """Return the number with the noun right `before` it where it names and does not count (区分2), or nothing."""
    names = not claim.unit and claim.value < _NAMED_BY_NUMBER and _NOUN_BEFORE.search(before)
    return f"{before[-1:]}{claim.value:f}" if names else ""


def has_figure(premise: SourceText, claim: Figure) -> bool:
    """Whether the premise states the figure anywhere."""
    return states_figure(premise.whole, premise.heading, claim)


def has_time(premise: SourceText, claim: Time, behind: str = "", around: Sequence[Time] = ()) -> bool:
    """Whether the premise states the date anywhere, or it is that of its publication; `behind` follows the claim.

    What a date leaves open may be told by those of the premise and those `around` it.
    """
    told = [*premise.times, *_relative_years(premise)]
    near = [*told, *around]
    stated = any(states_time(claim, one, near, premise.published) for one in told)
    as_issue = (claim.month is None or _OF_ISSUE.match(behind)) and _is_issue(premise, claim)
    return not claim.contradicts and bool(stated or as_issue)


@lru_cache(maxsize=4096)
def _relative_years(premise: SourceText) -> tuple[Time, ...]:
    """Return the years that the premise names from its own day: 昨年, 来年度, 3年前."""
    day = _day(premise.published)
    if day is None:
        return ()
    found = []
    for match in _FROM_NOW.finditer(premise.body):
        offset = _OFFSETS[match["word"]] if match["word"] else int(match["n"]) * (-1 if match["way"] == "前" else 1)
        fiscal = bool(match["fiscal"])
        found.append(Time(*match.span(), (fiscal_year(day) if fiscal else day.year) + offset, fiscal=fiscal))
    return (*found, *period_ends(found, premise.body))


def find_wrong_weekdays(text: str, premises: Sequence[SourceText]) -> Iterator[str]:
    """Yield the days of normalised `text` that are told with a weekday that they have in none of the years meant.

    One that a premise tells so itself is as the paper has it.
    """
    as_told = {told[:3] for premise in premises for told in _weekdays(premise.whole)}
    for month, number, weekday, time, end in _weekdays(text):
        years = {time.year} if time.year else {y for p in premises for y in _years(time, p.times, p.published)}
        known = [date(year, month, 1) + timedelta(number - 1) for year in years]
        is_wrong = known and all(WEEKDAYS[day.weekday()] != weekday for day in known)
        if is_wrong and (month, number, weekday) not in as_told:
            yield text[time.start : end]


def _weekdays(text: str) -> Iterator[tuple[int, int, str, Time, int]]:
    """Yield (month, day, weekday, the day, where it ends) of each day that is told with its weekday."""
    month: int | None = None
    for time in times(text):
        month = time.month or month
        if (told := _WEEKDAY.match(text, time.end)) and month and time.day:
            yield month, time.day, told[1], time, told.end()


def _is_issue(premise: SourceText, claim: Time) -> bool:
    """Whether the date is that of the publication, as far as both are told."""
    day, known = _day(premise.published), premise.published.count("-")
    if day is None:
        return False
    year = fiscal_year(day) if claim.fiscal else day.year
    return (
        claim.year in (None, year)
        and claim.era_year in (None, _era_number(year))
        and (claim.month is None or (known > 0 and claim.month == day.month))
        and (claim.day is None or (known > 1 and claim.day == day.day))
    )


def has_contact(premise: SourceText, contact: str) -> bool:
    """Whether the premise gives the telephone number or address."""
    own = contact_key(contact)
    given = {contact_key(premise.body[start:end]) for start, end in contacts(premise.body)}
    return own in given or (not own.isdigit() and own in premise.letters)


def has_name(premise: SourceText, name: str) -> bool:
    """Whether the premise, its headings or the names of its document have the name letter for letter."""
    own = squash(name)
    shared = own[-1:] in _SHARED and re.search(
        rf"{re.escape(own[:-1])}(?:[・、][^\W・、]+)+{own[-1:]}", premise.letters
    )
    return own in premise.letters or bool(shared)
