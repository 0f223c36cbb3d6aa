"""The overview of a document as its page shows it: each sentence with a link to its passage."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.runtime.service_interface import AnswerService, DocumentState
from ingest.documents import Document
from ingest.japanese.markers import strip_heading_number
from ingest.overview import DocumentOverview, OutlinedSection, OverviewChanges, compare_overviews, find_previous

# Points, headings and targets in the box.
_MAX_POINTS, _MAX_CHANGES, _MAX_TARGETS = 6, 8, 8

FindAddress = Callable[[str, str], str]
"""Returns the address of a passage, by the ids of its document and of itself."""


@dataclass(frozen=True, slots=True)
class LinkedText:
    """Verbatim words with the address of their passage."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class ComparedTarget:
    """An indicator with its target before, "" for none or without an earlier plan, and now, "" where it was dropped."""

    indicator: str
    before: str
    now: str
    address: str


@dataclass(frozen=True, slots=True)
class OverviewBox:
    """What a document is for, its points and targets, and what changed from the `previous` document."""

    purpose: LinkedText | None
    points: tuple[LinkedText, ...]
    targets: tuple[ComparedTarget, ...]
    previous: Document | None = None
    added: tuple[LinkedText, ...] = ()
    removed: tuple[LinkedText, ...] = ()

    def __bool__(self) -> bool:
        """Whether it says anything."""
        return bool(self.purpose or self.points or self.targets or self.added or self.removed)


def make_overview_box(service: AnswerService, state: DocumentState, address: FindAddress) -> OverviewBox:
    """Return the box of a document."""
    document, overview = state.document, service.overview(state.document.id)
    previous = find_previous(document, [other.document for other in service.documents()])
    earlier = service.overview(previous.id) if previous else DocumentOverview("")
    changes = compare_overviews(earlier, overview)

    def link(doc_id: str, passage_id: str, text: str) -> LinkedText:
        return LinkedText(text, address(doc_id, passage_id))

    def headings(doc_id: str, sections: tuple[OutlinedSection, ...]) -> tuple[LinkedText, ...]:
        measures = [one for one in sections if one.depth > 0] or sections
        return tuple(link(doc_id, one.passage_id, strip_heading_number(one.heading)) for one in measures[:_MAX_CHANGES])

    said = overview.purpose
    return OverviewBox(
        link(document.id, said.passage_id, said.text) if said else None,
        tuple(link(document.id, one.passage_id, one.text) for one in overview.points[:_MAX_POINTS]),
        tuple(_targets(document, previous, changes, address))[:_MAX_TARGETS],
        previous,
        headings(document.id, changes.sections.added) if previous else (),
        headings(previous.id, changes.sections.removed) if previous else (),
    )


def _targets(
    document: Document, previous: Document | None, changes: OverviewChanges, address: FindAddress
) -> list[ComparedTarget]:
    targets = [
        ComparedTarget(new.indicator, old.value, new.value, address(document.id, new.passage_id))
        for old, new in changes.targets.kept
    ]
    targets += [
        ComparedTarget(one.indicator, "", one.value, address(document.id, one.passage_id))
        for one in changes.targets.added
    ]
    if previous:
        targets += [
            ComparedTarget(one.indicator, one.value, "", address(previous.id, one.passage_id))
            for one in changes.targets.removed
        ]
    return targets
