"""Reads what a plan says under the headings that plans have: vision, principles, pillars, targets, organisation."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from ingest.documents import Document, Passage
from ingest.japanese import nfkc, normalise_without_spaces
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.markers import ITEM_MARK, strip_heading_number
from ingest.japanese.notation import KANJI_DIGITS
from ingest.japanese.quantities import quantities
from ingest.japanese.sentences import split_document_sentences


class Aspect(StrEnum):
    """What a part of a plan is about; the first whose words a heading has counts."""

    TARGETS = "targets"
    PRINCIPLES = "principles"
    VISION = "vision"
    PILLARS = "pillars"
    STRUCTURE = "structure"
    ORGANISATION = "organisation"
    POSITIONING = "positioning"
    SCOPE = "scope"
    PERIOD = "period"
    COSTS = "costs"
    REVIEW = "review"
    MEASURES = "measures"
    """The measures under the headings of pillars."""
    OTHER = ""
    """A heading that only this plan has."""


HEADED_ASPECTS: tuple[Aspect, ...] = tuple(aspect for aspect in Aspect if aspect not in {Aspect.MEASURES, Aspect.OTHER})
"""The aspects that headings name and questions ask for."""

_WORDS = load_lexicon("plan_aspects")
_HEADINGS = {
    aspect: re.compile(any_of((*_WORDS[aspect], *_WORDS.get(f"{aspect}_headed", ())))) for aspect in HEADED_ASPECTS
}
_NUMBER = rf"[\dⅠ-Ⅻⅰ-ⅻ{KANJI_DIGITS}十IVX]{{1,4}}"
# A number or a numbered word before a name: 1. · Ⅱ　· 原則1　· 挑戦その2：
_NUMBERED = re.compile(
    rf"^(?:(?:[一-龥ァ-ヶ]{{1,5}}|)(?:その|第)?{_NUMBER}(?:の柱|つ目)?|その{_NUMBER})(?:[\s\u3000.．:：、]+|$)"
)
_NUMBER_ONLY = re.compile(rf"^{_NUMBER}$")
_QUOTE_MARK = re.compile(r"^[>＞]\s*")
# Between the name of an item and its explanation.
_SEPARATOR = re.compile(r"[\u3000：]|:\s|\s{2,}|\s[-―—–]+\s|[―—–]{2}")
# From the present to the intended value: 4件→50件, 4件から50件に.
_ARROW = re.compile(r"→|⇒|から(?=[^、。]*(?:へ|に))")
_BRACKETED = re.compile(r"[（(][^（()）]*[)）]")
# Characters; a longer beginning of an item is not its name.
_MAX_NAME_LENGTH = 36
# Aspects that list things; the others are stated in sentences.
_LIST_ASPECTS = frozenset({Aspect.TARGETS, Aspect.PRINCIPLES, Aspect.VISION, Aspect.PILLARS, Aspect.OTHER})
_ASIDE = re.compile(rf"^{any_of(_WORDS['asides'])}")
_MEASURE_COLUMN = re.compile(any_of(_WORDS["measure_columns"]))


@dataclass(frozen=True, slots=True)
class PlanItem:
    """What a plan lists under a heading: its short name, and the verbatim line of the passage."""

    name: str
    text: str
    passage_id: str

    @property
    def key(self) -> str:
        """The name without number and spaces, the same in two plans that list the same thing."""
        return normalise_without_spaces(nfkc(strip_number(self.name)))


@dataclass(frozen=True, slots=True)
class PlanAspect:
    """What a plan says under one heading."""

    name: Aspect
    heading: str
    items: tuple[PlanItem, ...]


@dataclass(frozen=True, slots=True)
class _NestedPassage:
    """A passage and the headings between it and the heading that is read."""

    subheadings: tuple[str, ...]
    passage: Passage


def strip_number(name: str) -> str:
    """Return a name without the number or numbered word before it: 原則1　早めに直す → 早めに直す."""
    stripped = strip_heading_number(name)
    return _NUMBERED.sub("", nfkc(stripped)).strip() or stripped


def read_aspects(document: Document, passages: Sequence[Passage]) -> tuple[PlanAspect, ...]:
    """Return the aspects of a document in their order, one for each heading with items or statements."""
    paths = [headings_below_title(document, passage) for passage in passages]
    branches = dict.fromkeys(path[:depth] for path in paths for depth in range(1, len(path) + 1))
    aspects = list[PlanAspect]()
    for branch in branches:
        nested = [
            _NestedPassage(path[len(branch) :], passage)
            for path, passage in zip(paths, passages, strict=True)
            if path[: len(branch)] == branch
        ]
        aspects += _aspects_of_heading(branch[-1], nested)
    return tuple(aspects)


def headings_below_title(document: Document, passage: Passage) -> tuple[str, ...]:
    """Return the headings above a passage without the document's title."""
    title = normalise_without_spaces(document.title)
    return tuple(heading for heading in passage.path if normalise_without_spaces(heading) != title)


