"""Values of table cells: figures with their units, days and years, and the units given in column heads."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from ingest.japanese import Quantity, dates, nfkc, quantities
from ingest.japanese.quantities import is_counter

# The unit of days and years, which are compared but never added.
TIME = "time"
_CHANGE = re.compile(r"\s?(?:(?P<falls>減|削減|の減)|(?P<rises>増|の増))")
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


def leading_quantities(cell: str) -> list[Quantity]:
    """Return the quantities of a normalised cell, without ordinals; empty if words precede the first.

    Also empty if one is too long to be a figure.
    """
    numbers = [q for q in quantities(cell) if not q.unit.startswith("第")]
    is_figure = numbers and _BEFORE_FIGURE.fullmatch(cell[: numbers[0].start])
    return numbers if is_figure and all(abs(q.value.adjusted()) < _MAX_DIGITS for q in numbers) else []


def is_negative(cell: str) -> bool:
    """Whether a normalised cell begins with a negative figure."""
    return _NEGATIVE.match(cell) is not None


@lru_cache(maxsize=4096)
def head_unit(head: str, *, counters_only: bool = False) -> str:
    """Return the unit in brackets at the end of a column head, or "".

    With `counters_only` only known counters, because an answer repeats the unit with each figure.
    """
    match = _HEAD_UNIT.search(nfkc(head))
    unit = match["unit"] if match else ""
    return "" if _NOT_A_UNIT.search(unit) or (counters_only and not is_counter(unit)) else unit


def unit_above(path: Sequence[str]) -> str:
    """Return the unit in the lines above a table, or ""."""
    matches = (_UNIT_LINE.search(nfkc(line)) for line in reversed(path))
    return next((match["unit"] for match in matches if match), "")


@dataclass(frozen=True, slots=True)
class Value:
    """A figure in a cell.

    Attributes:
        number: the figure.
        unit: its unit, "" for a bare number.
        written: the figure as in its cell.
        change: 1 for an increase by the figure, -1 for a decrease, else 0.
    """

    number: Decimal
    unit: str
    written: str = ""
    change: int = 0


# Many cells have the same content; about 300 bytes per entry.
@lru_cache(maxsize=16_384)
def parse_values(cell: str) -> tuple[Value, ...]:
    """Return the figures of a normalised cell, or the one day or year that it begins with."""
    days = dates(cell)
    if len(days) == 1 and not cell[: days[0].start].strip():
        return (Value(Decimal(days[0].first.toordinal()), TIME, cell[days[0].start : days[0].end]),)
    numbers = leading_quantities(cell)
    if not numbers or numbers[0].unit == "時" or "~" in cell:
        return ()
    values = list[Value]()
    for number in numbers:
        sign = -1 if number is numbers[0] and is_negative(cell) else 1
        written = cell[number.start : number.end]
        values.append(Value(sign * number.value, number.unit, written, _change_after(cell, number.end)))
    return tuple(values)


def _change_after(cell: str, end: int) -> int:
    change = _CHANGE.match(cell, end)
    if change is None:
        return 0
    return -1 if change["falls"] else 1


def is_bare_number(cell: str) -> bool:
    """Whether a cell is a number without unit."""
    return _BARE_NUMBER.fullmatch(cell) is not None


def strip_unit(head: str) -> str:
    """Return a column head without its unit: 利用者数 for 利用者数(人)."""
    return _HEAD_UNIT.sub("", head) if head_unit(head, counters_only=True) else head
