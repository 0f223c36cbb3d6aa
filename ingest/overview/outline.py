"""Reads what a document says about itself: its purpose, main points, sections and targets, each verbatim."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice

from ingest.chunking.column_roles import Role
from ingest.chunking.table import Table
from ingest.chunking.table_reading import label_rows, split_tables
from ingest.documents import Document, Passage
from ingest.japanese import nfkc, normalise_without_spaces
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.markers import ITEM_MARK, strip_heading_number
from ingest.japanese.sentences import split_document_sentences
from ingest.overview.aspects import PlanAspect, headings_below_title, read_aspects

_WORDS = load_lexicon("overview")
_PLANS = load_lexicon("plans")
DOCUMENT_KINDS = any_of((*_PLANS["plans"], *_PLANS["in_titles"], *_WORDS["document_kinds"]))
"""A regular expression for what documents call themselves: 計画, 条例."""
_PURPOSE_HEADING = re.compile(any_of(_WORDS["purpose_headings"]))
_POINT_HEADING = re.compile(any_of(_WORDS["point_headings"]))
_NO_CONTENT_HEADING = re.compile(any_of(_WORDS["no_content_headings"]))
# What a sentence says that states a purpose, and how much each counts.
_PURPOSE_SIGNS = (
    (re.compile(r"目的(?:と(?:する|し|して)|は)"), 4),
    (re.compile(rf"(?:この|本|当該){DOCUMENT_KINDS}(?:は|で)"), 2),
    (re.compile(r"(?:策定|制定|作成|取りまとめ|とりまとめ|定め)(?:する|した|し|る|ました|たもの|るもの)"), 2),
    (re.compile(rf"{DOCUMENT_KINDS}(?:です|である|とする|だ)。?$"), 2),
    (re.compile(r"第\d+条[^。]{0,12}(?:により|に基づ|の規定)"), -3),
    (re.compile(r"目指(?:し|す)|めざ(?:し|す)|実現|図る"), 1),
    (re.compile(r"ため(?:に|の|、|、?必要)"), 1),
    (re.compile(r"(?:する|した|示す|まとめた)もの(?:です|で(?:ある|す)|とする)"), 1),
)
_WEIGHT_OF_PURPOSE_HEADING = 2
_WEIGHT_OF_OWN_TITLE = 2
# A sentence with less weight states no purpose.
_MIN_PURPOSE_WEIGHT = 3
# Words of a sentence that only the one before it explains.
_ANAPHOR = re.compile(r"(?:その|これら|こうした|このような|そうした|そのような)(?!他|ほか|もの)")
# What a text without headings asks, decides, concludes or finds.
_DIRECTIVE = re.compile(
    r"(?:ください|こと(?:と|を|に)|原則|限度|禁止|できません|しません|ません|求める|求めます|なければ|べき"
    r"|考える|考えます|結論|認め(?:る|ます)|必要が?ある)[^。]*。?$"
)
# Passages at the beginning of a document in which a purpose without a heading is looked for.
_PASSAGES_AT_BEGINNING = 12
# Characters of a sentence that is quoted.
_MIN_SENTENCE_LENGTH = 8
_MAX_SENTENCE_LENGTH = 220
# Characters; a longer heading is a sentence.
_MAX_HEADING_LENGTH = 60
_MAX_POINTS = 8
_MAX_POINTS_OF_SECTION = 6
_MAX_SECTIONS = 80
_MAX_TARGETS = 80
# Headings down to this level are measures of a plan; deeper ones are details.
_MAX_HEADING_LEVEL = 3


@dataclass(frozen=True, slots=True)
class Quotation:
    """Verbatim words of a passage, and the heading that they are under."""

    passage_id: str
    text: str
    heading: str = ""


@dataclass(frozen=True, slots=True)
class OutlinedSection:
    """A heading, its depth (0 for the outermost) and its first passage."""

    heading: str
    depth: int
    passage_id: str


@dataclass(frozen=True, slots=True)
class StatedTarget:
    """The target of an indicator as its table row states it, with the name of its column."""

    indicator: str
    value: str
    column: str
    passage_id: str


@dataclass(frozen=True, slots=True)
class DocumentOverview:
    """What a document says about itself.

    Attributes:
        doc_id: the id of the document.
        purpose: the sentence that states what it is for, None if no sentence does.
        points: its main points.
        sections: its headings down to the third level.
        targets: the targets in its tables.
        aspects: what it states under the headings that plans have.
    """

    doc_id: str
    purpose: Quotation | None = None
    points: tuple[Quotation, ...] = ()
    sections: tuple[OutlinedSection, ...] = ()
    targets: tuple[StatedTarget, ...] = ()
    aspects: tuple[PlanAspect, ...] = ()


def outline_document(document: Document, passages: Sequence[Passage]) -> DocumentOverview:
    """Return the overview of a document from its passages."""
    purpose = _find_purpose(document, passages)
    points = (point for point in _find_points(document, passages) if point != purpose)
    targets = (target for table in split_tables(passages) for target in _find_targets(table))
    return DocumentOverview(
        doc_id=document.id,
        purpose=purpose,
        points=tuple(islice(points, _MAX_POINTS)),
        sections=tuple(islice(_find_sections(document, passages), _MAX_SECTIONS)),
        targets=tuple(islice(targets, _MAX_TARGETS)),
        aspects=read_aspects(document, passages),
    )


def _find_purpose(document: Document, passages: Sequence[Passage]) -> Quotation | None:
    best, best_weight = None, _MIN_PURPOSE_WEIGHT - 1
    for position, passage in enumerate(passages):
        headings = headings_below_title(document, passage)
        has_heading = bool(headings) and bool(_PURPOSE_HEADING.search(strip_heading_number(headings[-1])))
        if passage.kind != "text" or not (has_heading or position < _PASSAGES_AT_BEGINNING):
            continue
        for sentence in _sentences_with_referents(passage):
            weight = _WEIGHT_OF_PURPOSE_HEADING * has_heading + _purpose_weight(document, sentence.text)
            if weight > best_weight:
                best, best_weight = sentence, weight
    return best


def _sentences_with_referents(passage: Passage) -> Iterator[Quotation]:
    preceding = ""
    for sentence in _sentences(passage):
        pair = f"{preceding}{sentence.text}"
        preceding = sentence.text
        refers = _ANAPHOR.search(nfkc(sentence.text)) and pair in passage.text
        yield replace(sentence, text=pair) if refers else sentence


def _purpose_weight(document: Document, sentence: str) -> int:
    text = nfkc(sentence)
    names_itself = normalise_without_spaces(document.title) in normalise_without_spaces(text)
    return sum(weight for sign, weight in _PURPOSE_SIGNS if sign.search(text)) + _WEIGHT_OF_OWN_TITLE * names_itself


def _find_points(document: Document, passages: Sequence[Passage]) -> list[Quotation]:
    sections = [
        (tuple(map(strip_heading_number, headings)), list(group))
        for headings, group in groupby(passages, lambda passage: headings_below_title(document, passage))
    ]
    points = list[Quotation]()
    for headings, group in sections:
        if any(map(_POINT_HEADING.search, headings[-2:])):
            points += islice(_statements(group), _MAX_POINTS_OF_SECTION)
    if not points:
        for headings, group in sections:
            if headings and not any(map(_NO_CONTENT_HEADING.search, headings)):
                points += islice(_statements(group), 1)
    if not points:
        without_heading = [passage for headings, group in sections if not headings for passage in group]
        sentences = [sentence for passage in without_heading for sentence in _sentences(passage)]
        points = [sentence for sentence in sentences if _DIRECTIVE.search(nfkc(sentence.text))]
    distinct = dict[str, Quotation]()
    for point in points:
        distinct.setdefault(point.text, point)
    return list(distinct.values())


def _statements(passages: Sequence[Passage]) -> Iterator[Quotation]:
    items = [item for passage in passages for item in _items(passage)]
    yield from items or islice(_sentences(passages[0]), 1)


def _items(passage: Passage) -> Iterator[Quotation]:
    if passage.kind != "list":
        return
    for line in passage.text.splitlines():
        mark = ITEM_MARK.match(line)
        text = line[mark.end() :].strip() if mark else ""
        if text:
            yield Quotation(passage.id, text, passage.section)


def _sentences(passage: Passage) -> Iterator[Quotation]:
    if passage.kind == "row":
        return
    for sentence in split_document_sentences(passage.text):
        text = sentence.strip()
        is_quotable = _MIN_SENTENCE_LENGTH <= len(text) <= _MAX_SENTENCE_LENGTH
        if is_quotable and text.endswith(("。", "」", "。」")):
            yield Quotation(passage.id, text, passage.section)


def _find_sections(document: Document, passages: Sequence[Passage]) -> Iterator[OutlinedSection]:
    seen = set[tuple[str, ...]]()
    for passage in passages:
        headings = headings_below_title(document, passage)[:_MAX_HEADING_LEVEL]
        for depth, heading in enumerate(headings):
            path = headings[: depth + 1]
            is_content = len(heading) <= _MAX_HEADING_LENGTH and not _NO_CONTENT_HEADING.search(heading)
            if path not in seen and is_content:
                yield OutlinedSection(heading, depth, passage.id)
            seen.add(path)


def _find_targets(table: Table) -> Iterator[StatedTarget]:
    labelled = label_rows([row.passage for row in table.rows])
    columns = labelled.columns_of_role(Role.TARGET) if labelled else ()
    if labelled is None or not columns:
        return
    for row in labelled.items:
        value = row.text(columns[-1]).strip()
        if value and row.label:
            yield StatedTarget(row.label, value, columns[-1].name, row.passage.id)
