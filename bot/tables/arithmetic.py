"""Figures, the arithmetic over them, and how a result is written."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

# The unit of a value that is a day or a year: such values are compared, never reckoned with.
TIME = "time"
PERCENT, POINTS, TIMES = "%", "ポイント", "倍"
_MYRIADS = (("兆", 10**12), ("億", 10**8), ("万", 10**4))


@dataclass(frozen=True, slots=True)
class Value:
    """A figure in `unit` (a counter in its one spelling, "" for a bare number), `written` as its cell has it, if any.

    `change` is 1 or -1 where it says by how much something rises or falls.
    """

    number: Decimal
    unit: str
    written: str = ""
    change: int = 0


def difference(one: Value, other: Value) -> Value | None:
    """Return the difference, never negative, percentages' in points; None for two units, and for times."""
    if one.unit != other.unit or one.unit == TIME:
        return None
    return Value(abs(one.number - other.number), POINTS if one.unit == PERCENT else one.unit)


def total(values: Sequence[Value]) -> Value | None:
    """Return the sum; None for none, for two units, and for shares and times, which do not add up."""
    units = {one.unit for one in values}
    if len(units) != 1 or units & {PERCENT, POINTS, TIMES, TIME}:
        return None
    return Value(sum((one.number for one in values), Decimal(0)), units.pop())


def share(part: Value, whole: Value) -> Value | None:
    """Return what percentage of `whole` a `part` is, to a tenth; None for two units and for a share of nothing."""
    if part.unit != whole.unit or not whole.number:
        return None
    return Value((part.number / whole.number * 100).quantize(Decimal("0.1")), PERCENT)


def written(value: Value, like: Sequence[str] = ()) -> str:
    """Return a figure as those are written that it is `like`: 3億3,700万円 beside 8,500万円, else 1,200人."""
    number = value.number
    sign = "-" if number < 0 else ""
    if number % 1 or not any(re.search("[万億兆]", text) for text in like):
        shown = f"{abs(number):,f}"
        return f"{sign}{shown.rstrip('0').rstrip('.') if '.' in shown else shown}{value.unit}"
    parts, rest = "", abs(int(number))
    for name, size in _MYRIADS:
        if rest >= size:
            parts, rest = f"{parts}{rest // size:,}{name}", rest % size
    return f"{sign}{parts}{f'{rest:,}' if rest or not parts else ''}{value.unit}"
