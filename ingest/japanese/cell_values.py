"""What table cells contain: figures with units, days, and the units in column heads."""

import re
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from ingest.japanese import Quantity, dates, nfkc, quantities
from ingest.japanese.mentions.quantities import change_after, is_counter

# The unit of days and years, which are compared but never added.
TIME = "time"
# A unit at the end of a column head: 利用者数(人), 事業費(単位:千円), but not (累計).
_HEAD_UNIT = re.compile(r"[(\[]\s?(?:単位\s?:\s?)?(?P<unit>[^()\[\]\s\d]{1,8}|[ck]?m[23])\s?[)\]]\s*$")
_UNIT_LINE = re.compile(r"単位\s?:\s?(?P<unit>[^()\s]{1,8})")
_NOT_A_UNIT = re.compile(r"累計|目標|実績|年|見込|推計|予定|案|税|含|除|参考|再掲|[ぁ-ん]{2}")
_BEFORE_FIGURE = re.compile(r"[\s約+△▲-]*")
_NEGATIVE = re.compile(r"[\s約]*[△▲-]")
_BARE_NUMBER = re.compile(rf"{_BEFORE_FIGURE.pattern}[\d,.]+")
# Digits of a figure before or after the point; a longer one is text, such as a code.
_MAX_DIGITS = 28
_BLANK = re.compile(r"[-‐‑–—―−ーｰ－…・\s]*")


def is_blank(cell: str) -> bool:
    """Whether a cell is empty or a dash."""
    return _BLANK.fullmatch(cell) is not None


@lru_cache(maxsize=4096)
def head_unit(head: str, *, counters_only: bool = False) -> str:
    """Return the unit in brackets at the end of a column head, or "".

    With `counters_only` only known counters, because an answer repeats the unit with each figure.
    """
    match = _HEAD_UNIT.search(nfkc(head))
    unit = match["unit"] if match else ""
    return "" if _NOT_A_UNIT.search(unit) or (counters_only and not is_counter(unit)) else unit


@lru_cache(maxsize=4096)
def unit_above(path: tuple[str, ...]) -> str:
    """Return the unit in the lines above a table, or ""."""
    matches = (_UNIT_LINE.search(nfkc(line)) for line in reversed(path))
    return next((match["unit"] for match in matches if match), "")


# Many cells have the same content; about 300 bytes per entry.
@lru_cache(maxsize=16_384)
def parse_values(cell: str) -> tuple[Quantity, ...]:
    """Return the figures of a normalised cell, or the one day or year that it begins with, as its ordinal.

    Empty if words precede the first figure, or one is too long.
    """
    days = dates(cell)
    if len(days) == 1 and not cell[: days[0].start].strip():
        return (Quantity(days[0].start, days[0].end, Decimal(days[0].first.toordinal()), TIME),)
    numbers = [number for number in quantities(cell) if not number.unit.startswith("第")]
    is_figure = numbers and numbers[0].unit != "時" and _BEFORE_FIGURE.fullmatch(cell, 0, numbers[0].start)
    if not is_figure or "~" in cell or any(abs(number.value.adjusted()) >= _MAX_DIGITS for number in numbers):
        return ()
    numbers = [replace(number, change=change_after(cell, number.end)) for number in numbers]
    return (replace(numbers[0], value=-numbers[0].value) if _NEGATIVE.match(cell) else numbers[0], *numbers[1:])


def is_bare_number(cell: str) -> bool:
    """Whether a cell is a number without unit."""
    return _BARE_NUMBER.fullmatch(cell) is not None
