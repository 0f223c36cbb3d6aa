"""How far from a rounded figure its true value may lie: 約1万2,500人, およそ6割, 300人余り, 3割弱."""

import re
from decimal import Decimal
from typing import NamedTuple

from ingest.normalise import Quantity

_ABOUT = re.compile(r"(?:約|およそ|おおよそ|おおむね|概ね|ほぼ|ざっと)の?\s?$")
_ABOUT_BEHIND = re.compile(r"\s?(?:程度|ほど|前後|くらい|ぐらい|近く)")
_MORE = re.compile(r"\s?(?:強(?![化いくめ制])|余り?(?!計)|あまり|台(?!数))")
_LESS = re.compile(r"\s?弱(?![いくめ者点])")
# Of 約20人 the true figure may be 21, not 24: but 約3割 is said of 26 % too, since 割 are tenths already.
_NEAREST = Decimal("0.06")
_TENTHS = "割"


class Slack(NamedTuple):
    """How far below the figure, and how far above it, its true value may lie."""

    below: Decimal = Decimal(0)
    above: Decimal = Decimal(0)


def slack(text: str, quantity: Quantity) -> Slack:
    """Return how far the words around `quantity` in normalised `text` round it; nothing where none says so."""
    value = quantity.value
    if not value or quantity.unit in ("年", "年度"):
        return Slack()
    step = Decimal(1).scaleb(int(value.normalize().as_tuple().exponent))
    behind = text[quantity.end :]
    if _MORE.match(behind):
        return Slack(above=step)
    if _LESS.match(behind):
        return Slack(below=step / 2)
    if not (_ABOUT.search(text[: quantity.start]) or _ABOUT_BEHIND.match(behind)):
        return Slack()
    near = step / 2 if quantity.unit == _TENTHS else min(step / 2, value * _NEAREST)
    return Slack(near, near)
