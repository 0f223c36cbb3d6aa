"""What the page tells of an answer: its own sentences in the reader's words, the way to a person once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.answer import Answer, Block, Status, TextBlock
from bot.plain.notes import without_notes
from bot.plain.phrases import in_english
from bot.query.language import language_of
from bot.sources import Place, places
from bot.ui.pieces import without_remark
from bot.ui.speech import Speech
from ingest.normalise import nfkc
from ingest.sentences import sentences

# Behind these the page shows how a person is reached.
REACHING = frozenset({Status.NO_ANSWER, Status.OUT_OF_SCOPE})


class Text(NamedTuple):
    """A text and the language it is in."""

    words: str
    language: str = "ja"


class Sourced(NamedTuple):
    """A block with the places that it is the first to show."""

    block: Block
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """An answer as the page shows it, each of its places once: with its block, or with the `others` at its end.

    `words` are all of it as text. `at` leads from the number of a citation to that of its place.
    """

    words: str
    language: str
    blocks: tuple[Sourced, ...]
    others: tuple[Place, ...]
    at: dict[int, int]

    @property
    def places(self) -> tuple[Place, ...]:
        """All of them, in the order in which the answer comes to them."""
        return (*(place for one in self.blocks for place in one.places), *self.others)


def told(answer: Answer, speech: Speech, contact: str) -> Told:
    """Return an answer, in English where it is the system's own, without a contact that is shown below."""
    words, blocks = without_remark(answer)
    if contact and answer.status in REACHING:
        words = "".join(one for one in sentences(words) if contact not in without_notes(one)) or words
    text = Text(words) if answer.citations else said(words, speech)
    found = places(answer)
    sourced, others = _sourced(blocks if answer.citations else (TextBlock(text=text.words),), found)
    at = {citation.n: place.first.n for place in found for citation in place.citations}
    return Told(*text, sourced, others, at)


def said(text: str, speech: Speech) -> Text:
    """Return a refusal or a notice in the reader's words."""
    english = in_english(text) if speech == "en" else None
    return Text(english, "en") if english else Text(text, language_of(nfkc(text)) or "ja")


def _sourced(blocks: Sequence[Block], found: Sequence[Place]) -> tuple[tuple[Sourced, ...], tuple[Place, ...]]:
    """Return the blocks with their places, and the places that only texts name."""
    left = list(found)
    sourced = []
    for block in blocks:
        numbers = () if block.type == "text" else (block.n,) if block.type == "excerpt" else block.cited
        own = tuple(place for place in left if any(citation.n in numbers for citation in place.citations))
        left = [place for place in left if place not in own]
        sourced.append(Sourced(block, own))
    return tuple(sourced), tuple(left)
