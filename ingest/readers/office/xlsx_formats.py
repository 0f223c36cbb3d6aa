"""Formats cell values by their Excel number format: era dates, percentages, thousands, ▲ for negatives.

Fractions, scientific notation, twelve-hour clocks and names of English months are shown plainly.
"""

import math
import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from ingest.japanese.notation import ERAS, WEEKDAYS, Era

# Built-in formats that Japanese Excel stores by number only (ECMA-376 Part 1, 18.8.30, ja-jp).
BUILTIN_FORMATS = {
    14: "yyyy/m/d",
    22: "yyyy/m/d h:mm",
    30: "m/d/yy",
    31: 'yyyy"年"m"月"d"日"',
    32: 'h"時"mm"分"',
    33: 'h"時"mm"分"ss"秒"',
    **dict.fromkeys((27, 36, 50, 57), "ge.m.d"),
    **dict.fromkeys((28, 29, 51, 54, 58), 'ggge"年"m"月"d"日"'),
    **dict.fromkeys((34, 52, 55), 'yyyy"年"m"月"'),
    **dict.fromkeys((35, 53, 56), 'm"月"d"日"'),
}
_BEFORE_ERAS = Era("", "", "", date(1, 1, 1))
_TOKEN = re.compile(
    r'"(?P<text>[^"]*)"|\\(?P<char>.)|_(?P<room>.)|\*.|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General|G/標準|@)|(?P<day>AM/PM|A/P|y+|m+|d+|g+|e+|r+|a{3,4}|h+|s+(?:\.0+)?)"
    r"|(?P<digits>(?:[#0?][#0?,.]*|\.[#0?]+)(?P<exponent>E[+-][0#?]+)?)|(?P<percent>%)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"\[[<>=]+-?[\d.]+\]")
# Serial date epochs, without time zones.
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001
_EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001
# Largest serial date: 31 December 9999.
_LAST_SERIAL = 2_958_465

_Section = Sequence[re.Match[str]]


def format_cell(value: object, number_format: str, *, since_1904: bool = False) -> str:
    """Return the value of a cell as its number format displays it, "" for no value."""
    if isinstance(value, bool):
        return str(value).upper()
    sections = _sections("General" if _CONDITION.search(number_format) else number_format)
    if isinstance(value, int | float) and math.isfinite(value):
        index = 1 if value < 0 else 2 if not value else 0
        part = sections[index] if index < len(sections) else sections[0]
        if not _is_date_format(part):
            needs_sign = value < 0 and part is sections[0]
            return _format_number(value, part, needs_sign=needs_sign, is_general=number_format in {"", "General"})
        serial = min(max(value, 0.0), _LAST_SERIAL)
        serial += serial < 60 and not since_1904  # Excel counts a 29 February 1900
        value = (_EPOCH_1904 if since_1904 else _EPOCH) + timedelta(seconds=round(serial * 86_400))
    if isinstance(value, timedelta):
        return f"{value // timedelta(hours=1)}:{value % timedelta(hours=1) // timedelta(minutes=1):02}"
    if isinstance(value, date | time):
        return _format_moment(value, next(filter(_is_date_format, sections), _sections("yyyy/m/d")[0]))
    return "" if value is None else str(value)


@lru_cache(maxsize=4096)
def _sections(number_format: str) -> tuple[tuple[re.Match[str], ...], ...]:
    sections: list[list[re.Match[str]]] = [[]]
    for token in _TOKEN.finditer(number_format):
        if token["other"] == ";":
            sections.append([])
        else:
            sections[-1].append(token)
    return tuple(map(tuple, sections))


def _format_number(value: float, part: _Section, *, needs_sign: bool, is_general: bool) -> str:
    general = str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else f"{value:.10g}"
    digits = [token["digits"] for token in part if token["digits"]]
    if not part:
        return general if is_general else ""
    if any(token["exponent"] for token in part) or (digits and any(token["other"] == "/" for token in part)):
        return general
    amount = abs(Decimal(repr(value))) * 100 ** sum(bool(token["percent"]) for token in part)
    numbers = iter([_format_decimal(amount, digits[0])] if len(digits) == 1 else _digit_groups(amount, digits))
    pieces = (
        next(numbers) if token["digits"] else general.lstrip("-") if token["general"] else _literal_text(token)
        for token in part
    )
    text = "".join(pieces)
    return f"-{text.lstrip()}" if needs_sign and re.search(r"[1-9]", text) else text.strip()


def _format_decimal(value: Decimal, digits: str) -> str:
    whole, _, fraction = digits.partition(".")
    value /= Decimal(1000) ** (len(whole) - len(whole.rstrip(",")))
    fraction = fraction.replace(",", "")
    rounded = value.quantize(Decimal(1).scaleb(-len(fraction)), ROUND_HALF_UP)
    integer, _, decimals = f"{rounded:{',' if ',' in whole.rstrip(',') else ''}f}".partition(".")
    while len(decimals) > fraction.count("0") and decimals.endswith("0"):
        decimals = decimals[:-1]
    width = whole.count("0")
    if integer == "0" and not width and (decimals or not fraction):
        integer = ""
    return f"{integer.zfill(width)}.{decimals}" if decimals else integer.zfill(width)


# 000-0000: each group of digits takes its number of digits from the right.
def _digit_groups(value: Decimal, digits: Sequence[str]) -> list[str]:
    remaining = str(value.quantize(Decimal(1), ROUND_HALF_UP)).zfill(sum(group.count("0") for group in digits))
    groups: list[str] = []
    for group in reversed(digits[1:]):
        groups.insert(0, remaining[-len(group) :])
        remaining = remaining[: -len(group)]
    return [remaining, *groups]


def _literal_text(token: re.Match[str]) -> str:
    if token["bracket"] is not None:
        return token["bracket"][1:].partition("-")[0] if token["bracket"].startswith("$") else ""
    return " " if token["room"] else next(filter(None, token.group("text", "char", "day", "percent", "other")), "")


def _is_date_format(part: _Section) -> bool:
    return any(token["day"] for token in part) and not any(token["digits"] for token in part)


def _format_moment(value: date | time, part: _Section) -> str:
    if isinstance(value, time):
        value = datetime.combine(_EPOCH, value)
    moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    marks = [(token["day"] or "").lower() for token in part]
    is_gannen = any("gannen" in (token["bracket"] or "").lower() for token in part)
    if "g" in "".join(marks) and "e" not in "".join(marks):  # LibreOffice writes gggyy
        marks = [mark.replace("y", "e") for mark in marks]
    pieces = []
    unit = ""
    for index, mark in enumerate(marks):
        if mark[:1] == "m":  # a minute next to an hour or second
            following = next(filter(None, marks[index + 1 :]), "")
            mark = "n" * len(mark) if unit == "h" or following[:1] == "s" else mark  # noqa: PLW2901
        unit = mark[:1] or unit
        pieces.append(_format_unit(mark, moment, is_gannen=is_gannen) if mark else _literal_text(part[index]))
    return "".join(pieces).strip()


def _format_unit(mark: str, moment: datetime, *, is_gannen: bool) -> str:
    numbers = {"m": moment.month, "d": moment.day, "h": moment.hour, "n": moment.minute, "s": moment.second}
    letter = mark[0]
    if letter in numbers:
        return str(numbers[letter]).zfill(min(len(mark), 2))
    if letter == "y":
        return f"{moment.year}" if len(mark) > 2 else f"{moment.year % 100:02}"
    if letter == "a":  # AM/PM is left out: hours are those of a day
        return "" if "/" in mark else WEEKDAYS[moment.weekday()] + ("曜日" if len(mark) > 3 else "")
    era = next((era for era in reversed(ERAS) if moment.date() >= era.first_day), _BEFORE_ERAS)
    year = moment.year - era.first_day.year + 1
    number = "元" if year == 1 and is_gannen else str(year)
    names = {1: era.letter, 2: era.kanji if letter == "g" else era.name}
    name = names.get(len(mark), era.name)
    return {"g": name, "r": name + number}.get(letter, number if number == "元" else number.zfill(len(mark)))
