"""Figures of a text in canonical form: value and unit, with what its words say of bound, change and rounding.

The same reading is made of a statement and of a passage, so that two ways of writing one thing make no difference.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from bot.claims.times import times
from ingest.normalise import Quantity, nfkc, quantities

Change = Literal["増", "減", ""]
_LEADERS = re.compile("[…‥]+")
# What is written in several ways, in one of them: 来場者数 3万人 (数3 reads as several), 千800, 52・8億円 in the way of
# newspapers, ゼロ%, 可愛(かわい)い, HP; times of day by 24 hours, 午後1時半~3時 too.
_WAYS = tuple(
    (re.compile(way), one)
    for way, one in (
        (r"(?<=[一-龥]数)(?=\d)", " "),
        (r"(?<![\d一-龥])千(?=\d{3}(?!\d))", "1"),
        (r"(?<=\d)(?<!・\d)(?<!・\d\d)・(?=\d+(?:[億兆万%倍]|ポイント|トン|キロ|ha))", "."),
        ("ゼロ(?=[%円件人か])", "0"),
        (r"(?<=[一-龥々])\([ぁ-んー]+\)", ""),
        ("(?<![A-Za-z])HP(?![A-Za-z])", "ホームページ"),
        ("正午", "12時"),
        (r"(?<![\d:])([01]?\d|2[0-4]):00(?![\d:])", r"\1時"),
        (r"(?<![\d:])([01]?\d|2[0-4]):([0-5]\d)(?![\d:])", r"\1時\2分"),
        (r"(?<=\d時)半", "30分"),
        (r"(?<!\d)(\d{1,2})(時間|年)半(?![ば期])", r"\1.5\2"),
    )
)
_HOUR = r"(\d{1,2})時(?!間)"
_AFTERNOON = re.compile(
    rf"(?:午後|夕方|(?<!深)夜|晩)の?\s?{_HOUR}(?:\s?(?:\d{{1,2}}分)?\s?(?:~|-|から|より)\s?(?:午後|夕方|夜|晩)?の?\s?{_HOUR})?"
)
_LISTED = re.compile(r"\s?[~・、-]\s?")
_CHANGE = re.compile(r"\s?[のをもが]?(?:(増|上昇|アップ|拡大)|減|削減|縮減|低下|ダウン)")
# At least, more than, less than, at most, in this order; 18~32歳 is bounded on both sides. In 目標の80%を下回る another
# figure is held against it.
_BOUND = re.compile(r"\s?の?(?:(以上|から|~)|(超(?!え))|(未満)|以下|以内|まで)")
_SIGNS = {1: "≥", 2: ">", 3: "<", None: "≤"}
_UP_TO = re.compile(r"\d\D{0,9}(?:~|から)\s?$")
_DENIED = re.compile(r"[^。]*(?:(?<!少)な[いくけ]|ません|ず(?=[、。に])|[無不禁止免外除]|同伴)")
# Lengths of time that are said in two ways: 4か年 = 4年間.
_LENGTHS = {"か年": "年間", "か年度": "年間", "分": "分間", "秒": "秒間", "日": "日間"}
# Of how many of the smaller unit the larger before it is.
_PARTS = {("時間", "分間"): 60, ("年", "か月"): 12, ("年", "か月間"): 12}
_TENTHS = "割"
ANY_THING = frozenset({"つ", "個", "項目", "点", "種類"})
"""Counters of any thing: 5つの分野 says what 5分野 says."""

# How many of the smallest unit of its kind each unit is.
_KINDS = (
    {"mm": 1, "ミリ": 1, "cm": 10, "センチ": 10, "センチメートル": 10, "m": 1000, "メートル": 1000}
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
"""Units that measure: a figure with one is no count of members."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its unit at `text[start:end]`, and what is said of it: that it rose, fell, or is a bound.

    `below` and `above` are how far rounding words (約) let the true value lie from it; behind a bound that is `denied`
    something is: 18歳未満は利用できません.
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
    denied: bool = False

    @property
    def is_each(self) -> bool:
        """Whether it is each or some one thing rather than a count: 1回, 1人, 1平方メートル当たり."""
        return self.value == 1 and bool(self.unit) and (self.each or self.unit not in COUNTS_NOTHING)

    def bounds_as(self, other: "Figure") -> bool:
        """Whether both bounds part the same figures from others (17歳以下, 18歳未満), and the same ones are meant.

        What is told of the others may be denied of them: 18歳未満は利用できません.
        """
        one, another = (f.value + (f.bound in ">≤" and f.unit not in COUNTS_NOTHING) for f in (self, other))
        alike = (self.bound in "≥>") == (other.bound in "≥>")
        return one == another and (alike or self.denied or other.denied)

    def allows(self, value: Decimal) -> bool:
        """Whether `value` is this figure's, or one that it rounds."""
        return self.value - self.below <= value <= self.value + self.above


