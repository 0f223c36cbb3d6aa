"""A number with its unit as a text claims it, and what is said of it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Change = Literal["増", "減", ""]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its unit at `text[start:end]`, and what is said of it: that it rose, fell, or is a bound.

    `below` and `above` are how far rounding words (約) let the true value lie from it. `at_most` says that nothing may
    lie above it; まで says so too, but of 17時まで that is no `bound`.
    """

    start: int
    end: int
    value: Decimal
    unit: str
    change: Change = ""
    bound: str = ""
    at_most: bool = False
    below: Decimal = Decimal(0)
    above: Decimal = Decimal(0)

    def allows(self, value: Decimal) -> bool:
        """Whether `value` is this figure's, or one that it rounds."""
        return self.value - self.below <= value <= self.value + self.above
