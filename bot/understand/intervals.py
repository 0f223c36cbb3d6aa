"""Stretches of figures in words: 120cm以上180cm未満, 2時間を超え4時間まで, 65歳以上, 3~5歳."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from ingest.normalise import Quantity, quantities

# What a measure is called in speech: its sign, and how many of that it is.
_SPOKEN = re.compile(r"\s?(センチ(?:メートル)?|ミリ(?:メートル)?|メートル|キロ(?:グラム)?|グラム)")
_MEASURES = {
    **dict.fromkeys(("センチ", "センチメートル", "cm"), ("cm", Decimal(1))),
    **dict.fromkeys(("ミリ", "ミリメートル", "mm"), ("cm", Decimal("0.1"))),
    **dict.fromkeys(("メートル", "m"), ("cm", Decimal(100))),
    **dict.fromkeys(("キロ", "キロメートル", "キログラム", "kg"), ("kg", Decimal(1))),
    **dict.fromkeys(("グラム", "g"), ("kg", Decimal("0.001"))),
    **dict.fromkeys(("トン", "t"), ("kg", Decimal(1000))),
    **dict.fromkeys(("歳", "才"), ("歳", Decimal(1))),
    **dict.fromkeys(("年間", "か年", "年"), ("年", Decimal(1))),
    **dict.fromkeys(("分", "分間"), ("分", Decimal(1))),
    "時間": ("分", Decimal(60)),
}
_CLOCK = frozenset({"時"})
_AT_LEAST, _OVER = re.compile(r"\s?以上|\s?から(?!\s?\d)"), re.compile(r"\s?(?:を?超|より)")
_AT_MOST, _UNDER = re.compile(r"\s?(?:以下|以内|まで)"), re.compile(r"\s?未満")
_TO = re.compile(r"\s?(?:~|-|から)\s?")


@dataclass(frozen=True, slots=True)
class Interval:
    """The figures in `unit` from `low` to `high`, None where there is no end; an end counts where it is `closed`."""

    unit: str
    low: Decimal | None = None
    high: Decimal | None = None
    low_closed: bool = True
    high_closed: bool = True

    def holds(self, value: Decimal, unit: str) -> bool:
        """Whether a figure lies in it."""
        if unit != self.unit:
            return False
        above = self.low is None or value > self.low or (self.low_closed and value == self.low)
        below = self.high is None or value < self.high or (self.high_closed and value == self.high)
        return above and below


def measured(text: str) -> list[tuple[Decimal, str]]:
    """Return the figures of normalised `text` in one unit for each measure (1.8メートル: 180 cm)."""
    return [measure_of(q, text) for q in quantities(text) if not q.unit.startswith("第")]


def measure_of(q: Quantity, text: str) -> tuple[Decimal, str]:
    """Return a figure of normalised `text` and its unit, in the one unit of its measure."""
    spoken = _SPOKEN.match(text, q.end) if not q.unit else None
    unit, size = _MEASURES.get(spoken[1] if spoken else q.unit, (q.unit, Decimal(1)))
    return q.value * size, unit


@lru_cache(maxsize=4096)
def interval_of(text: str) -> Interval | None:
    """Return the stretch that normalised `text` (a cell or a head) names, or None where it names none or several."""
    found = quantities(text)
    ends = [(side, *measure_of(q, text)) for q in found for side in _sides(q, text)]
    if any(q.unit in _CLOCK for q in found):
        return None
    for low, high in pairwise(found):
        if _TO.fullmatch(text[low.end : high.start]) and not ends[1:] and high.value:
            last, unit = measure_of(high, text)
            return Interval(unit, low.value * last / high.value, last)
    sides = [side for side, _, _ in ends]
    units = {unit for _, _, unit in ends}
    if len(units) != 1 or len(ends) != len(found) or any(sides.count(s) > 1 for s in ("low", "high")):
        return None
    return _joined(ends)


def _sides(q: Quantity, text: str) -> Iterator[str]:
    for side, pattern in (("low", _AT_LEAST), ("low!", _OVER), ("high", _AT_MOST), ("high!", _UNDER)):
        if pattern.match(text, q.end + len(_spoken_behind(q, text))):
            yield side
            return


def _spoken_behind(q: Quantity, text: str) -> str:
    spoken = _SPOKEN.match(text, q.end) if not q.unit else None
    return spoken[0] if spoken else ""


def _joined(ends: list[tuple[str, Decimal, str]]) -> Interval | None:
    low = next(((v, side == "low") for side, v, _ in ends if side.startswith("low")), None)
    high = next(((v, side == "high") for side, v, _ in ends if side.startswith("high")), None)
    if len(ends) != bool(low) + bool(high):
        return None
    return Interval(
        ends[0][2],
        low[0] if low else None,
        high[0] if high else None,
        low_closed=low is None or low[1],
        high_closed=high is None or high[1],
    )
