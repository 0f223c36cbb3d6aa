"""Figures that are a name (65歳以上の人口, 70歳の人数): what is counted under one is not counted under another."""

import re
from collections.abc import Iterator
from itertools import pairwise

from ingest.normalise import Quantity, quantities

_SIDES = (
    ("以上", re.compile(r"\s?の?以上")),
    ("以下", re.compile(r"\s?の?(?:以下|以内|まで)")),
    ("未満", re.compile(r"\s?の?未満")),
)
_RANGE = re.compile(r"\s?(?:~|-|から|より)\s?")
_AGES = {"歳": "歳", "才": "歳"}
# Questions for how many there are: a rule for those of 65 and older holds for those of 70, a number of them does not.
_COUNTS = re.compile(
    r"人口|人数|[者児員生民帯]数|割合|比率|構成比|[^効税]率|"
    r"何(?:人|名|世帯|%|割|パーセント|件|社|校|館|か所)|(?:どれ|どの)(?:くらい|ぐらい|ほど|だけ)(?:の人が)?い"
)


def bounded_names(text: str) -> frozenset[str]:
    """Return the figures of normalised `text` that have a bound, and ages, in one spelling (65歳まで: 65歳以下).

    Both ends of a range are figures without one (3歳, 5歳 of 3~5歳 or 3歳から5歳まで).
    """
    return frozenset(_names(text))


def counts(text: str) -> bool:
    """Whether a question in normalised `text` asks how many there are, or what share."""
    return bool(_COUNTS.search(text))


def has_bound(text: str, quantity: Quantity) -> bool:
    """Whether 以上 or the like stands behind the figure."""
    return any(pattern.match(text, quantity.end) for _, pattern in _SIDES)


def _names(text: str) -> Iterator[str]:
    found = quantities(text)
    ranges = [pair for pair in pairwise(found) if _RANGE.fullmatch(text[pair[0].end : pair[1].start])]
    lows = {low.start: high for low, high in ranges}
    highs = {high.start for _, high in ranges}
    for quantity in found:
        unit = quantity.unit or (lows[quantity.start].unit if quantity.start in lows else "")
        side = next((name for name, pattern in _SIDES if pattern.match(text, quantity.end)), "")
        if quantity.start in highs and side == "以下":
            side = ""
        if unit and not unit.startswith("第") and (side or unit in _AGES):
            yield f"{quantity.value:f}{_AGES.get(unit, unit)}{side}"
