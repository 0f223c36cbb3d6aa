"""An answer's text, cut into what a page sets apart: paragraphs, lists, and the `[n]` that name a citation."""

import re
from collections.abc import Collection, Iterator
from itertools import groupby
from typing import Literal, NamedTuple

from bot.check.statements import MARK

BULLET = re.compile(r"^\s*[・•\-]\s*")


class Part(NamedTuple):
    """Words, or the number of a citation."""

    kind: Literal["text", "mark"]
    value: str


class Block(NamedTuple):
    """A paragraph of one line, or a list of a line an item."""

    kind: Literal["text", "list"]
    lines: list[list[Part]]


def blocks(text: str, numbers: Collection[int]) -> Iterator[Block]:
    """Cut an answer's text; blank lines are left out, and a number that is not among `numbers` stays text."""
    lines = (line for line in text.splitlines() if line.strip())
    for is_list, group in groupby(lines, lambda line: bool(BULLET.match(line))):
        if is_list:
            yield Block("list", [_parts(BULLET.sub("", line), numbers) for line in group])
        else:
            yield from (Block("text", [_parts(line, numbers)]) for line in group)


def without_marks(text: str) -> str:
    """Return a text as it is read aloud."""
    return MARK.sub("", text)


def _parts(line: str, numbers: Collection[int]) -> list[Part]:
    words_and_numbers = enumerate(MARK.split(line))
    return [_part(piece, is_number=bool(at % 2), numbers=numbers) for at, piece in words_and_numbers if piece]


def _part(piece: str, *, is_number: bool, numbers: Collection[int]) -> Part:
    if is_number and int(piece) in numbers:
        return Part("mark", piece)
    return Part("text", f"[{piece}]" if is_number else piece)