def aspect_of_heading(heading: str) -> Aspect:
    """Return the aspect that a heading names."""
    text = _BRACKETED.sub("", nfkc(strip_heading_number(heading))) or nfkc(heading)
    if _NUMBERED.match(text):
        return Aspect.OTHER
    return next((aspect for aspect, pattern in _HEADINGS.items() if pattern.search(text)), Aspect.OTHER)


def share_heading_word(first: PlanAspect, second: PlanAspect) -> bool:
    """Whether the headings of two parts have a word of their aspect in common (方針, 目標)."""
    first_words = set(re.findall(any_of(_WORDS[first.name]), nfkc(first.heading)))
    second_words = set(re.findall(any_of(_WORDS[second.name]), nfkc(second.heading)))
    return not first_words.isdisjoint(second_words)


def target_value(text: str) -> str:
    """Return the value that a statement of a target aims at, "" for none: 4件→50件 → 50件."""
    intended = _ARROW.split(_BRACKETED.sub("", nfkc(text)))[-1]
    values = [quantity for quantity in quantities(intended) if quantity.unit and not quantity.unit.startswith("年")]
    return intended[values[-1].start : values[-1].end] if values else ""


def target_number(text: str) -> tuple[Decimal, str] | None:
    """Return the figure and unit that a statement of a target aims at."""
    values = quantities(target_value(text))
    return (values[0].value, values[0].unit) if values else None


def _aspects_of_heading(heading: str, nested: Sequence[_NestedPassage]) -> Iterator[PlanAspect]:
    if any(aspect_of_heading(item.subheadings[0]) for item in nested if item.subheadings):
        return
    aspect = aspect_of_heading(heading)
    items = tuple(item for item in _items(nested, aspect) if not _ASIDE.match(nfkc(item.text)))
    if items:
        yield PlanAspect(aspect, heading, items)
    measures = tuple(_measures(nested)) if aspect is Aspect.PILLARS else ()
    if measures:
        yield PlanAspect(Aspect.MEASURES, heading, measures)


def _measures(nested: Sequence[_NestedPassage]) -> Iterator[PlanItem]:
    for item in nested:
        if item.subheadings:
            yield from _listed_items(item.passage)
        elif item.passage.kind == "row":
            yield from _measures_of_row(item.passage)


def _measures_of_row(row: Passage) -> Iterator[PlanItem]:
    for cell in row.cells[1:]:
        if _MEASURE_COLUMN.search(nfkc(cell.column)):
            for name in map(str.strip, cell.value.split("、")):
                yield PlanItem(name, name, row.id)


def _items(nested: Sequence[_NestedPassage], aspect: Aspect) -> Iterator[PlanItem]:
    first_passages = dict[str, Passage]()
    for item in nested:
        if item.subheadings:
            first_passages.setdefault(item.subheadings[0], item.passage)
    if first_passages:
        for heading, passage in first_passages.items():
            name = strip_heading_number(heading)
            yield PlanItem(name, name, passage.id)
        return
    listed = [listed_item for item in nested for listed_item in _listed_items(item.passage)]
    if not listed or aspect not in _LIST_ASPECTS:
        for item in nested:
            yield from _sentences(item.passage)
    yield from listed


def _listed_items(passage: Passage) -> Iterator[PlanItem]:
    if passage.kind == "row":
        yield from _item_of_row(passage)
    elif passage.kind == "list":
        for line in passage.text.splitlines():
            mark = ITEM_MARK.match(line)
            text = strip_heading_number(line[mark.end() :].strip()) if mark else ""
            if text:
                yield PlanItem(_name_of_item(text), text, passage.id)


def _item_of_row(row: Passage) -> Iterator[PlanItem]:
    cells = [cell for cell in row.cells if cell.value.strip()]
    named = next((cell for cell in cells if not _is_row_number(cell.value)), cells[0] if cells else None)
    if named is None:
        return
    name = named.value.strip()
    others = [cell for cell in cells if cell is not named]
    value = f"：{others[-1].value.strip()}" if others else ""
    yield PlanItem(name, f"{name}{value}", row.id)


def _is_row_number(text: str) -> bool:
    text = nfkc(text).strip()
    return bool(_NUMBER_ONLY.match(text) or _NUMBERED.fullmatch(text))


def _name_of_item(text: str) -> str:
    numbered = _NUMBERED.match(text)
    start = numbered.end() if numbered and numbered.end() < len(text) else 0
    separator = _SEPARATOR.search(text, start + 1)
    name = text[: separator.start()] if separator else text
    return name if len(name) <= _MAX_NAME_LENGTH else text


def _sentences(passage: Passage) -> Iterator[PlanItem]:
    if passage.kind == "row":
        return
    lines = passage.text.splitlines()
    unmarked = [line for line in lines if passage.kind != "list" or not ITEM_MARK.match(line)]
    for sentence in split_document_sentences("\n".join(unmarked)):
        if text := _QUOTE_MARK.sub("", sentence.strip()):
            yield PlanItem(text, text, passage.id)
