"""One form for what is written in many: characters, Japanese numbers, 和暦 and 西暦.

Offsets count characters of the text that was passed in; pass text through `nfkc` first.
"""

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Granularity = Literal["day", "month", "year", "fiscal_year"]

# Radicals that PDF text carries in place of the characters and that NFKC leaves alone (Unicode, CJK Radicals Supplement).
_RADICALS = str.maketrans(
    {"⻑": "長", "⻄": "西", "⻘": "青", "⻝": "食", "⻩": "黄", "⺠": "民", "⻤": "鬼", "‧": "・"}
)
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-") | dict.fromkeys("〜~∼", "~"))
_SPACES = re.compile(r"[ \t\u00a0\u3000]+")


def nfkc(text: str) -> str:
    """Return `text` with NFKC forms, one kind of dash and wave dash, and single spaces; line breaks stay."""
    normal = unicodedata.normalize("NFKC", text).translate(_RADICALS).translate(_DASHES)
    return _SPACES.sub(" ", normal)


_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "億": 10**8, "兆": 10**12}
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_KANJI_NUMBER = r"[〇一二三四五六七八九十百千]+"


def number(text: str) -> Decimal:
    """Return the value of a numeral: 12,345 · 1万2千 · 三十五 · 元 (the first year of an era).

    Raises ValueError where `text` is no numeral.
    """
    if text == "元":
        return Decimal(1)
    total = part = Decimal(0)
    current: Decimal | None = None
    for token in re.findall(rf"{_NUMBER}|.", text):
        if re.fullmatch(_NUMBER, token):
            current = Decimal(token.replace(",", ""))
        elif token in _DIGITS:
            current = (current or Decimal(0)) * 10 + _DIGITS[token]
        elif token in _SMALL:
            part += (Decimal(1) if current is None else current) * _SMALL[token]
            current = None
        elif token in _LARGE:
            total += (part + (current or 0) or Decimal(1)) * _LARGE[token]
            part, current = Decimal(0), None
        else:
            raise ValueError(f"数として読めません: {text}")
    return total + part + (current or 0)


# First western year of each era (era name law; the year in which an era changes belongs to both).
ERAS = {"明治": 1868, "大正": 1912, "昭和": 1926, "平成": 1989, "令和": 2019}
_ERA_LETTERS = {"M": "明治", "T": "大正", "S": "昭和", "H": "平成", "R": "令和"}


def western_year(era: str, year: int) -> int:
    """Return the western year of `era` (令和, R, …) `year`, counted from 1."""
    return ERAS[_ERA_LETTERS.get(era, era)] + year - 1


def era_year(year: int) -> str:
    """Return the 和暦 year that is current at the end of western `year`: 2023 -> 令和5, 2019 -> 令和元."""
    era, first = next((name, start) for name, start in reversed(ERAS.items()) if year >= start)
    return f"{era}{year - first + 1 if year > first else '元'}"


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date as written at `text[start:end]`: the days `first` to `last` that its granularity covers."""

    start: int
    end: int
    first: date
    last: date
    granularity: Granularity

    @property
    def key(self) -> str:
        """One spelling for all ways to write this date: 2023年度, 2023年, 2023年1月, 2023年1月5日."""
        year = f"{self.first.year}年"
        if self.granularity == "fiscal_year":
            return year + "度"
        parts = {"year": "", "month": f"{self.first.month}月", "day": f"{self.first.month}月{self.first.day}日"}
        return year + parts[self.granularity]


_ERA_NUMBER = rf"(?:元|\d{{1,2}}|{_KANJI_NUMBER})"
_DATE = re.compile(
    rf"""
    (?: (?P<era>明治|大正|昭和|平成|令和)\s?(?P<era_year>{_ERA_NUMBER})
        (?:\s?\((?P<gloss>\d{{4}})\))?\s?年
      | (?<![A-Za-z])(?P<letter>[MTSHR])\s?(?P<letter_year>\d{{1,2}})(?:年|\.(?=\d{{1,2}}(?:月|\.|\b))|(?<=[HR]\d)(?![\dA-Za-z.])|(?<=[HR]\d\d)(?![\dA-Za-z.]))
      | (?<![\d.,])(?P<western>(?:1[89]|20)\d{{2}})(?:\s?\([^()\d]{{0,2}}\d{{1,2}}\))?\s?年
      | (?<![\d.,/-])(?P<iso>(?:1[89]|20)\d{{2}})[-/.](?=\d{{1,2}}\b)
    )
    (?P<fiscal>度)?
    (?:\s?\((?:(?:1[89]|20)\d{{2}}|(?:令和|平成|昭和|R|H|S)\s?{_ERA_NUMBER})年度?\))?
    (?: \s?(?P<month>1[0-2]|0?[1-9])(?!\d)(?:月|[-/.](?=\d)|(?![\d.,%]))
        (?: \s?(?P<day>3[01]|[12]\d|0?[1-9])(?!\d)(?:日|(?=\D|$)) )?
    )?
    """,
    re.VERBOSE,
)
_YEAR_RANGE = re.compile(r"(?<![\d.,])((?:19|20)\d{2})\s?[-~]\s?((?:19|20)\d{2})(?![\d,])")


def dates(text: str) -> list[DateMention]:
    """Return the dates written in `text` in order, each with its granularity; what names no real day is left out."""
    found = [m for match in _DATE.finditer(text) if (m := _mention(match))]
    for match in _YEAR_RANGE.finditer(text):
        if not any(m.start < match.end() and match.start() < m.end for m in found):
            found += [
                DateMention(*match.span(group), date(int(match[group]), 1, 1), date(int(match[group]), 12, 31), "year")
                for group in (1, 2)
            ]
    return sorted(found, key=lambda m: m.start)


def _mention(match: re.Match[str]) -> DateMention | None:
    if match["era"] or match["letter"]:
        year = western_year(match["era"] or match["letter"], int(number(match["era_year"] or match["letter_year"])))
    else:
        year = int(match["western"] or match["iso"])
    month, day = (int(match[g]) if match[g] else None for g in ("month", "day"))
    whole = match[0].rstrip()
    if day and not re.search(r"月|[-/.]", match[0][match.start("month") - match.start() :]):
        day = None
    start, end = match.start(), match.start() + len(whole)
    if match["iso"] and not month:
        return None
    if match["fiscal"] and not month:
        return DateMention(start, end, date(year, 4, 1), date(year + 1, 3, 31), "fiscal_year")
    if month is None:
        return DateMention(start, end, date(year, 1, 1), date(year, 12, 31), "year")
    last_day = monthrange(year, month)[1]
    if day is None:
        return DateMention(start, end, date(year, month, 1), date(year, month, last_day), "month")
    if day > last_day:
        return None
    return DateMention(start, end, date(year, month, day), date(year, month, day), "day")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its counter as written at `text[start:end]`; `unit` is "" for a bare number.

    An ordinal (第4回) has its mark in the unit: 第回.
    """

    start: int
    end: int
    value: Decimal
    unit: str


