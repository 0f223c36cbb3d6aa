"""Numerals: 12,345 · 1万2千 · 三十五."""

import re
from decimal import Decimal

_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "億": 10**8, "兆": 10**12}
NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
KANJI_NUMBER = r"[〇一二三四五六七八九十百千]+"


def number(text: str) -> Decimal:
    """Return the value of a numeral: 12,345 · 1万2千 · 三十五 · 元 (the first year of an era).

    Raises ValueError where `text` is no numeral.
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
            part, current = Decimal(0), None
        elif current is None and re.fullmatch(NUMBER, token):
            current = Decimal(token.replace(",", ""))
        else:
            raise ValueError(f"数として読めません: {text}")
    if current is not None and not (total or part):
        return current
    value = total + part + (current or 0)
    # 1.5万 multiplies to 15000.0, which would be printed so.
    return Decimal(int(value)) if value == value.to_integral_value() else value
