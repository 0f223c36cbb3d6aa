"""Figures that a source writes in another way: the length between two times of it, and the number of what it strings.

Nothing here is a sum of amounts; those need a formula, or figures that the statement tells (reckoning.py).
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import combinations, pairwise

from bot.claims.figures import COUNTS_NOTHING, Figure
from bot.claims.times import Time, times

# 午後7時半, 19:30, and the first of 19~21時.
_CLOCK = re.compile(
    r"(?P<later>午後|夕方|夜)?(?<![\d,.])(?P<h>\d{1,2})(?:時(?!間)|:|(?=半?[~-]\d{1,2}時(?!間)))(?:(?P<m>\d{2})分?|(?P<half>半))?"
)
_NOON, _HOUR = 12, 60
_FREE = re.compile("無料|かかりません|かからない")
_QUOTED = re.compile("「[^」]+」")
# What a day is counted from where its year is not told: only lengths are taken from it.
_SOME_YEAR = 2001
_DAYS_OF_WEEK, _DAYS_OF_MONTH, _DAYS_OF_YEAR = 7, Decimal("30.44"), Decimal("365.25")
_LENGTHS = {"日間": Decimal(1), "週間": Decimal(_DAYS_OF_WEEK), "か月": _DAYS_OF_MONTH, "年間": _DAYS_OF_YEAR}
_LENGTHS |= {"年": _DAYS_OF_YEAR, "か月間": _DAYS_OF_MONTH}
_CLOCK_UNITS = {"時間": _HOUR, "分間": 1}
_MOST_COUNTED = 31
# Between more dates than this lies any number of days.
_MOST_DATES = 6


def derived(claim: Figure, text: str, sources: Sequence[str]) -> bool:
    """Whether the figure is the length between two times of normalised `text` and `sources`, or how many one strings.

    A length of months or years may be told to the half, and 0円 where nothing is to be paid.
    """
    texts = (text, *sources)
    if claim.value == 0:
        return any(_FREE.search(text) for text in texts)
    if minutes := _CLOCK_UNITS.get(claim.unit):
        return any(_near(claim.value, Decimal(length) / minutes, 0) for text in texts for length in _clock(text))
    if days := _LENGTHS.get(claim.unit):
        exact = claim.unit == "日間"
        return any(
            _near(claim.value, (length + extra) / days, 0 if exact else Decimal("0.6"))
            for length in _days(texts)
            for extra in (0, 1)
        ) or (exact and any(claim.value == len(_dated(text)) for text in texts))
    return claim.unit not in COUNTS_NOTHING and claim.value <= _MOST_COUNTED and claim.value in _counts(texts)


def _near(value: Decimal, length: Decimal, tolerance: Decimal | int) -> bool:
    return abs(value - length) <= tolerance


def _clock(text: str) -> Iterator[int]:
    """Yield the minutes from one time of day to the next that is told."""
    given = [_minutes(match) for match in _CLOCK.finditer(text)]
    for one, other in pairwise(given):
        if other > one:
            yield other - one
        elif other + _NOON * _HOUR > one:  # 午前11時から1時まで
            yield other + _NOON * _HOUR - one


def _minutes(match: re.Match[str]) -> int:
    hours = int(match["h"]) + (_NOON if match["later"] and int(match["h"]) < _NOON else 0)
    return hours * _HOUR + (_HOUR // 2 if match["half"] else int(match["m"] or 0))


def _dated(text: str) -> list[Time]:
    """Return the days that are told, once each."""
    return list({(time.month, time.day): time for time in times(text) if time.day}.values())


def _days(texts: Sequence[str]) -> Iterator[Decimal]:
    """Yield the days between any two of the dates that are told, whatever of them stands there."""
    placed: list[date] = []
    for time in (time for text in texts for time in times(text)):
        before = placed[-1] if placed else date(time.year or _SOME_YEAR, 1, 1)
        year = time.year or (time.era_year and _SOME_YEAR + time.era_year) or before.year
        month = time.month or before.month
        try:
            day = date(year, month, time.day or 1)
            if not time.year and not time.era_year and placed and day < before:
                day = day.replace(year=year + 1)
        except ValueError:
            continue
        placed.append(day)
    yield from (Decimal(abs((other - one).days)) for one, other in combinations(placed[:_MOST_DATES], 2))


def _counts(texts: Sequence[str]) -> set[int]:
    """Return how many days, times from one hour to another, and named things the texts string."""
    counts = {len(_dated(text)) for text in texts}
    counts |= {len(_QUOTED.findall(text)) for text in texts}
    clocks = [len(_CLOCK.findall(text)) for text in texts]
    counts |= {*clocks, *(number // 2 for number in clocks)}
    return counts - {0, 1}
