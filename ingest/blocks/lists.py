"""Finds lists in a text: their items, introductions, numbered sections and labels of figures."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise
from unicodedata import numeric

from ingest.blocks.headings import LONGEST_LABEL
from ingest.blocks.speakers import find_speaker
from ingest.documents import Passage
from ingest.japanese.lexicon import load_lexicon
from ingest.japanese.markers import LEADING_MARK
from ingest.japanese.sentences import ends_sentence

# Forms of items: with a number, or only with a mark.
_NUMBERED = re.compile(
    r"\s*+(?:[・-]\s*+)?(?:(?P<circled>[①-⑳])|[(（]?(?P<number>\d{1,2})[)）.．]?(?![\d月日時年人円件%：:]))"
)
_OPENS = re.compile(rf"\s*(?:{LEADING_MARK}|[〔［\[<＜①-⑳]|[(（]\d{{1,2}}[)）]|\d{{1,2}}[)）.．](?!\d))")
_MARKED = re.compile(rf"\s*(?P<mark>(?![─―—※]){LEADING_MARK})")
# A name with its value (場所：公民館) is not a list item.
_FACT = re.compile(r"\s*・?[^:：。]{1,14}[:：]\s*\S")
# The name of an item precedes its first separator: のこぎり in のこぎり：木を切る.
_NAME = re.compile(r"\s*+(?:[・-]\s*+)?(?:[(（]?(?:\d{1,2}|[①-⑳])[)）.．]?)?\s*+(?P<name>\w[^:：/／…、,\s(（～〜~]+)")

# A heading with its number, which may follow a word: 【分野1】 水辺, (2) 森, 3.1. 畑.
_NUMBERED_HEADING = re.compile(
    r"(?P<before>\W*[^\W\d]{0,6}\s?(?:\d{1,2}[.-])*)(?P<number>\d{1,2})(?P<after>[^\w\s]*)(?=\s|\w|$)"
)
# Words of introducing lines; minimum number of bare lines of a figure.
_INTRODUCES = re.compile(r"次の|以下|下記|とおり|通り|[:：]$")
_MIN_LINES_OF_FIGURE = 3
LIST_PARTS = load_lexicon("list_parts")
# An item with one of these is more than one name.
_INNER_MARK = re.compile(r"[、,，。:：;；/／]|\S[・･]")


@dataclass(frozen=True, slots=True)
class TextList:
    """A list in a text: the start of its introduction (or of its first item), and its `items`."""

    lead: int
    items: tuple[tuple[int, int], ...]

    @property
    def start(self) -> int:
        return self.items[0][0]

    @property
    def end(self) -> int:
        return self.items[-1][1]


def item_spans(text: str, sentences: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the parts of a text in order, all sentences of an item as one."""
    parts: list[tuple[int, int]] = []
    for start, end in sentences:
        if parts and "\n" not in text[parts[-1][1] : start] and _OPENS.match(text, parts[-1][0]):
            parts[-1] = parts[-1][0], end
        else:
            parts.append((start, end))
    return parts


def find_lists(text: str, pieces: Sequence[tuple[int, int]]) -> list[TextList]:
    """Return the lists of two or more items in a text, in order; `pieces` are its parts, an item being one.

    Items of a list have consecutive numbers or equal marks; a number that starts again begins another list, and
    name-value lines (場所：公民館) are not items.
    """
    forms = [_item_form(text[start:end]) for start, end in pieces]
    runs: list[list[int]] = [[0]] if pieces else []
    for position, (previous, form) in enumerate(pairwise(forms), 1):
        if previous and form and form[0] == previous[0] and (form[0] != "number" or form[1] == previous[1] + 1):
            runs[-1].append(position)
        else:
            runs.append([position])
    listed = [run for run in runs if len(run) > 1]
    leads = {run[0]: max(0, run[0] - 1) for run in listed if not any(run[0] - 1 in other for other in listed)}
    return [
        TextList(pieces[leads.get(run[0], run[0])][0], tuple(pieces[position] for position in run)) for run in listed
    ]


