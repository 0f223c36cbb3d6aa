"""What the page tells of an answer: its own sentences in the reader's words, the way to a person once."""

from typing import NamedTuple

from bot.answer import Answer, Status
from bot.plain.notes import without_notes
from bot.plain.phrases import in_english
from bot.ui.speech import Speech
from ingest.sentences import sentences

# Behind these the page shows how a person is reached.
REACHING = frozenset({Status.NO_ANSWER, Status.OUT_OF_SCOPE})


class Text(NamedTuple):
    """A text and the language it is in."""

    words: str
    language: str = "ja"


def told(answer: Answer, speech: Speech, contact: str) -> Text:
    """Return the text of an answer, in English where it is the system's own, without a contact that is shown below."""
    text = answer.answer
    if contact and answer.status in REACHING:
        text = "".join(one for one in sentences(text) if contact not in without_notes(one)) or text
    return Text(text) if answer.citations else said(text, speech)


def said(text: str, speech: Speech) -> Text:
    """Return a refusal or a notice in the reader's words."""
    english = in_english(text) if speech == "en" else None
    return Text(english, "en") if english else Text(text)
