"""Counters that count the same thing in other words."""

_ALIKE = (
    {"か年", "年間", "年"},
    {"か月", "か月間"},
    {"日", "日間"},
    {"件", "回", "項目", "つ", "本"},
    {"校下", "地区"},
    {"ha", "ヘクタール"},
    {"m2", "平方メートル"},
    {"m3", "立方メートル"},
    {"t", "トン"},
    {"m", "メートル"},
    {"km", "キロメートル", "キロ"},
    {"kg", "キログラム", "キロ"},
)


def same_unit(a: str, b: str) -> bool:
    """Whether a figure in `a` can answer a question for `b` (何回 by 3,282件)."""
    return a == b or any(a in group and b in group for group in _ALIKE)
