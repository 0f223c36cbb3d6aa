"""Finds numbers with their counters: 10,000件, 3か所, 1万2千円, 第4回, 3分の1."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain

from ingest.japanese.characters import KANJI_NUMBER, NUMBER, parse_number
from ingest.japanese.contacts import telephones
from ingest.japanese.dates import dates
from ingest.japanese.spans import Spans


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its counter as written at `text[start:end]`; `unit` is "" for a bare number.

    An ordinal (第4回) has its mark in the unit: 第回. A fraction (3分の1) is a bare number, 2割5分 is 2.5割.
    """

    start: int
    end: int
    value: Decimal
    unit: str


# Kanji that count by themselves: what follows them is another word (28人参加, 3戸当たり).
_SINGLE = (
    "人名件回個円枚台校社歳才本冊戸頭匹羽箱袋杯着足軒棟階票点通番区市町村県国代号条項章節倍割分厘秒時日月年週歩株基機隻両面局席"
    "室床畳坪缶束巻編字色類次期位級段度館園店院課部所署班隊系便食膳泊話曲品玉組口門万千百億兆"
)
# A noun that counts is of two kanji and what such nouns end in (21経営体, 3路線, 5品目): no list has them all.
# Behind a gap it is a heading: 1 趣旨.
_NOUN = (
    r"(?:平方|立方)(?:キロ|センチ|ミリ)?(?:メートル|センチ|キロ)|区画|機関|機種|系統|部門|品目|品種|種目|番組|番地|市町村|町内会|"
    rf"(?<!\s)(?:(?![{_SINGLE}])[一-龥](?![以未超程前後目])[一-龥](?:場所|[体所者場園館校区署団店街地会]|)"
    r"|[ァ-ヶー]{2,12}(?![ァ-ヶー・]))"
)
# Counters of more than one character and those that are no kanji; any single kanji counts as a counter too.
_COUNTERS = (
    "パーセント|%?ポイント|%|[かヵヶカケ箇](?:所|年度?|月|国)|年度|年間|年生|年|時間|時|分野|分間|分|秒間|秒|週間|日間|"
    "[月日]曜|校下|地区|町会|項目|施策|事業(?:所|者|体)|事業|世帯|店舗|団体|施設|種類|種(?!目)|部屋|小学校|中学校|学校|つ|"
    "キロ(?!メートル|グラム)|メートル|トン|リットル|ギガ|ドル|ページ|ケース|コース|クラス|チーム|グループ|人日|人時|"
    "(?:km|m|cm)[23]|(?:km|cm|mm|m|kg|mg|g|t|ha|kWh|kW|MWh|MW|GB|MB|TB|KB|Mbps|Gbps|dB|ml|l)(?![A-Za-z])|"
    rf"(?P<noun>{_NOUN})|[一-龥]"
)
_SAME_UNIT = {"パーセント": "%", "%ポイント": "ポイント", "名": "人"} | {
    f"{k}{unit}": f"か{unit}" for k in "ヵヶカケ箇" for unit in ("所", "年", "年度", "月", "国")
}
# Kanji behind a number that say how much of it or begin another word: 10件増, 100名以上 (behind 人), 30程度, 5本市.
_NO_COUNTER = re.compile(
    r"[減増超以未約第上下各同余近程前後強弱数又及並対内外]|月(?!曜)|中(?!学校)|本(?=[市町村県区年人計])"
)
# A kanji numeral counts only before these, because 一 and 三 are parts of words too: 一部, 三位一体, 四日市.
_COUNTERS_OF_KANJI = frozenset("つ人件回個円枚台校社歳")

_AMOUNT = rf"(?:{NUMBER}(?:[十百千万億兆](?:{NUMBER})?)*|{KANJI_NUMBER}(?:[万億兆](?:{KANJI_NUMBER})?)*)"
_COUNTER = re.compile(_COUNTERS)
_QUANTITY = re.compile(
    rf"(?P<ordinal>第\s?)?(?<![A-Za-z\d,数何])(?<![A-Za-z\d]\.)(?P<amount>{_AMOUNT})(?:分の(?P<part>{_AMOUNT})|\s?(?P<unit>{_COUNTERS}))?"
    r"(?:(?<=割)(?P<tenth>\d)分)?"
)
_OF_A_NUMBER = re.compile(r"[\d〇一二三四五六七八九十百千]")
# A month and day without their year are a date too, which `dates` cannot give: 12月1日.
_YEARLESS = re.compile(r"(?<![\d.])(?:1[0-2]|0?[1-9])月(?!曜)(?:\s?(?:3[01]|[12]\d|0?[1-9])日)?")

_POSTCODE = re.compile(r"〒\s?\d{3}-\d{4}")


def quantities(text: str) -> list[Quantity]:
    """Return the numbers in `text` with their counters, in order; dates, Latin names and telephones have none."""
    if not _OF_A_NUMBER.search(text):
        return []
    taken = Spans((date.start, date.end) for date in dates(text))
    for telephone in telephones(text):
        taken.add(telephone.start, telephone.end)
    for match in chain(_YEARLESS.finditer(text), _POSTCODE.finditer(text)):
        taken.add(*match.span())
    return [
        quantity for match in _QUANTITY.finditer(text) if not taken.meet(*match.span()) for quantity in _read(match)
    ]


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter in its one spelling, and its length in characters as it is written."""

    unit: str
    length: int


def counter_at(text: str, start: int) -> Counter | None:
    """Return the counter at `text[start:]`, or None where there is none."""
    match = _COUNTER.match(text, start)
    if match is None or _NO_COUNTER.match(text, start):
        return None
    return Counter(_SAME_UNIT.get(match[0], match[0]), len(match[0]))


def _read(match: re.Match[str]) -> Iterator[Quantity]:
    value, end = parse_number(match["amount"]), match.end()
    if match["part"]:
        if value:
            yield Quantity(match.start(), end, parse_number(match["part"]) / value, "")
        return
    unit = match["unit"] or ""
    if match["tenth"]:
        value += Decimal(match["tenth"]) / 10
    if unit and _NO_COUNTER.match(match.string, match.start("unit")):
        unit, end = "", match.end("amount")
    listed = len(unit) > 1 and not match["noun"]  # 一 begins words (一般的), which no unlisted counter may complete
    if match["amount"][0].isdigit() or listed or unit in _COUNTERS_OF_KANJI:
        unit = _SAME_UNIT.get(unit, unit)
        yield Quantity(match.start(), end, value, f"第{unit}" if match["ordinal"] else unit)
