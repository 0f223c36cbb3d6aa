"""A date as a text mentions it."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Literal

Granularity = Literal["day", "month", "year", "fiscal_year"]
_FISCAL_START = 4


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date as written at `text[start:end]`: the days `first` to `last` that its granularity covers."""

    start: int
    end: int
    first: date
    last: date
    granularity: Granularity

    @property
    def key(self) -> str:
        """One spelling for all ways to write this date: 2023年度, 2023年, 2023年1月, 2023年1月5日."""
        year = f"{self.first.year}年"
        if self.granularity == "fiscal_year":
            return year + "度"
        parts = {"year": "", "month": f"{self.first.month}月", "day": f"{self.first.month}月{self.first.day}日"}
        return year + parts[self.granularity]

    def overlaps(self, other: "DateMention") -> bool:
        """Tell whether the two have a day in common."""
        return self.first <= other.last and other.first <= self.last

    def covers(self, other: "DateMention") -> bool:
        """Tell whether every day of `other` is a day of this one."""
        return self.first <= other.first and other.last <= self.last


def fiscal_year(day: date) -> int:
    """Return the fiscal year (年度) of a day: January to March belong to the year before."""
    return day.year - (day.month < _FISCAL_START)


def mention(
    span: tuple[int, int], year: int, month: int | None = None, day: int | None = None, *, fiscal: bool = False
) -> DateMention | None:
    """Return the date at `span`, or None where the calendar has none; a fiscal year's March is in the year after."""
    if fiscal and month and month < _FISCAL_START:
        year += 1
    try:
        first = date(year, month or (_FISCAL_START if fiscal else 1), day or 1)
        if day:
            return DateMention(*span, first, first, "day")
        if month:
            return DateMention(*span, first, first.replace(day=monthrange(year, month)[1]), "month")
        if fiscal:
            return DateMention(*span, first, date(year + 1, 3, 31), "fiscal_year")
        return DateMention(*span, first, date(year, 12, 31), "year")
    except ValueError:
        return None
