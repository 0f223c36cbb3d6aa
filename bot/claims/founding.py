"""What a text claims (figures, dates, contacts), and whether a clause of a premise, or all of it, states that."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from bot.claims.contacts import contacts, digits
from bot.claims.figures import ANY_THING, COUNTS_NOTHING, Figure, figures, measured
from bot.claims.premise import Clause, Premise, squash
from bot.claims.times import Time, times
from ingest.normalise import era_year, fiscal_year, western_year

_YEARS = {"年", "年間"}
# Numbers that name rather than count: 区分2, 改訂3; not 約5.
_NAMED_BY_NUMBER = 100
_NOUN_BEFORE = re.compile("(?![約計全各第年毎最大小差])[一-龥ァ-ヶーA-Za-z]$")
# A month so many behind that of the issue may also be of the year before: what was held in November, told in January.
_HALF_A_YEAR = 6
_CENTURY = 2000
_OF_ISSUE = re.compile(r"\s?(?:\([^()]*\))?(?:の|号|発行|公表|発表|時点|現在|に(?:策定|公表|発行|作成))")
_WEEK = "月火水木金土日"
_WEEKDAY = re.compile(rf"\s?[の(]([{_WEEK}])(?:曜|[)・])")
# What the towns of a list have in common is written once: 浜・港・岬市.
_SHARED = "市町村区県課部館園校"


@dataclass(frozen=True, slots=True)
class Claim:
    """A figure, date or contact at `text[start:end]` of a statement; `value` is its canonical form."""

    kind: Literal["figure", "date", "contact"]
    start: int
    end: int
    text: str
    value: Figure | Time | str

    @property
    def written(self) -> str:
        """The claim as the statement writes it."""
        return self.text[self.start : self.end]

    @property
    def unit(self) -> str:
        """What it counts or measures, where it is a figure."""
        return self.value.unit if isinstance(self.value, Figure) else ""


@lru_cache(maxsize=2048)
def claims(text: str) -> Sequence[Claim]:
    """Return the figures, dates and contacts of normalised `text`, in order."""
    told = contacts(text)
    found = [Claim("contact", a, b, text, digits(text[a:b])) for a, b in told]
    days = [t for t in times(text) if not any(a <= t.start < b for a, b in told)]
    found += [Claim("date", t.start, t.end, text, t) for t in days]
    taken = [*told, *((t.start, t.end) for t in times(text))]
    free = (f for f in figures(text) if not f.is_each and not any(a <= f.start < b for a, b in taken))
    found += [Claim("figure", f.start, f.end, text, f) for f in free]
    return sorted(found, key=lambda claim: claim.start)


def states(clause: Clause, claim: Claim, premise: Premise) -> bool:
    """Whether a clause of the premise states the claim."""
    if isinstance(claim.value, Figure):
        return any(is_alike(stated, claim.value, " ".join(clause.heads)) for stated in figures(clause.text))
    if isinstance(claim.value, str):
        return claim.value in _contacts(clause)
    said = times(clause.text)
    near = [*times(" ".join(clause.heads)), *times(clause.line), *times(premise.heading)] if said else []
    return any(is_date(claim.value, stated, near, premise.day) for stated in said)


def is_rival(clause: Clause, claim: Claim) -> bool:
    """Whether a clause states a figure, date or contact of the claim's kind, that or another."""
    if isinstance(claim.value, Figure):
        return any(other.unit == claim.value.unit for other in figures(clause.text))
    if isinstance(claim.value, str):
        return any(own.isdigit() == claim.value.isdigit() for own in _contacts(clause))
    parts = (claim.value.day is None, claim.value.month is None)
    return any((t.day is None, t.month is None) == parts or (t.day and claim.value.day) for t in times(clause.text))


def _contacts(clause: Clause) -> set[str]:
    return {digits(clause.text[a:b]) for a, b in contacts(clause.text)}


