"""What the page tells of an answer: its own sentences in the reader's words, the way to a person once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.answer import Answer, Block, Status, TextBlock, cut_at_leads
from bot.languages import LANGUAGES, catalogue, lead_retold, wholly_retold
from bot.pages.pieces import without_remark
from bot.pages.speech import Speech
from bot.query.query import language_of
from bot.sources import Place, places
from ingest.normalise import nfkc
from ingest.sentences import sentences

# Behind these the page shows how a person is reached.
REACHING = frozenset({Status.NO_ANSWER, Status.OUT_OF_SCOPE})


class Text(NamedTuple):
    """A text and the tag (BCP 47) of the language it is in; whether it `leads` words of a document and names it."""

    words: str
    tag: str = "ja"
    leads: bool = False


class Sourced(NamedTuple):
    """A block with the places that it is the first to show."""

    block: Block
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """An answer as the page shows it, each of its places once: with its block, or with the `others` at its end.

    `texts` are all of it as text, `tag` is the language of most of it. `at` leads from the number of a citation to that
    of its place.
    """

    texts: tuple[Text, ...]
    tag: str
    blocks: tuple[Sourced, ...]
    others: tuple[Place, ...]
    at: dict[int, int]

    @property
    def places(self) -> tuple[Place, ...]:
        """All of them, in the order in which the answer comes to them."""
        return (*(place for one in self.blocks for place in one.places), *self.others)


def told(answer: Answer, speech: Speech, contact: str) -> Told:
    """Return an answer without a contact that is shown below, what the system says itself in the reader's language."""
    words, blocks = without_remark(answer)
    if contact and answer.status in REACHING:
        words = "".join(one for one in sentences(words) if contact not in one) or words
    texts = tuple(_texts(words, blocks, speech))
    found = places(answer)
    sourced, others = _sourced(blocks if answer.citations else (TextBlock(text=texts[0].words),), found)
    at = {citation.n: place.first.n for place in found for citation in place.citations}
    written = all(block.type == "text" for block in blocks)
    return Told(texts, texts[0].tag if written else "ja", sourced, others, at)


def retold(answer: Answer, speech: Speech) -> str:
    """Return the whole text of an answer, in the reader's language where it is the system's own."""
    return "".join(text.words for text in _texts(answer.answer, answer.blocks, speech))


def said(text: str, speech: Speech) -> Text:
    """Return a refusal or a notice in the reader's words."""
    own = None if speech.is_japanese else wholly_retold(text, speech.language)
    return Text(own, speech.words["tag"]) if own else Text(text, _tag(text, speech))


def _texts(text: str, blocks: Sequence[Block], speech: Speech) -> Iterator[Text]:
    """Yield a text cut at what the system says of its own in it; at least one piece."""
    pieces = [(None, text)] if speech.is_japanese else cut_at_leads(text, blocks)
    for block, piece in pieces:
        if block is None:
            if piece or not pieces[1:]:
                own, space = said(piece.strip(), speech), piece[len(piece.rstrip()) :]
                yield Text(own.words + space, own.tag)
            continue
        line, rest = piece.split("\n", 1)
        yield Text(lead_retold(line, speech.language), speech.words["tag"], leads=True)
        yield Text(f"\n{rest}")


def _tag(text: str, speech: Speech) -> str:
    """Return the tag of the language that a text is in."""
    code = language_of(nfkc(text), speech.language)
    known = next((one for one in LANGUAGES if one == code), None)
    return str(catalogue(known)["tag"]) if known else code or "ja"


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
