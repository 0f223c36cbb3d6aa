"""Adds to an answer the rules that change what it states, and the provisions and notes that its words name."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date
from itertools import islice

from bot.kinds.references.compile import References
from bot.rendering.source_line import build_source_line
from bot.state import CITED, Draft, Excerpt, Part, Source, Status, Turn, paragraph, renumber_citations, service_message
from bot.state.length_budget import TARGET_EXCERPT_LENGTH
from ingest.documents import Document
from ingest.index.index import Index
from ingest.japanese import nfkc, normalise_without_spaces

# Rules, and named provisions, that are added to an answer.
_MAX_RULES = 3
_MAX_NAMED = 2
# A named table with more rows is shown only by those rows that were found for the question.
_MAX_ROWS = 3


class ReferenceStep:
    """The step that adds references to an answer; one whose rules are not all shown is not sure."""

    def __init__(self, index: Index) -> None:
        self._references = References(index.folder, index.by_id)
        self._index = index

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with the excerpts of what belongs to its draft: amendments before what they amend."""
        draft = turn.draft
        if draft is None or draft.status not in CITED or draft.is_curated:
            return turn
        day = turn.effective_day
        rules = list(dict.fromkeys(found for source in draft.sources for found in self._find(source, draft, day)))
        documents = self._index.by_id
        cited = {source.passage.doc_id for source in draft.sources}
        amended = {doc_id for source in cited for doc_id in documents[source].amends}
        former = [source for source in rules if source.passage.doc_id in amended]
        if former:  # of the provisions that an amending document changes, the one that was asked about
            ranks = {hit.passage.id: rank for rank, hit in enumerate(turn.hits)}
            best = min(former, key=lambda source: ranks.get(source.passage.id, len(ranks)))
            rules = [source for source in rules if source not in former or (source is best and not cited & amended)]
        shown = rules[:_MAX_RULES]
        if draft.status is Status.ANSWERED and len(shown) < len(rules):
            draft = replace(draft, status=Status.PARTIAL)
        if draft.is_extractive and draft.sources:
            ids = {hit.passage.id for hit in turn.hits}
            named = self._find(draft.sources[0], draft, day, ids)
            shown += islice((source for source in named if source not in shown), _MAX_NAMED)
        newer = [
            source
            for source in shown
            if draft.is_extractive and cited.intersection(documents[source.passage.doc_id].amends)
        ]
        others = [source for source in shown if source not in newer]
        sources = (*newer, *draft.sources, *others)
        excerpts = [
            quote_source(n, source, documents[source.passage.doc_id], source.passage.path)
            for n, source in enumerate(sources, 1)
        ]
        body = [renumber_citations(part, lambda n: n + len(newer)) for part in draft.parts] if newer else draft.parts
        parts: list[Part] = [*excerpts[: len(newer)], *body]
        parts += (paragraph(service_message("references")), *excerpts[-len(others) :]) if others else ()
        return turn.with_draft(replace(draft, parts=tuple(parts), sources=sources))

    def _find(self, source: Source, draft: Draft, day: date, ids: Collection[str] | None = None) -> Iterator[Source]:
        """Yield the rules of a source that a draft does not show; with the `ids` of hits, what its words name."""
        references = self._references.of(source.passage, day)
        counts = Counter(mention for _, mention in references)
        for quote, mention in references:
            if bool(mention) != (ids is not None) or mention not in nfkc(source.quote):
                continue
            if ids is not None and counts[mention] > _MAX_ROWS and quote.passage_id not in ids:
                continue
            passage = self._index.passages[self._index.passage_row(quote.passage_id)]
            text = passage.text[quote.start : quote.end][:TARGET_EXCERPT_LENGTH]
            words = normalise_without_spaces(text)
            quotes = (other.quote for other in draft.sources if other.passage.id == passage.id)
            if not any(words in normalise_without_spaces(other) for other in quotes):
                yield Source(passage, text)


def quote_source(number: int, source: Source, document: Document, path: tuple[str, ...]) -> Excerpt:
    """Return the quote of a source as an excerpt under the line that names its document, and its heading by `path`."""
    line = build_source_line(document, path, is_older=False, with_issuer=False)
    ellipses = ("", "…" if len(source.quote) == TARGET_EXCERPT_LENGTH else "")
    return Excerpt(number, line, source.quote, (0, len(source.quote)), ellipses)
