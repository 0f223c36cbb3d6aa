"""The overview of a document as its page shows it: each sentence with a link to its passage."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.runtime.service_interface import AnswerService, DocumentState
from ingest.documents import Document
from ingest.japanese.markers import strip_heading_number
from ingest.overview import DocumentOverview, OutlinedSection, OverviewChanges, compare_overviews, find_previous

# Sentences about the document that the box shows.
_MAX_POINTS = 6
# Headings of added sections, and as many of removed ones.
_MAX_CHANGES = 8
_MAX_TARGETS = 8

FindAddress = Callable[[str, str], str]
"""Returns the address of a passage, by the ids of its document and of itself."""


@dataclass(frozen=True, slots=True)
class LinkedText:
    """Verbatim words with the address of their passage."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class ComparedTarget:
    """An indicator with its target in the earlier document and in this one.

    `earlier` is "" if the indicator is new or there is no earlier document, `current` is "" if it was dropped.
    """

    indicator: str
    earlier: str
    current: str
    address: str


@dataclass(frozen=True, slots=True)
class OverviewBox:
    """The purpose, main points and targets of a document, and what changed from the `previous` document."""

    purpose: LinkedText | None
    points: tuple[LinkedText, ...]
    targets: tuple[ComparedTarget, ...]
    previous: Document | None = None
    added: tuple[LinkedText, ...] = ()
    removed: tuple[LinkedText, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.purpose or self.points or self.targets or self.added or self.removed)


def make_overview_box(service: AnswerService, state: DocumentState, address: FindAddress) -> OverviewBox:
    """Return the box of a document."""
    document = state.document
    overview = service.overview(document.id)
    previous = find_previous(document, [other.document for other in service.documents()])
    earlier = service.overview(previous.id) if previous else DocumentOverview("")
    changes = compare_overviews(earlier, overview)

    def link(doc_id: str, passage_id: str, text: str) -> LinkedText:
        return LinkedText(text, address(doc_id, passage_id))

    def headings(doc_id: str, sections: tuple[OutlinedSection, ...]) -> tuple[LinkedText, ...]:
        subsections = [section for section in sections if section.depth > 0] or sections
        return tuple(
            link(doc_id, section.passage_id, strip_heading_number(section.heading))
            for section in subsections[:_MAX_CHANGES]
        )

    purpose = overview.purpose
    return OverviewBox(
        purpose=link(document.id, purpose.passage_id, purpose.text) if purpose else None,
        points=tuple(link(document.id, point.passage_id, point.text) for point in overview.points[:_MAX_POINTS]),
        targets=tuple(_compare_targets(document, previous, changes, address))[:_MAX_TARGETS],
        previous=previous,
        added=headings(document.id, changes.sections.added) if previous else (),
        removed=headings(previous.id, changes.sections.removed) if previous else (),
    )


def _compare_targets(
    document: Document, previous: Document | None, changes: OverviewChanges, address: FindAddress
) -> Iterator[ComparedTarget]:
    for old, new in changes.targets.kept:
        yield ComparedTarget(new.indicator, old.value, new.value, address(document.id, new.passage_id))
    for target in changes.targets.added:
        yield ComparedTarget(target.indicator, "", target.value, address(document.id, target.passage_id))
    if previous:
        for target in changes.targets.removed:
            yield ComparedTarget(target.indicator, target.value, "", address(previous.id, target.passage_id))