# Counters of more than one character and those that are no kanji; any single kanji counts as a counter too.
_COUNTERS = (
    "パーセント|ポイント|%|[かヵヶカケ箇]所|[かヵヶカケ箇]年度?|[かヵヶカケ箇]月|[かヵヶカケ箇]国|年度|年間|年生|年|時間|時|分野|分間|分|"
    "秒間|秒|週間|日間|校下|地区|町会|項目|施策|事業|世帯|店舗|団体|施設|種類|種|部屋|小学校|中学校|学校|"
    "つ|キロ|メートル|トン|リットル|ギガ|km2?|m2|cm|mm|kg|mg|ha|kW|GB|MB|TB|ドル|ページ|ケース|コース|クラス|チーム|グループ|人日|人時|[一-龥]"
)
_AMOUNT = rf"(?:{_NUMBER}(?:[十百千万億兆](?:{_NUMBER})?)*|{_KANJI_NUMBER}(?:[万億兆](?:{_KANJI_NUMBER})?)*)"
_QUANTITY = re.compile(rf"(?P<ordinal>第)?(?<![A-Za-z\d.,])(?P<amount>{_AMOUNT})\s?(?P<unit>{_COUNTERS})?")
_SAME_UNIT = {
    "パーセント": "%",
    "名": "人",
    "箇所": "か所",
    "カ所": "か所",
    "ヶ所": "か所",
    "ヵ所": "か所",
    "ケ所": "か所",
} | {f"{k}{u}": f"か{u}" for k in "ヵヶカケ箇" for u in ("年", "月", "国", "年度")}
_NOT_COUNTERS = re.compile(r"[減増超以未約第上下本各同月日]")


def quantities(text: str) -> list[Quantity]:
    """Return the numbers in `text` with their counters, in order, without those inside dates and inside Latin names.

    A kanji numeral counts only with a counter after it, because 一 and 三 are parts of words too (一部, 三位一体).
    """
    covered = [(m.start, m.end) for m in dates(text)]
    found = []
    for match in _QUANTITY.finditer(text):
        if any(start < match.end() and match.start() < end for start, end in covered):
            continue
        unit = match["unit"] or ""
        end = match.end()
        if unit and _NOT_COUNTERS.fullmatch(unit):
            unit, end = "", match.end("amount")
        if not re.match(r"\d", match["amount"]) and (
            not unit or len(unit) == 1 and unit not in "つ人件回個円枚台校社日歳"
        ):
            continue
        unit = _SAME_UNIT.get(unit, unit)
        found.append(Quantity(match.start(), end, number(match["amount"]), f"第{unit}" if match["ordinal"] else unit))
    return found
