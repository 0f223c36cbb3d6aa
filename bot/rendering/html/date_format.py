"""Formats dates, times and periods for readers."""

from datetime import UTC, date, datetime

from bot.languages import Language, catalogue
from ingest.japanese.today import JAPAN, format_japanese_date


def format_day(day: date | str) -> str:
    """Return a day; one as text is YYYY-MM-DD. Raises ValueError for a text that is no day."""
    told = date.fromisoformat(day) if isinstance(day, str) else day
    return format_japanese_date(told)


def format_time(time: datetime | str) -> str:
    """Return a time as a clock on the office's wall shows it; times without a zone are UTC.

    A text is in ISO 8601. Raises ValueError for one that is no time.
    """
    read = datetime.fromisoformat(time) if isinstance(time, str) else time
    told = (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(JAPAN)
    return f"{format_day(told)} {told:%H:%M}"


def format_period(days: tuple[date, date], language: Language = "ja") -> str:
    """Return the first and the last day of a period."""
    first, last = (format_publication_date(day.isoformat(), language) for day in days)
    return str(catalogue(language)["days"]["period"]).format(first=first, last=last)


def format_publication_date(published: str, language: Language = "ja") -> str:
    """Return a day of publication (YYYY, YYYY-MM or YYYY-MM-DD), as exactly as it is known."""
    words = catalogue(language)["days"]
    year, *rest = map(int, published.split("-"))
    known = dict(zip(("month", "day"), rest, strict=False))
    name = words["names"].split()[known["month"] - 1] if rest else ""
    return str(words[("year", "month", "day")[len(rest)]]).format(year=year, name=name, **known)


def format_fiscal_year(year: int, language: Language = "ja") -> str:
    """Return a fiscal year, called by the calendar year in which it begins."""
    return str(catalogue(language)["days"]["fiscal_year"]).format(year=year)
