"""Regular expressions and tables shared by the notations: numerals, eras, months, days, weekdays, hours."""

from datetime import date
from typing import NamedTuple

KANJI_DIGITS = "〇一二三四五六七八九"
KANJI_ONE_TO_TEN = "一二三四五六七八九十"
# An integer in digits or kanji, as in chapter numbers: 第3章, 第二十一条.
COUNT = rf"[\d{KANJI_DIGITS}十百]+"


class Era(NamedTuple):
    """An era: its name, its abbreviations as letter and kanji, and its first day."""

    name: str
    letter: str
    kanji: str
    first_day: date


# Source: the edicts and laws of each change (元号法 since 1979). A year in which the era changes belongs to both.
ERAS = (
    Era("明治", "M", "明", date(1868, 1, 25)),
    Era("大正", "T", "大", date(1912, 7, 30)),
    Era("昭和", "S", "昭", date(1926, 12, 25)),
    Era("平成", "H", "平", date(1989, 1, 8)),
    Era("令和", "R", "令", date(2019, 5, 1)),
)
ERA = "|".join(era.name for era in ERAS)
ERA_LETTER = f"[{''.join(era.letter for era in ERAS)}]"
ERA_NUMBER = rf"(?:元|\d{{1,2}}|[{KANJI_DIGITS}十]{{1,3}})"
# A single letter or kanji is an era only before a number.
SHORT_ERA = rf"(?<![一-龥])[昭平令](?=[\d元])|(?<![A-Za-z]){ERA_LETTER}(?=\s?(?:元|\d{{1,2}}(?!\d)))"
WESTERN = r"(?:1[89]|20)\d\d"
MONTH_NUMBER = r"(?:1[0-2]|0?[1-9])"
DAY_NUMBER = r"(?:3[01]|[12]\d|0?[1-9])"
MONTH = rf"{MONTH_NUMBER}(?!\d)"
DAY = rf"{DAY_NUMBER}(?!\d)"
KANJI_MONTH = r"(?:十[一二]?|[一二三四五六七八九])"
KANJI_DAY = r"(?:三十一?|二?十[一二三四五六七八九]?|[一二三四五六七八九])"
# The year in the other calendar: 令和8(2026)年度, 2024年(令和6年)4月.
GLOSS = rf"(?:\s?\((?:(?:{ERA}|{ERA_LETTER})\s?(?:元|\d{{1,2}})|\d{{4}})\s?年?度?\))?"

# Monday first, as `date.weekday()` counts.
WEEKDAYS = "月火水木金土日"
WEEKDAY = f"[{WEEKDAYS}]"
# A weekday, a holiday or several after a date: (金), (土・祝).
BRACKETED_WEEKDAYS = rf"\((?:[{WEEKDAYS}祝休]|・)+\)"


def with_unit(unit: str) -> str:
    """Return a pattern for the unit of a number, or for more numbers before the unit of the last (4・5・6月)."""
    return rf"(?:\s?{unit}|(?=(?:\s?[~・、,-]\s?\d{{1,2}})+\s?{unit}))"


YES_OR_NO = "(?:はい|いいえ|ええ)"
"""How an answer to a yes-or-no question begins."""
