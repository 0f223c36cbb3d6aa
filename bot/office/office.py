"""The office as configured, and how readers can reach a person."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from bot.errors import OfficeError
from bot.office.accent import accent_css
from bot.office.hours import OpeningHours, format_clock, parse_hours
from ingest.configuration.settings import Settings
from ingest.japanese.notation import WEEKDAYS

# Only scheme, host and port, like `location.origin` in browsers (RFC 6454), which is safe in a Content-Security-Policy.
_ORIGIN = re.compile(r"(https?)://([a-z0-9.-]+|\[[0-9a-f:]+\])(?::(\d{1,5}))?/?")
_DEFAULT_PORTS = {"http": "80", "https": "443"}


@dataclass(frozen=True, slots=True)
class PersonalHelp:
    """How to reach a person at a moment; every text may be empty.

    `open` is None without opening hours. `notice` is shown while the office is closed; `link` is a page to refer to.
    """

    contact: str
    hours: str
    open: bool | None
    notice: str
    link: str = ""


NOBODY = PersonalHelp("", "", None, "")
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
        """Return the contact details for this moment (with a time zone)."""
        return personal_help(self.contact, self.hours, moment)


def read_office(settings: Settings) -> Office:
    """Return the office of the settings. Raises OfficeError if hours, colour or sites are invalid."""
    accent_css(settings.accent_color)  # raises OfficeError
    try:
        hours = parse_hours(settings.opening_hours) if settings.opening_hours else None
    except OfficeError as error:
        raise OfficeError(f"SHIRUBE_OPENING_HOURS の{error}") from error
    return Office(
        settings.service_name,
        settings.accent_color,
        settings.contact,
        hours,
        read_origins(settings.embed_origins),
    )


def personal_help(contact: str, hours: OpeningHours | None, moment: datetime) -> PersonalHelp:
    """Return the contact details for this moment."""
    if hours is None:
        return PersonalHelp(contact, "", None, "")
    if hours.is_open_at(moment):
        return PersonalHelp(contact, hours.shown, open=True, notice="")
    notice = f"ただいま受付時間の外です。受付時間は{hours.shown}です。"
    if opening := hours.next_opening(moment):
        day = f"{opening.month}月{opening.day}日（{WEEKDAYS[opening.weekday()]}）"
        notice += f"次は{day}{format_clock(opening.hour * 60 + opening.minute)}からです。"
    return PersonalHelp(contact, hours.shown, open=False, notice=notice)


def read_origins(text: str | None) -> tuple[str, ...]:
    """Return the origins of a setting in the form that browsers send. Raises OfficeError for an invalid one."""
    return tuple(map(_normalise_origin, (text or "").replace(",", " ").split()))


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
