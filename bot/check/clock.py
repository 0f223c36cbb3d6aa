"""Times of day as they are written: 午後8時, 夕方6時半, 8:00, 20時."""

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from bot.check.figure import Figure

_AFTERNOON = re.compile(r"(?:午後|夕方|夜|晩)の?\s?$")
_TILL = re.compile(r"\s?(?:\d{1,2}分|半)?\s?(?:~|-|から|より)\s?(?:夕方|夜|晩)?の?\s?")
_COLON = re.compile(r"(?<![\d:])([01]?\d|2[0-4]):([0-5]\d)(?![\d:])")
_HOURS = 12
_HALF = Decimal(30)


def clocked(text: str, found: Sequence[Figure]) -> list[Figure]:
    """Return the figures with times of day in one form: hours counted through the day, minutes of their own."""
    return _afternoon(text, _halves(text, _colons(text, found)))


def _colons(text: str, found: Sequence[Figure]) -> list[Figure]:
    """Return the figures with 8:30 read as 8時 and 30分; the full hour has no minutes."""
    read = list(found)
    for match in _COLON.finditer(text):
        read = [figure for figure in read if not match.start() <= figure.start < match.end()]
        read.append(Figure(match.start(), match.end(1), Decimal(match[1]), "時"))
        if int(match[2]):
            read.append(Figure(match.start(2), match.end(), Decimal(match[2]), "分間"))
    return sorted(read, key=lambda figure: figure.start)


def _halves(text: str, found: Sequence[Figure]) -> list[Figure]:
    """Return the figures with the half of an hour that 7時半 has."""
    read: list[Figure] = []
    for figure in found:
        read.append(figure)
        if figure.unit == "時" and text[figure.end : figure.end + 1] == "半":
            read.append(Figure(figure.end, figure.end + 1, _HALF, "分間"))
    return read


def _afternoon(text: str, found: Sequence[Figure]) -> list[Figure]:
    """Return the figures with hours after noon counted on (午後8時 is 20時), to the end of a span that begins so."""
    counted: list[Figure] = []
    last: Figure | None = None
    for figure in found:
        goes_on = last and last.value > _HOURS and _TILL.fullmatch(text[last.end : figure.start])
        later = figure.unit == "時" and figure.value < _HOURS and (goes_on or _AFTERNOON.search(text[: figure.start]))
        counted.append(replace(figure, value=figure.value + _HOURS) if later else figure)
        last = counted[-1] if figure.unit == "時" else last if figure.unit == "分間" else None
    return counted
