"""Replaces earlier issues of a recurring notice by the latest one (decision 020)."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from bot.question.query import Query
from bot.relevance.adjustments.ranking import Ranking
from bot.relevance.recency import asks_about_past, named_months
from bot.state import Hit, ScoredPassage
from ingest.japanese import nfkc
from ingest.japanese.tokenise import words

# How far a later issue's search score may be below that of the hit (.5 to 2 give the same answers: decision 020).
_MAX_SCORE_DROP = 1.0
# The share of an earlier issue's probability that the later one needs (.1 to .4 give the same answers: decision 020).
_MIN_SHARE = 0.25


def add_later_notices(ranking: Ranking, query: Query) -> Ranking:
    """Add the latest later issue of each hit whose search score is about as good.

    Among dozens of similar issues, the latest may not be a hit. The case sets have too few issues to show it (decision
    055).
    """
    if ranking.candidates is None:
        return ranking
    later_notices = dict[str, Hit]()
    for hit in ranking.hits:
        issues = ranking.catalogue.recurring_notices.find_later(hit.passage, query.scope.allowed - query.scope.later)
        for later in map(ranking.candidates.best_of, issues):
            if later.score >= hit.score - _MAX_SCORE_DROP:
                later_notices[later.passage.id] = later
                break
    return ranking.with_hits(later_notices)


def replace_earlier_notices(ranking: Ranking, query: Query) -> Ranking:
    """Replace earlier issues by the latest one that is about as relevant, with the highest probability among them.

    Not where the question names a document or asks about the past.
    """
    if query.scope.named or asks_about_past(query):
        return ranking
    scored = {passage.hit.passage.id: passage for passage in ranking.passages}
    later = {
        earlier: match for earlier, passage in scored.items() if (match := _find_later(passage, scored, ranking, query))
    }
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
    """Return the id of the best passage of the latest issue that is about as relevant."""
    doc_ids = query.scope.allowed - query.scope.later
    for issue in ranking.catalogue.recurring_notices.find_later(earlier.hit.passage, doc_ids):
        known = (passage_id for passage_id in issue if passage_id in scored)
        relevant = [passage_id for passage_id in known if _is_as_relevant(scored[passage_id], earlier, query)]
        if relevant:
            return max(relevant, key=lambda passage_id: (scored[passage_id].probability, passage_id))
    return None


def _is_as_relevant(later: ScoredPassage, earlier: ScoredPassage, query: Query) -> bool:
    """Whether a later issue is about as likely, matches as many terms, and has the months that the question names.

    False where the question names a date.
    """
    if later.probability < _MIN_SHARE * earlier.probability or query.dates:
        return False
    if not named_months(query.topic) <= named_months(_text_with_headings(later)):
        return False
    return _matched_weight(later, query) >= _matched_weight(earlier, query)


def _matched_weight(passage: ScoredPassage, query: Query) -> float:
    """Return the weight of the question's terms in a passage and its headings."""
    own = _words(_text_with_headings(passage))
    return sum(term.weight for term in query.terms if term.text in own and not term.is_interrogative)


@lru_cache(maxsize=1024)
def _words(text: str) -> frozenset[str]:
    return frozenset(words(text))


def _text_with_headings(passage: ScoredPassage) -> str:
    return nfkc("\n".join((*passage.hit.passage.path, passage.hit.passage.text)))
