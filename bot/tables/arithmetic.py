"""Arithmetic over the figures of tables: how a result is written, and whether a figure follows from others."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import combinations, permutations

PERCENT, POINTS, TIMES = "%", "ポイント", "倍"
# From more figures than this some sum or other gives any number.
_MOST_OPERANDS = 8
_MYRIADS = (("兆", 10**12), ("億", 10**8), ("万", 10**4))


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure: `value` in `unit` (a counter in its one spelling, "" for a bare number)."""

    value: Decimal
    unit: str


class Way(StrEnum):
    """How a figure follows from others."""

    SAME = "same"
    ROUNDED = "rounded"
    SUM = "sum"
    DIFFERENCE = "difference"
    RATIO = "ratio"
    COUNT = "count"


def follows(claimed: Amount, given: Sequence[Amount], *, rounded: bool = False, rows: int = 0) -> Way | None:
    """Return how `claimed` follows from the figures `given`; None where it does not.

    To the digits that it shows, half a step either way where it has decimals or is said to be `rounded`; `rows` is how
    many things are listed, for a claim that counts them. Units are never mixed, and percentages differ by points.
    """
    exact = [one for one in given if one.unit == claimed.unit]
    if any(one.value == claimed.value for one in exact):
        return Way.SAME
    slack = _slack(claimed.value, rounded=rounded)
    if any(abs(one.value - claimed.value) <= slack for one in exact):
        return Way.ROUNDED
    for way, value in _results(claimed.unit, list(given)[:_MOST_OPERANDS]):
        if abs(value - claimed.value) <= slack:
            return way
    return Way.COUNT if rows and claimed.value == rows and claimed.unit not in (PERCENT, POINTS, TIMES) else None


def difference(one: Amount, other: Amount) -> Amount | None:
    """Return the difference, never negative, percentages' in points; None for two units."""
    if one.unit != other.unit:
        return None
    return Amount(abs(one.value - other.value), POINTS if one.unit == PERCENT else one.unit)


def total(amounts: Sequence[Amount]) -> Amount | None:
    """Return the sum; None for none, for two units and for shares, which do not add up."""
    units = {one.unit for one in amounts}
    if len(units) != 1 or units & {PERCENT, POINTS, TIMES}:
        return None
    return Amount(sum((one.value for one in amounts), Decimal(0)), units.pop())


def share(part: Amount, whole: Amount) -> Amount | None:
    """Return what percentage of `whole` a `part` is, to a tenth; None for two units and for a share of nothing."""
    if part.unit != whole.unit or not whole.value:
        return None
    return Amount((part.value / whole.value * 100).quantize(Decimal("0.1")), PERCENT)


def written(amount: Amount, like: Sequence[str] = ()) -> str:
    """Return an amount as figures `like` it are written: 3億3,700万円 beside 8,500万円, else 1,200人."""
    value = amount.value
    sign = "-" if value < 0 else ""
    if value % 1 or not any(re.search("[万億兆]", text) for text in like):
        shown = f"{abs(value):,f}"
        return f"{sign}{shown.rstrip('0').rstrip('.') if '.' in shown else shown}{amount.unit}"
    parts, rest = "", abs(int(value))
    for name, size in _MYRIADS:
        if rest >= size:
            parts, rest = f"{parts}{rest // size:,}{name}", rest % size
    return f"{sign}{parts}{f'{rest:,}' if rest or not parts else ''}{amount.unit}"


def _slack(value: Decimal, *, rounded: bool) -> Decimal:
    exponent = int((value.normalize() if rounded and value else value).as_tuple().exponent)
    return Decimal(1).scaleb(exponent) / 2 if rounded or exponent < 0 else Decimal(0)


def _results(unit: str, given: Sequence[Amount]) -> Iterator[tuple[Way, Decimal]]:
    alike = [one for one in given if one.unit == unit]
    for one, other in combinations(given, 2):
        if (gap := difference(one, other)) and gap.unit == unit:
            yield Way.DIFFERENCE, gap.value
    for size in range(2, len(alike) + 1):
        for some in combinations(alike, size):
            if summed := total(some):
                yield Way.SUM, summed.value
    scale = {PERCENT: Decimal(100), TIMES: Decimal(1), "割": Decimal(10)}.get(unit)
    for one, other in permutations(given, 2):
        if scale and one.unit == other.unit and other.value:
            yield Way.RATIO, one.value / other.value * scale
            yield Way.RATIO, abs(one.value - other.value) / other.value * scale
