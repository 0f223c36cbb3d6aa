"""Dates in Japan time, independent of the server's time zone."""

from datetime import UTC, date, datetime, timedelta, timezone

# Japan has no daylight saving time.
JAPAN = timezone(timedelta(hours=9))


def today() -> date:
    """Return the current day in Japan."""
    return to_japan_date(datetime.now(UTC))


def to_japan_date(moment: datetime) -> date:
    """Return the day of a moment, given with its time zone."""
    return moment.astimezone(JAPAN).date()


def format_japanese_date(day: date) -> str:
    """Return a day as 2026年1月5日."""
    return f"{day.year}年{day.month}月{day.day}日"
