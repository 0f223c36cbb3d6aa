"""Adds to an answer the rules that change what it states, and the provisions and notes that its words name."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from bot.relevance.catalogue import DocumentCatalogue
from bot.rendering.source_line import build_source_line
from bot.state import Draft, Excerpt, Source, Status, Turn, paragraph, service_message
from bot.state.length_budget import TARGET_EXCERPT_LENGTH
from bot.verification.statement_check import CITED
from ingest.documents import Passage
from ingest.japanese import nfkc, normalise_without_spaces
from ingest.provisions.references import Reference, References

# Rules, and named provisions, that are added to an answer.
_MAX_RULES = 3
_MAX_NAMED = 2
# A named table with more rows is shown only by those rows that were found for the question.
_MAX_ROWS = 3


class ReferenceStep:
    """The step that appends references to an answer; one whose rules are not all shown is not sure."""

    def __init__(
        self, references: References, catalogue: DocumentCatalogue, find_passage: Callable[[str], Passage]
    ) -> None:
        self._references = references
        self._catalogue = catalogue
        self._find_passage = find_passage

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with the excerpts of what belongs to the sources of its draft, after the answer itself."""
        draft = turn.draft
        if draft is None or draft.status not in CITED or draft.is_curated:
            return turn
        rules = self._find_rules(draft)
        shown = [source for source in rules[:_MAX_RULES] if not source.passage.withheld]
        if draft.status is Status.ANSWERED and len(shown) < len(rules):
            draft = replace(draft, status=Status.PARTIAL)
        named = self._find_named(draft, turn) if draft.is_extractive else iter(())
        added = [*shown, *(source for source in named if source not in shown)]
        if not added:
            return turn.with_draft(draft)
        excerpts = (self._excerpt(source, n) for n, source in enumerate(added, len(draft.sources) + 1))
        parts = (*draft.parts, paragraph(service_message("references")), *excerpts)
        return turn.with_draft(replace(draft, parts=parts, sources=(*draft.sources, *added)))

    def _find_rules(self, draft: Draft) -> list[Source]:
        references = (one for source in draft.sources for one in self._references.of(source.passage))
        rules = dict.fromkeys(one.quote for one in references if not one.mention)
        sources = (self._source(Reference(quote, "")) for quote in rules)
        return [source for source in sources if not _is_shown(source, draft)]

    def _find_named(self, draft: Draft, turn: Turn) -> Iterator[Source]:
        """Yield what the words of the first source name."""
        first = draft.sources[0] if draft.sources else None
        by_mention: dict[str, list[Source]] = {}
        for reference in self._references.of(first.passage) if first else ():
            if first and reference.mention and reference.mention in nfkc(first.quote):
                by_mention.setdefault(reference.mention, []).append(self._source(reference))
        found = {hit.passage.id for hit in turn.hits}
        left = _MAX_NAMED
        for sources in by_mention.values():
            several = len(sources) > _MAX_ROWS
            for source in (source for source in sources if not several or source.passage.id in found):
                if left and not _is_shown(source, draft) and not source.passage.withheld:
                    left -= 1
                    yield source

    def _source(self, reference: Reference) -> Source:
        passage = self._find_passage(reference.quote.passage_id)
        return Source(passage, passage.text[reference.quote.start : reference.quote.end][:TARGET_EXCERPT_LENGTH])

    def _excerpt(self, source: Source, number: int) -> Excerpt:
        document = self._catalogue.documents[source.passage.doc_id]
        line = build_source_line(document, source.passage.path, is_older=False, with_issuer=False)
        ellipses = ("", "…" if len(source.quote) == TARGET_EXCERPT_LENGTH else "")
        return Excerpt(number, line, source.quote, (0, len(source.quote)), ellipses)


def _is_shown(source: Source, draft: Draft) -> bool:
    words = normalise_without_spaces(source.quote)
    of_passage = (other.quote for other in draft.sources if other.passage.id == source.passage.id)
    return any(words in normalise_without_spaces(quote) for quote in of_passage)
