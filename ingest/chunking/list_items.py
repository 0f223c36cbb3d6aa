"""Finds the lists in passages: marked items, names separated by commas, and lines of a name and a figure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby

from ingest.chunking.cell_values import parse_values
from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.japanese.markers import LEADING_MARK, ORDINAL
from ingest.japanese.notation import KANJI_ONE_TO_TEN
from ingest.japanese.sentences import split_document_sentences
from ingest.japanese.tokenise import morphemes
from ingest.minutes.speaker_lines import match_speaker

# An item: its indent, its mark, its number if it has one, and its text.
_ITEM = re.compile(
    rf"^(?P<indent>[ \t\u3000]*)(?P<mark>(?![※─―—])(?:{LEADING_MARK}|・)\s*)?(?P<number>{ORDINAL})?(?P<text>\S.*)$"
)
_FOOTNOTE = re.compile(r"^\s*(?:[・*]?\s*)?(?:※|注\s?\d*[)）:：]|[*＊]\d)")
# A name and a figure, separated by space: ４月　１，０５０人.
_NAME_AND_FIGURE = re.compile(r"^\s*(?P<name>[^\s:：、。]{1,24})[ \t\u3000]+(?P<figure>[約△▲+\-−]?[\d０-９].*)$")
# What introduces names: 市内の公園は、.
_INTRODUCTION = re.compile(r"^[^。]*?(?:は|[:：]|とは|として|には)[、,]?")
_COUNT_OF_NAMES = rf"(?:[\d０-９{KANJI_ONE_TO_TEN}]+[^\s、。\d()（）]{{1,5}})?"
_PREDICATES = (
    r"(?:です|である|であり|とする|となる|となります|とします|があります|がある|がいます|にあります"
    r"|で構成(?:する|します|される|されます))"
)
# What ends a sentence of names: の3園です, など。.
_END_OF_NAMES = re.compile(rf"(?:の|、|など|以上)*{_COUNT_OF_NAMES}{_PREDICATES}?[。]?$")
_SEPARATOR = re.compile(r"[、,，](?!\d{3})|及び|および|並びに|ならびに")
_COMMA = re.compile(r"[、，]")
_HALF_QUOTED = re.compile(r"^[^「]*」|「[^」]*$|^[^(]*\)|\([^)]*$")
_YEAR_OR_MONTH = r"(?:(?:令和|平成|昭和)\s?(?:\d{1,2}|元)|\d{4})年度?(?:\d{1,2}月)?|\d{1,2}月(?:分|期)?"
# A name with its figure in a sentence: 令和7年度 63件, 北区が1,200人です.
_NAME_WITH_FIGURE = re.compile(
    rf"(?P<name>{_YEAR_OR_MONTH}|[^\d、。()]{{2,20}}?)"
    r"\s?(?:は|が|で)?\s?(?P<figure>約?\d[\d,.]*(?:万|億)?[^\d、。()\s]{1,4}?)"
    r"(?:です|でした|である|であった|となった|となりました|だった)?。?"
)
# The end of what may come before the first name with a figure.
_END_OF_INTRODUCTION = re.compile(r"(?:は|では|には|として|[::])$")
_WORD = re.compile(r"[^\W\d]")
# Fewer names, or names with figures, in a sentence are no list.
_MIN_NAMES = 3
_MIN_FIGURES = 2
# Characters of a name in a sentence.
_MAX_NAME_LENGTH = 24
# The share of names that end alike (…公園), unless all are nouns.
_MIN_SHARE_OF_ENDING = 0.6
_NAME_POS = frozenset({"名詞", "接尾辞", "接頭辞", "補助記号", "記号"})


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
    forms = (_marked_lists, _figure_lines, _figure_sentences, _name_sentences)
    return next(filter(None, (tuple(form(passage)) for form in forms)), ())


def _lines(text: str) -> Iterator[tuple[int, str]]:
    position = 0
    for line in text.splitlines(keepends=True):
        yield position, line.rstrip("\r\n")
        position += len(line)


def _sentences(text: str) -> Iterator[tuple[int, str]]:
    for position, line in _lines(text):
        start = position
        for sentence in split_document_sentences(line):
            yield start, sentence
            start += len(sentence)


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


def _figure_sentences(passage: Passage) -> Iterator[ItemList]:
    for position, sentence in _sentences(passage.text):
        items, lead = _parse_figure_sentence(passage, position, sentence)
        units = {parse_values(item.text.rpartition(" ")[2])[0].unit for item in items}
        if len(items) >= _MIN_FIGURES and len(units) == 1 and units != {""}:
            yield ItemList(tuple(items), lead)


def _parse_figure_sentence(passage: Passage, position: int, sentence: str) -> tuple[list[ListItem], str]:
    items = list[ListItem]()
    lead = ""
    for start, end in _split_spans(sentence, 0, len(sentence)):
        piece = nfkc(sentence[start:end]).strip()
        match = _NAME_WITH_FIGURE.fullmatch(piece)
        if match and parse_values(match["figure"]):
            first, last = _strip_span(sentence, start, end)
            text = f"{match['name'].strip()} {match['figure']}"
            items.append(ListItem(passage, position + first, position + last, 0, text))
        elif items or not _END_OF_INTRODUCTION.search(piece):
            break
        else:
            lead = f"{lead}{piece}、"
    return items, lead


def _split_spans(sentence: str, start: int, end: int) -> list[tuple[int, int]]:
    separators = list(_SEPARATOR.finditer(sentence, start, end))
    starts = [start, *(separator.end() for separator in separators)]
    ends = [*(separator.start() for separator in separators), end]
    return list(zip(starts, ends, strict=True))


def _name_sentences(passage: Passage) -> Iterator[ItemList]:
    for position, sentence in _sentences(passage.text):
        if spans := _name_spans(sentence):
            items = (_make_item(passage, position + start, position + end) for start, end in spans)
            yield ItemList(tuple(items), nfkc(sentence[: spans[0][0]]).strip())


def _name_spans(sentence: str) -> list[tuple[int, int]]:
    if len(_COMMA.findall(sentence)) < _MIN_NAMES - 2 or not _SEPARATOR.search(sentence):
        return []
    introduction = _INTRODUCTION.match(sentence)
    start = introduction.end() if introduction else 0
    predicate = _END_OF_NAMES.search(sentence, start)
    end = predicate.start() if predicate else len(sentence)
    spans = [_strip_span(sentence, first, last) for first, last in _split_spans(sentence, start, end)]
    spans = [(first, last) for first, last in spans if first < last]
    names = [nfkc(sentence[first:last]) for first, last in spans]
    return spans if _are_names(names, has_introduction=introduction is not None) else []


def _are_names(names: Sequence[str], *, has_introduction: bool) -> bool:
    if len(names) < _MIN_NAMES or not all(1 < len(name) <= _MAX_NAME_LENGTH for name in names):
        return False
    if any(parse_values(name) or _HALF_QUOTED.search(name) for name in names):
        return False
    if all(morpheme.pos[0] in _NAME_POS for name in names for morpheme in morphemes(name)):
        return True
    endings = [name[-1] for name in names]
    return has_introduction and max(map(endings.count, endings)) >= _MIN_SHARE_OF_ENDING * len(names)


def _strip_span(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
