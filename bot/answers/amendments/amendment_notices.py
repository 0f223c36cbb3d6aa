"""Adds to an answer that quotes a provision's former text what an amendment made of it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from bot.answers.amendments.amended_provision import join_words, place_name
from bot.state import ServiceMessage, Source, Turn, paragraph, service_message
from ingest.amendments.consolidation import Consolidation, Consolidations
from ingest.amendments.history import changed_words, find_counterpart
from ingest.amendments.provisions import Provision
from ingest.japanese import normalise_without_spaces

# Characters of a provision by which its quote is recognised.
_BEGINNING_LENGTH = 20


class AmendmentNotices:
    """The step that adds notices to drafts, of whatever answerer or language model."""

    def __init__(self, consolidations: Consolidations) -> None:
        self._consolidations = consolidations

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with a notice for each cited provision whose text of the day is another one."""
        draft = turn.draft
        if draft is None or not draft.sources or not self._consolidations.links:
            return turn
        if any(source.is_amended for source in draft.sources):  # such an answer states the text of the day itself
            return turn
        messages = (notice for source in draft.sources for notice in self._notices(source, turn.effective_day))
        notices = tuple(map(paragraph, dict.fromkeys(messages)))
        return turn.with_draft(replace(draft, notices=(*draft.notices, *notices))) if notices else turn

    def _notices(self, source: Source, day: date) -> Iterator[ServiceMessage]:
        for doc_id in self._consolidations.bases_of(source.passage.doc_id):
            consolidation = self._consolidations.find(doc_id)
            if consolidation is None:
                continue
            notices = (_notice(consolidation, key, source, day) for key in consolidation.changed_keys())
            yield from filter(None, notices)


def _notice(consolidation: Consolidation, key: int, source: Source, day: date) -> ServiceMessage | None:
    versions = consolidation.versions(key)
    current = next((version for version in versions if version.is_on(day)), None)
    if current is None or current.first is None or not current.results or current.provision is None:
        return None
    others = (version.provision for version in versions if version is not current)
    for provision in filter(None, others):
        for part in provision.walk():
            counterpart = find_counterpart(part, provision, current.provision) if _is_quoted(part, source) else None
            changes = changed_words(part.text, counterpart.text) if counterpart else []
            if changes:
                return service_message(
                    "amended_since_quoted",
                    title=consolidation.document.title,
                    place=place_name(provision, provision),
                    date=current.first.isoformat(),
                    new=join_words(new for _, new in changes),
                )
    return None


def _is_quoted(part: Provision, source: Source) -> bool:
    beginning = normalise_without_spaces(part.text.split("\t")[0])[:_BEGINNING_LENGTH]
    is_in_passage = any(quote.passage_id == source.passage.id for quote in part.quotes)
    return bool(part.text.strip()) and is_in_passage and beginning in normalise_without_spaces(source.quote)
