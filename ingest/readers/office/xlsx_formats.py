"""Formats cell values by their Excel number format: era dates, percentages, ▲ for negatives.

Fractions, scientific notation, twelve-hour clocks, formats of texts and names of English months are shown plainly.
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
_FORMAT_TOKEN = re.compile(
    r'"(?P<text>[^"]*)"|\\(?P<char>.)|_(?P<room>.)|\*.|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General|G/標準)|(?P<day>AM/PM|A/P|上午/下午|午前/午後|y+|m+|d+|g+|e+|r+|a{3,4}|h+|s+(?:\.0+)?)"
    r"|(?P<digits>[#0?][#0?,.]*(?P<exponent>[Ee][+-][0#?]+)?|\.[0#?]+)|(?P<at>@)|(?P<percent>%)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)")
_COMPARE = {"<": -1, "=": 0, ">": 1}
# Serial date epochs, without time zones.
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001
_EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001
# Largest serial date: 31 December 9999.
_LAST_SERIAL = 2_958_465

# The tokens of one section of a format.
_Section = Sequence[re.Match[str]]


def format_cell(value: object, number_format: str, *, since_1904: bool = False) -> str:
    """Return the value of a cell as its number format displays it, "" for no value.

    An invalid format leaves the value as it is.
    """
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return value
    sections = _format_sections(number_format)
    if isinstance(value, int | float) and math.isfinite(value):
        part, needs_sign = _number_section(value, sections[:3])
        if not _is_date_format(part):
            return _format_number(value, part, needs_sign=needs_sign, is_general=number_format in {"", "General"})
        serial = min(max(value, 0.0), _LAST_SERIAL)
        serial += serial < 60 and not since_1904  # Excel counts a 29 February 1900
        value = (_EPOCH_1904 if since_1904 else _EPOCH) + timedelta(seconds=round(serial * 86_400))
    return _format_moment(value, sections) if isinstance(value, date | time | timedelta) else str(value)


@lru_cache(maxsize=4096)
def _format_sections(number_format: str) -> tuple[tuple[re.Match[str], ...], ...]:
    sections: list[list[re.Match[str]]] = [[]]
    for token in _FORMAT_TOKEN.finditer(number_format):
        if token["other"] == ";":
            sections.append([])
        else:
            sections[-1].append(token)
    return tuple(map(tuple, sections))


def _number_section(value: float, sections: Sequence[_Section]) -> tuple[_Section, bool]:
    conditions = [
        next((match for token in part if (match := _CONDITION.fullmatch(token["bracket"] or ""))), None)
        for part in sections
    ]
    if any(conditions):  # [<=999]000;[<=9999]000-00;000-0000 for postal codes
        for part, condition in zip(sections, conditions, strict=True):
            if condition is None:
                return part, value < 0
            order = (value > float(condition[2])) - (value < float(condition[2]))
            if order != 0 if condition[1] == "<>" else any(_COMPARE[char] == order for char in condition[1]):
                return part, False
        return sections[-1], value < 0
    if value < 0 and len(sections) > 1:
        return sections[1], False
    if value == 0 and len(sections) > 2:
        return sections[2], False
    return sections[0], value < 0


def _format_number(value: float, part: _Section, *, needs_sign: bool, is_general: bool) -> str:
    general = str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else f"{value:.10g}"
    digits = [token["digits"] for token in part if token["digits"]]
    if not part:
        return general if is_general else ""
    if any(token["at"] for token in part) and not digits:
        return general
    general = general if needs_sign else general.lstrip("-")
    if any(token["exponent"] for token in part) or (digits and any(token["other"] == "/" for token in part)):
        return general
    if not digits:
        return "".join(general if token["general"] else _literal_text(token) for token in part)
    amount = abs(Decimal(repr(value))) * 100 ** sum(bool(token["percent"]) for token in part)
    numbers = iter([_format_decimal(amount, digits[0])] if len(digits) == 1 else _digit_groups(amount, digits))
    text = "".join(next(numbers) if token["digits"] else _literal_text(token) for token in part)
    return f"-{text.lstrip()}" if needs_sign and re.search(r"[1-9]", text) else text.strip()


def _format_decimal(value: Decimal, digits: str) -> str:
    integer_digits, _, fraction = digits.partition(".")
    value /= Decimal(1000) ** (len(integer_digits) - len(integer_digits.rstrip(",")))
    fraction = fraction.replace(",", "")
    rounded = value.quantize(Decimal(1).scaleb(-len(fraction)), ROUND_HALF_UP)
    separator = "," if "," in integer_digits.rstrip(",") else ""
    integer, _, decimals = f"{rounded:{separator}f}".partition(".")
    while len(decimals) > fraction.count("0") and decimals.endswith("0"):
        decimals = decimals[:-1]
    width = integer_digits.count("0")
    if integer == "0" and not width and (decimals or not fraction):
        integer = ""
    return f"{integer.zfill(width)}.{decimals}" if decimals else integer.zfill(width)


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
    if token["room"]:
        return " "
    return token["text"] or token["char"] or token["day"] or token["percent"] or token["other"] or ""


def _is_date_format(part: _Section) -> bool:
    return any(token["day"] for token in part) and not any(token["digits"] for token in part)


def _format_moment(value: date | time | timedelta, sections: Sequence[_Section]) -> str:
    if isinstance(value, timedelta):
        return f"{value // timedelta(hours=1)}:{value % timedelta(hours=1) // timedelta(minutes=1):02}"
    if isinstance(value, time):
        moment = datetime.combine(_EPOCH, value)
    else:
        moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    part = next((section for section in sections if _is_date_format(section)), ())
    if part:
        return "".join(_format_date_token(part, index, moment) for index in range(len(part))).strip()
    clock = f"{moment.hour}:{moment.minute:02}"
    if isinstance(value, time):
        return clock
    return f"{moment.year}/{moment.month}/{moment.day}" + (f" {clock}" if moment.hour or moment.minute else "")


def _format_date_token(part: _Section, index: int, moment: datetime) -> str:
    mark = (part[index]["day"] or "").lower()
    if not mark:
        return _literal_text(part[index])
    letters = [(token["day"] or " ").lower()[0] for token in part]
    if "/" in mark:  # AM/PM; hours are those of a day
        return ""
    letter = mark[0]
    if letter in "ger" or (letter == "y" and "g" in letters and "e" not in letters):  # LibreOffice writes gggyy
        return _format_era(mark, moment, gannen=any("gannen" in (token["bracket"] or "").lower() for token in part))
    if letter == "y":
        return str(moment.year) if len(mark) > 2 else f"{moment.year % 100:02}"
    if letter == "a":
        return WEEKDAYS[moment.weekday()] + ("曜日" if len(mark) > 3 else "")
    before = "".join(letters[:index]).split()[-1:] or [""]
    after = "".join(letters[index + 1 :]).split()[:1] or [""]
    is_minute = before[0].endswith("h") or after[0].startswith("s")
    month = moment.minute if is_minute else moment.month
    number = {"m": month, "d": moment.day, "h": moment.hour, "s": moment.second}[letter]
    return str(number).zfill(min(len(mark), 2))


def _format_era(mark: str, moment: datetime, *, gannen: bool) -> str:
    era = next((era for era in reversed(ERAS) if moment.date() >= era.first_day), _BEFORE_ERAS)
    year = moment.year - era.first_day.year + 1
    number = "元" if year == 1 and gannen else str(year)
    if mark[0] == "g":
        return {1: era.letter, 2: era.name[:1]}.get(len(mark), era.name)
    if mark[0] == "r":
        return (era.letter if len(mark) == 1 else era.name) + number
    return number.zfill(len(mark)) if mark[0] == "e" and number != "元" else number
