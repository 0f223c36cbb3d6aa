"""Prefers the latest issue of a recurring notice, and notices about upcoming events (decision 020)."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from bot.question.query import Query
from bot.question.time_words import named_months
from bot.relevance.adjustments.adjusted_ranking import Ranking
from bot.relevance.event_dates import is_upcoming
from bot.state import Hit, ScoredPassage
from ingest.japanese import nfkc
from ingest.japanese.tokenise import words

# How far a later issue's search score may be below that of the hit (.5 to 2 give the same answers: decision 020).
_MAX_SCORE_DROP = 1.0
# The share of an earlier issue's probability that the later one needs (.1 to .4 give the same answers: decision 020).
_MIN_PROBABILITY_SHARE = 0.25
# The odds of a past event are multiplied by this (decision 020).
_PAST_EVENT_ODDS_RATIO = 0.37
# Past events are demoted only if one of this many best passages is about an upcoming event.
_BEST_PASSAGES = 6


def add_later_notices(ranking: Ranking, query: Query) -> Ranking:
    """Add the latest later issue of each hit whose search score is about as good.

    Among dozens of similar issues, the latest may not be a hit. The case sets have too few issues to show it (decision
    055).
    """
    if ranking.candidates is None:
        return ranking
    doc_ids = query.scope.allowed - query.scope.later
    later_notices: dict[str, Hit] = {}
    for hit in ranking.hits:
        issues = ranking.catalogue.recurring_notices.find_later(hit.passage, doc_ids)
        for later in map(ranking.candidates.best_of, issues):
            if later.score >= hit.score - _MAX_SCORE_DROP:
                later_notices[later.passage.id] = later
                break
    return ranking.with_hits(later_notices)


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


def demote_past_events(ranking: Ranking, query: Query) -> Ranking:
    """Lower the probability of notices whose dates have all passed, if one of the best is about an upcoming date.

    Nothing changes if the question names a document or a time.
    """
    if query.scope.named or query.dates or query.months or query.asks_about_past:
        return ranking
    documents = ranking.catalogue.documents
    upcoming = [
        is_upcoming(documents[scored.hit.passage.doc_id], (scored.hit.passage.text,), query.scope.as_of)
        for scored in ranking.passages
    ]
    if not any(upcoming[:_BEST_PASSAGES]):
        return ranking
    return ranking.with_scored(
        _demote(scored) if is_event_upcoming is False else scored
        for scored, is_event_upcoming in zip(ranking.passages, upcoming, strict=True)
    )


def _demote(passage: ScoredPassage) -> ScoredPassage:
    odds = passage.probability * _PAST_EVENT_ODDS_RATIO
    return replace(passage, probability=odds / (1 - passage.probability + odds))
