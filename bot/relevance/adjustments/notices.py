"""Prefers the latest issue of a recurring notice (decision 020)."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from bot.relevance.adjustments.adjusted_ranking import Ranking
from bot.state import ScoredPassage
from bot.state.query import Query
from ingest.japanese import nfkc
from ingest.japanese.dates import named_months
from ingest.japanese.tokenise import words

# The share of an earlier issue's probability that the later one needs (.1 to .4 give the same answers: decision 020).
_MIN_PROBABILITY_SHARE = 0.25


def replace_earlier_notices(ranking: Ranking, query: Query) -> Ranking:
    """Replace earlier issues by the latest one that is about as relevant, with the highest probability among them.

    Nothing changes if the question names a document or asks about the past.
    """
    if query.scope.named or query.asks_about_past:
        return ranking
    scored = {passage.hit.passage.id: passage for passage in ranking.passages}
    later: dict[str, str] = {}
    for passage_id, passage in scored.items():
        if match := _find_later(passage, scored, ranking, query):
            later[passage_id] = match
    # Replacements do not chain.
    replaced = {earlier: match for earlier, match in later.items() if match not in later}
    if not replaced:
        return ranking
    probability = {passage_id: passage.probability for passage_id, passage in scored.items()}
    for earlier, match in replaced.items():
        probability[match] = max(probability[match], probability[earlier])
    remaining = [
        replace(scored[passage_id], probability=probability[passage_id])
        for passage_id in scored.keys() - replaced.keys()
    ]
    hits = tuple(hit for hit in ranking.hits if hit.passage.id not in replaced)
    return replace(ranking, hits=hits).with_scored(remaining)


def _find_later(
    earlier: ScoredPassage, scored: Mapping[str, ScoredPassage], ranking: Ranking, query: Query
) -> str | None:
    doc_ids = query.scope.allowed - query.scope.later
    for issue in ranking.catalogue.recurring_notices.find_later(earlier.hit.passage, doc_ids):
        passages = [scored[passage_id] for passage_id in issue if passage_id in scored]
        relevant = [passage for passage in passages if _is_as_relevant(passage, earlier, query)]
        if relevant:
            best = max(relevant, key=lambda passage: (passage.probability, passage.hit.passage.id))
            return best.hit.passage.id
    return None


def _is_as_relevant(later: ScoredPassage, earlier: ScoredPassage, query: Query) -> bool:
    """Whether a later issue is about as likely, matches as many terms, and has the months that the question names.

    False if the question names a date.
    """
    if later.probability < _MIN_PROBABILITY_SHARE * earlier.probability or query.dates:
        return False
    if not query.months <= named_months(_text_with_headings(later)):
        return False
    return _matched_weight(later, query) >= _matched_weight(earlier, query)


def _matched_weight(passage: ScoredPassage, query: Query) -> float:
    passage_words = _words(_text_with_headings(passage))
    return sum(term.weight for term in query.terms if term.text in passage_words and not term.is_interrogative)


@lru_cache(maxsize=1024)
def _words(text: str) -> frozenset[str]:
    return frozenset(words(text))


def _text_with_headings(passage: ScoredPassage) -> str:
    return nfkc("\n".join((*passage.hit.passage.path, passage.hit.passage.text)))
