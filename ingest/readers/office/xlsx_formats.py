"""Formats cell values by their Excel number format: era dates, percentages, ▲ for negatives."""

import math
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache

from ingest.japanese.notation import ERAS, WEEKDAYS, Era

# Built-in formats that Japanese Excel stores by number only (ECMA-376 Part 1, 18.8.30, ja-jp).
BUILTIN_FORMATS = {
    14: "yyyy/m/d",
    22: "yyyy/m/d h:mm",
    27: "ge.m.d",
    28: 'ggge"年"m"月"d"日"',
    29: 'ggge"年"m"月"d"日"',
    30: "m/d/yy",
    31: 'yyyy"年"m"月"d"日"',
    32: 'h"時"mm"分"',
    33: 'h"時"mm"分"ss"秒"',
    34: 'yyyy"年"m"月"',
    35: 'm"月"d"日"',
    36: "ge.m.d",
    50: "ge.m.d",
    51: 'ggge"年"m"月"d"日"',
    52: 'yyyy"年"m"月"',
    53: 'm"月"d"日"',
    54: 'ggge"年"m"月"d"日"',
    55: 'yyyy"年"m"月"',
    56: 'm"月"d"日"',
    57: "ge.m.d",
    58: 'ggge"年"m"月"d"日"',
}
_BEFORE_ERAS = Era("", "", "", date(1, 1, 1))
_FORMAT_TOKEN = re.compile(
    r'"(?P<text>[^"]*)"|\\(?P<char>.)|_(?P<room>.)|\*.|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General|G/標準)|(?P<day>AM/PM|A/P|上午/下午|午前/午後|y+|m+|d+|g+|e+|r+|a{3,4}|h+|s+(?:\.0+)?)"
    r"|(?P<digits>[#0?][#0?,.]*(?:[Ee][+-][0#?]+)?|\.[0#?]+)|(?P<at>@)|(?P<percent>%)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)")
_COMPARE = {"<": -1, "=": 0, ">": 1}
# Serial date epochs, without time zones.
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001
_EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001
# Largest serial date: 31 December 9999.
_LAST_SERIAL = 2_958_465


def format_cell(value: object, number_format: str, *, since_1904: bool = False) -> str:
    """Return the value of a cell as its number format displays it, "" for no value.

    An invalid format leaves the value as it is.
    """
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return _format_text(value, number_format)
    if isinstance(value, datetime | date | time | timedelta):
        return _format_moment(value, number_format, since_1904=since_1904)
    if isinstance(value, int | float) and math.isfinite(value):
        return _format_number(value, number_format, since_1904=since_1904)
    return str(value)


@lru_cache(maxsize=4096)
def _format_sections(number_format: str) -> tuple[tuple[re.Match[str], ...], ...]:
    sections: list[list[re.Match[str]]] = [[]]
    for piece in _FORMAT_TOKEN.finditer(number_format):
        if piece["other"] == ";":
            sections.append([])
        else:
            sections[-1].append(piece)
    return tuple(map(tuple, sections))


def _format_text(value: str, number_format: str) -> str:
    parts = _format_sections(number_format)
    part = parts[3] if len(parts) > 3 else next((p for p in parts if any(piece["at"] for piece in p)), ())
    if not any(piece["at"] for piece in part):
        return value
    return "".join(value if piece["at"] else _literal_text(piece) for piece in part)


def _format_number(value: float, number_format: str, *, since_1904: bool) -> str:
    part, needs_sign = _number_section(value, number_format)
    if _is_date_format(part):
        return _format_moment(_to_datetime(value, since_1904=since_1904), number_format, since_1904=since_1904)
    if not part:
        return "" if number_format not in {"", "General"} else _format_general(value)
    if any(piece["general"] for piece in part):
        return "".join(
            _format_general(value if needs_sign else abs(value)) if p["general"] else _literal_text(p) for p in part
        )
    if not any(piece["digits"] for piece in part):
        return "".join(map(_literal_text, part)) if not any(piece["at"] for piece in part) else _format_general(value)
    return _format_digits(Decimal(repr(value)), part, needs_sign=needs_sign)


def _number_section(value: float, number_format: str) -> tuple[Sequence[re.Match[str]], bool]:
    parts = _format_sections(number_format)[:3]
    conditions = [_condition(part) for part in parts]
    if any(conditions):
        for part, condition in zip(parts, conditions, strict=True):
            if condition is None or _satisfies(value, condition):
                return part, value < 0 and condition is None
        return parts[-1], value < 0
    if value < 0 and len(parts) > 1:
        return parts[1], False
    if value == 0 and len(parts) > 2:
        return parts[2], False
    return parts[0], value < 0


