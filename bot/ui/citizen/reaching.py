"""How a person is reached: telephone numbers and addresses of the contact, found so that they can be pressed."""

import re
from typing import NamedTuple

# 076-123-4567, 0120-12-3456, (076) 123-4567, and mail addresses.
_REACHED = re.compile(r"(?P<tel>\(?0\d{1,4}\)?[-‐ー ]?\d{1,4}[-‐ー]\d{3,4})|(?P<mailto>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)")


class Contact(NamedTuple):
    """A stretch of the contact; `link` is empty where there is nothing to press."""

    text: str
    link: str = ""


def contacts(written: str) -> tuple[Contact, ...]:
    """Cut a contact at its telephone numbers and mail addresses; joined, the texts are what was written."""
    found, end = [], 0
    for match in _REACHED.finditer(written):
        found += [Contact(written[end : match.start()]), Contact(match[0], _link(match))]
        end = match.end()
    return tuple(one for one in (*found, Contact(written[end:])) if one.text)


def _link(match: re.Match[str]) -> str:
    return f"mailto:{match[0]}" if match["mailto"] else f"tel:{re.sub(r'[^0-9]', '', match[0])}"