def find_complete_list(passage: Passage, pieces: Sequence[tuple[int, int]]) -> TextList | None:
    """Return the list of names that a passage consists of, after an introduction or none; None for another passage.

    No word of the passage may tell that it is a part (主な, など). `pieces` as in `find_lists`.
    """
    text = passage.text
    lists = find_lists(text, pieces)
    if len(lists) != 1 or lists[0].end != pieces[-1][1] or lists[0].items[0] not in pieces[:2]:
        return None
    is_inner_list = lists[0].items[0] != pieces[0] and _OPENS.match(text)
    is_part = any(word in passage.text_with_headings for word in LIST_PARTS["parts"])
    items = [text[start:end].strip() for start, end in lists[0].items]
    are_names = not any(_INNER_MARK.search(item) or item.endswith(LIST_PARTS["ends"]) for item in items)
    return lists[0] if are_names and not (is_inner_list or is_part) else None


def figure_word_spans(text: str, pieces: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans of a figure's words in a text: three or more bare lines without introduction.

    A bare line is short, ends no sentence, is no item or introduction, and has no name of its own (場所：公民館).
    """
    texts = [text[start:end] for start, end in pieces]
    forms = [_item_form(piece) for piece in texts]
    bare = [
        not (form or next_form or _FACT.match(piece) or _INTRODUCES.search(piece) or ends_sentence(piece))
        and len(piece) <= LONGEST_LABEL
        for piece, form, next_form in zip(texts, forms, [*forms[1:], None], strict=False)
    ]
    groups = groupby(range(len(bare)), lambda position: bare[position])
    runs = [list(run) for is_bare, run in groups if is_bare]
    return [
        (pieces[run[0]][0], pieces[run[-1]][1])
        for run in runs
        if len(run) >= _MIN_LINES_OF_FIGURE and not (run[0] and _INTRODUCES.search(texts[run[0] - 1]))
    ]


def numbered_siblings(passages: Sequence[Passage], of: Passage) -> Iterator[dict[tuple[str, ...], Passage]]:
    """Yield the series of numbered sections that contain `of` (【分野1】, 【分野2】), innermost first.

    A series maps the path of each section to its first passage, in order. Its sections have one parent and are numbered
    from 1; a series has at least two.
    """
    for depth in range(len(of.path), 0, -1):
        heading = _NUMBERED_HEADING.match(of.path[depth - 1])
        if heading is None:
            continue
        siblings: dict[int, Passage] = {}
        for passage in passages:
            if len(passage.path) < depth or passage.path[: depth - 1] != of.path[: depth - 1]:
                continue
            sibling = _NUMBERED_HEADING.match(passage.path[depth - 1])
            if sibling and sibling.group("before", "after") == heading.group("before", "after"):
                siblings.setdefault(int(sibling["number"]), passage)
        if len(siblings) > 1 and [*siblings] == [*range(1, len(siblings) + 1)]:
            yield {passage.path[:depth]: passage for passage in siblings.values()}


def heading_counter(heading: str) -> str:
    """Return the word before the number of a heading: 分野 of 【分野1】 水辺; or ""."""
    match = _NUMBERED_HEADING.match(heading)
    return re.sub(r"[\W\d第]", "", match["before"]) if match else ""


def item_name(item: str) -> str:
    """Return the name of a list item, its first words; or ""."""
    match = _NAME.match(item)
    return match["name"] if match else ""


@lru_cache(maxsize=4096)
def _item_form(piece: str) -> tuple[str, int] | None:
    if numbered := _NUMBERED.match(piece):
        form = "number", int(numbered["number"] or numeric(numbered["circled"]))
    elif (marked := _MARKED.match(piece)) and not _FACT.match(piece):
        form = marked["mark"], 0
    else:
        return None
    return None if find_speaker(piece.strip()) else form
