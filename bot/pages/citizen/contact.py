"""How to reach a person about an answer, with links for telephone numbers and mail addresses."""

import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

from bot.office import Office, PersonalHelp
from bot.rendering.referral import Referral
from bot.runtime.service_interface import AnswerService
from bot.state import Answer
from ingest.errors import IngestError

# 076-123-4567, 0120-12-3456, (076) 123-4567, and mail addresses.
_REACHED = re.compile(r"(?P<tel>\(?0\d{1,4}\)?[-‐ー ]?\d{1,4}[-‐ー]\d{3,4})|(?P<mailto>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)")


class ContactPart(NamedTuple):
    """A stretch of the contact; `link` is empty where there is nothing to press."""

    text: str
    link: str = ""


def split_contact(written: str) -> tuple[ContactPart, ...]:
    """Cut a contact at its telephone numbers and mail addresses; joined, the texts are what was written."""
    found, end = [], 0
    for match in _REACHED.finditer(written):
        found += [ContactPart(written[end : match.start()]), ContactPart(match[0], _link(match))]
        end = match.end()
    return tuple(one for one in (*found, ContactPart(written[end:])) if one.text)


def help_for_answer(service: AnswerService, office: Office, answer: Answer | None = None) -> PersonalHelp:
    """Return how a person is reached about a question that was answered so, or, without one, about anything.

    It is the department of its subject and town; where there is none, the office itself.
    """
    now = datetime.now(UTC)
    with suppress(IngestError):  # what staff keep cannot be read: the page names the office all the same
        referral = Referral(service)
        if chosen := referral.department_for(answer) if answer else referral.department(""):
            return chosen.help_at(now)
    return office.help_at(now)


def _link(match: re.Match[str]) -> str:
    return f"mailto:{match[0]}" if match["mailto"] else f"tel:{re.sub(r'[^0-9]', '', match[0])}"
