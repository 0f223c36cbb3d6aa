"""Days as a reader writes them."""

from calendar import month_name
from datetime import UTC, date, datetime

from bot.days import JAPAN, day_told
from bot.ui.speech import Speech


def day_said(day: date | str) -> str:
    """Return a day; one as text is YYYY-MM-DD. Raises ValueError for a text that is no day."""
    told = date.fromisoformat(day) if isinstance(day, str) else day
    return day_told(told)


def time_said(time: datetime | str) -> str:
    """Return a time as a clock on the office's wall shows it; times without a zone are UTC.

    A text is in ISO 8601. Raises ValueError for one that is no time.
    """
    read = datetime.fromisoformat(time) if isinstance(time, str) else time
    told = (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(JAPAN)
    return f"{day_said(told)} {told:%H:%M}"


def period_said(days: tuple[date, date], speech: Speech = "ja") -> str:
    """Return the first and the last day of a period."""
    if speech == "en":
        return " – ".join(f"{day.day} {month_name[day.month]} {day.year}" for day in days)
    return "から".join(day_said(day) for day in days) + "まで"


def published_said(published: str, speech: Speech = "ja") -> str:
    """Return a day of publication (YYYY, YYYY-MM or YYYY-MM-DD), as exactly as it is known."""
    year, *rest = published.split("-")
    if speech == "en":
        named = [month_name[int(number)] if place == 0 else number.lstrip("0") for place, number in enumerate(rest)]
        return " ".join([*reversed(named), year])
    units = zip((year, *rest), "年月日", strict=False)
    return "".join(f"{int(number)}{unit}" for number, unit in units)
