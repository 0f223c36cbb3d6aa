"""The questions that the page offers, in the reader's language; the names in them stay as the documents write them."""

import re
from typing import NamedTuple

from bot.languages import catalogue
from bot.pages.speech import Speech


class Offered(NamedTuple):
    """A question as it is shown: `name` is Japanese, and so is all of it where the rest is empty."""

    before: str
    name: str
    behind: str

    @property
    def whole(self) -> str:
        """The question as one text."""
        return f"{self.before}{self.name}{self.behind}"


def offered(question: str, speech: Speech) -> Offered:
    """Return an offered question, in the reader's language where it has one of the forms in which such are made."""
    for key, form in catalogue()["offered"].items():
        if speech.is_japanese:
            break
        before, behind = form.split("{name}")
        if match := re.fullmatch(f"{re.escape(before)}(?P<name>.+){re.escape(behind)}", question):
            before, behind = speech.words["offered"][key].split("{name}")
            return Offered(before, match["name"], behind)
    return Offered("", question, "")
