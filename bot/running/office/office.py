"""The office as configured, and how readers can reach a person."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from bot.errors import OfficeError
from bot.running.office.accent import accent_css
from bot.running.office.hours import OpeningHours, format_clock, parse_hours
from ingest.configuration.settings import Settings

# Only scheme, host and port, like `location.origin` in browsers (RFC 6454), which is safe in a Content-Security-Policy.
_ORIGIN = re.compile(r"(https?)://([a-z0-9.-]+|\[[0-9a-f:]+\])(?::(\d{1,5}))?/?")
_DEFAULT_PORTS = {"http": "80", "https": "443"}


@dataclass(frozen=True, slots=True)
class PersonalHelp:
    """How to reach a person at a moment; every text may be empty.

    `open` is None without opening hours; `next_opening` is known while the office is closed. `link` is a page to refer
    to. Methods take the `further` texts of a catalogue.
    """

    contact: str
    hours: OpeningHours | None = None
    open: bool | None = None
    next_opening: datetime | None = None
    link: str = ""

    def hours_in(self, words: Mapping[str, str]) -> str:
        return self.hours.describe(words) if self.hours else ""

    def notice_in(self, words: Mapping[str, str]) -> str:
        """Return what is shown while the office is closed, else ""."""
        if self.open is not False:
            return ""
        notice = words["closed_now"].format(hours=self.hours_in(words))
        if opening := self.next_opening:
            day = words["month_day"].format(month=opening.month, day=opening.day)
            weekday = words["weekdays"].split()[opening.weekday()]
            clock = format_clock(opening.hour * 60 + opening.minute)
            notice += words["opens"].format(day=day, weekday=weekday, time=clock)
        return notice


NOBODY = PersonalHelp("")
"""For offices without a contact."""


@dataclass(frozen=True, slots=True)
class Office:
    """The office as pages show it; `accent` is its colour, None for that of the theme.

    `embed_origins` are the sites that may embed the chat.
    """

    name: str
    accent: str | None
    contact: str
    hours: OpeningHours | None
    embed_origins: tuple[str, ...]

    def help_at(self, moment: datetime) -> PersonalHelp:
        return personal_help(self.contact, self.hours, moment)


def read_office(settings: Settings) -> Office:
    """Return the office of the settings. Raises OfficeError if hours, colour or sites are invalid."""
    accent_css(settings.accent_color)  # raises OfficeError
    try:
        hours = parse_hours(settings.opening_hours) if settings.opening_hours else None
    except OfficeError as error:
        raise OfficeError(f"SHIRUBE_OPENING_HOURS の{error}") from error
    # The origins in the form that browsers send.
    origins = tuple(map(_normalise_origin, (settings.embed_origins or "").replace(",", " ").split()))
    return Office(settings.service_name, settings.accent_color, settings.contact, hours, origins)


def personal_help(contact: str, hours: OpeningHours | None, moment: datetime) -> PersonalHelp:
    """Return the contact details for this moment."""
    is_open = hours.is_open_at(moment) if hours else None
    return PersonalHelp(contact, hours, is_open, hours.next_opening(moment) if hours and not is_open else None)


def _normalise_origin(text: str) -> str:
    scheme, separator, host = text.lower().partition("://")
    with suppress(UnicodeError):
        host = host.encode("idna").decode()
    match = _ORIGIN.fullmatch(scheme + separator + host)
    if not match:
        raise OfficeError(
            f"SHIRUBE_EMBED_ORIGINS の「{text}」は、サイトの住所として読めません。ページの名前を付けず、"
            "https://www.city.example.jp のように書いてください（複数は空白で区切ります）。"
        )
    scheme, host, port = match.groups()
    return f"{scheme}://{host}" + (f":{port}" if port and port != _DEFAULT_PORTS[scheme] else "")
