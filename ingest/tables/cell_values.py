"""What table cells contain: figures with units, ranges, days, weekdays and marks, and the units in column heads."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from ingest.japanese import Quantity, dates, nfkc, quantities
from ingest.japanese.calendar_days import NthWeekday, read_weekdays
from ingest.japanese.dates import days_without_year
from ingest.japanese.quantities import is_counter, unit_symbol

# The unit of days and years, which are compared but never added.
TIME = "time"
# The unit of days that come every year: 1212 is the 12th of December.
DAY_OF_YEAR = "day of year"
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
class Cell:
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
    values: tuple[Value, ...] = ()
    spans: tuple[Span, ...] = ()
    weekdays: frozenset[NthWeekday] = frozenset()
    mark: str | None = None


YES, NO, IN_PART = "yes", "no", "in part"
_MARKS = dict.fromkeys(("○", "◯", "〇", "●", "◎", "✓", "✔", "レ", "有", "可", "あり", "有り", "はい", "対応"), YES)
_MARKS |= dict.fromkeys(("×", "✕", "✖", "☓", "無", "不可", "なし", "無し", "いいえ"), NO)
_MARKS |= dict.fromkeys(("△", "▲"), IN_PART)
_DITTO = re.compile(r"[〃〟″\"]|(?:同上|同前|同じ|仝)")
_DITTO_LEFT = re.compile(r"同左|←")
_FROM = re.compile(r"\s?(?:以上|以降|以後|から|より|~|(?:を超え|超)(?P<open>)(?:る|て)?)")
_UNTIL = re.compile(r"\s?(?:以下|以内|以前|まで|(?:未満|より前)(?P<open>))")
_JOINS_DAYS = re.compile(r"\s?(?:\(.\))?\s?(?:~|から|より|-)\s?翌?(?:年の?)?")
_SAME_UNIT = {"番地": "番"}
# A column of these has the greatest figure that each row allows.
_MAXIMUM_HEAD = re.compile(r"(?:収容)?(?:定員|人数|人員)|最大(?:定員|人数)|上限(?:額|人数)?")


def repeats_above(text: str) -> bool:
    """Whether a normalised cell repeats the one above."""
    return _DITTO.fullmatch(text) is not None


def repeats_left(text: str) -> bool:
    """Whether a normalised cell repeats the one on its left."""
    return _DITTO_LEFT.fullmatch(text) is not None


def read_cell(text: str, unit: str = "", head: str = "") -> Cell:
    """Return a normalised cell with what it contains; a bare number gets the unit."""
    if is_blank(text):
        return Cell("")
    unit = unit if is_bare_number(text) else ""
    cell = replace(_read_filled(text + unit), text=text, unit=unit)
    if _MAXIMUM_HEAD.match(head) and len(cell.spans) == 1 and cell.spans[0].first == cell.spans[0].last:
        cell = replace(cell, spans=(replace(cell.spans[0], first=None),))
    return cell


@lru_cache(maxsize=16_384)
def _read_filled(text: str) -> Cell:
    return Cell(text, "", parse_values(text), tuple(read_spans(text)), read_weekdays(text), _MARKS.get(text))


def read_spans(text: str) -> list[Span]:
    """Return the ranges, single figures and days of a normalised text."""
    days = _day_ends(text)
    if days:
        return _day_spans(text, days)
    numbers = [number for number in quantities(text) if not number.unit.startswith("第")]
    units = [unit_of(number) for number in numbers]
    spans = list[Span]()
    key = list[tuple[str, Decimal]]()
    taken = -1
    for i, number in enumerate(numbers):
        if i == taken:
            continue
        after = numbers[i + 1] if i + 1 < len(numbers) else None
        begins, ends = _FROM.match(text, number.end), _UNTIL.match(text, number.end)
        if begins and after and _is_end(text, begins.end(), after) and (not units[i] or units[i] == units[i + 1]):
            excluded = _UNTIL.match(text, after.end)
            is_open = excluded is not None and excluded["open"] is not None
            spans.append(Span(units[i + 1], number.value, after.value, begins["open"] is not None, is_open, tuple(key)))
            taken = i + 1
        elif begins:
            spans.append(Span(units[i], number.value, None, begins["open"] is not None, key=tuple(key)))
        elif ends:
            spans.append(Span(units[i], None, number.value, is_open_at_last=ends["open"] is not None, key=tuple(key)))
        elif after and text[number.end : after.start] in ("", "目", "目の") and units[i] != units[i + 1]:
            key.append((units[i], number.value))
        else:
            spans.append(Span(units[i], number.value, number.value, key=tuple(key)))
    return [span for span in spans if span.unit]


def unit_of(quantity: Quantity) -> str:
    """Return the unit of a figure, in one spelling for those that name the same."""
    return _SAME_UNIT.get(quantity.unit, unit_symbol(quantity.unit))


def _is_end(text: str, start: int, number: Quantity) -> bool:
    return not text[start : number.start].strip(" 、,・から~")


def _day_ends(text: str) -> list[tuple[int, int, str, Decimal, Decimal]]:
    found = [
        (day.start, day.end, TIME, Decimal(day.first.toordinal()), Decimal(day.last.toordinal()))
        for day in dates(text)
        if day.granularity == "day"
    ]
    for start, end, month, day in days_without_year(text):
        first, last = (month * 100 + day,) * 2 if day else (month * 100, month * 100 + 99)
        found.append((start, end, DAY_OF_YEAR, Decimal(first), Decimal(last)))
    return sorted(found)


def _day_spans(text: str, days: Sequence[tuple[int, int, str, Decimal, Decimal]]) -> list[Span]:
    spans = list[Span]()
    joined = {i for i, (day, after) in enumerate(pairwise(days)) if _JOINS_DAYS.fullmatch(text[day[1] : after[0]])}
    for i, (_, end, unit, first, last) in enumerate(days):
        if i - 1 in joined:
            continue
        if i in joined:
            spans.append(Span(unit, first, days[i + 1][4]))
        elif _FROM.match(text, end):
            spans.append(Span(unit, first, None))
        elif until := _UNTIL.match(text, end):
            spans.append(Span(unit, None, last, is_open_at_last=until["open"] is not None))
        else:
            spans.append(Span(unit, first, last))
    return spans
