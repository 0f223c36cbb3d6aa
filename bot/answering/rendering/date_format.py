"""Formats dates, times and periods for readers."""

from datetime import UTC, date, datetime

from bot.answering.languages import Language, catalogue, format_date
from ingest.documents import Document
from ingest.japanese.today import JAPAN, format_japanese_date


def format_day(day: date | str) -> str:
    """Return a formatted day; a text must be YYYY-MM-DD. Raises ValueError for other text."""
    return format_japanese_date(date.fromisoformat(day) if isinstance(day, str) else day)


def format_time(time: datetime | str) -> str:
    """Return a time in Japan; times without a zone are UTC.

    A text must be in ISO 8601. Raises ValueError for other text.
    """
    parsed = datetime.fromisoformat(time) if isinstance(time, str) else time
    local = (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(JAPAN)
    return f"{format_day(local)} {local:%H:%M}"


def format_period(days: tuple[date, date], language: Language = "ja") -> str:
    """Return a formatted period."""
    first, last = (format_date(day.isoformat(), language) for day in days)
    return str(catalogue(language)["days"]["period"]).format(first=first, last=last)


def format_document_date(document: Document, language: Language = "ja") -> str:
    """Return when a document was published, else the date in its text, said to be from there; "" for neither."""
    key, day = ("published_on", document.published) if document.published else ("date_in_text", document.date_in_text)
    return str(catalogue(language)[key]).format(day=format_date(day, language)) if day else ""


def format_fiscal_year(year: int, language: Language = "ja") -> str:
    """Return a fiscal year, named by the calendar year in which it begins."""
    return str(catalogue(language)["days"]["fiscal_year"]).format(year=year)
