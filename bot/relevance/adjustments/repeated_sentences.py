"""Adds what the plan in force repeats of an older plan's hits."""

from dataclasses import replace

from bot.question.query import Query
from bot.relevance.adjustments.ranking import Ranking


def add_repeated_sentences(ranking: Ranking, query: Query) -> Ranking:
    """Add the passages of preferred documents that share a sentence with a hit of another document, at its score.

    An older plan's passage may have more of the question's words around the same sentence.
    """
    preferred = query.scope.preferred
    repeated = {
        passage.id: replace(hit, passage=passage)
        for hit in reversed(ranking.hits)
        if hit.passage.doc_id not in preferred
        for passage in ranking.catalogue.shared_sentences.find(hit.passage, preferred)
    }
    return ranking.with_hits(repeated)
