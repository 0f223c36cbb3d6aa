"""Finds numbers with their counters (10,000件, 1万2千円, 第4回), and the figures of a text in canonical form.

`quantities` are as written. `figures` have one unit for what is the same (3か年, 3年間), their bounds, changes and
rounding, times of day in 24 hours, and in a list (15~20件) the unit of its last.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from itertools import chain, pairwise
from typing import Literal

from ingest.japanese.characters import KANJI_NUMBER, NUMBER, parse_number
from ingest.japanese.contacts import POSTCODE, telephones
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.mentions.times import YEARLESS_DAY, dates
from ingest.japanese.notation import KANJI_DIGITS
from ingest.japanese.spans import Spans

Change = Literal["増", "減", ""]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its counter as written at `text[start:end]`; `unit` is "" for a bare number.

    The unit of an ordinal includes its prefix (第4回: 第回). A fraction (3分の1) is a bare number, 2割5分 is 2.5割.

    Attributes:
        change, bound: of a figure, whether it is an increase or a decrease, and 以上, 以下, 未満 or 以内.
        below, above: how far the rounded figure (約) may be from the exact one.
        each: whether it is written as the amount of one: 1平方メートル当たり.
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


_UNITS = load_lexicon("units")
_SINGLE = "".join(_UNITS["single"])
# Two-kanji counters with a usual ending (21経営体, 3路線, 5品目), which no list could contain completely.
# After a space it is a heading: 1 趣旨.
_NOUN = (
    rf"{any_of(_UNITS['nouns'])}|(?<!\s)(?:(?![{_SINGLE}])[一-龥](?![以未超程前後目])[一-龥]"
    r"(?:場所|[体所者場園館校区署団店街地会]|)|[ァ-ヶー]{2,12}(?![ァ-ヶー・]))"
)
_NAMED = any_of(_UNITS["named"])
# Any single kanji may be a counter, too.
_COUNTERS = rf"{_NAMED}|(?P<noun>{_NOUN})|[一-龥]"
_KNOWN_COUNTER = re.compile(rf"[十百千万億]*(?:{_NAMED}|[{_SINGLE}])")
_SAME_UNIT = {"パーセント": "%", "%ポイント": "ポイント", "名": "人", "平米": "m2", "立米": "m3"} | {
    f"{k}{unit}": f"か{unit}" for k in "ヵヶカケ箇" for unit in ("所", "年", "年度", "月", "国")
}
# Kanji after a number that qualify it or begin the next word: 10件増, 100名以上 (after 人), 30程度, 5本市.
_NO_COUNTER = re.compile(
    r"[減増超以未約第上下各同余近程前後強弱数又及並対内外]|月(?!曜)|中(?!学校)|本(?=[市町村県区年人計])"
)
_COUNTERS_OF_KANJI = frozenset(_UNITS["of_kanji_numerals"])
ANY_THING = frozenset(_UNITS["any_thing"])
"""Generic counters in statements: 5つの分野 equals 5分野."""
_AMOUNT = rf"(?:{NUMBER}(?:[十百千万億兆](?:{NUMBER})?)*|{KANJI_NUMBER}(?:[万億兆](?:{KANJI_NUMBER})?)*)"
_COUNTER = re.compile(_COUNTERS)
_QUANTITY = re.compile(
    rf"(?P<ordinal>第\s?)?(?<![A-Za-z\d,数何])(?<![A-Za-z\d]\.)(?P<amount>{_AMOUNT})(?:分の(?P<part>{_AMOUNT})|[^\S\n]?(?P<unit>{_COUNTERS}))?"
    r"(?:(?<=割)(?P<tenth>\d)分)?"
)
_HAS_NUMBER = re.compile(rf"[\d{KANJI_DIGITS}十百千]")
AREA_OR_VOLUME = re.compile(r"(?:平方|立方)メートル|平米|立米")
"""A spelling of ㎡ or ㎥ in several words, or in one that no dictionary has."""
# Spoken units and the symbols that documents write for them.
_UNIT_SYMBOLS = {name: symbol for symbol, names in load_lexicon("unit_symbols").items() for name in names}
_CHANGES: tuple[tuple[Change, re.Pattern[str]], ...] = (
    ("増", re.compile(r"\s?[のをもが]?(?:増|上昇|アップ|拡大)")),
    ("減", re.compile(r"\s?[のをもが]?(?:減|削減|縮減|低下|ダウン)")),
)
_BOUND = re.compile(r"\s?の?(以上|以下|未満|以内)")
_AMOUNT_OF_ONE = re.compile(r"\s?(?:当たり|あたり|につき|ごと|\d)")
_ABOUT_BEFORE = re.compile(r"(?:約|およそ|おおよそ|おおむね|概ね|ほぼ|ざっと)の?\s?$")
_ABOUT_AFTER = re.compile(r"\s?(?:程度|ほど|前後|くらい|ぐらい|近く)")
_MORE_THAN = re.compile(r"\s?(?:強(?![化いくめ制])|余り?(?!計)|あまり|台(?!数)|[をも]?(?:超|上回))")
_LESS_THAN = re.compile(r"\s?弱(?![いくめ者点])")
_LIST_JOINT = re.compile(r"\s?[~・、-]\s?")
_ORDINAL = "第"
_AFTERNOON = re.compile(r"(?:午後|夕方|夜|晩)の?\s?$")
_PART_OF_DAY = re.compile(r"(?:午[前後]|朝|夕方|夜|晩)の?\s?$")
_TILL = re.compile(r"\s?(?:\d{1,2}分|半)?\s?(?:~|-|から|より)\s?(?:夕方|夜|晩)?の?\s?")
_COLON = re.compile(r"(?<![\d:])([01]?\d|2[0-4]):([0-5]\d)(?![\d:])")
_NOON = 12
_MINUTES = 60
# Durations with two units: 4か年 = 4年間.
_LENGTHS = {"か年": "年間", "か年度": "年間", "分": "分間", "秒": "秒間", "日": "日間"}
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


def quantities(text: str) -> list[Quantity]:
    """Return the numbers in `text` with their counters, in order; not in dates, Latin names and telephone numbers."""
    if not _HAS_NUMBER.search(text):
        return []
    covered = Spans((*((date.start, date.end) for date in dates(text)), *telephones(text)))
    for match in chain(YEARLESS_DAY.finditer(text), POSTCODE.finditer(text)):
        covered.add(*match.span())
    matches = (match for match in _QUANTITY.finditer(text) if not covered.meet(*match.span()))
    return [quantity for match in matches for quantity in _read(match)]


def unit_symbol(unit: str) -> str:
    """Return the symbol of a spoken unit, other units unchanged."""
    return _UNIT_SYMBOLS.get(unit, unit)


def is_counter(unit: str) -> bool:
    """Whether a unit is a known counter, or a multiple of one (千円)."""
    return _KNOWN_COUNTER.fullmatch(unit) is not None


def counter_at(text: str, start: int) -> str:
    """Return the counter at `text[start:]` in its canonical spelling, "" for none."""
    match = _COUNTER.match(text, start)
    return "" if match is None or _NO_COUNTER.match(text, start) else _SAME_UNIT.get(match[0], match[0])


def _read(match: re.Match[str]) -> Iterator[Quantity]:
    value = parse_number(match["amount"])
    end = match.end()
    if match["part"]:
        if value:
            yield Quantity(match.start(), end, parse_number(match["part"]) / value, "")
        return
    unit = match["unit"] or ""
    if match["tenth"]:
        value += Decimal(match["tenth"]) / 10
    if unit and _NO_COUNTER.match(match.string, match.start("unit")):
        unit = ""
        end = match.end("amount")
    # 一 also begins words (一般的), so a kanji number needs a listed counter.
    listed = len(unit) > 1 and not match["noun"]
    if match["amount"][0].isdigit() or listed or unit in _COUNTERS_OF_KANJI:
        unit = _SAME_UNIT.get(unit, unit)
        yield Quantity(match.start(), end, value, f"第{unit}" if match["ordinal"] else unit)


def to_base_unit(value: Decimal, unit: str) -> tuple[Decimal, object]:
    """Return the amount in the smallest unit of its kind, and the kind (2.4km, 2,400メートル); others unchanged."""
    if unit not in _SIZES:
        return value, unit
    kind, size = _SIZES[unit]
    return value * size, kind


def names_of_unit(unit: str) -> frozenset[str]:
    """Return all names of a unit: cm, センチ, センチメートル."""
    return frozenset({unit, *(name for name, size in _SIZES.items() if size == _SIZES.get(unit))})


def convert_figure(figure: Quantity, unit: str) -> Quantity:
    """Return the figure in `unit` if that is of its kind (90分間 in 時間), else unchanged."""
    value, kind = to_base_unit(figure.value, figure.unit)
    factor, base_unit = to_base_unit(Decimal(1), unit)
    return replace(figure, value=value / factor, unit=unit) if kind == base_unit else figure


@lru_cache(maxsize=8192)
def figures(text: str) -> Sequence[Quantity]:
    """Return the figures of normalised `text` outside dates; the first of 15~20件 has the unit of the last."""
    counted = [each for each in quantities(text) if text[each.start] != "一" and not text.startswith("目", each.end)]
    result = _join_times(text, _split_colons(text, [_figure(text, each) for each in counted]))
    listed = [n for n, (one, then) in enumerate(pairwise(result)) if _LIST_JOINT.fullmatch(text, one.end, then.start)]
    for n in reversed(listed):
        if result[n].unit in ("", _ORDINAL):
            result[n] = replace(result[n], unit=result[n].unit + result[n + 1].unit.removeprefix(_ORDINAL))
    for n in listed:  # the 第 of 第1・3木曜 applies to every number of the list
        if result[n].unit.startswith(_ORDINAL) and result[n + 1].unit == result[n].unit.removeprefix(_ORDINAL):
            result[n + 1] = replace(result[n + 1], unit=result[n].unit)
    return result


def change_after(text: str, end: int) -> Change:
    """Return whether normalised `text` says after a figure that ends there that it is an increase or a decrease."""
    return next((name for name, pattern in _CHANGES if pattern.match(text, end)), "")


def _figure(text: str, quantity: Quantity) -> Quantity:
    value, end = quantity.value, quantity.end
    bound = _BOUND.match(text, end)
    below = above = Decimal(0)
    if value and quantity.unit not in ("年", "年度"):
        step = Decimal(1).scaleb(int(value.normalize().as_tuple().exponent))
        if _MORE_THAN.match(text, end):
            above = step
        elif _LESS_THAN.match(text, end):
            below = step / 2
        elif _ABOUT_BEFORE.search(text, 0, quantity.start) or _ABOUT_AFTER.match(text, end):
            below = above = step / 2
    is_tenths = quantity.unit == "割"
    unit, scale = ("%", 10) if is_tenths else (_LENGTHS.get(quantity.unit, quantity.unit), 1)
    limits = bound[1] if bound else "", below * scale, above * scale, _AMOUNT_OF_ONE.match(text, end) is not None
    return Quantity(quantity.start, end, value * scale, unit, change_after(text, end), *limits)


def _split_colons(text: str, parsed: Sequence[Quantity]) -> list[Quantity]:
    result = list(parsed)
    for match in _COLON.finditer(text):
        result = [figure for figure in result if not match.start() <= figure.start < match.end()]
        result.append(Quantity(match.start(), match.end(1), Decimal(match[1]), "時"))
        if int(match[2]):
            result.append(Quantity(match.start(2), match.end(), Decimal(match[2]), "分間"))
    return sorted(result, key=lambda figure: figure.start)


def _join_times(text: str, parsed: Sequence[Quantity]) -> list[Quantity]:
    """Count the afternoon from 12, write 半 as minutes, and join hours with their minutes."""
    joined = list[Quantity]()
    clock: Quantity | None = None
    for figure in parsed:
        is_half = text.startswith("半", figure.end)
        if figure.unit == "時":
            goes_on = clock and clock.value > _NOON and _TILL.fullmatch(text, clock.end, figure.start)
            is_later = figure.value < _NOON and (goes_on or _AFTERNOON.search(text, 0, figure.start))
            clock = replace(figure, value=figure.value + _NOON) if is_later else figure
            joined.append(clock)
            joined += [Quantity(figure.end, figure.end + 1, Decimal(30), "分間")] if is_half else []
        elif figure.unit == "分間" and joined and joined[-1].unit == "時間" and joined[-1].end == figure.start:
            minutes = joined[-1].value * _MINUTES + figure.value
            joined[-1] = replace(joined[-1], value=minutes, unit="分間", end=figure.end)
        else:
            clock = clock if figure.unit == "分間" else None
            has_half = is_half and figure.unit == "時間"
            joined.append(
                replace(figure, value=figure.value + Decimal("0.5"), end=figure.end + 1) if has_half else figure
            )
    return joined


def clock_times(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield (start, end, minutes since midnight) of each time of day of normalised `text`: 20時15分, 午後8時, 20:15."""
    for hour, following in pairwise([*figures(text), None]) if "時" in text or ":" in text else ():
        if hour and hour.unit == "時":
            part = _PART_OF_DAY.search(text, 0, hour.start)
            start = part.start() if part else hour.start
            end, minutes = hour.end + len(":00") * text.startswith(":00", hour.end), int(hour.value * _MINUTES)
            if following and following.unit == "分間" and text[hour.end : following.start] in ("", ":", " "):
                end, minutes = following.end, minutes + int(following.value)
            yield start, end, minutes
