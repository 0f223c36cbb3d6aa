"""Finds the lists in passages: marked items, and lines of a name and a figure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby

from ingest.chunking.cell_values import parse_values
from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.japanese.markers import LEADING_MARK, ORDINAL
from ingest.minutes.speaker_lines import match_speaker

# An item: its indent, its mark, its number if it has one, and its text.
_ITEM = re.compile(
    rf"^(?P<indent>[ \t\u3000]*)(?P<mark>(?![※─―—])(?:{LEADING_MARK}|・)\s*)?(?P<number>{ORDINAL})?(?P<text>\S.*)$"
)
_FOOTNOTE = re.compile(r"^\s*(?:[・*]?\s*)?(?:※|注\s?\d*[)）:：]|[*＊]\d)")
# A name and a figure, separated by space: ４月　１，０５０人.
_NAME_AND_FIGURE = re.compile(r"^\s*(?P<name>[^\s:：、。]{1,24})[ \t\u3000]+(?P<figure>[約△▲+\-−]?[\d０-９].*)$")
_WORD = re.compile(r"[^\W\d]")


@dataclass(frozen=True, slots=True)
class ListItem:
    """An item of a list.

    Attributes:
        passage: the passage with the item at `text[start:end]`.
        depth: 0 for the outermost.
        text: the normalised text without the mark.
        number: the number of the item, 0 without one.
    """

    passage: Passage
    start: int
    end: int
    depth: int
    text: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class ItemList:
    """Two or more items with the line that introduces them, "" for none, and the footnotes after them."""

    items: tuple[ListItem, ...]
    lead: str = ""
    notes: tuple[str, ...] = ()


def find_item_lists(passages: Sequence[Passage]) -> list[ItemList]:
    """Return the lists in consecutive passages of one section; a list may continue in the next passage."""
    lists = list[ItemList]()
    for passage in passages:
        lists_of_passage = [*_find_lists(passage)]
        if lists and lists_of_passage and _continues(lists[-1], lists_of_passage[0]):
            last, first = lists[-1], lists_of_passage.pop(0)
            lists[-1] = ItemList((*last.items, *first.items), last.lead, (*last.notes, *first.notes))
        lists += lists_of_passage
    return [item_list for item_list in lists if len(item_list.items) > 1]


def _continues(previous: ItemList, following: ItemList) -> bool:
    last, first = previous.items[-1], following.items[0]
    after = last.passage.text[last.end :]
    ends_passage = not after.strip() or _FOOTNOTE.match(after.lstrip("\n"))
    begins_passage = not _WORD.search(first.passage.text[: first.start])
    continues_numbers = not first.number or first.number == last.number + 1
    return bool(ends_passage) and begins_passage and continues_numbers and not following.lead


@lru_cache(maxsize=512)
def _find_lists(passage: Passage) -> tuple[ItemList, ...]:
    if passage.kind == "row":
        return ()
    return tuple(_marked_lists(passage)) or tuple(_figure_lines(passage))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    position = 0
    for line in text.splitlines(keepends=True):
        yield position, line.rstrip("\r\n")
        position += len(line)


def _marked_lists(passage: Passage) -> Iterator[ItemList]:
    items = list[ListItem]()
    notes = list[str]()
    lead = previous_line = ""
    for position, line in _lines(passage.text):
        item = _parse_item(passage, position, line)
        is_footnote = _FOOTNOTE.match(line) is not None
        if items and ((item and notes) or (line.strip() and not item and not is_footnote)):
            yield _make_list(items, lead, notes)
            items, notes, previous_line = [], [], ""
        if item:
            lead = lead if items else previous_line
            items.append(item)
        elif items and is_footnote:
            notes.append(nfkc(line).strip(" ・"))
        elif line.strip():
            lead = ""
            previous_line = nfkc(line).strip()
    if items:
        yield _make_list(items, lead, notes)


def _parse_item(passage: Passage, position: int, line: str) -> ListItem | None:
    match = None if _FOOTNOTE.match(line) else _ITEM.match(line)
    if match is None or not (match["mark"] or match["number"]):
        return None
    if match["text"].strip() in passage.path or match_speaker(match["text"]):
        return None
    digits = "".join(filter(str.isdigit, nfkc(match["number"] or "")))
    return ListItem(
        passage,
        start=position + match.start("text"),
        end=position + len(line.rstrip()),
        depth=len(match["indent"]),
        text=nfkc(match["text"]).strip(),
        number=int(digits or 0),
    )


def _make_list(items: Sequence[ListItem], lead: str, notes: Sequence[str]) -> ItemList:
    depths = {indent: depth for depth, indent in enumerate(sorted({item.depth for item in items}))}
    return ItemList(tuple(replace(item, depth=depths[item.depth]) for item in items), lead, tuple(notes))


def _figure_lines(passage: Passage) -> Iterator[ItemList]:
    lines = [(position, line) for position, line in _lines(passage.text) if line.strip()]
    lead = ""
    for is_pair, group in groupby(lines, lambda item: _is_name_and_figure(item[1])):
        run = list(group)
        if is_pair and len(run) > 1:
            items = (_make_item(passage, position, position + len(line.rstrip())) for position, line in run)
            yield ItemList(tuple(items), lead)
        lead = nfkc(run[-1][1]).strip()


def _make_item(passage: Passage, start: int, end: int) -> ListItem:
    return ListItem(passage, start, end, 0, nfkc(passage.text[start:end]).strip())


def _is_name_and_figure(line: str) -> bool:
    match = _NAME_AND_FIGURE.match(line)
    return match is not None and bool(parse_values(nfkc(match["figure"]).strip()))
