"""Reads what a document says about itself: its purpose, main points, sections and targets, each verbatim."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from ingest.chunking.column_roles import Role
from ingest.chunking.table import Table, label_rows, split_tables
from ingest.documents import Document, Passage
from ingest.japanese import nfkc
from ingest.japanese.characters import normalise_without_spaces
from ingest.japanese.lexicon import load_lexicon
from ingest.japanese.markers import ITEM_MARK, strip_heading_number
from ingest.japanese.sentences import split_document_sentences
from ingest.overview.aspects import PlanAspect, read_aspects

_WORDS = load_lexicon("overview")
_PURPOSE_HEADING = re.compile("|".join(_WORDS["purpose_headings"]))
_POINT_HEADING = re.compile("|".join(_WORDS["point_headings"]))
_NO_CONTENT_HEADING = re.compile("|".join(_WORDS["no_content_headings"]))
_PLANS = load_lexicon("plans")
_KINDS = "|".join((*_PLANS["plans"], *_PLANS["in_titles"], *_WORDS["document_kinds"]))
# What a sentence says that states a purpose, and how much each counts.
_PURPOSE_SIGNS = (
    (re.compile(r"目的(?:と(?:する|し|して)|は)"), 4),
    (re.compile(rf"(?:この|本|当該)(?:{_KINDS})(?:は|で)"), 2),
    (re.compile(r"(?:策定|制定|作成|取りまとめ|とりまとめ|定め)(?:する|した|し|る|ました|たもの|るもの)"), 2),
    (re.compile(rf"(?:{_KINDS})(?:です|である|とする|だ)。?$"), 2),
    (re.compile(r"第\d+条[^。]{0,12}(?:により|に基づ|の規定)"), -3),
    (re.compile(r"目指(?:し|す)|めざ(?:し|す)|実現|図る"), 1),
    (re.compile(r"ため(?:に|の|、|、?必要)"), 1),
    (re.compile(r"(?:する|した|示す|まとめた)もの(?:です|で(?:ある|す)|とする)"), 1),
)
# A heading of the purpose counts this much; a sentence with less than the least states none.
_HEADING_WEIGHT, _LEAST_WEIGHT = 2, 3
# Words of a sentence that only the one before it explains.
_ANAPHOR = re.compile(r"(?:その|これら|こうした|このような|そうした|そのような)(?!他|ほか|もの)")
# What a text without headings asks, decides, concludes or finds.
_DIRECTIVE = re.compile(
    r"(?:ください|こと(?:と|を|に)|原則|限度|禁止|できません|しません|ません|求める|求めます|なければ|べき|考える|考えます|結論|認め(?:る|ます)|必要が?ある)"
    r"[^。]*。?$"
)
# Passages at the beginning in which a purpose without a heading is looked for.
_BEGINNING = 12
_SHORTEST_SENTENCE, _LONGEST_SENTENCE = 8, 220
_LONGEST_HEADING = 60
_MAX_POINTS, _MAX_POINTS_OF_SECTION, _MAX_SECTIONS, _MAX_TARGETS = 8, 6, 80, 80
# Headings this deep are measures of a plan; deeper ones are details.
_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Quotation:
    """Verbatim words of a passage, and the heading that they are under."""

    passage_id: str
    text: str
    heading: str = ""


@dataclass(frozen=True, slots=True)
class OutlinedSection:
    """A heading, how deep it is (0 for the outermost), and its first passage."""

    heading: str
    depth: int
    passage_id: str


@dataclass(frozen=True, slots=True)
class StatedTarget:
    """The target of an indicator as its table row states it, with the head of its column."""

    indicator: str
    value: str
    column: str
    passage_id: str


@dataclass(frozen=True, slots=True)
class DocumentOverview:
    """What a document says about itself; `purpose` is None and parts are empty where it does not say it."""

    doc_id: str
    purpose: Quotation | None = None
    points: tuple[Quotation, ...] = ()
    sections: tuple[OutlinedSection, ...] = ()
    targets: tuple[StatedTarget, ...] = ()
    aspects: tuple[PlanAspect, ...] = ()

    @property
    def passage_ids(self) -> tuple[str, ...]:
        """The passages that purpose, points and targets quote, each once, in that order."""
        ids = [self.purpose.passage_id] if self.purpose else []
        ids += [point.passage_id for point in self.points] + [target.passage_id for target in self.targets]
        return tuple(dict.fromkeys(ids))


def outline_document(document: Document, passages: Sequence[Passage]) -> DocumentOverview:
    """Return the overview of a document from its passages."""
    purpose = _find_purpose(document, passages)
    points = tuple(_find_points(document, passages, purpose))[:_MAX_POINTS]
    sections = tuple(_find_sections(document, passages))[:_MAX_SECTIONS]
    targets = tuple(target for table in split_tables(passages) for target in _find_targets(table))[:_MAX_TARGETS]
    return DocumentOverview(document.id, purpose, points, sections, targets, read_aspects(document, passages))


def own_headings(document: Document, passage: Passage) -> tuple[str, ...]:
    """Return the headings above a passage without the document's title."""
    title = normalise_without_spaces(document.title)
    return tuple(heading for heading in passage.path if normalise_without_spaces(heading) != title)


