"""Finds the lists in passages and reads them as tables: each item is a row with its name and its values."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import groupby

from ingest.chunking.cell_values import parse_values
from ingest.chunking.table import Row, Table, make_column
from ingest.documents import Passage
from ingest.japanese import dates, nfkc
from ingest.japanese.effective_times import effective_times
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


# A name with what follows it: 名称：値, 名称（値）, 名称 値.
_COLON = re.compile(r"(?P<name>[^:。、]{1,40}?)\s?:\s?(?P<rest>\S.*)")
_BRACKET = re.compile(r"(?P<name>[^()、。]{1,40}?)\s?\((?P<rest>[^()]+(?:\([^()]*\)[^()]*)*)\)")
_SPACED = re.compile(r"(?P<name>\S{1,30}?)\s(?P<rest>\S.*)")
_PLAIN_FIGURE = r"(?:約|およそ)?[△▲-]?\d[\d,.]*"
# A name and a figure without anything between them: 電話相談45件.
_JOINED = re.compile(rf"(?P<name>[^\d()、。]{{2,24}}?)(?:は|が)?\s?(?P<rest>{_PLAIN_FIGURE}[^\d、。\s]{{1,8}})")
_LABELLED = re.compile(rf"(?P<label>[^\d\s:]{{1,12}}?)\s?:?\s?(?P<value>{_PLAIN_FIGURE}.*)")
_PART = re.compile(r"\s*[、,;／/|](?!\d{3}(?!\d))\s*")
_SPACE = re.compile(r"\s+")
_NOTE_MARK = re.compile(r"\s*(?:[(（]?(?:[※*＊]\s?\d*|注\s?\d+)[)）]?)(?=$|\s|[:：(（])")
_NOTE_HEAD = re.compile(r"[(（]?(?:[※*＊]\s?\d*|注\s?\d*)[)）]?")
_DIGIT = re.compile(r"\d")
# Characters of a label before a value: 面積 1,200m2.
_MAX_LABEL_LENGTH = 12
# Heads of columns that the document does not name.
_CONTENT = "内容"
_TIME = "時期"
_FIGURES = "値"
# The share of the items that have a column; what fewer items have is content.
_MIN_SHARE = 0.4
# Any year: only the order of the effective times in an item is used here.
_ANY_DAY = date(2000, 4, 1)


@dataclass(frozen=True, slots=True)
class _Part:
    column: str
    text: str


def read_lists(passages: Sequence[Passage], escape: Callable[[str], str] = str) -> list[Table]:
    """Return the lists in the passages of one section as tables; texts are passed through `escape`."""
    return [_to_table(item_list, escape) for item_list in find_item_lists(passages)]


def _to_table(item_list: ItemList, escape: Callable[[str], str]) -> Table:
    members = _leaves(item_list.items)
    n_joined = sum(bool(_JOINED.fullmatch(_NOTE_MARK.sub("", item.text))) for item, _, _ in members)
    split = [_split_item(item.text, is_joined=2 * n_joined > len(members)) for item, _, _ in members]
    parts = [
        [*item_parts, *(part for child in children for part in _child_parts(child))]
        for (_, item_parts), (_, _, children) in zip(split, members, strict=True)
    ]
    heads = _columns(parts)
    rows = []
    for (item, group, children), (name, _), row_parts in zip(members, split, parts, strict=True):
        marks = {_note_mark(match[0]) for match in _NOTE_MARK.finditer(item.text)}
        notes = tuple(note for note in item_list.notes if _note_mark(note) in marks)
        end = children[-1].end if children else item.end
        span = (item.start, max(end, item.end))
        rows.append(Row(item.passage, _cells(row_parts, heads, escape), escape(name), notes, span, escape(group)))
    shared = tuple(note for note in item_list.notes if not any(note in row.notes for row in rows))
    columns = tuple(make_column(head) for head in heads)
    return Table(tuple(rows), columns, shared, lead=item_list.lead, is_list=True)


# Items under another are rows of that part, unless they are values with recurring labels (面積：…).
def _leaves(items: Sequence[ListItem]) -> list[tuple[ListItem, str, tuple[ListItem, ...]]]:
    parents = [(i, _children(items, i)) for i, item in enumerate(items) if item.depth == 0]
    labels = Counter(_label(child.text) for _, children in parents for child in children)
    named = [child for _, children in parents for child in children if _label(child.text)]
    n_children = sum(len(children) for _, children in parents)
    are_values = bool(n_children) and len(named) == n_children and max(labels.values()) > 1
    rows = list[tuple[ListItem, str, tuple[ListItem, ...]]]()
    for i, children in parents:
        if children and not are_values:
            group = _split_item(items[i].text)[0]
            deepest = [child for n, child in enumerate(children) if not _children(children, n)]
            rows += [(child, group, ()) for child in deepest]
        else:
            rows.append((items[i], "", tuple(children)))
    return rows


def _children(items: Sequence[ListItem], i: int) -> list[ListItem]:
    children = list[ListItem]()
    for item in items[i + 1 :]:
        if item.depth <= items[i].depth:
            break
        children.append(item)
    return children


def _label(text: str) -> str:
    match = _COLON.fullmatch(text)
    return match["name"] if match else ""


def _child_parts(item: ListItem) -> list[_Part]:
    match = _COLON.fullmatch(item.text)
    return [_Part(match["name"], match["rest"])] if match else [_Part(_CONTENT, item.text)]


def _split_item(text: str, *, is_joined: bool = False) -> tuple[str, list[_Part]]:
    plain = _NOTE_MARK.sub("", text).strip() or text
    for form in (_COLON, _BRACKET, _JOINED) if is_joined else (_COLON, _BRACKET):
        if match := form.fullmatch(plain):
            return match["name"].strip(), _parts(match["rest"])
    name, *others = _PART.split(plain)
    if others and "。" not in plain and any(map(parse_values, others)):
        return name, [part for other in others for part in _parts(other)]
    spaced = _SPACED.fullmatch(plain)
    if spaced and "。" not in plain and _DIGIT.search(spaced["rest"]):
        return spaced["name"], _parts(spaced["rest"])
    return plain, []


def _parts(text: str) -> list[_Part]:
    pieces = [piece for piece in _PART.split(text) if piece]
    return [_part(text) for piece in pieces for text in _split_at_spaces(piece)]


def _split_at_spaces(piece: str) -> list[str]:
    words = _SPACE.split(piece)
    if len(words) == 1 or "。" in piece:
        return [piece]
    parts = list[str]()
    for word in words:
        has_value = parts and (" " in parts[-1] or parse_values(parts[-1]) or _LABELLED.fullmatch(parts[-1]))
        parts[-1:] = [f"{parts[-1]} {word}"] if parts and not has_value else [*parts[-1:], word]
    return parts


def _part(piece: str) -> _Part:
    times = effective_times(piece, _ANY_DAY)
    if times and times[0].start == 0 and parse_values(value := piece[times[0].end :].strip(" は:、,/")):
        return _Part(piece[: times[0].end], value)
    name, _, rest = piece.partition(" ")
    if rest and not parse_values(name) and len(name) <= _MAX_LABEL_LENGTH:
        return _Part(name, rest)
    if len(mentions := dates(piece)) == 1 and mentions[0].end - mentions[0].start == len(piece):
        return _Part(_TIME, piece)
    if values := parse_values(piece):
        return _Part(f"{_FIGURES}({values[0].unit})" if values[0].unit else _FIGURES, piece)
    if (match := _LABELLED.fullmatch(piece)) and parse_values(match["value"]):
        return _Part(match["label"], match["value"])
    return _Part(_CONTENT, piece)


def _columns(parts: Sequence[Sequence[_Part]]) -> list[str]:
    counts = Counter(column for row_parts in parts for column in {part.column: None for part in row_parts})
    min_items = max(2, _MIN_SHARE * len(parts)) if len(parts) > 1 else 1
    heads = [column for column, n in counts.items() if column != _CONTENT and n >= min_items]
    has_content = any(part.column not in heads for row_parts in parts for part in row_parts)
    return [*heads, *([_CONTENT] if has_content else [])]


def _cells(parts: Iterable[_Part], heads: Sequence[str], escape: Callable[[str], str]) -> dict[str, str]:
    cells: dict[str, str] = {}
    for part in parts:
        head = part.column if part.column in heads and part.column not in cells else _CONTENT
        is_named = head == _CONTENT != part.column and not part.column.startswith((_FIGURES, _TIME))
        text = f"{part.column}{part.text}" if is_named else part.text
        cells[head] = f"{cells[head]}、{text}" if head in cells else text
    return {head: escape(text) for head, text in cells.items() if head in heads or head == _CONTENT}


def _note_mark(text: str) -> str:
    match = _NOTE_HEAD.match(text.strip())
    return re.sub(r"[\s()（）]", "", match[0]) if match else ""
