"""Formats cell values by their Excel number format: era dates, percentages, ▲ for negatives."""

import math
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache

# Formats that Excel knows by number in Japan and writes without their text (ECMA-376 Part 1, 18.8.30, ja-jp).
BY_NUMBER = {
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
# First days of the eras, with their signs and short names.
_ERAS = (
    (date(2019, 5, 1), "令和", "R"),
    (date(1989, 1, 8), "平成", "H"),
    (date(1926, 12, 25), "昭和", "S"),
    (date(1912, 7, 30), "大正", "T"),
    (date(1868, 1, 25), "明治", "M"),
)
_DAYS = "月火水木金土日"
_PIECE = re.compile(
    r'"(?P<text>[^"]*)"|\\(?P<char>.)|_(?P<room>.)|\*.|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General|G/標準)|(?P<day>AM/PM|A/P|上午/下午|午前/午後|y+|m+|d+|g+|e+|r+|a{3,4}|h+|s+(?:\.0+)?)"
    r"|(?P<digits>[#0?][#0?,.]*(?:[Ee][+-][0#?]+)?|\.[0#?]+)|(?P<at>@)|(?P<percent>%)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)")
_COMPARE = {"<": -1, "=": 0, ">": 1}
# Days on which sheets begin to count; they know of no time zones.
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001
_EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001
# The last day that a sheet knows.
_LAST_SERIAL = 2_958_465


def format_cell(value: object, form: str, *, since_1904: bool = False) -> str:
    """Return the value of a cell as its number format `form` shows it; "" for none, for text the text.

    Raises nothing: a format that makes no sense shows the value as it is.
    """
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return _text(value, form)
    if isinstance(value, datetime | date | time | timedelta):
        return _moment(value, form, since_1904=since_1904)
    if isinstance(value, int | float) and math.isfinite(value):
        return _number(value, form, since_1904=since_1904)
    return str(value)


@lru_cache(maxsize=4096)
def _sections(form: str) -> tuple[tuple[re.Match[str], ...], ...]:
    """Return the pieces of each part of a format, which are for what is positive, negative, zero, and text."""
    parts: list[list[re.Match[str]]] = [[]]
    for piece in _PIECE.finditer(form):
        if piece["other"] == ";":
            parts.append([])
        else:
            parts[-1].append(piece)
    return tuple(map(tuple, parts))


def _text(value: str, form: str) -> str:
    parts = _sections(form)
    part = parts[3] if len(parts) > 3 else next((p for p in parts if any(piece["at"] for piece in p)), ())  # noqa: PLR2004
    if not any(piece["at"] for piece in part):
        return value
    return "".join(value if piece["at"] else _literal(piece) for piece in part)


def _number(value: float, form: str, *, since_1904: bool) -> str:
    part, signed = _section(value, form)
    if _is_moment(part):
        return _moment(_to_datetime(value, since_1904=since_1904), form, since_1904=since_1904)
    if not part:
        return "" if form not in {"", "General"} else _general(value)
    if any(piece["general"] for piece in part):
        return "".join(_general(value if signed else abs(value)) if p["general"] else _literal(p) for p in part)
    if not any(piece["digits"] for piece in part):
        return "".join(map(_literal, part)) if not any(piece["at"] for piece in part) else _general(value)
    return _figures(Decimal(repr(value)), part, signed=signed)


def _section(value: float, form: str) -> tuple[Sequence[re.Match[str]], bool]:
    """Return the part of a format for a number, and whether a minus has to be written before it."""
    parts = _sections(form)[:3]
    conditions = [_condition(part) for part in parts]
    if any(conditions):
        for part, condition in zip(parts, conditions, strict=True):
            if condition is None or _satisfies(value, condition):
                return part, value < 0 and condition is None
        return parts[-1], value < 0
    if value < 0 and len(parts) > 1:
        return parts[1], False
    if value == 0 and len(parts) > 2:  # noqa: PLR2004
        return parts[2], False
    return parts[0], value < 0


def _condition(part: Sequence[re.Match[str]]) -> tuple[str, float] | None:
    for piece in part:
        found = _CONDITION.fullmatch(piece["bracket"] or "")
        if found:
            return found[1], float(found[2])
    return None


def _satisfies(value: float, condition: tuple[str, float]) -> bool:
    sign, limit = condition
    order = (value > limit) - (value < limit)
    return order != 0 if sign == "<>" else any(_COMPARE[one] == order for one in sign)


def _figures(value: Decimal, part: Sequence[re.Match[str]], *, signed: bool) -> str:
    """Return a number in the digits of a format: 1,234.5, 12.3%, 1 1/2, thousands left out behind a comma."""
    digits = [piece["digits"] for piece in part if piece["digits"]]
    value = abs(value) * 100 ** sum(bool(piece["percent"]) for piece in part)
    if any(piece["other"] == "/" for piece in part):
        written: Iterator[str] = iter([_fraction(value, digits)])
        at = [i for i, piece in enumerate(part) if piece["digits"]]
        inner = [piece for i, piece in enumerate(part) if i == at[0] or not at[0] < i <= at[-1]]
    elif len(digits) > 1:  # 090-1234-5678: the figures run through all of it from behind
        written, inner = iter(_spread(value, digits)), list(part)
    else:
        written, inner = iter([_decimal(value, digits[0])]), list(part)
    text = "".join(next(written) if piece["digits"] else _literal(piece) for piece in inner)
    is_zero = not re.search(r"[1-9]", text)
    return f"-{text.lstrip()}" if signed and not is_zero else text.strip()


def _decimal(value: Decimal, digits: str) -> str:
    if "e" in digits.lower():
        return f"{value:.{len(digits.lower().split('e')[0].partition('.')[2])}E}"
    whole, _, fraction = digits.partition(".")
    scale = len(whole) - len(whole.rstrip(",")) + len(fraction) - len(fraction.rstrip(","))
    value /= Decimal(1000) ** scale
    grouped, fraction = "," in whole.rstrip(","), fraction.replace(",", "")
    rounded = value.quantize(Decimal(1).scaleb(-len(fraction)), ROUND_HALF_UP)
    text = f"{rounded:,f}" if grouped else f"{rounded:f}"
    before, _, behind = text.partition(".")
    least = sum(fraction.count(mark) for mark in "0")
    while len(behind) > least and behind.endswith("0"):
        behind = behind[:-1]
    width = whole.count("0")
    before = before.zfill(width) if width > 1 else "" if before == "0" and not width and behind else before
    if before == "0" and not width and not behind and not fraction:
        before = ""
    return f"{before}.{behind}" if behind else before


def _spread(value: Decimal, digits: Sequence[str]) -> list[str]:
    figures = str(value.quantize(Decimal(1), ROUND_HALF_UP)).zfill(sum(one.count("0") for one in digits))
    pieces: list[str] = []
    for at, one in reversed(list(enumerate(digits))):
        width = len(figures) if at == 0 else min(len(one), len(figures))
        pieces.insert(0, figures[len(figures) - width :])
        figures = figures[: len(figures) - width]
    return pieces


def _fraction(value: Decimal, digits: Sequence[str]) -> str:
    near = Fraction(value).limit_denominator(10 ** min(len(digits[-1]), 3) - 1)
    whole, rest = divmod(near.numerator, near.denominator) if len(digits) > 2 else (0, near.numerator)  # noqa: PLR2004
    return " ".join(
        filter(None, [str(whole) if whole or not rest else "", f"{rest}/{near.denominator}" if rest else ""])
    )


def _general(value: float) -> str:
    """Return a number as a cell without a format shows it: at most eleven figures."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else f"{value:.10g}"  # noqa: PLR2004


def _literal(piece: re.Match[str]) -> str:
    """Return what a piece of a format writes by itself; the sign of a currency stands in its brackets: [$¥-411]."""
    if piece["bracket"] is not None:
        return piece["bracket"][1:].partition("-")[0] if piece["bracket"].startswith("$") else ""
    if piece["room"]:
        return " "
    if piece["day"]:
        return piece["day"]
    return piece["text"] or piece["char"] or piece["percent"] or piece["other"] or ""


def _is_moment(part: Sequence[re.Match[str]]) -> bool:
    elapsed = any(_ELAPSED.fullmatch(piece["bracket"] or "") for piece in part)
    return elapsed or (any(piece["day"] for piece in part) and not any(piece["digits"] for piece in part))


def _to_datetime(value: float, *, since_1904: bool) -> datetime:
    serial = min(max(value, 0.0), _LAST_SERIAL)
    if not since_1904 and serial < 60:  # noqa: PLR2004 -- the sheet counts a 29 February 1900
        serial += 1
    return (_EPOCH_1904 if since_1904 else _EPOCH) + timedelta(seconds=round(serial * 86_400))


def _moment(value: datetime | date | time | timedelta, form: str, *, since_1904: bool) -> str:
    part = next((one for one in _sections(form) if _is_moment(one)), ())
    if isinstance(value, timedelta):
        elapsed = value.total_seconds()
        moment = _to_datetime(elapsed / 86_400, since_1904=since_1904)
    else:
        day = value if isinstance(value, datetime) else _with_day(value)
        moment, elapsed = day, (day - _EPOCH).total_seconds()
    if not part:
        return _plain(value, moment)
    return "".join(_date_text(part, at, moment, elapsed) for at in range(len(part))).strip()


def _with_day(value: date | time) -> datetime:
    return datetime.combine(_EPOCH, value) if isinstance(value, time) else datetime.combine(value, time())


def _plain(value: datetime | date | time | timedelta, moment: datetime) -> str:
    if isinstance(value, time | timedelta):
        return f"{moment.hour}:{moment.minute:02}"
    clock = f" {moment.hour}:{moment.minute:02}" if moment.hour or moment.minute else ""
    return f"{moment.year}/{moment.month}/{moment.day}{clock}"


def _date_text(part: Sequence[re.Match[str]], at: int, moment: datetime, elapsed: float) -> str:
    piece = part[at]
    mark = (piece["day"] or "").lower()
    if not mark:
        bracket = (piece["bracket"] or "").lower()
        if not _ELAPSED.fullmatch(bracket):
            return _literal(piece)
        return str(int(elapsed // {"h": 3600, "m": 60, "s": 1}[bracket[0]])).zfill(len(bracket))
    if mark[0] == "m" and _is_minute(part, at):
        return str(moment.minute).zfill(len(mark))
    if mark[0] in "ger" or (mark[0] == "y" and _has_era(part)):
        gannen = any("gannen" in (one["bracket"] or "").lower() for one in part)
        return _era(mark, moment, gannen=gannen)
    return _unit(mark, moment, twelve=any("/" in (one["day"] or "") for one in part))


def _has_era(part: Sequence[re.Match[str]]) -> bool:
    """Whether a format has the name of an era and not its year in a letter of its own: gggyy, as LibreOffice writes."""
    letters = {(piece["day"] or " ").lower()[0] for piece in part}
    return "g" in letters and "e" not in letters


def _is_minute(part: Sequence[re.Match[str]], at: int) -> bool:
    """Whether m is a minute: behind an hour, or before a second."""

    def letter(piece: re.Match[str]) -> str:
        return (piece["day"] or piece["bracket"] or "").lower()[:1]

    marks = "ymdgeahs"
    before = next((c for p in reversed(part[:at]) if (c := letter(p)) and c in marks), "")
    behind = next((c for p in part[at + 1 :] if (c := letter(p)) and c in marks), "")
    return before == "h" or behind == "s"


def _era(mark: str, moment: datetime, *, gannen: bool) -> str:
    first, name, sign = next((era for era in _ERAS if moment.date() >= era[0]), (date(1, 1, 1), "", ""))
    year = moment.year - first.year + 1
    number = "元" if year == 1 and gannen else str(year)
    if mark[0] == "g":
        return {1: sign, 2: name[:1]}.get(len(mark), name)
    if mark[0] == "r":
        return (sign if len(mark) == 1 else name) + number
    return number.zfill(len(mark)) if mark[0] == "e" and number != "元" else number


def _unit(mark: str, moment: datetime, *, twelve: bool) -> str:
    """Return one part of a day or time of day."""
    if "/" in mark:
        early, late = {"am/pm": ("AM", "PM"), "a/p": ("A", "P")}.get(mark, ("午前", "午後"))
        return early if moment.hour < 12 else late  # noqa: PLR2004
    letter, wide = mark[0], len(mark)
    if letter == "y":
        return str(moment.year) if wide > 2 else f"{moment.year % 100:02}"  # noqa: PLR2004
    if letter == "a":
        return _DAYS[moment.weekday()] + ("曜日" if wide > 3 else "")  # noqa: PLR2004
    if letter == "s":
        return str(moment.second).zfill(min(wide, 2))
    if letter in "md" and wide > 2:  # noqa: PLR2004
        return moment.strftime({("m", 3): "%b", ("d", 3): "%a", ("d", 4): "%A"}.get((letter, wide), "%B"))
    hour = (moment.hour % 12 or 12) if twelve else moment.hour
    return str({"m": moment.month, "d": moment.day, "h": hour}[letter]).zfill(wide)
