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
from ingest.structure.speeches import speech

# An item: its indent, its mark, its number if it has one, and its text.
_ITEM = re.compile(
    rf"^(?P<indent>[ \t\u3000]*)(?P<mark>(?![※─―—])(?:{LEADING_MARK}|・)\s*)?(?P<number>{ORDINAL})?(?P<text>\S.*)$"
)
_FOOTNOTE = re.compile(r"^\s*(?:[・*]?\s*)?(?:※|注\s?\d*[)）:：]|[*＊]\d)")
# A name and a figure, separated by space: ４月　１，０５０人.
_NAME_AND_FIGURE = re.compile(r"^\s*(?P<name>[^\s:：、。]{1,24})[ \t\u3000]+(?P<figure>[約△▲+\-−]?[\d０-９].*)$")
# What introduces names (市内の公園は、), and what ends their sentence (の3園です).
_INTRODUCTION = re.compile(r"^[^。]*?(?:は|[:：]|とは|として|には)[、,]?")
_PREDICATE = re.compile(
    rf"(?:(?:の|、|など|以上)*(?:[\d０-９{KANJI_ONE_TO_TEN}]+[^\s、。\d()（）]{{1,5}})?(?:です|である|であり|とする|となる|となります|とします"
    r"|があります|がある|がいます|にあります|で構成(?:する|します|される|されます))?)[。]?$"
)
_SEPARATOR = re.compile(r"[、,，](?!\d{3})|及び|および|並びに|ならびに")
_HALF_QUOTED = re.compile(r"^[^「]*」|「[^」]*$|^[^(]*\)|\([^)]*$")
# A name with its figure in a sentence (令和7年度 63件, 北区が1,200人です), and what may come before the first one.
_FIGURE_PIECE = re.compile(
    r"(?P<name>(?:(?:令和|平成|昭和)\s?(?:\d{1,2}|元)|\d{4})年度?(?:\d{1,2}月)?|\d{1,2}月(?:分|期)?|[^\d、。()]{2,20}?)"
    r"\s?(?:は|が|で)?\s?(?P<figure>約?\d[\d,.]*(?:万|億)?[^\d、。()\s]{1,4}?)(?:です|でした|である|であった|となった|となりました|だった)?。?"
)
_ENDS_INTRODUCTION, _FEWEST_FIGURES = re.compile(r"(?:は|では|には|として|[::])$"), 2
_COMMA = re.compile(r"[、，]")
_WORD = re.compile(r"[^\W\d]")
_FEWEST_NAMES, _LONGEST_NAME = 3, 24
# This share of names ends alike (…公園), unless all are nouns.
_ALIKE = 0.6
_NAME_POS = frozenset({"名詞", "接尾辞", "接頭辞", "補助記号", "記号"})


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list: the passage with it at `[start:end]`, its depth (0 for the outermost) and normalised text."""

    passage: Passage
    start: int
    end: int
    depth: int
    text: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class ItemList:
    """Two or more items with the line that introduces them, "" for none, and the footnotes after them."""

    items: tuple[Item, ...]
    lead: str = ""
    notes: tuple[str, ...] = ()


def find_item_lists(passages: Sequence[Passage]) -> list[ItemList]:
    """Return the lists in consecutive passages of one section; one that goes on in the next passage is one list."""
    found = list[ItemList]()
    for passage in passages:
        lists = [*_lists_of(passage)]
        starts_with_items = bool(lists) and not _WORD.search(passage.text[: lists[0].items[0].start])
        if found and starts_with_items and _continues(found[-1], lists[0]):
            last, first = found[-1], lists.pop(0)
            found[-1] = ItemList((*last.items, *first.items), last.lead, (*last.notes, *first.notes))
        found += lists
    return [one for one in found if len(one.items) > 1]


def _continues(last: ItemList, following: ItemList) -> bool:
    """Whether a list that begins its passage goes on with the one that ends the passage before."""
    before, after = last.items[-1], following.items[0]
    text = before.passage.text
    ends_passage = not text[before.end :].strip() or _FOOTNOTE.match(text[before.end :].lstrip("\n"))
    return bool(ends_passage) and (not after.number or after.number == before.number + 1) and not following.lead


@lru_cache(maxsize=512)
def _lists_of(passage: Passage) -> tuple[ItemList, ...]:
    if passage.kind == "row":
        return ()
    forms = (_marked_lists, _figure_lines, _figure_sentences, _name_sentences)
    return next(filter(None, (tuple(form(passage)) for form in forms)), ())


def _lines(text: str) -> Iterator[tuple[int, str]]:
    position = 0
    for line in text.splitlines(keepends=True):
        yield position, line.rstrip("\r\n")
        position += len(line)


def _marked_lists(passage: Passage) -> Iterator[ItemList]:
    """Yield the lists of marked items in a passage."""
    items, notes, lead, previous = list[Item](), list[str](), "", ""
    for position, line in _lines(passage.text):
        is_footnote = _FOOTNOTE.match(line) is not None
        match = None if is_footnote else _ITEM.match(line)
        is_title = match is not None and match["text"].strip() in passage.path  # a title read as the first item
        if match and (match["mark"] or match["number"]) and not is_title and not speech(match["text"]):
            if notes:
                yield _make_list(items, lead, notes)
                items, notes, previous = [], [], ""
            lead = lead if items else previous
            digits = "".join(c for c in nfkc(match["number"] or "") if c.isdigit())
            start, end = position + match.start("text"), position + len(line.rstrip())
            text = nfkc(match["text"]).strip()
            items.append(Item(passage, start, end, len(match["indent"]), text, int(digits or 0)))
        elif items and is_footnote:
            notes.append(nfkc(line).strip(" ・"))
        elif line.strip():
            if items:
                yield _make_list(items, lead, notes)
            items, notes, lead, previous = [], [], "", nfkc(line).strip()
    if items:
        yield _make_list(items, lead, notes)


def _make_list(items: Sequence[Item], lead: str, notes: Sequence[str]) -> ItemList:
    """Return a list whose items have their indents as depths from 0."""
    depths = {indent: depth for depth, indent in enumerate(sorted({item.depth for item in items}))}
    return ItemList(tuple(replace(item, depth=depths[item.depth]) for item in items), lead, tuple(notes))


def _figure_lines(passage: Passage) -> Iterator[ItemList]:
    """Yield runs of two or more lines of a name and a figure."""
    lines = [(position, line) for position, line in _lines(passage.text) if line.strip()]
    lead = ""
    for is_pair, run in groupby(lines, lambda one: _is_name_and_figure(one[1])):
        pairs = list(run)
        if is_pair and len(pairs) > 1:
            items = (Item(passage, at, at + len(line.rstrip()), 0, nfkc(line).strip()) for at, line in pairs)
            yield ItemList(tuple(items), lead)
        lead = nfkc(pairs[-1][1]).strip()


def _is_name_and_figure(line: str) -> bool:
    match = _NAME_AND_FIGURE.match(line)
    return match is not None and bool(parse_values(nfkc(match["figure"]).strip()))


def _figure_sentences(passage: Passage) -> Iterator[ItemList]:
    """Yield the names with figures of one unit that sentences separate by commas: 4月 120件、5月 95件."""
    for position, line in _lines(passage.text):
        start = position
        for sentence in split_document_sentences(line):
            items, bounds, last = list[Item](), list[tuple[int, int]](), 0
            for separator in _SEPARATOR.finditer(sentence):
                bounds.append((last, separator.start()))
                last = separator.end()
            lead = ""
            for first, stop in (*bounds, (last, len(sentence))):
                piece = nfkc(sentence[first:stop]).strip()
                match = _FIGURE_PIECE.fullmatch(piece)
                if match and parse_values(match["figure"]):
                    at = _strip(sentence, first, stop)
                    text = f"{match['name'].strip()} {match['figure']}"
                    items.append(Item(passage, start + at[0], start + at[1], 0, text))
                elif items or not _ENDS_INTRODUCTION.search(piece):
                    break
                else:
                    lead = f"{lead}{piece}、"
            units = {parse_values(item.text.rpartition(" ")[2])[0].unit for item in items}
            if len(items) >= _FEWEST_FIGURES and len(units) == 1 and units != {""}:
                yield ItemList(tuple(items), lead)
            start += len(sentence)


def _name_sentences(passage: Passage) -> Iterator[ItemList]:
    """Yield the names that sentences separate by commas."""
    for position, line in _lines(passage.text):
        start = position
        for sentence in split_document_sentences(line):
            if spans := _name_spans(sentence):
                items = (
                    Item(passage, start + first, start + last, 0, nfkc(sentence[first:last]).strip())
                    for first, last in spans
                )
                yield ItemList(tuple(items), nfkc(sentence[: spans[0][0]]).strip())
            start += len(sentence)


def _name_spans(sentence: str) -> list[tuple[int, int]]:
    """Return the spans of three or more names in a sentence that only lists them; else none."""
    if len(_COMMA.findall(sentence)) < _FEWEST_NAMES - 2 or not _SEPARATOR.search(sentence):
        return []
    introduction = _INTRODUCTION.match(sentence)
    begin = introduction.end() if introduction else 0
    predicate = _PREDICATE.search(sentence, begin)
    end = predicate.start() if predicate else len(sentence)
    bounds, last = list[tuple[int, int]](), begin
    for separator in _SEPARATOR.finditer(sentence, begin, end):
        bounds.append((last, separator.start()))
        last = separator.end()
    bounds.append((last, end))
    spans = [_strip(sentence, first, stop) for first, stop in bounds if sentence[first:stop].strip()]
    names = [nfkc(sentence[first:stop]) for first, stop in spans]
    if len(names) < _FEWEST_NAMES or not all(1 < len(name) <= _LONGEST_NAME for name in names):
        return []
    alike = max(sum(name[-1] == other[-1] for other in names) for name in names)
    are_nouns = all(m.pos[0] in _NAME_POS for name in names for m in morphemes(name))
    has_figures = any(parse_values(name) or _HALF_QUOTED.search(name) for name in names)
    return spans if not has_figures and (are_nouns or (alike >= _ALIKE * len(names) and introduction)) else []


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
