"""Detects what a question says about the figures of a table: a limit, a unit, a span of months, a change."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ingest.japanese import quantities
from ingest.japanese.dates import days_without_year
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.partial_dates import MONTH_SPAN, find_month_span

# The words of a measure with the units that it has: 距離 with km and m.
_UNITS_BY_MEASURE = {
    re.compile(any_of(words.split("|")[:1])): frozenset(words.split("|")[1:])
    for words in load_lexicon("measures")["units"]
}
_AT_LEAST = r"以上|を超え|を?上回|より(?:多|大|高|広|長)"
_AT_MOST = r"以下|以内|未満|を?下回|より(?:少|小|低|狭|短|安)"
# What follows a figure that is a limit: 100人以上, 5か所未満.
_LIMIT = re.compile(rf"\s*(?:(?P<at_least>{_AT_LEAST})|(?P<at_most>{_AT_MOST}))")
_INCLUSIVE_LIMITS = frozenset({"以上", "以下", "以内"})
_RISES_OR_FALLS = re.compile(r"増|上が|伸び|上昇|減|下が|縮")
# What follows the first label of a range of labels: 4月分から6月分まで.
_RANGE = re.compile(r"\s?(?:分)?(?:から|~|-|より)")


@dataclass(frozen=True, slots=True)
class FigureLimit:
    """A limit of figures: 100人以上.

    Attributes:
        unit: the unit of the limit, "" for a bare number.
        is_minimum: whether figures have to be greater than the limit, not less.
        is_inclusive: whether figures may equal the limit.
    """

    number: Decimal
    unit: str
    is_minimum: bool
    is_inclusive: bool

    def allows(self, number: Decimal) -> bool:
        """Whether a figure is within the limit."""
        if number == self.number:
            return self.is_inclusive
        return number > self.number if self.is_minimum else number < self.number


@dataclass(frozen=True, slots=True)
class FigureRequest:
    """What a question says about figures.

    Attributes:
        limit: the limit that the figures must satisfy.
        implied_units: the units of the measures that it names (距離: km, m).
        months: the months that it spans (第1四半期: 4, 5, 6); empty for none.
        month_span: these months as written, "" for none.
        months_of_days: the months of its days without a year (4月1日: 4).
        asks_direction: whether it asks if a figure rose or fell.
    """

    limit: FigureLimit | None = None
    implied_units: frozenset[str] = frozenset()
    months: tuple[int, ...] = ()
    month_span: str = ""
    months_of_days: frozenset[int] = frozenset()
    asks_direction: bool = False


NO_FIGURE_REQUEST = FigureRequest()
"""The request of a question that says nothing about figures."""


def parse_figure_request(topic: str, text: str) -> FigureRequest:
    """Return the figures that a question asks for: its topic, and normalised `text` with the day it is about."""
    month_span = MONTH_SPAN.search(topic)
    measured = (units for measure, units in _UNITS_BY_MEASURE.items() if measure.search(topic))
    return FigureRequest(
        limit=_find_limit(topic),
        implied_units=frozenset[str]().union(*measured),
        months=find_month_span(topic),
        month_span=month_span[0] if month_span else "",
        months_of_days=frozenset(month for _, _, month, _ in days_without_year(text)),
        asks_direction=bool(_RISES_OR_FALLS.search(topic)),
    )


def _find_limit(text: str) -> FigureLimit | None:
    for quantity in quantities(text):
        if match := _LIMIT.match(text, quantity.end):
            words = match["at_least"] or match["at_most"]
            return FigureLimit(quantity.value, quantity.unit, bool(match["at_least"]), words in _INCLUSIVE_LIMITS)
    return None


def find_label_range(text: str, labels: Sequence[str]) -> range | None:
    """Return the positions of the labels from one that normalised `text` names to another: 4月から6月まで."""
    for first, label in enumerate(labels):
        for start in _occurrences(text, label):
            separator = _RANGE.match(text, start + len(label))
            after = text[separator.end() :] if separator else ""
            last = next((i for i in range(first + 1, len(labels)) if labels[i] and after.startswith(labels[i])), None)
            if last is not None:
                return range(first, last + 1)
    return None


def _occurrences(text: str, label: str) -> list[int]:
    return [match.start() for match in re.finditer(rf"(?<!\d){re.escape(label)}", text)] if label else []