def _condition(part: Sequence[re.Match[str]]) -> tuple[str, float] | None:
    for piece in part:
        match = _CONDITION.fullmatch(piece["bracket"] or "")
        if match:
            return match[1], float(match[2])
    return None


def _satisfies(value: float, condition: tuple[str, float]) -> bool:
    sign, limit = condition
    order = (value > limit) - (value < limit)
    return order != 0 if sign == "<>" else any(_COMPARE[char] == order for char in sign)


def _format_digits(value: Decimal, part: Sequence[re.Match[str]], *, needs_sign: bool) -> str:
    digits = [piece["digits"] for piece in part if piece["digits"]]
    value = abs(value) * 100 ** sum(bool(piece["percent"]) for piece in part)
    if any(piece["other"] == "/" for piece in part):
        numbers: Iterator[str] = iter([_format_fraction(value, digits)])
        positions = [i for i, piece in enumerate(part) if piece["digits"]]
        tokens = [piece for i, piece in enumerate(part) if i == positions[0] or not positions[0] < i <= positions[-1]]
    elif len(digits) > 1:  # digits are filled from the right: 090-1234-5678
        numbers = iter(_format_digit_groups(value, digits))
        tokens = list(part)
    else:
        numbers = iter([_format_decimal(value, digits[0])])
        tokens = list(part)
    text = "".join(next(numbers) if piece["digits"] else _literal_text(piece) for piece in tokens)
    is_zero = not re.search(r"[1-9]", text)
    return f"-{text.lstrip()}" if needs_sign and not is_zero else text.strip()


def _format_decimal(value: Decimal, digits: str) -> str:
    if "e" in digits.lower():
        return f"{value:.{len(digits.lower().split('e')[0].partition('.')[2])}E}"
    integer_digits, _, fraction = digits.partition(".")
    scale = len(integer_digits) - len(integer_digits.rstrip(",")) + len(fraction) - len(fraction.rstrip(","))
    value /= Decimal(1000) ** scale
    has_groups = "," in integer_digits.rstrip(",")
    fraction = fraction.replace(",", "")
    rounded = value.quantize(Decimal(1).scaleb(-len(fraction)), ROUND_HALF_UP)
    text = f"{rounded:,f}" if has_groups else f"{rounded:f}"
    integer, _, decimals = text.partition(".")
    min_decimals = sum(fraction.count(mark) for mark in "0")
    while len(decimals) > min_decimals and decimals.endswith("0"):
        decimals = decimals[:-1]
    min_integer_digits = integer_digits.count("0")
    integer = (
        integer.zfill(min_integer_digits)
        if min_integer_digits > 1
        else ""
        if integer == "0" and not min_integer_digits and decimals
        else integer
    )
    if integer == "0" and not min_integer_digits and not decimals and not fraction:
        integer = ""
    return f"{integer}.{decimals}" if decimals else integer


def _format_digit_groups(value: Decimal, digits: Sequence[str]) -> list[str]:
    written_digits = str(value.quantize(Decimal(1), ROUND_HALF_UP)).zfill(sum(group.count("0") for group in digits))
    groups: list[str] = []
    for index, group in reversed(list(enumerate(digits))):
        width = len(written_digits) if index == 0 else min(len(group), len(written_digits))
        groups.insert(0, written_digits[len(written_digits) - width :])
        written_digits = written_digits[: len(written_digits) - width]
    return groups


def _format_fraction(value: Decimal, digits: Sequence[str]) -> str:
    nearest = Fraction(value).limit_denominator(10 ** min(len(digits[-1]), 3) - 1)
    integer, remainder = divmod(nearest.numerator, nearest.denominator) if len(digits) > 2 else (0, nearest.numerator)
    return " ".join(
        filter(
            None,
            [
                str(integer) if integer or not remainder else "",
                f"{remainder}/{nearest.denominator}" if remainder else "",
            ],
        )
    )


def _format_general(value: float) -> str:
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else f"{value:.10g}"


def _literal_text(piece: re.Match[str]) -> str:
    if piece["bracket"] is not None:
        return piece["bracket"][1:].partition("-")[0] if piece["bracket"].startswith("$") else ""
    if piece["room"]:
        return " "
    if piece["day"]:
        return piece["day"]
    return piece["text"] or piece["char"] or piece["percent"] or piece["other"] or ""


def _is_date_format(part: Sequence[re.Match[str]]) -> bool:
    elapsed = any(_ELAPSED.fullmatch(piece["bracket"] or "") for piece in part)
    return elapsed or (any(piece["day"] for piece in part) and not any(piece["digits"] for piece in part))


