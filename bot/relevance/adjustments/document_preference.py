"""Ranks passages by the version of their document: in force, superseded, published later, compared."""

from dataclasses import replace
from functools import lru_cache

from bot.relevance.adjustments.adjusted_ranking import Ranking
from bot.state.query import Query
from ingest.documents import Document, Passage
from ingest.japanese import DateMention, dates, nfkc
from ingest.japanese.markers import strip_heading_number
from ingest.japanese.reference_day import ReferenceDay, reference_days
from ingest.metadata.validity import published_on


def states_day(passage: Passage, document: Document, day: ReferenceDay) -> bool:
    """Whether a passage or its headings name the day in a question, or a time within it.

    A longer time counts only if both end together (令和5年度末, 2024年3月末), because a later document names the
    current year for many reasons. Days without year count before 現在 and 時点.
    """
    return any(_is_within(stated, day.time) for stated in _times(passage, document))


def _is_within(stated: DateMention, requested: DateMention) -> bool:
    if requested.covers(stated):
        return True
    return stated.overlaps(requested) and (stated.granularity == "month" or stated.last == requested.last)


@lru_cache(maxsize=1024)
def _times(passage: Passage, document: Document) -> tuple[DateMention, ...]:
    columns = (cell.column for cell in passage.cells)
    text = nfkc("\n".join((document.title, *passage.path, passage.text, *columns, *passage.notes)))
    published = published_on(document)
    without_year = (day.time for day in reference_days(text, published) if not day.has_year) if published else ()
    return (*dates(text), *without_year)


# The factor for a document that is not preferred. At twice this and the next figure, both documents are shown; at a
# sixth, what only the later one states is lost (decision 018).
_NOT_PREFERRED_FACTOR = 0.6
# The factor for a later document if the question asks for an older one.
_LATER_FACTOR = 0.19


def drop_later_documents(ranking: Ranking, query: Query) -> Ranking:
    """Drop passages of documents published after the day in the question, unless they state something of that day.

    A report of July states the population of the last of March; a notice of July does not tell what held in March
    (decision 070).
    """
    day = query.scope.day
    later = query.scope.later
    if day is None or not later:
        return ranking
    documents = ranking.catalogue.documents
    hits = [
        hit
        for hit in ranking.hits
        if hit.passage.doc_id not in later or states_day(hit.passage, documents[hit.passage.doc_id], day)
    ]
    return replace(ranking, hits=tuple(hits))


def prefer_current_plan(ranking: Ranking, query: Query) -> Ranking:
    """Lower the weight of documents that are not preferred: superseded ones, or later ones than asked for."""
    preferred = query.scope.preferred
    asks_for_older = all(ranking.catalogue.is_superseded(doc_id, query.scope) for doc_id in preferred)
    factor = _LATER_FACTOR if asks_for_older else _NOT_PREFERRED_FACTOR
    return ranking.reweighted(
        {
            scored.hit.passage.id: factor * ranking.weight(scored)
            for scored in ranking.passages
            if scored.hit.passage.doc_id not in preferred
        }
    )


def place_compared_document(ranking: Ranking, query: Query) -> Ranking:
    """In a comparison, put the other document's passage under the same heading second, or else its best passage."""
    compared = query.scope.required
    if not compared or len(ranking.passages) == 1:
        return ranking
    first, *others = ranking.passages
    in_other = [scored for scored in others if scored.hit.passage.doc_id in compared - {first.hit.passage.doc_id}]
    heading = strip_heading_number(first.hit.passage.section)
    best = max((ranking.weight(scored) for scored in in_other), default=0.0)
    under_heading = [
        scored
        for scored in in_other
        if heading
        and ranking.is_nearly_best(scored, best)
        and strip_heading_number(scored.hit.passage.section) == heading
    ]
    return ranking.with_leading((under_heading or in_other or others)[0])


def place_older_alternative(ranking: Ranking, query: Query) -> Ranking:
    """Put a passage of a document that is not preferred second, if it is at least as likely as the first."""
    if query.scope.required or ranking.leading > 1:
        return ranking
    first, *others = ranking.passages
    older = [
        scored
        for scored in others
        if scored.hit.passage.doc_id not in query.scope.preferred
        and ranking.is_nearly_best(scored)
        and scored.probability >= first.probability
    ]
    return ranking.with_leading(older[0]) if older else ranking
