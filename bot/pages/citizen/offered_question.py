"""Translates the questions that the page offers; document names stay in Japanese."""

import re
from typing import NamedTuple

from bot.languages import catalogue
from bot.rendering.html.speech import Speech


class OfferedQuestion(NamedTuple):
    """A question as it is shown: `name` is Japanese, and so is all of it where the rest is empty."""

    before: str
    name: str
    behind: str

    @property
    def whole(self) -> str:
        """The question as one text."""
        return f"{self.before}{self.name}{self.behind}"


def translate_offered_question(question: str, speech: Speech) -> OfferedQuestion:
    """Return an offered question, in the reader's language where it has one of the forms in which such are made."""
    for key, form in catalogue()["offered"].items():
        if speech.is_japanese:
            break
        before, behind = form.split("{name}")
        if match := re.fullmatch(f"{re.escape(before)}(?P<name>.+){re.escape(behind)}", question):
            before, behind = speech.words["offered"][key].split("{name}")
            return OfferedQuestion(before, match["name"], behind)
    return OfferedQuestion("", question, "")
