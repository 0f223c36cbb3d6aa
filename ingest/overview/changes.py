"""Compares the overviews of a document and the one before it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ingest.documents import Document
from ingest.japanese import nfkc
from ingest.japanese.characters import normalise_without_spaces
from ingest.japanese.lexicon import load_lexicon
from ingest.japanese.markers import strip_heading_number
from ingest.japanese.notation import COUNT, ERA
from ingest.metadata.validity import published_on
from ingest.overview.outline import DocumentOverview, OutlinedSection, Quotation, StatedTarget

# What distinguishes the issues of one plan in their titles: 第3次, 令和8年度, 2.0, 改定版.
_ISSUE = re.compile(
    rf"第{COUNT}[次期版回]|(?:{ERA})(?:元|\d+)年度?版?|20\d\d年?度?|\d+(?:\.\d+)?|新|旧|改[訂定]版?|後期|前期|中間|[()~\-・\s]"
)

_WORDS = load_lexicon("overview")
_PRINCIPLE = re.compile("|".join(_WORDS["principle_headings"]))
_FRAME = re.compile(f"^(?:{'|'.join(_WORDS['frame_headings'])})$")
# A longer heading with such a word (目的別の相談窓口) is a measure.
_STRUCTURE = re.compile(f"^.{{0,4}}(?:{'|'.join((*_WORDS['purpose_headings'], *_WORDS['point_headings']))})$")


@dataclass(frozen=True, slots=True)
class OverviewChanges:
    """What changed from one document to the next, by headings and indicators.

    `principles` and `targets` have the old and the new statement or target of what both have; headings that every plan
    has are left out.
    """

    added: tuple[OutlinedSection, ...]
    removed: tuple[OutlinedSection, ...]
    kept: tuple[OutlinedSection, ...]
    principles: tuple[tuple[Quotation, Quotation], ...]
    targets: tuple[tuple[StatedTarget, StatedTarget], ...]
    added_targets: tuple[StatedTarget, ...]
    removed_targets: tuple[StatedTarget, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was added or removed and no target differs."""
        differ = any(old.value != new.value for old, new in self.targets)
        return not (
            self.principles or self.added or self.removed or differ or self.added_targets or self.removed_targets
        )


def compare_overviews(old: DocumentOverview, new: DocumentOverview) -> OverviewChanges:
    """Return the sections and targets that `new` adds, drops and keeps."""
    olds, news = _by_heading(old.sections), _by_heading(new.sections)
    before, after = _by_indicator(old.targets), _by_indicator(new.targets)
    return OverviewChanges(
        added=tuple(section for key, section in news.items() if key not in olds),
        removed=tuple(section for key, section in olds.items() if key not in news),
        kept=tuple(section for key, section in news.items() if key in olds),
        principles=tuple(_changed_principles(old, new)),
        targets=tuple((before[key], target) for key, target in after.items() if key in before),
        added_targets=tuple(target for key, target in after.items() if key not in before),
        removed_targets=tuple(target for key, target in before.items() if key not in after),
    )


def find_previous(document: Document, documents: Sequence[Document]) -> Document | None:
    """Return the document that this one replaces, None where it is not among `documents`.

    Without `supersedes` in the manifest it is the next earlier one of the same issuer whose title differs only in
    number, year or edition.
    """
    declared = [other for other in documents if other.id in document.supersedes]
    if declared or document.supersedes:
        return next(iter(declared), None)
    name, own = _base_title(document), _issue_order(document)
    if not name or own is None:
        return None
    earlier = [
        (order, other)
        for other in documents
        if other.id != document.id
        and other.issuer == document.issuer
        and _base_title(other) == name
        and (order := _issue_order(other)) is not None
        and order < own
    ]
    return max(earlier, key=lambda pair: pair[0])[1] if earlier else None


def _base_title(document: Document) -> str:
    return _ISSUE.sub("", normalise_without_spaces(nfkc(document.title)))


def _issue_order(document: Document) -> tuple[float, float] | None:
    """Return what orders the issues of a plan: the numbers of the title, then the day of publication."""
    numbers = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", nfkc(document.title))]
    published = published_on(document)
    if not numbers and published is None:
        return (0.0, 0.0) if document.title else None
    return (numbers[0] if numbers else 0.0, float(published.toordinal()) if published else 0.0)


def _changed_principles(old: DocumentOverview, new: DocumentOverview) -> Iterator[tuple[Quotation, Quotation]]:
    olds, news = ({one.heading: one for one in reversed(each.points)} for each in (old, new))
    before = {_key(heading): one for heading, one in olds.items() if _PRINCIPLE.search(heading)}
    for heading, one in news.items():
        earlier = before.get(_key(heading))
        if earlier and _key(earlier.text) != _key(one.text):
            yield earlier, one


def _key(text: str) -> str:
    return normalise_without_spaces(strip_heading_number(nfkc(text)))


def _by_heading(sections: Iterable[OutlinedSection]) -> dict[str, OutlinedSection]:
    return {key: one for one in sections if not _is_frame(key := _key(one.heading))}


def _is_frame(heading: str) -> bool:
    """Whether a heading is one that every plan has, which is no measure of its own."""
    return bool(_FRAME.match(heading) or _STRUCTURE.match(heading))


def _by_indicator(targets: Iterable[StatedTarget]) -> dict[str, StatedTarget]:
    return {normalise_without_spaces(target.indicator): target for target in targets}
