"""Arithmetic over the figures of tables, and how a result is written."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

PERCENT, POINTS, TIMES = "%", "ポイント", "倍"
_MYRIADS = (("兆", 10**12), ("億", 10**8), ("万", 10**4))


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure: `value` in `unit` (a counter in its one spelling, "" for a bare number)."""

    value: Decimal
    unit: str


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
