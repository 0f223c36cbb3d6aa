"""Arranges an answer for the page: translated messages, blocks with their cited sections."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.languages import LANGUAGES, catalogue, translate_if_only_messages, translate_source_line
from bot.question.query import detect_language
from bot.rendering.html.answer_parts import remove_uncertainty_remark
from bot.rendering.html.speech import Speech
from bot.rendering.source_list import CitedSection, cited_sections
from bot.state import Answer, Block, Status, TextBlock, split_at_source_lines
from ingest.japanese import nfkc
from ingest.japanese.sentences import sentences

# Behind these the page shows how a person is reached.
REACHING = frozenset({Status.NO_ANSWER, Status.OUT_OF_SCOPE})


class TaggedText(NamedTuple):
    """A text and the tag (BCP 47) of the language it is in; whether it `leads` words of a document and names it."""

    words: str
    tag: str = "ja"
    leads: bool = False


class BlockWithSections(NamedTuple):
    """A block with the places that it is the first to show."""

    block: Block
    places: tuple[CitedSection, ...]


@dataclass(frozen=True, slots=True)
class AnswerLayout:
    """An answer as the page shows it, each of its places once: with its block, or with the `others` at its end.

    `texts` are all of it as text, `tag` is the language of most of it. `at` leads from the number of a citation to that
    of its place.
    """

    texts: tuple[TaggedText, ...]
    tag: str
    blocks: tuple[BlockWithSections, ...]
    others: tuple[CitedSection, ...]
    at: dict[int, int]

    @property
    def places(self) -> tuple[CitedSection, ...]:
        """All of them, in the order in which the answer comes to them."""
        return (*(place for one in self.blocks for place in one.places), *self.others)


def lay_out_answer(answer: Answer, speech: Speech, contact: str) -> AnswerLayout:
    """Return an answer without a contact that is shown below, what the system says itself in the reader's language."""
    words, blocks = remove_uncertainty_remark(answer)
    if contact and answer.status in REACHING:
        words = "".join(one for one in sentences(words) if contact not in one) or words
    texts = tuple(_split_texts(words, blocks, speech))
    found = cited_sections(answer)
    sourced, others = _attach_sections(blocks if answer.citations else (TextBlock(text=texts[0].words),), found)
    at = {citation.n: place.first.n for place in found for citation in place.citations}
    written = all(block.type == "text" for block in blocks)
    return AnswerLayout(texts, texts[0].tag if written else "ja", sourced, others, at)


def translate_answer(answer: Answer, speech: Speech) -> str:
    """Return the whole text of an answer, in the reader's language where it is the system's own."""
    return "".join(text.words for text in _split_texts(answer.answer, answer.blocks, speech))


def translate_text(text: str, speech: Speech) -> TaggedText:
    """Return a refusal or a notice in the reader's words."""
    own = None if speech.is_japanese else translate_if_only_messages(text, speech.language)
    return TaggedText(own, speech.words["tag"]) if own else TaggedText(text, _language_tag(text, speech))


def _split_texts(text: str, blocks: Sequence[Block], speech: Speech) -> Iterator[TaggedText]:
    """Yield a text cut at what the system says of its own in it; at least one piece."""
    pieces = [(None, text)] if speech.is_japanese else split_at_source_lines(text, blocks)
    for block, piece in pieces:
        if block is None:
            if piece or not pieces[1:]:
                own, space = translate_text(piece.strip(), speech), piece[len(piece.rstrip()) :]
                yield TaggedText(own.words + space, own.tag)
            continue
        line, rest = piece.split("\n", 1)
        yield TaggedText(translate_source_line(line, speech.language), speech.words["tag"], leads=True)
        yield TaggedText(f"\n{rest}")


def _language_tag(text: str, speech: Speech) -> str:
    """Return the tag of the language that a text is in."""
    code = detect_language(nfkc(text), speech.language)
    known = next((one for one in LANGUAGES if one == code), None)
    return str(catalogue(known)["tag"]) if known else code or "ja"


def _attach_sections(
    blocks: Sequence[Block], found: Sequence[CitedSection]
) -> tuple[tuple[BlockWithSections, ...], tuple[CitedSection, ...]]:
    """Return the blocks with their places, and the places that only texts name."""
    left = list(found)
    sourced = []
    for block in blocks:
        numbers = () if block.type == "text" else (block.n,) if block.type == "excerpt" else block.cited
        own = tuple(place for place in left if any(citation.n in numbers for citation in place.citations))
        left = [place for place in left if place not in own]
        sourced.append(BlockWithSections(block, own))
    return tuple(sourced), tuple(left)
