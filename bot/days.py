"""Days as the office counts them, in Japan, whatever the clock of the server is set to."""

from datetime import UTC, date, datetime, timedelta, timezone

# There is no summer time.
JAPAN = timezone(timedelta(hours=9))


def today() -> date:
    """Return the day that it is for the office and its readers."""
    return day_of(datetime.now(UTC))


def day_of(moment: datetime) -> date:
    """Return the day of a moment, given with its time zone."""
    return moment.astimezone(JAPAN).date()


def day_told(day: date) -> str:
    """Return a day as it is told in Japanese."""
    return f"{day.year}年{day.month}月{day.day}日"
