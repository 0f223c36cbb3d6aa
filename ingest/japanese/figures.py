"""Finds the figures of a text in canonical form: value, unit, bound, change and rounding."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from ingest.japanese.dates import days_without_year
from ingest.japanese.quantities import Quantity, quantities
from ingest.japanese.spans import Spans

Change = Literal["増", "減", ""]
_LIST_JOINT = re.compile(r"\s?[~・、-]\s?")
_CHANGES: tuple[tuple[Change, re.Pattern[str]], ...] = (
    ("増", re.compile(r"\s?[のをもが]?(?:増|上昇|アップ|拡大)")),
    ("減", re.compile(r"\s?[のをもが]?(?:減|削減|縮減|低下|ダウン)")),
)
_BOUNDS = ("以上", "以下", "未満", "以内")
# Durations with two units: 4か年 = 4年間.
_LENGTHS = {"か年": "年間", "か年度": "年間", "分": "分間", "秒": "秒間", "日": "日間"}
_TENTHS = "割"

# Each unit in the smallest unit of its kind.
_KINDS = (
    {"mm": 1, "ミリ": 1, "ミリメートル": 1, "cm": 10, "センチ": 10, "センチメートル": 10, "m": 1000, "メートル": 1000}
    | {"km": 10**6, "キロ": 10**6, "キロメートル": 10**6},
    {"m2": 1, "㎡": 1, "平方メートル": 1, "a": 100, "アール": 100, "ha": 10**4, "ヘクタール": 10**4}
    | {"km2": 10**6, "平方キロメートル": 10**6, "平方キロ": 10**6},
    {"mg": 1, "g": 1000, "グラム": 1000, "kg": 10**6, "t": 10**9, "トン": 10**9},
    {"ml": 1, "ミリリットル": 1, "l": 1000, "リットル": 1000, "m3": 10**6, "立方メートル": 10**6},
    {"分間": 1, "時間": 60},
    {"kW": 1, "キロワット": 1, "MW": 1000, "メガワット": 1000},
    {"kWh": 1, "キロワット時": 1, "MWh": 1000},
)
_RATES = {"%", "円", "時", "年", "年間", "年度", "か月", "ポイント", "倍"}
_SIZES = {unit: (n, Decimal(size)) for n, kind in enumerate(_KINDS) for unit, size in kind.items()}


COUNTS_NOTHING = frozenset(_RATES) | frozenset(_SIZES)
"""Units of measurement, as opposed to counters."""


@dataclass(frozen=True, slots=True)
class FigureMention:
    """A number with its unit at `text[start:end]`, and whether it is an increase, a decrease or a bound.

    `below` and `above` are the rounding tolerances (約).
    """

    start: int
    end: int
    value: Decimal
    unit: str
    change: Change = ""
    bound: str = ""
    below: Decimal = Decimal(0)
    above: Decimal = Decimal(0)
    each: bool = False

    @property
    def is_each(self) -> bool:
        """Whether it means each or one rather than a count: 1回, 1人, 1平方メートル当たり."""
        return self.value == 1 and bool(self.unit) and (self.each or self.unit not in COUNTS_NOTHING)

    def allows(self, value: Decimal) -> bool:
        """Whether `value` is this figure's, up to its rounding."""
        return self.value - self.below <= value <= self.value + self.above


def to_base_unit(value: Decimal, unit: str) -> tuple[Decimal, object]:
    """Return the amount in the smallest unit of its kind, and the kind (2.4km, 2,400メートル); others unchanged."""
    if unit not in _SIZES:
        return value, unit
    kind, size = _SIZES[unit]
    return value * size, kind


def names_of_unit(unit: str) -> frozenset[str]:
    """Return all names of a unit: cm, センチ, センチメートル."""
    return frozenset({unit, *(name for name, size in _SIZES.items() if size == _SIZES.get(unit))})


def convert_figure(figure: FigureMention, unit: str) -> FigureMention:
    """Return the figure in `unit` if that is of its kind (90分間 in 時間), else unchanged."""
    value, kind = to_base_unit(figure.value, figure.unit)
    factor, base_unit = to_base_unit(Decimal(1), unit)
    return replace(figure, value=value / factor, unit=unit) if kind == base_unit else figure


@lru_cache(maxsize=8192)
def figures(text: str) -> Sequence[FigureMention]:
    """Return the figures of normalised `text` outside dates; the first of 15~20件 has the unit of the last."""
    covered = [(start, end) for start, end, *_ in days_without_year(text)]
    result = [
        _figure(text, quantity)
        for quantity in quantities(text)
        if not (text[quantity.start] == "一" or text[quantity.end :].startswith("目"))
        and not any(start <= quantity.start < end for start, end in covered)
    ]
    result = list(_afternoon(text, list(_halves(text, _colons(text, result)))))
    listed = [i for i in range(len(result) - 1) if _LIST_JOINT.fullmatch(text[result[i].end : result[i + 1].start])]
    for i in reversed(listed):
        if result[i].unit in ("", _ORDINAL):
            result[i] = replace(result[i], unit=result[i].unit + result[i + 1].unit.removeprefix(_ORDINAL))
    for i in listed:  # the 第 of 第1・3木曜 applies to every number of the list
        if result[i].unit.startswith(_ORDINAL) and result[i + 1].unit == result[i].unit.removeprefix(_ORDINAL):
            result[i + 1] = replace(result[i + 1], unit=result[i].unit)
    return result


_ORDINAL = "第"


