"""The office as configured, and how readers can reach a person."""

from dataclasses import dataclass
from datetime import datetime

from bot.errors import OfficeError
from bot.office.accent import Accent, read_accent
from bot.office.hours import OpeningHours, format_clock
from bot.office.hours_parser import parse_hours
from bot.office.origins import read_origins
from ingest.configuration.settings import Settings
from ingest.japanese.notation import WEEKDAYS


@dataclass(frozen=True, slots=True)
class PersonalHelp:
    """How a person is reached at a moment; every text may be empty, and is then not shown.

    `open` is None where no hours are set. `notice` is what to show while nobody is there, `link` a page to go to.
    """

    contact: str
    hours: str
    open: bool | None
    notice: str
    link: str = ""


NOBODY = PersonalHelp("", "", None, "")
"""Where nobody to turn to was named."""


@dataclass(frozen=True, slots=True)
class Office:
    """What every page shows of the office; `accent` is None where the theme's own colour is kept.

    `embed_origins` are the sites that may show the chat within their pages.
    """

    name: str
    disclaimer: str
    accent: Accent | None
    contact: str
    hours: OpeningHours | None
    closed_text: str
    embed_origins: tuple[str, ...]

    def help_at(self, moment: datetime) -> PersonalHelp:
        """Return how a person is reached at this moment, given with its time zone."""
        return personal_help(self.contact, self.hours, moment, self.closed_text)


def read_office(settings: Settings) -> Office:
    """Return the office of the settings. Raises OfficeError where hours, colour or sites cannot be used."""
    if settings.closed_text and not settings.opening_hours:
        raise OfficeError(
            "SHIRUBE_CLOSED_TEXT は受付時間の外に示す文です。受付時間を SHIRUBE_OPENING_HOURS に書いてください。"
        )
    return Office(
        settings.service_name,
        settings.disclaimer,
        read_accent(settings.accent_color) if settings.accent_color else None,
        settings.contact,
        _parse_hours(settings.opening_hours) if settings.opening_hours else None,
        settings.closed_text or "",
        read_origins(settings.embed_origins),
    )


def personal_help(contact: str, hours: OpeningHours | None, moment: datetime, closed_text: str = "") -> PersonalHelp:
    """Return how somebody is reached at this moment; `closed_text` stands in place of when they are there next."""
    if hours is None:
        return PersonalHelp(contact, "", None, "")
    is_open = hours.is_open_at(moment)
    return PersonalHelp(
        contact, hours.shown, is_open, "" if is_open else closed_text or _describe_next_opening(hours, moment)
    )


def _parse_hours(written: str) -> OpeningHours:
    try:
        return parse_hours(written)
    except OfficeError as error:
        raise OfficeError(f"SHIRUBE_OPENING_HOURS の{error}") from error


def _describe_next_opening(hours: OpeningHours, moment: datetime) -> str:
    opening = hours.next_opening(moment)
    when = (
        f"次は{opening.month}月{opening.day}日（{WEEKDAYS[opening.weekday()]}）"
        f"{format_clock(opening.hour * 60 + opening.minute)}からです。"
        if opening
        else ""
    )
    return f"ただいま受付時間の外です。受付時間は{hours.shown}です。{when}"
