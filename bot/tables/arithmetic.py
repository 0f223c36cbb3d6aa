"""Arithmetic with figures and units, and the notation of results."""

import re
from collections.abc import Sequence
from decimal import Context, Decimal, localcontext

from ingest.chunking.cell_values import TIME, Value

PERCENT = "%"
POINTS = "ポイント"
TIMES = "倍"
_TENTH = Decimal("0.1")
# Cells have at most 28 digits before and after the point, so sums and shares of them are exact to a tenth.
_EXACT = Context(prec=80)
_LARGE_NUMBERS = (("兆", 10**12), ("億", 10**8), ("万", 10**4))
_HAS_LARGE_NUMBER = re.compile(r"\d[万億兆]")


def difference(first: Value, second: Value) -> Value | None:
    """Return the absolute difference, in points for percentages; None for different units and for times."""
    if first.unit != second.unit or first.unit == TIME:
        return None
    with localcontext(_EXACT):
        return Value(abs(first.number - second.number), POINTS if first.unit == PERCENT else first.unit)


def total(values: Sequence[Value]) -> Value | None:
    """Return the sum; None for no values, mixed units, and for shares and times, which do not add up."""
    units = {value.unit for value in values}
    if len(units) != 1 or units & {PERCENT, POINTS, TIMES, TIME}:
        return None
    with localcontext(_EXACT):
        return Value(sum((value.number for value in values), Decimal(0)), units.pop())


def mean(sum_of_values: Value, count: int) -> Value:
    """Return the mean of `count` values to a tenth."""
    with localcontext(_EXACT):
        return Value((sum_of_values.number / count).quantize(_TENTH), sum_of_values.unit)


def share(part: Value, whole: Value) -> Value | None:
    """Return `part` as a percentage of `whole`, to a tenth; None for different units or a `whole` of zero."""
    if part.unit != whole.unit or not whole.number:
        return None
    with localcontext(_EXACT):
        return Value((part.number / whole.number * 100).quantize(_TENTH), PERCENT)


def format_value(value: Value, operands: str = "") -> str:
    """Return a figure with its unit, in the notation of its `operands`: 3億3,700万円 or 1,200人."""
    number = value.number.normalize(_EXACT)
    if number % 1 or not _HAS_LARGE_NUMBER.search(operands):
        return f"{number:,f}{value.unit}"
    text = "-" if number < 0 else ""
    remainder = abs(int(number))
    for name, size in _LARGE_NUMBERS:
        if remainder >= size:
            text += f"{remainder // size:,}{name}"
            remainder %= size
    if remainder or not number:
        text += f"{remainder:,}"
    return f"{text}{value.unit}"