def _figure(text: str, quantity: Quantity) -> FigureMention:
    value = quantity.value
    unit = _LENGTHS.get(quantity.unit, quantity.unit)
    if unit == _TENTHS:
        value = value * 10
        unit = "%"
    text_after = text[quantity.end :]
    change: Change = next((name for name, pattern in _CHANGES if pattern.match(text_after)), "")
    bound = next((name for name in _BOUNDS if re.match(rf"\s?の?{name}", text_after)), "")
    below, above = _slack(text, quantity)
    if quantity.unit == _TENTHS:
        below = below * 10
        above = above * 10
    return FigureMention(
        quantity.start, quantity.end, value, unit, change, bound, below, above, bool(_EACH.match(text_after))
    )


_EACH = re.compile(r"\s?(?:当たり|あたり|につき|ごと|\d)")
_ABOUT_WORD = re.compile(r"(?:約|およそ|おおよそ|おおむね|概ね|ほぼ|ざっと)の?\s?$")
_ABOUT_BEHIND = re.compile(r"\s?(?:程度|ほど|前後|くらい|ぐらい|近く)")
_MORE_THAN_WORD = re.compile(r"\s?(?:強(?![化いくめ制])|余り?(?!計)|あまり|台(?!数)|[をも]?(?:超|上回))")
_LESS_THAN_WORD = re.compile(r"\s?弱(?![いくめ者点])")


def _slack(text: str, quantity: Quantity) -> tuple[Decimal, Decimal]:
    value = quantity.value
    if not value or quantity.unit in ("年", "年度"):
        return Decimal(0), Decimal(0)
    step = Decimal(1).scaleb(int(value.normalize().as_tuple().exponent))
    text_after = text[quantity.end :]
    if _MORE_THAN_WORD.match(text_after):
        return Decimal(0), step
    if _LESS_THAN_WORD.match(text_after):
        return step / 2, Decimal(0)
    if not (_ABOUT_WORD.search(text[: quantity.start]) or _ABOUT_BEHIND.match(text_after)):
        return Decimal(0), Decimal(0)
    return step / 2, step / 2


_AFTERNOON = re.compile(r"(?:午後|夕方|夜|晩)の?\s?$")
_TILL = re.compile(r"\s?(?:\d{1,2}分|半)?\s?(?:~|-|から|より)\s?(?:夕方|夜|晩)?の?\s?")
_COLON = re.compile(r"(?<![\d:])([01]?\d|2[0-4]):([0-5]\d)(?![\d:])")
_HOURS = 12
_MINUTES = 60


def _colons(text: str, parsed: Sequence[FigureMention]) -> list[FigureMention]:
    merged = list(parsed)
    for match in _COLON.finditer(text):
        merged = [figure for figure in merged if not match.start() <= figure.start < match.end()]
        merged.append(FigureMention(match.start(), match.end(1), Decimal(match[1]), "時"))
        if int(match[2]):
            merged.append(FigureMention(match.start(2), match.end(), Decimal(match[2]), "分間"))
    return sorted(merged, key=lambda figure: figure.start)


def _halves(text: str, parsed: Sequence[FigureMention]) -> Iterator[FigureMention]:
    hours: FigureMention | None = None
    for figure in parsed:
        if hours and figure.unit == "分間" and figure.start == hours.end:
            yield replace(hours, value=hours.value * _MINUTES + figure.value, unit="分間", end=figure.end)
            hours = None
            continue
        if hours:
            yield hours
        hours = None
        half = text[figure.end : figure.end + 1] == "半"
        if half and figure.unit == "時間":
            yield replace(figure, value=figure.value + Decimal("0.5"), end=figure.end + 1)
        elif figure.unit == "時間":
            hours = figure
        else:
            yield figure
        if half and figure.unit == "時":
            yield FigureMention(figure.end, figure.end + 1, Decimal(30), "分間")
    if hours:
        yield hours


def _afternoon(text: str, parsed: Sequence[FigureMention]) -> Iterator[FigureMention]:
    last: FigureMention | None = None
    for figure in parsed:
        goes_on = last and last.value > _HOURS and _TILL.fullmatch(text[last.end : figure.start])
        later = figure.unit == "時" and figure.value < _HOURS and (goes_on or _AFTERNOON.search(text[: figure.start]))
        counted = replace(figure, value=figure.value + _HOURS) if later else figure
        yield counted
        if figure.unit == "時":
            last = counted
        elif figure.unit != "分間":
            last = None


_PART_OF_DAY = re.compile(r"(?:午[前後]|朝|夕方|夜|晩)の?\s?$")


def quantities_with_times(text: str) -> list[Quantity]:
    """Return the quantities of normalised `text` with each time of day as one: 午後6時30分 and 18:30 are 18.5時."""
    times: list[Quantity] = []
    for figure in figures(text) if "時" in text or ":" in text else ():
        if figure.unit == "時":
            part = _PART_OF_DAY.search(text, 0, figure.start)
            end = figure.end + len(":00") * text.startswith(":00", figure.end)
            times.append(Quantity(part.start() if part else figure.start, end, figure.value, "時"))
        elif figure.unit == "分間" and times and text[times[-1].end : figure.start] in ("", ":"):
            times[-1] = replace(times[-1], end=figure.end, value=times[-1].value + figure.value / _MINUTES)
    covered = Spans((time.start, time.end) for time in times)
    return sorted([*times, *(q for q in quantities(text) if not covered.meet(q.start, q.end))], key=lambda q: q.start)
