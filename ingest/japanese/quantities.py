"""Finds numbers with their counters: 10,000件, 3か所, 1万2千円, 第4回, 3分の1."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain

from ingest.japanese.characters import KANJI_NUMBER, NUMBER, parse_number
from ingest.japanese.contacts import POSTCODE, telephones
from ingest.japanese.dates import YEARLESS_DAY, dates
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.notation import KANJI_DIGITS
from ingest.japanese.spans import Spans


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its counter as written at `text[start:end]`; `unit` is "" for a bare number.

    The unit of an ordinal includes its prefix (第4回: 第回). A fraction (3分の1) is a bare number, 2割5分 is 2.5割.
    """

    start: int
    end: int
    value: Decimal
    unit: str


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
ANY_THING_ASKED = frozenset(_UNITS["any_thing"])
"""Generic counters in questions."""
ANY_THING = ANY_THING_ASKED | frozenset(_UNITS["any_thing_stated"])
"""Generic counters in statements: 5つの分野 equals 5分野."""

_AMOUNT = rf"(?:{NUMBER}(?:[十百千万億兆](?:{NUMBER})?)*|{KANJI_NUMBER}(?:[万億兆](?:{KANJI_NUMBER})?)*)"
_COUNTER = re.compile(_COUNTERS)
_QUANTITY = re.compile(
    rf"(?P<ordinal>第\s?)?(?<![A-Za-z\d,数何])(?<![A-Za-z\d]\.)(?P<amount>{_AMOUNT})(?:分の(?P<part>{_AMOUNT})|[^\S\n]?(?P<unit>{_COUNTERS}))?"
    r"(?:(?<=割)(?P<tenth>\d)分)?"
)
_HAS_NUMBER = re.compile(rf"[\d{KANJI_DIGITS}十百千]")


def quantities(text: str) -> list[Quantity]:
    """Return the numbers in `text` with their counters, in order; not in dates, Latin names and telephone numbers."""
    if not _HAS_NUMBER.search(text):
        return []
    covered = Spans((date.start, date.end) for date in dates(text))
    for telephone in telephones(text):
        covered.add(telephone.start, telephone.end)
    for match in chain(YEARLESS_DAY.finditer(text), POSTCODE.finditer(text)):
        covered.add(*match.span())
    return [
        quantity for match in _QUANTITY.finditer(text) if not covered.meet(*match.span()) for quantity in _read(match)
    ]


AREA_OR_VOLUME = re.compile(r"(?:平方|立方)メートル|平米|立米")
"""A spelling of ㎡ or ㎥ in several words, or in one that no dictionary has."""
# Spoken units and the symbols that documents write for them.
_UNIT_SYMBOLS = {
    "トン": "t",
    "グラム": "g",
    "キロ": "k",
    "メートル": "m",
    "平方メートル": "m2",
    "立方メートル": "m3",
    "平米": "m2",
    "立米": "m3",
    "ヘクタール": "ha",
    "パーセント": "%",
    "センチ": "cm",
}


def unit_symbol(unit: str) -> str:
    """Return the symbol of a spoken unit, other units unchanged."""
    return _UNIT_SYMBOLS.get(unit, unit)


def is_counter(unit: str) -> bool:
    """Whether a unit is a known counter, or a multiple of one (千円)."""
    return _KNOWN_COUNTER.fullmatch(unit) is not None


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter in its canonical spelling, and its length as written."""

    unit: str
    length: int


def counter_at(text: str, start: int) -> Counter | None:
    """Return the counter at `text[start:]`, or None."""
    match = _COUNTER.match(text, start)
    if match is None or _NO_COUNTER.match(text, start):
        return None
    return Counter(_SAME_UNIT.get(match[0], match[0]), len(match[0]))


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
    listed = (
        len(unit) > 1 and not match["noun"]
    )  # 一 also begins words (一般的), so a kanji number needs a listed counter
    if match["amount"][0].isdigit() or listed or unit in _COUNTERS_OF_KANJI:
        unit = _SAME_UNIT.get(unit, unit)
        yield Quantity(match.start(), end, value, f"第{unit}" if match["ordinal"] else unit)
