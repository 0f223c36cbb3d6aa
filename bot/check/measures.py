"""Amounts that are one, though written in different units: 1.8km and 1,800メートル, 0.5ha and 50アール."""

from decimal import Decimal

# How many of the smallest unit of its kind each unit is.
_KINDS = (
    {"mm": 1, "ミリ": 1, "cm": 10, "センチ": 10, "m": 1000, "メートル": 1000, "km": 10**6, "キロメートル": 10**6},
    {"m2": 1, "㎡": 1, "平方メートル": 1, "a": 100, "アール": 100, "ha": 10**4, "ヘクタール": 10**4}
    | {"km2": 10**6, "平方キロメートル": 10**6, "平方キロ": 10**6},
    {"mg": 1, "g": 1000, "グラム": 1000, "kg": 10**6, "キログラム": 10**6, "t": 10**9, "トン": 10**9},
    {"ml": 1, "ミリリットル": 1, "l": 1000, "リットル": 1000, "m3": 10**6, "立方メートル": 10**6},
    {"分間": 1, "分": 1, "時間": 60},
    {"kW": 1, "キロワット": 1, "MW": 1000, "メガワット": 1000},
    {"kWh": 1, "キロワット時": 1, "MWh": 1000},
)
_SIZES = {unit: (n, Decimal(size)) for n, kind in enumerate(_KINDS) for unit, size in kind.items()}


def measured(value: Decimal, unit: str) -> tuple[Decimal, object]:
    """Return the amount in the smallest unit of its kind, and the kind; other units are kinds of their own."""
    if unit not in _SIZES:
        return value, unit
    kind, size = _SIZES[unit]
    return value * size, kind
