"""Finds spans of months without a year: 4〜6月, 4月から6月, 第2四半期, 上半期. Years begin in April."""

import re

_NUMBER_OF_QUARTER = {n: i % 4 for i, n in enumerate("1234一二三四")}
_FIRST_MONTH, _MONTHS, _QUARTER, _HALF = 4, 12, 3, 6
_RANGE = re.compile(r"(?<!\d)(?P<first>\d{1,2})月?分?\s?(?:~|-|から)\s?(?P<last>\d{1,2})月(?!\d)")
_PART = re.compile(
    r"第\s?(?P<quarter>[1-4一二三四])\s?四半期|(?P<first_half>上半期|上期|前半期)|(?P<second_half>下半期|下期|後半期)"
)
MONTH_SPAN = re.compile(rf"{_RANGE.pattern}|{_PART.pattern}")
"""A span of months as it is written."""


def find_month_span(text: str) -> tuple[int, ...]:
    """Return the months of the first span in normalised `text` in order, by number; empty for none."""
    if match := _RANGE.search(text):
        first, last = int(match["first"]), int(match["last"])
        is_span = first != last and 1 <= first <= _MONTHS and 1 <= last <= _MONTHS
        return _months(first, (last - first) % _MONTHS + 1) if is_span else ()
    match = _PART.search(text)
    if match is None:
        return ()
    if match["quarter"]:
        return _months(_FIRST_MONTH + _QUARTER * _NUMBER_OF_QUARTER[match["quarter"]], _QUARTER)
    return _months(_FIRST_MONTH + (_HALF if match["second_half"] else 0), _HALF)


def _months(first: int, n: int) -> tuple[int, ...]:
    return tuple((first - 1 + i) % _MONTHS + 1 for i in range(n))
