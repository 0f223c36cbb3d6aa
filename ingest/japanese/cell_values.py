"""What table cells contain: figures with units, ranges, days, weekdays and marks, and the units in column heads."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from ingest.japanese import Quantity, dates, nfkc, quantities
from ingest.japanese.mentions.days import NthWeekday, read_weekdays
from ingest.japanese.mentions.quantities import change_after, is_counter, quantities_with_times, unit_symbol
from ingest.japanese.mentions.times import days_without_year

# The unit of days and years, which are compared but never added.
TIME = "time"
# The unit of days that come every year: 1212 is the 12th of December.
DAY_OF_YEAR = "day of year"
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


def unit_above(path: Sequence[str]) -> str:
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


def strip_unit(head: str) -> str:
    """Return a column head without its unit: 利用者数 for 利用者数(人)."""
    return _HEAD_UNIT.sub("", head) if head_unit(head, counters_only=True) else head


@dataclass(frozen=True, slots=True)
class Span:
    """A range of figures of one unit; a single figure where both ends are equal.

    Attributes:
        first, last: the ends, None for an open one.
        is_open_at_first, is_open_at_last: whether an end itself is outside, as in 超 and 未満.
        key: the figures that come before it and have to be equal: 3丁目 of 3丁目1番~20番.
    """

    unit: str
    first: Decimal | None
    last: Decimal | None
    is_open_at_first: bool = False
    is_open_at_last: bool = False
    key: tuple[tuple[str, Decimal], ...] = ()

    def contains(self, number: Decimal) -> bool:
        """Whether a figure of the same unit is in the range; a range of days may go over the end of the year."""
        is_after = self.first is None or (number > self.first if self.is_open_at_first else number >= self.first)
        is_before = self.last is None or (number < self.last if self.is_open_at_last else number <= self.last)
        if self.unit == DAY_OF_YEAR and self.first is not None and self.last is not None and self.first > self.last:
            return is_after or is_before
        return is_after and is_before


@dataclass(frozen=True, slots=True)
class CellContent:
    """A table cell with what it contains.

    Attributes:
        text: the normalised text, "" for a blank cell; a ditto mark is replaced by what it repeats.
        unit: the unit of a bare number, which the head, the label or the line above the table gives.
        values: the figures, or the one day or year that it begins with.
        spans: the ranges, figures and days that it names.
        weekdays: the weekdays, if it consists of nothing else.
        mark: whether it has something (○, 可, あり), not (×, 不可) or in part (△); None for other texts.
    """

    text: str
    unit: str = ""
    values: tuple[Quantity, ...] = ()
    spans: tuple[Span, ...] = ()
    weekdays: frozenset[NthWeekday] = frozenset()
    mark: str | None = None


YES, NO, IN_PART = "yes", "no", "in part"
MARKS = dict.fromkeys(("○", "◯", "〇", "●", "◎", "✓", "✔", "レ", "有", "可", "あり", "有り", "はい", "対応"), YES)
MARKS |= dict.fromkeys(("×", "✕", "✖", "☓", "無", "不可", "なし", "無し", "いいえ"), NO)
MARKS |= dict.fromkeys(("△", "▲"), IN_PART)
_FROM = re.compile(r"\s?(?:\([^()]\))?\s?(?:以上|以降|以後|から|より|~|(?P<open>を超え|超)(?:る|て)?)")
_UNTIL = re.compile(r"\s?(?:以下|以内|以前|まで|(?P<open>未満|より前))")
_SAME_UNIT = {"番地": "番"}
# A column of these has the greatest figure that each row allows.
_MAXIMUM_HEAD = re.compile(r"(?:収容)?(?:定員|人数|人員)|最大(?:定員|人数)|上限(?:額|人数)?")


def read_cell(text: str, unit: str = "", head: str = "") -> CellContent:
    """Return a normalised cell with what it contains; a bare number gets the unit."""
    if is_blank(text):
        return CellContent("")
    unit = unit if is_bare_number(text) else ""
    cell = replace(_read_filled(text + unit), text=text, unit=unit)
    if _MAXIMUM_HEAD.match(head) and len(cell.spans) == 1 and cell.spans[0].first == cell.spans[0].last:
        cell = replace(cell, spans=(replace(cell.spans[0], first=None),))
    return cell


@lru_cache(maxsize=16_384)
def _read_filled(text: str) -> CellContent:
    return CellContent(text, "", parse_values(text), tuple(_read_spans(text)), read_weekdays(text), MARKS.get(text))


def _read_spans(text: str) -> list[Span]:
    points = _days(text) or _figures(text)
    spans = list[Span]()
    key = list[tuple[str, Decimal]]()
    remaining = iter(enumerate(points, 1))
    for n, point in remaining:
        after = points[n] if n < len(points) else None
        begins, ends = _FROM.match(text, point.end), _UNTIL.match(text, point.end)
        is_open = begins is not None and begins["open"] is not None
        if begins and after and _joins(text, begins.end(), point, after):
            until = _UNTIL.match(text, after.end)
            is_last_open = until is not None and until["open"] is not None
            spans.append(Span(after.unit, point.first, after.last, is_open, is_last_open, tuple(key)))
            next(remaining)
        elif begins:
            if _UNTIL.search(text, begins.end()):
                continue  # an end that is no figure: 3歳以上就学前まで
            spans.append(Span(point.unit, point.first, None, is_open, key=tuple(key)))
        elif ends:
            spans.append(Span(point.unit, None, point.last, is_open_at_last=bool(ends["open"]), key=tuple(key)))
        elif after and text[point.end : after.start] in ("", "目", "目の") and point.unit != after.unit:
            key.append((point.unit, point.first))
        else:
            spans.append(Span(point.unit, point.first, point.last, key=tuple(key)))
    return [span for span in spans if span.unit]


class _Point(NamedTuple):
    start: int
    end: int
    unit: str
    first: Decimal
    last: Decimal


def _joins(text: str, start: int, point: _Point, after: _Point) -> bool:
    return point.unit in ("", after.unit) and not text[start : after.start].strip(" 、,・から~翌年の")


def _figures(text: str) -> list[_Point]:
    numbers = (number for number in quantities_with_times(text) if not number.unit.startswith("第"))
    return [_Point(number.start, number.end, unit_of(number), number.value, number.value) for number in numbers]


def _days(text: str) -> list[_Point]:
    points = [
        _Point(day.start, day.end, TIME, Decimal(day.first.toordinal()), Decimal(day.last.toordinal()))
        for day in dates(text)
        if day.granularity == "day"
    ]
    for day in days_without_year(text):
        first = Decimal((day.month or 0) * 100 + (day.day or 0))
        points.append(_Point(day.start, day.end, DAY_OF_YEAR, first, first if day.day else first + 99))
    return sorted(points)


def unit_of(quantity: Quantity) -> str:
    """Return the unit of a figure, in one spelling for those that name the same."""
    return _SAME_UNIT.get(quantity.unit, unit_symbol(quantity.unit))
