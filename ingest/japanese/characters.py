"""Kinds of characters, and numerals: 12,345 · 1万2千 · 三十五."""

import re
from decimal import Decimal

from ingest.japanese.notation import KANJI_DIGITS

KANJI = "\u3400-\u9fff"
"""The range of kanji, for a character class: `f"[{KANJI}々]"`."""
ONE_KANJI = re.compile(f"[{KANJI}]")
_KANJI = re.compile("[一-龥]")
_DIGITS = {c: i for i, c in enumerate(KANJI_DIGITS)}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "億": 10**8, "兆": 10**12}
NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
KANJI_NUMBER = rf"[{KANJI_DIGITS}十百千]+"
_TO_KATAKANA = {code: code + 0x60 for code in range(ord("ぁ"), ord("ゖ") + 1)}
_TO_HIRAGANA = {katakana: hiragana for hiragana, katakana in _TO_KATAKANA.items()}


def has_chinese_characters(text: str) -> bool:
    """Whether a text has kanji that Japanese does not write (CP932 lacks them), as simplified Chinese does."""
    kanji = "".join(_KANJI.findall(text))
    return kanji.encode("cp932", "ignore").decode("cp932") != kanji


def to_katakana(text: str) -> str:
    """Return `text` with its hiragana in katakana."""
    return text.translate(_TO_KATAKANA)


def to_hiragana(text: str) -> str:
    """Return `text` with its katakana in hiragana; ー stays."""
    return text.translate(_TO_HIRAGANA)


def parse_number(text: str) -> Decimal:
    """Return the value of a numeral: 12,345 · 1万2千 · 三十五 · 元 (the first year of an era).

    Raises ValueError for any other text.
    """
    if text == "元":
        return Decimal(1)
    tokens = re.findall(rf"{NUMBER}|.", text, re.DOTALL)
    if not tokens:
        raise ValueError("数がありません")
    total = part = Decimal(0)
    current: Decimal | None = None
    for token in tokens:
        if token in _DIGITS:
            current = (current or Decimal(0)) * 10 + _DIGITS[token]
        elif token in _SMALL:
            part += (Decimal(1) if current is None else current) * _SMALL[token]
            current = None
        elif token in _LARGE:
            total += (part + (current or 0) or Decimal(1)) * _LARGE[token]
            part = Decimal(0)
            current = None
        elif current is None and re.fullmatch(NUMBER, token):
            current = Decimal(token.replace(",", ""))
        else:
            raise ValueError(f"数として読めません: {text}")
    if current is not None and not (total or part):
        return current
    value = total + part + (current or 0)
    # 1.5万 gives 15000.0, which would be printed as such.
    return Decimal(int(value)) if value == value.to_integral_value() else value
