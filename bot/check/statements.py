"""An answer's text as statements: what is said, and which sources it names with `[n]`."""

import re
from dataclasses import dataclass, replace

from ingest.normalise import nfkc
from ingest.sentences import sentences

MARK = re.compile(r"\[(\d{1,3})\]")
_MARKS = re.compile(r"(?:\s*\[\d{1,3}\])+")
_BULLET = re.compile(r"\s*(?:[-*+](?=\s)|[・•●○◆◇■□✓]|\(?\d{1,2}[.)](?=\s)|[①-⑳])\s*")


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence, or the part of one up to its marks: `text` is normalised and without marks, `cited` their numbers.

    `items` is how many list items follow a sentence that leads a list, or how many parts marks make of it, or how many
    all lists have where it adds them up, 0 otherwise;
    `listed` is true of an item.
    """

    text: str
    cited: tuple[int, ...] = ()
    items: int = 0
    listed: bool = False


def statements(text: str) -> list[Statement]:
    """Return what `text` states, in order; a list's lead and its items lend each other the marks they lack."""
    blocks = _blocks(text)
    together = sum(len(items) for _, *items in blocks)
    return [_counting(statement, together) for block in blocks for statement in _lend(block)]


def _counting(statement: Statement, together: int) -> Statement:
    """Return a statement that adds up the lists of the text (合わせて6つ) with the count of all their items."""
    return replace(statement, items=together) if not statement.items and "合わせて" in statement.text else statement


def _blocks(text: str) -> list[list[list[Statement]]]:
    """Return the lines' statements, each ordinary line together with the list items that follow it."""
    blocks: list[list[list[Statement]]] = []
    for line in filter(str.strip, text.splitlines()):
        bullet = _BULLET.match(line)
        content = nfkc(line[bullet.end() :] if bullet else line)
        said = [part for sentence in sentences(content) for part in _parts(sentence)]
        if bullet and blocks:
            blocks[-1].append(said)
        elif said:
            blocks.append([said])
    return blocks


def _lend(block: list[list[Statement]]) -> list[Statement]:
    """Return one block's statements: the lead (the last sentence before the items) counts its items."""
    (*before, lead), *items = block
    of_items = dict.fromkeys(n for item in items for statement in item for n in statement.cited)
    return [
        *before,
        replace(lead, items=len(items) or lead.items, cited=lead.cited or tuple(of_items)),
        *(replace(statement, cited=statement.cited or lead.cited, listed=True) for item in items for statement in item),
    ]


def _parts(sentence: str) -> list[Statement]:
    """Cut a sentence after each group of marks; what follows the last group belongs to it."""
    groups = list(_MARKS.finditer(sentence))
    starts = [0, *(group.end() for group in groups[:-1])]
    ends = [*(group.end() for group in groups[:-1]), len(sentence)]
    return [
        Statement(text, tuple(int(n) for n in MARK.findall(sentence[start:end])), len(groups) if len(groups) > 1 else 0)
        for start, end in zip(starts, ends, strict=True)
        if (text := _MARKS.sub("", sentence[start:end]).strip())
    ]
