"""Groups blocks into passage texts of limited length, cut between sentences and items."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.blocks.speakers import find_speaker
from ingest.documents import Block
from ingest.japanese.contacts import LINK_TARGET
from ingest.japanese.sentences import split_document_sentences

# Characters in one passage; longer sections are cut at sentence and item ends (decision 007).
LONGEST_PASSAGE = 400
# A list is not split up to this length.
LONGEST_LIST = 1600
# Text that refers to what precedes it: これら5分野にて重点的に施策を展開.
_REFERS_BACK = re.compile(r"これら|以上の|上記")
_ASKS = re.compile(r"(?:か|でしょう|ください)[。?？]?$")


@dataclass(frozen=True, slots=True)
class Piece:
    """The text of one passage.

    Attributes:
        lines: the numbers of its source lines.
        page: the page on which it begins.
        items: the texts of its list items.
        speaker: the speaker if the text begins within a speech, else "".
    """

    text: str
    lines: tuple[int, ...]
    page: int | None
    items: tuple[str, ...]
    speaker: str = ""


def pieces(blocks: Sequence[Block]) -> Iterator[Piece]:
    """Yield the blocks of a section as pieces of at most LONGEST_PASSAGE characters, or LONGEST_LIST for a list.

    A longer sentence or item is not split.
    """
    parts = [(text, block) for block in blocks for text in _parts(block)]
    is_list = any(block.kind == "item" for block in blocks)
    limit = LONGEST_LIST if is_list and _length(_join_parts(parts)) <= LONGEST_LIST else LONGEST_PASSAGE
    pending: list[tuple[str, Block]] = []
    speaker = blocks[0].speaker if blocks else ""  # of the pending parts
    for part in parts:
        max_length = LONGEST_LIST if _REFERS_BACK.match(part[0]) else limit
        is_new_block = bool(pending) and part[1] is not pending[-1][1]
        is_other_speech = speaker and is_new_block and part[1].speaker != speaker
        if pending and (_length(_join_parts([*pending, part])) > max_length or is_other_speech):
            yield _piece(pending, speaker)
            speaker = part[1].speaker if is_new_block else part[1].speaker or _own_speaker(part[1])
            pending = []
        pending.append(part)
    if pending:
        yield _piece(pending, speaker)


def count_blocks_before_cut(content: Sequence[Block], block: Block) -> int:
    """Return the number of blocks of `content` that form a passage before `block`; 0 if `block` belongs to all of them.

    A list stays with its introduction, a note and a text like これら… with what they refer to, a reply with its
    question.
    """
    length = sum(_length(b.text) for b in content)
    if not content or length + _length(block.text) <= LONGEST_PASSAGE or block.kind == "note":
        return 0
    if _REFERS_BACK.match(block.text) and length + _length(block.text) <= LONGEST_LIST:
        return 0
    if block.kind != "item":
        return len(content) - 1 if len(content) > 1 and _is_reply(content[-1], block) else len(content)
    first = len(content)
    while first > 0 and content[first - 1].kind == "item":
        first -= 1
    if first > 1:
        return first - 1
    return len(content) if length > LONGEST_LIST else 0


# A list of links is cut as it would be without their targets.
def _length(text: str) -> int:
    return len(LINK_TARGET.sub("", text))


def _own_speaker(block: Block) -> str:
    label = find_speaker(block.text) if block.kind == "speech" else None
    return label.written if label else ""


def _is_reply(previous: Block, block: Block) -> bool:
    return previous.kind == block.kind == "speech" and bool(_ASKS.search(previous.text))


def _parts(block: Block) -> list[str]:
    if block.kind == "item":
        return [f"{block.style}・{block.text}"]
    return split_document_sentences(block.text)


def _join_parts(parts: Sequence[tuple[str, Block]]) -> str:
    text = ""
    previous: Block | None = None
    for part, block in parts:
        text += part if previous is block or previous is None else f"\n{part}"
        previous = block
    return text


def _piece(parts: Sequence[tuple[str, Block]], speaker: str) -> Piece:
    blocks = list({id(block): block for _, block in parts}.values())
    lines = tuple(dict.fromkeys(number for block in blocks for number in block.lines))
    items = tuple(block.text for block in blocks if block.kind == "item")
    return Piece(_join_parts(parts), lines, blocks[0].page, items, speaker)
