"""Compares a document with the one before it: sections, statements, targets and the items of lists."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ingest.documents import Document
from ingest.japanese import nfkc, normalise_without_spaces
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.markers import strip_heading_number
from ingest.japanese.notation import COUNT, ERA
from ingest.japanese.tokenise import LIGHT_WORDS, morphemes
from ingest.metadata.validity import published_on
from ingest.overview.aspects import PlanItem
from ingest.overview.outline import DocumentOverview, OutlinedSection, Quotation, StatedTarget

_Part = TypeVar("_Part")

# What distinguishes the issues of one plan in their titles: 第3次, 令和8年度, 2.0, 改定版.
_ISSUE = re.compile(
    any_of(
        (
            rf"第{COUNT}[次期版回]",
            rf"(?:{ERA})(?:元|\d+)年度?版?",
            r"20\d\d年?度?",
            r"\d+(?:\.\d+)?",
            r"新|旧|改[訂定]版?|後期|前期|中間",
            r"[()~\-・\s]",
        )
    )
)
_WORDS = load_lexicon("overview")
_PRINCIPLE_HEADING = re.compile(any_of(_WORDS["principle_headings"]))
# Headings that every plan has and that are no measures; a longer one with such a word (目的別の相談窓口) is a measure.
_COMMON_HEADING = re.compile(
    f"^{any_of(_WORDS['frame_headings'])}$|^.{{0,4}}{any_of((*_WORDS['purpose_headings'], *_WORDS['point_headings']))}$"
)
# Share of the content words that two sentences have in common if they state the same.
_MIN_SHARED_WORDS = 0.5
_CONTENT_POS = frozenset({"名詞", "動詞", "形容詞"})


@dataclass(frozen=True, slots=True)
class Changes(Generic[_Part]):
    """Parts of two documents that correspond to each other.

    Attributes:
        added: parts that only the new document has.
        removed: parts that only the old document has.
        kept: the old and the new form of each part that both have.
    """

    added: tuple[_Part, ...]
    removed: tuple[_Part, ...]
    kept: tuple[tuple[_Part, _Part], ...]


@dataclass(frozen=True, slots=True)
class OverviewChanges:
    """What changed from one document to the next.

    Attributes:
        sections: sections compared by heading, without the headings that every plan has.
        principles: the old and the new statement of each principle that was worded anew.
        targets: targets compared by indicator.
    """

    sections: Changes[OutlinedSection]
    principles: tuple[tuple[Quotation, Quotation], ...]
    targets: Changes[StatedTarget]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was added, removed or worded anew, and no target differs."""
        has_new_value = any(old.value != new.value for old, new in self.targets.kept)
        has_other_parts = any(changes.added or changes.removed for changes in (self.sections, self.targets))
        return not (self.principles or has_new_value or has_other_parts)


def compare_overviews(old: DocumentOverview, new: DocumentOverview) -> OverviewChanges:
    """Return the sections, principles and targets that `new` adds, drops and keeps."""
    return OverviewChanges(
        sections=_compare_by_key(_sections_by_heading(old), _sections_by_heading(new)),
        principles=tuple(_changed_principles(old, new)),
        targets=_compare_by_key(_targets_by_indicator(old), _targets_by_indicator(new)),
    )


def compare_items(old: Sequence[PlanItem], new: Sequence[PlanItem]) -> Changes[PlanItem]:
    """Return the items of two lists, matched by name, sentences also by their words."""
    unmatched = list(old)
    added, kept = list[PlanItem](), list[tuple[PlanItem, PlanItem]]()
    for item in new:
        earlier = next((other for other in unmatched if other.key == item.key), None) or _most_similar(item, unmatched)
        if earlier is None:
            added.append(item)
        else:
            unmatched.remove(earlier)
            kept.append((earlier, item))
    return Changes(tuple(added), tuple(unmatched), tuple(kept))


def find_previous(document: Document, documents: Sequence[Document]) -> Document | None:
    """Return the document that this one replaces, None if it is not among `documents`.

    Without `supersedes` in the manifest it is the next earlier one of the same issuer whose title differs only in
    number, year or edition.
    """
    declared = [other for other in documents if other.id in document.supersedes]
    if declared or document.supersedes:
        return next(iter(declared), None)
    title, order = _title_without_issue(document), _issue_order(document)
    if not title or order is None:
        return None
    earlier = [
        (other_order, other)
        for other in documents
        if other.id != document.id
        and other.issuer == document.issuer
        and _title_without_issue(other) == title
        and (other_order := _issue_order(other)) is not None
        and other_order < order
    ]
    return max(earlier, key=lambda pair: pair[0])[1] if earlier else None


def _compare_by_key(old: Mapping[str, _Part], new: Mapping[str, _Part]) -> Changes[_Part]:
    return Changes(
        added=tuple(part for key, part in new.items() if key not in old),
        removed=tuple(part for key, part in old.items() if key not in new),
        kept=tuple((old[key], part) for key, part in new.items() if key in old),
    )


def _most_similar(item: PlanItem, others: Iterable[PlanItem]) -> PlanItem | None:
    if not item.name.endswith("。"):
        return None
    words = _content_words(item.name)

    def shared(other: PlanItem) -> float:
        other_words = _content_words(other.name)
        return len(words & other_words) / max(1, min(len(words), len(other_words)))

    best = max(others, key=shared, default=None)
    return best if best and shared(best) >= _MIN_SHARED_WORDS else None


def _content_words(text: str) -> frozenset[str]:
    return frozenset(
        morpheme.normal
        for morpheme in morphemes(nfkc(text))
        if morpheme.is_content
        and morpheme.pos[0] in _CONTENT_POS
        and morpheme.pos[1] != "数詞"
        and morpheme.normal not in LIGHT_WORDS
    )


def _title_without_issue(document: Document) -> str:
    return _ISSUE.sub("", normalise_without_spaces(nfkc(document.title)))


def _issue_order(document: Document) -> tuple[float, float] | None:
    numbers = re.findall(r"\d+(?:\.\d+)?", nfkc(document.title))
    published = published_on(document)
    if not numbers and published is None:
        return (0.0, 0.0) if document.title else None
    return (float(numbers[0]) if numbers else 0.0, float(published.toordinal()) if published else 0.0)


def _changed_principles(old: DocumentOverview, new: DocumentOverview) -> Iterator[tuple[Quotation, Quotation]]:
    old_points = {point.heading: point for point in reversed(old.points)}
    new_points = {point.heading: point for point in reversed(new.points)}
    old_principles = {
        _comparison_key(heading): point for heading, point in old_points.items() if _PRINCIPLE_HEADING.search(heading)
    }
    for heading, point in new_points.items():
        earlier = old_principles.get(_comparison_key(heading))
        if earlier and _comparison_key(earlier.text) != _comparison_key(point.text):
            yield earlier, point


def _comparison_key(text: str) -> str:
    return normalise_without_spaces(strip_heading_number(nfkc(text)))


def _sections_by_heading(overview: DocumentOverview) -> dict[str, OutlinedSection]:
    sections = {_comparison_key(section.heading): section for section in overview.sections}
    return {heading: section for heading, section in sections.items() if not _COMMON_HEADING.match(heading)}


def _targets_by_indicator(overview: DocumentOverview) -> dict[str, StatedTarget]:
    return {normalise_without_spaces(target.indicator): target for target in overview.targets}
