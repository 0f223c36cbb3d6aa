"""Adds to an answer that quotes a provision's former text what an amendment made of it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from bot.answers.amendments.amended_provision import join_words, place_name
from bot.state import Message, Source, Turn, message, paragraph
from ingest.amendments.consolidation import Consolidation, Consolidations, Version
from ingest.amendments.history import changed_words, find_counterpart
from ingest.amendments.provisions import Provision
from ingest.japanese import normalise_without_spaces


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
        found = dict.fromkeys(
            notice for source in draft.sources for notice in self._notices(source, turn.effective_day)
        )
        notices = tuple(paragraph(notice) for notice in found)
        return turn.with_draft(replace(draft, notices=(*draft.notices, *notices))) if notices else turn

    def _notices(self, source: Source, day: date) -> Iterator[Message]:
        for doc_id in self._consolidations.bases_of(source.passage.doc_id):
            consolidation = self._consolidations.find(doc_id)
            for key in consolidation.changed_keys() if consolidation else ():
                if consolidation and (notice := _notice(consolidation, consolidation.versions(key), source, day)):
                    yield notice


def _notice(consolidation: Consolidation, versions: tuple[Version, ...], source: Source, day: date) -> Message | None:
    """Return what became of the quoted part of a provision; None where the quote is its text on the day."""
    current = next((version for version in versions if version.is_on(day)), None)
    if current is None or current.first is None or not current.results:
        return None
    for version in versions:
        for part in version.provision.walk() if version is not current and version.provision else ():
            if version.provision is None or not _is_quoted(part, source):
                continue
            now = find_counterpart(part, version.provision, current.provision) if current.provision else None
            pairs = changed_words(part.text, now.text) if now else []
            if pairs:
                return message(
                    "amended_since_quoted",
                    title=consolidation.document.title,
                    place=place_name(version.provision, version.provision),
                    date=current.first.isoformat(),
                    new=join_words(new for _, new in pairs),
                )
    return None


def _is_quoted(part: Provision, source: Source) -> bool:
    """Whether a source quotes a part of a provision, at least its beginning."""
    own = [quote for quote in part.quotes if quote.passage_id == source.passage.id]
    text = normalise_without_spaces(part.text)
    if not own or not text:
        return False
    first_cell = text if "\t" not in part.text else normalise_without_spaces(part.text.split("\t")[0])
    return first_cell[:20] in normalise_without_spaces(source.quote)
