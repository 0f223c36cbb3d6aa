"""Opening hours: weekly spans, closed days, and the next opening."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ingest.japanese.today import JAPAN

# The next opening is looked for within this many days.
_MAX_DAYS_AHEAD = 31


@dataclass(frozen=True, slots=True)
class DayHours:
    """Hours of one day from `opens` until before `closes`, in minutes since midnight."""

    opens: int
    closes: int

    def __str__(self) -> str:
        return f"{format_clock(self.opens)}〜{format_clock(self.closes)}"


@dataclass(frozen=True, slots=True)
class YearlyDays:
    """Days of every year from (month, day) to (month, day), both included; may run over New Year."""

    first: tuple[int, int]
    last: tuple[int, int]

    def __contains__(self, day: date) -> bool:
        month_and_day = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= month_and_day <= self.last
        return month_and_day >= self.first or month_and_day <= self.last


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """The hours of each weekday, Monday first, in Japan's time zone, except on closed days.

    `shown` is the text for readers.
    """

    week: tuple[tuple[DayHours, ...], ...]
    closed: tuple[YearlyDays, ...]
    closed_on_holidays: bool
    shown: str

    def on(self, day: date) -> tuple[DayHours, ...]:
        """Return the hours of a day, the earliest first."""
        if any(day in days for days in self.closed) or (self.closed_on_holidays and _is_japanese_holiday(day)):
            return ()
        return self.week[day.weekday()]

    def is_open_at(self, moment: datetime) -> bool:
        """Whether the office is open at this moment (with a time zone)."""
        here = moment.astimezone(JAPAN)
        minute = here.hour * 60 + here.minute
        return any(span.opens <= minute < span.closes for span in self.on(here.date()))

    def next_opening(self, moment: datetime) -> datetime | None:
        """Return the next opening after this moment (with a time zone) in Japan's time zone, None if not soon."""
        here = moment.astimezone(JAPAN)
        midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
        for days in range(_MAX_DAYS_AHEAD):
            morning = midnight + timedelta(days=days)
            for span in self.on(morning.date()):
                opening = morning + timedelta(minutes=span.opens)
                if opening > here:
                    return opening
        return None


def format_clock(minutes: int) -> str:
    """Return minutes since midnight as H:MM."""
    return f"{minutes // 60}:{minutes % 60:02}"


def _is_japanese_holiday(day: date) -> bool:
    from jpholiday import is_holiday  # noqa: PLC0415 - only an office that closes on holidays asks for them

    return is_holiday(day)