def _to_datetime(value: float, *, since_1904: bool) -> datetime:
    serial = min(max(value, 0.0), _LAST_SERIAL)
    if not since_1904 and serial < 60:
        serial += 1
    return (_EPOCH_1904 if since_1904 else _EPOCH) + timedelta(seconds=round(serial * 86_400))


def _format_moment(value: datetime | date | time | timedelta, number_format: str, *, since_1904: bool) -> str:
    part = next((section for section in _format_sections(number_format) if _is_date_format(section)), ())
    if isinstance(value, timedelta):
        elapsed = value.total_seconds()
        moment = _to_datetime(elapsed / 86_400, since_1904=since_1904)
    else:
        day = value if isinstance(value, datetime) else _with_day(value)
        moment = day
        elapsed = (day - _EPOCH).total_seconds()
    if not part:
        return _default_moment(value, moment)
    return "".join(_format_date_token(part, index, moment, elapsed) for index in range(len(part))).strip()


def _with_day(value: date | time) -> datetime:
    return datetime.combine(_EPOCH, value) if isinstance(value, time) else datetime.combine(value, time())


def _default_moment(value: datetime | date | time | timedelta, moment: datetime) -> str:
    if isinstance(value, time | timedelta):
        return f"{moment.hour}:{moment.minute:02}"
    clock = f" {moment.hour}:{moment.minute:02}" if moment.hour or moment.minute else ""
    return f"{moment.year}/{moment.month}/{moment.day}{clock}"


def _format_date_token(part: Sequence[re.Match[str]], index: int, moment: datetime, elapsed: float) -> str:
    piece = part[index]
    mark = (piece["day"] or "").lower()
    if not mark:
        bracket = (piece["bracket"] or "").lower()
        if not _ELAPSED.fullmatch(bracket):
            return _literal_text(piece)
        return str(int(elapsed // {"h": 3600, "m": 60, "s": 1}[bracket[0]])).zfill(len(bracket))
    if mark[0] == "m" and _means_minutes(part, index):
        return str(moment.minute).zfill(len(mark))
    if mark[0] in "ger" or (mark[0] == "y" and _has_era(part)):
        gannen = any("gannen" in (token["bracket"] or "").lower() for token in part)
        return _format_era(mark, moment, gannen=gannen)
    return _format_date_unit(mark, moment, is_twelve_hour=any("/" in (token["day"] or "") for token in part))


def _has_era(part: Sequence[re.Match[str]]) -> bool:
    letters = {(piece["day"] or " ").lower()[0] for piece in part}
    return "g" in letters and "e" not in letters


def _means_minutes(part: Sequence[re.Match[str]], index: int) -> bool:
    def letter(piece: re.Match[str]) -> str:
        return (piece["day"] or piece["bracket"] or "").lower()[:1]

    marks = "ymdgeahs"
    previous = next((c for p in reversed(part[:index]) if (c := letter(p)) and c in marks), "")
    following = next((c for p in part[index + 1 :] if (c := letter(p)) and c in marks), "")
    return previous == "h" or following == "s"


def _format_era(mark: str, moment: datetime, *, gannen: bool) -> str:
    era = next((era for era in reversed(ERAS) if moment.date() >= era.first_day), _BEFORE_ERAS)
    name = era.name
    sign = era.letter
    year = moment.year - era.first_day.year + 1
    number = "元" if year == 1 and gannen else str(year)
    if mark[0] == "g":
        return {1: sign, 2: name[:1]}.get(len(mark), name)
    if mark[0] == "r":
        return (sign if len(mark) == 1 else name) + number
    return number.zfill(len(mark)) if mark[0] == "e" and number != "元" else number


def _format_date_unit(mark: str, moment: datetime, *, is_twelve_hour: bool) -> str:
    if "/" in mark:
        early, late = {"am/pm": ("AM", "PM"), "a/p": ("A", "P")}.get(mark, ("午前", "午後"))
        return early if moment.hour < 12 else late
    letter = mark[0]
    width = len(mark)
    if letter == "y":
        return str(moment.year) if width > 2 else f"{moment.year % 100:02}"
    if letter == "a":
        return WEEKDAYS[moment.weekday()] + ("曜日" if width > 3 else "")
    if letter == "s":
        return str(moment.second).zfill(min(width, 2))
    if letter in "md" and width > 2:
        return moment.strftime({("m", 3): "%b", ("d", 3): "%a", ("d", 4): "%A"}.get((letter, width), "%B"))
    hour = (moment.hour % 12 or 12) if is_twelve_hour else moment.hour
    return str({"m": moment.month, "d": moment.day, "h": hour}[letter]).zfill(width)