def _find_purpose(document: Document, passages: Sequence[Passage]) -> Quotation | None:
    """Return the sentence that states what the document is for, None where none does."""
    best, best_weight = None, _LEAST_WEIGHT - 1
    for place, passage in enumerate(passages):
        headings = own_headings(document, passage)
        is_headed = bool(headings) and bool(_PURPOSE_HEADING.search(strip_heading_number(headings[-1])))
        if passage.kind != "text" or not (is_headed or place < _BEGINNING):
            continue
        before = ""
        for sentence in _sentences(passage):
            whole = f"{before}{sentence.text}"
            before = sentence.text
            if _ANAPHOR.search(nfkc(sentence.text)) and whole in passage.text:
                sentence = replace(sentence, text=whole)  # noqa: PLW2901 -- the sentence with what it refers to
            weight = _HEADING_WEIGHT * is_headed + _purpose_weight(document, sentence.text)
            if weight > best_weight:
                best, best_weight = sentence, weight
    return best


def _purpose_weight(document: Document, sentence: str) -> int:
    text = nfkc(sentence)
    names_itself = normalise_without_spaces(document.title) in normalise_without_spaces(text)
    return sum(weight for sign, weight in _PURPOSE_SIGNS if sign.search(text)) + 2 * names_itself


def _find_points(document: Document, passages: Sequence[Passage], purpose: Quotation | None) -> Iterator[Quotation]:
    """Yield the document's own main points; without such sections the first sentence of each."""
    found = dict[str, Quotation]()
    for headings, group in groupby(passages, lambda passage: own_headings(document, passage)):
        if any(_POINT_HEADING.search(strip_heading_number(heading)) for heading in headings[-2:]):
            for quotation in list(_statements(list(group)))[:_MAX_POINTS_OF_SECTION]:
                found.setdefault(quotation.text, quotation)
    if not found:
        for headings, group in groupby(passages, lambda passage: own_headings(document, passage)):
            is_content = not any(_NO_CONTENT_HEADING.search(strip_heading_number(heading)) for heading in headings)
            first = next(_statements(list(group)), None) if headings and is_content else None
            if first:
                found.setdefault(first.text, first)
    if not found:
        sentences = [one for passage in passages if not own_headings(document, passage) for one in _sentences(passage)]
        found = {one.text: one for one in sentences if _DIRECTIVE.search(nfkc(one.text))}
    return (quotation for quotation in found.values() if quotation != purpose)


def _statements(passages: Sequence[Passage]) -> Iterator[Quotation]:
    """Yield what the passages of a section state: their list items, else their first sentence."""
    items = [item for passage in passages for item in _items(passage)]
    yield from items or (sentence for passage in passages[:1] for sentence in list(_sentences(passage))[:1])


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
        if _SHORTEST_SENTENCE <= len(text) <= _LONGEST_SENTENCE and text.endswith(("。", "」", "。」")):
            yield Quotation(passage.id, text, passage.section)


def _find_sections(document: Document, passages: Sequence[Passage]) -> Iterator[OutlinedSection]:
    seen = set[tuple[str, ...]]()
    for passage in passages:
        headings = own_headings(document, passage)[:_DEEPEST]
        for depth, heading in enumerate(headings):
            path = headings[: depth + 1]
            if path not in seen and len(heading) <= _LONGEST_HEADING and not _NO_CONTENT_HEADING.search(heading):
                yield OutlinedSection(heading, depth, passage.id)
            seen.add(path)


def _find_targets(table: Table) -> Iterator[StatedTarget]:
    """Yield the latest target of each row of a table that has a column of targets."""
    labelled = label_rows([row.passage for row in table.rows])
    columns = labelled.columns_of_role(Role.TARGET) if labelled else ()
    for row in labelled.items if labelled and columns else ():
        value = row.text(columns[-1]).strip()
        if value and row.label:
            yield StatedTarget(row.label, value, columns[-1].name, row.passage.id)
