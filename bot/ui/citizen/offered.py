"""The questions that the page offers, in the reader's language; the names in them stay as the documents write them."""

import re
from typing import NamedTuple

from bot.ui.speech import Speech

# The forms in which questions are made of headings and of rows (bot/suggestions/candidates.py).
_ENGLISH = (
    (r"(?P<name>.+)について教えてください", "Tell me about ", "."),
    (r"(?P<name>.+)は\?", "What is ", "?"),
)


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
    """Return an offered question; in English where it has one of the forms in which such questions are made."""
    for form, before, behind in _ENGLISH if speech == "en" else ():
        if match := re.fullmatch(form, question):
            return Offered(f"{before}“", match["name"], f"”{behind}")
    return Offered("", question, "")