def normal(text: str) -> str:
    """Return `text` in normal form, with a gap behind what hides a digit (「…」, 来場者数)."""
    text = nfkc(_LEADERS.sub(" ", text))
    for way, one in _WAYS:
        text = way.sub(one, text)
    return _AFTERNOON.sub(lambda span: re.sub(_HOUR, _of_24, span[0]), text)


def _of_24(hour: re.Match[str]) -> str:
    return f"{int(hour[1]) + 12 * (int(hour[1]) < 12)}時"  # noqa: PLR2004 - noon


def measured(value: Decimal, unit: str) -> tuple[Decimal, object]:
    """Return the amount in the smallest unit of its kind, and the kind (2.4km, 2,400メートル); others as they are."""
    if unit not in _SIZES:
        return value, unit
    kind, size = _SIZES[unit]
    return value * size, kind


def converted(figure: Figure, unit: str) -> Figure:
    """Return the figure in the unit where that is of its kind (90分間 in 時間), else as it is."""
    value, kind = measured(figure.value, figure.unit)
    one, wanted = measured(Decimal(1), unit)
    return replace(figure, value=value / one, unit=unit) if kind == wanted else figure


@lru_cache(maxsize=8192)
def figures(text: str) -> Sequence[Figure]:
    """Return the figures of normalised `text` outside its dates; the first of 15~20件 has the unit of the last."""
    days = [(time.start, time.end) for time in times(text) if time.month]
    free = (one for one in quantities(text) if not any(start <= one.start < end for start, end in days))
    found = _joined(_figure(text, one) for one in free if not _is_word(text, one))
    for i in range(len(found) - 2, -1, -1):
        one, other = found[i], found[i + 1]
        if not one.unit and _LISTED.fullmatch(text[one.end : other.start]):
            found[i] = replace(one, unit=other.unit)
    return found


def _joined(found: Iterable[Figure]) -> list[Figure]:
    """Return the figures, hours and years as one with what is behind them: 13時55~14時20分, 1時間15分, 1年9か月."""
    read: list[Figure] = []
    for one in found:
        before = read[-1] if read and read[-1].end == one.start else None
        if before and before.unit == "時" and one.unit in ("", "分間"):
            read[-1] = replace(one, start=before.start, value=before.value + one.value / 60, unit="時")
        elif before and (whole := _PARTS.get((before.unit, one.unit))):
            read[-1] = replace(one, start=before.start, value=before.value * whole + one.value)
        else:
            read.append(one)
    return read


def _is_word(text: str, quantity: Quantity) -> bool:
    """Whether it counts nothing: 一人ひとり, 一つの; 2つ目 runs through a list."""
    return text[quantity.start] == "一" or text[quantity.end :].startswith("目")


def _figure(text: str, quantity: Quantity) -> Figure:
    value, unit = quantity.value, _LENGTHS.get(quantity.unit, quantity.unit)
    if unit == _TENTHS:
        value, unit = value * 10, "%"
    behind = text[quantity.end :]
    turned, bounded = _CHANGE.match(behind), _BOUND.match(behind)
    bound = _SIGNS[bounded.lastindex] if bounded else "≤" if _UP_TO.search(text[: quantity.start]) else ""
    denied = bool(bound and _DENIED.match(behind))
    change: Change = ("増" if turned[1] else "減") if turned else ""
    below, above = _slack(text, quantity, value)
    each = bool(_EACH.match(behind))
    return Figure(quantity.start, quantity.end, value, unit, change, bound, below, above, each, denied)


_EACH = re.compile(r"\s?(?:当たり|あたり|につき|ごと|\d)")
_ABOUT = re.compile(r"(?:約|およそ|おおよそ|おおむね|概ね|ほぼ|ざっと)の?\s?$")
_ABOUT_BEHIND = re.compile(r"\s?(?:程度|ほど|前後|くらい|ぐらい|近く)")
_MORE = re.compile(r"\s?(?:強(?![化いくめ制])|余り?(?!計)|あまり|台(?!数)|[をも]?(?:超|上回))")
_LESS = re.compile(r"\s?弱(?![いくめ者点])")


def _slack(text: str, quantity: Quantity, value: Decimal) -> tuple[Decimal, Decimal]:
    """Return how far below the figure, and how far above it, its true value may lie (約, 余り, 弱)."""
    none, behind = Decimal(0), text[quantity.end :]
    if not value or quantity.unit in ("年", "年度"):
        return none, none
    step = Decimal(1).scaleb(int(value.normalize().as_tuple().exponent))
    if _MORE.match(behind):
        return none, step
    if _LESS.match(behind):
        return step / 2, none
    about = _ABOUT.search(text[: quantity.start]) or _ABOUT_BEHIND.match(behind)
    return (step / 2, step / 2) if about else (none, none)
