"""Translates the questions that the page offers; document names stay in Japanese."""

import re
from typing import NamedTuple

from bot.languages import catalogue
from bot.rendering.html.display_preferences import DisplayPreferences


class OfferedQuestion(NamedTuple):
    """A question split at the document name, which is Japanese; all of a Japanese question is `name`."""

    before: str
    name: str
    after: str

    @property
    def whole(self) -> str:
        """The question as one text."""
        return f"{self.before}{self.name}{self.after}"


def translate_offered_question(question: str, preferences: DisplayPreferences) -> OfferedQuestion:
    """Translate an offered question that has one of the catalogue's forms; all others stay Japanese."""
    for key, form in catalogue()["offered"].items():
        if preferences.is_japanese:
            break
        before, after = form.split("{name}")
        if match := re.fullmatch(f"{re.escape(before)}(?P<name>.+){re.escape(after)}", question):
            before, after = preferences.words["offered"][key].split("{name}")
            return OfferedQuestion(before, match["name"], after)
    return OfferedQuestion("", question, "")