def is_alike(stated: Figure, claim: Figure, heads: str) -> bool:
    """Whether a figure that stands under `heads` is the one claimed, in this or in another unit or notation.

    A bare number takes its unit from the heads.
    """
    units = {stated.unit, claim.unit}
    one_kind = (
        claim.unit in ("", stated.unit)
        or (stated.unit and ANY_THING & units and not COUNTS_NOTHING & units)
        or units == _YEARS
        or (claim.unit[:1] == "第" and stated.unit in ("第", "") and "曜" in claim.unit)
        or (not stated.unit and claim.unit in heads)
    )
    if claim.bound and stated.bound and units == {claim.unit}:
        return claim.bounds_as(stated)
    if one_kind and claim.allows(stated.value):
        return True
    return measured(stated.value, stated.unit) == measured(claim.value, claim.unit)


def named_by(claim: Figure, before: str) -> str:
    """Return the number with the noun right `before` it where it names and does not count (区分2), or nothing."""
    names = not claim.unit and claim.value < _NAMED_BY_NUMBER and _NOUN_BEFORE.search(before)
    return f"{before[-1:]}{claim.value:f}" if names else ""


def is_date(claim: Time, stated: Time, near: Sequence[Time], issued: date | None) -> bool:
    """Whether `stated`, with what it leaves to the dates `near` it and to the day of publication, is the claim."""
    if claim.day not in (None, stated.day):
        return False
    if claim.month is not None and claim.month not in _months(stated, near, issued):
        return False
    years = set(_years(stated, near, issued))
    if claim.era_year is not None:
        return claim.era_year == stated.era_year or any(claim.era_year in (_of_era(y), y % 100) for y in years)
    only_year = claim.day is None and claim.month is None
    return claim.year is None or claim.year in years or not (years or only_year)


def _of_era(year: int) -> int:
    return int(re.sub(r"\D", "", era_year(year).replace("元", "1")))


def _months(stated: Time, near: Sequence[Time], issued: date | None) -> set[int | None]:
    if stated.month is not None or stated.day is None:
        return {stated.month}
    return {*(t.month for t in near if t.month is not None), *([issued.month] if issued else [])}


def _years(stated: Time, near: Sequence[Time], issued: date | None) -> Iterator[int]:
    """Yield the years that the date may be of: its own, else those near it, else those about its publication."""
    said = [t.year for t in near if t.year is not None]
    if stated.year is not None:
        yield stated.year
    elif stated.era_year is not None:
        yield from (year for year in said if _of_era(year) == stated.era_year)
        yield from (western_year("令和", stated.era_year), _CENTURY + stated.era_year)
    else:
        yield from said
        if issued:
            month = stated.month or issued.month
            yield issued.year
            if month < issued.month:
                yield issued.year + 1
            if month > issued.month + _HALF_A_YEAR:
                yield issued.year - 1


def is_issue(claim: Time, behind: str, premise: Premise) -> bool:
    """Whether the date, which `behind` follows, is told of the publication, as far as both are told."""
    if premise.day is None or not (claim.month is None or _OF_ISSUE.match(behind)):
        return False
    year = fiscal_year(premise.day) if claim.fiscal else premise.day.year
    _, month, day = (*premise.issue, None, None)[:3]
    return is_date(claim, Time(0, 0, year, month, day), (), None)


def misdated(text: str, premises: Sequence[Premise]) -> Iterator[str]:
    """Yield the days of normalised `text` that are told with a weekday that they have in none of the years meant."""
    month: int | None = None
    for time in times(text):
        month = time.month or month
        told = _WEEKDAY.match(text, time.end)
        if told and month and time.day:
            years = {time.year} if time.year else {y for p in premises for y in _years(time, p.times, p.day)}
            known = [date(year, month, 1) + timedelta(time.day - 1) for year in years]
            if known and all(_WEEK[day.weekday()] != told[1] for day in known):
                yield text[time.start : told.end()]


def has_contact(premise: Premise, claim: Claim) -> bool:
    """Whether the premise gives the telephone number or address."""
    return squash(claim.written) in premise.letters or any(states(c, claim, premise) for c in premise.clauses)


def has_name(premise: Premise, name: str) -> bool:
    """Whether the premise, its headings or the names of its document have the name letter for letter."""
    own = squash(name)
    shared = rf"{re.escape(own[:-1])}(?:[・、][^\W・、]+)+{own[-1:]}"
    return own in premise.letters or (own[-1:] in _SHARED and bool(re.search(shared, premise.letters)))
