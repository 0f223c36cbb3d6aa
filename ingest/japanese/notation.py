"""Regular expressions shared by the date notations."""

ERA = r"明治|大正|昭和|平成|令和"
ERA_NUMBER = r"(?:元|\d{1,2}|[〇一二三四五六七八九十]{1,3})"
# One letter or kanji is an era only before a number.
SHORT_ERA = r"(?<![一-龥])[昭平令](?=\d)|(?<![A-Za-z])[MTSHR](?=\s?\d{1,2}(?!\d))"
WESTERN = r"(?:1[89]|20)\d\d"
MONTH = r"(?:1[0-2]|0?[1-9])(?!\d)"
DAY = r"(?:3[01]|[12]\d|0?[1-9])(?!\d)"
KANJI_MONTH = r"(?:十[一二]?|[一二三四五六七八九])"
KANJI_DAY = r"(?:三十一?|二?十[一二三四五六七八九]?|[一二三四五六七八九])"
# The year in the other reckoning: 令和8(2026)年度, 2024年(令和6年)4月.
GLOSS = rf"(?:\s?\((?:(?:{ERA}|[MTSHR])\s?(?:元|\d{{1,2}})|\d{{4}})\s?年?度?\))?"


def with_unit(unit: str) -> str:
    """Return what follows a number: its unit, or more numbers with the unit behind the last (4・5・6月)."""
    return rf"(?:\s?{unit}|(?=(?:\s?[~・、,-]\s?\d{{1,2}})+\s?{unit}))"
