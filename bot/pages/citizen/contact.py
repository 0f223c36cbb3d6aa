"""Chooses the department to turn to, and links telephone numbers and mail addresses."""

import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

from bot.office import Office, PersonalHelp
from bot.pages.referral import Referral
from bot.runtime.service_interface import AnswerService
from bot.state import Answer
from ingest.errors import IngestError

# 076-123-4567, 0120-12-3456, (076) 123-4567, and mail addresses.
_CONTACT = re.compile(r"(?P<tel>\(?0\d{1,4}\)?[-‐ー ]?\d{1,4}[-‐ー]\d{3,4})|(?P<mailto>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)")


class ContactPart(NamedTuple):
    """A part of a contact; `link` is empty for plain text."""

    text: str
    link: str = ""


def split_contact(contact: str) -> tuple[ContactPart, ...]:
    """Split a contact at its telephone numbers and mail addresses; the parts add up to the contact."""
    parts = []
    end = 0
    for match in _CONTACT.finditer(contact):
        parts += [ContactPart(contact[end : match.start()]), ContactPart(match[0], _link(match))]
        end = match.end()
    return tuple(part for part in (*parts, ContactPart(contact[end:])) if part.text)


def help_for_answer(service: AnswerService, office: Office, answer: Answer | None = None) -> PersonalHelp:
    """Return the department for the subject and town of an answer, by default for any subject; else the office."""
    now = datetime.now(UTC)
    with suppress(IngestError):  # departments that cannot be read: the office is named
        referral = Referral(service)
        if chosen := referral.department_for(answer) if answer else referral.department(""):
            return chosen.help_at(now)
    return office.help_at(now)


def _link(match: re.Match[str]) -> str:
    return f"mailto:{match[0]}" if match["mailto"] else f"tel:{re.sub(r'[^0-9]', '', match[0])}"
