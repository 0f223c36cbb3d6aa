"""What a text claims in a form that can be compared: figures, dates and spans of time.

The same reading is made of an answer's statement and of a passage, so that two ways of writing one thing (１,６５５名,
1655人) make no difference. Pass text through `ingest.normalise.nfkc` first.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from bot.check.clock import clocked
from bot.check.figure import Change, Figure
from bot.check.rounding import slack
from ingest.normalise import DateMention, Quantity, dates, era_year, quantities, western_year

_CHANGES: tuple[tuple[Change, re.Pattern[str]], ...] = (
    ("増", re.compile(r"\s?[のをもが]?(?:増|上昇|アップ|拡大)")),
    ("減", re.compile(r"\s?[のをもが]?(?:減|削減|縮減|低下|ダウン)")),
)
_BOUNDS = ("以上", "以下", "未満", "以内")
# Down to so much, or no further; 1,000件まで増やす goes up to it.
_AT_MOST = re.compile(r"\s?の?\(?(?:以下|以内|未満|まで(?![^、。]{0,3}(?:増|伸|広|拡|引き?上|高|上げ)))")
# Lengths of time that are said in two ways: 4か年 = 4年間.
_LENGTHS = {"か年": "年間", "か年度": "年間", "分": "分間", "秒": "秒間", "日": "日間"}
_TENTHS = "割"


@lru_cache(maxsize=8192)
def figures(text: str) -> Sequence[Figure]:
    """Return the figures of `text` outside its dates; in 15~20件 the lower end takes the unit of the upper."""
    covered = [(start, end) for start, end, *_ in days_without_year(text)]
    found = [
        _figure(text, quantity)
        for quantity in quantities(text)
        if not _is_word(text, quantity) and not any(start <= quantity.start < end for start, end in covered)
    ]
    found = _fractions(text, clocked(text, found))
    for i, (low, high) in enumerate(pairwise(found)):
        if not low.unit and re.fullmatch(r"\s?[~-]\s?", text[low.end : high.start]):
            found[i] = replace(low, unit=high.unit)
    return found


_FRACTION = re.compile(r"(?<![\d/.])(\d{1,2})/(\d{1,2})(?![\d/.]|\s?[=月日年])")


def _fractions(text: str, found: Sequence[Figure]) -> list[Figure]:
    """Return the figures with 2/3 read as the one number that 3分の2 is."""
    read = list(found)
    for match in _FRACTION.finditer(text):
        parts = [f for f in read if match.start() <= f.start and f.end <= match.end()]
        above, below = Decimal(match[1]), Decimal(match[2])
        if len(parts) == len(match.groups()) and 0 < above < below:
            read = sorted([*(f for f in read if f not in parts), Figure(*match.span(), above / below, "")], key=_start)
    return read


def _start(figure: Figure) -> int:
    return figure.start


def _figure(text: str, quantity: Quantity) -> Figure:
    value, unit = quantity.value, _LENGTHS.get(quantity.unit, quantity.unit)
    if unit == _TENTHS:
        value, unit = value * 10, "%"
    behind = text[quantity.end :]
    change: Change = next((name for name, pattern in _CHANGES if pattern.match(behind)), "")
    bound = next((name for name in _BOUNDS if re.match(rf"\s?の?{name}", behind)), "")
    below, above = slack(text, quantity)
    if quantity.unit == _TENTHS:
        below, above = below * 10, above * 10
    return Figure(quantity.start, quantity.end, value, unit, change, bound, bool(_AT_MOST.match(behind)), below, above)


def _is_word(text: str, quantity: Quantity) -> bool:
    """Whether it counts nothing: 一人ひとり, 一つの; 2つ目, 3点目 run through a list."""
    return text[quantity.start] == "一" or text[quantity.end :].startswith("目")


_WESTERN = re.compile(r"(?<!\d)\d{4}(?!\d)")
_ERA = re.compile(r"(明治|大正|昭和|平成|令和|[MTSHR])\s?(\d{1,2}|元)")


def contradicts_itself(text: str, mention: DateMention) -> bool:
    """Whether 和暦 and 西暦 of one date name different years: 令和8(2025)年度."""
    written = text[mention.start : mention.end]
    years = {int(year) for year in _WESTERN.findall(written)}
    years |= {western_year(era, 1 if year == "元" else int(year)) for era, year in _ERA.findall(written)}
    return len(years) > 1


@dataclass(frozen=True, slots=True)
class Span:
    """From one date to another, as 令和8年度から令和11年度まで or 2023-2025 write it."""

    first: DateMention
    last: DateMention


_FROM_TO = re.compile(r"\s?(?:\([^()]*\))?\s?(?:から|より|~|-)\s?")


def spans(text: str) -> list[Span]:
    """Return the spans of time in `text`."""
    found = dates(text)
    return [Span(first, last) for first, last in pairwise(found) if _FROM_TO.fullmatch(text[first.end : last.start])]


# A month or day without its year: 3月末, 1月31日.
_DAY = re.compile(r"(?<![\d.])(1[0-2]|0?[1-9])月(?:(3[01]|[12]\d|0?[1-9])日)?")


def days_without_year(text: str) -> list[tuple[int, int, int, int | None]]:
    """Return (start, end, month, day or None) of each month and day that is written without its year."""
    covered = [(m.start, m.end) for m in dates(text)]
    return [
        (*match.span(), int(match[1]), int(match[2]) if match[2] else None)
        for match in _DAY.finditer(text)
        if not any(start <= match.start() < end for start, end in covered)
    ]


def era_number(year: int) -> int:
    """Return the number of `year` in its era, as 8年度 writes it where the era is understood: 2026 -> 8."""
    return int(re.sub(r"\D", "", era_year(year).replace("元", "1")))
