"""Ranks the hits of a question once for everybody: their scores, their order, what to show, and how sure it is."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from math import exp, inf, log

from bot.answering.relevance import adjustments
from bot.answering.relevance.adjustments import Adjustment, Ranking
from bot.answering.relevance.catalogue import DocumentCatalogue
from bot.answering.relevance.scorer import raise_by_proposals
from bot.answering.state import Hit, Relevance, ScoredPassage, Status, Turn
from bot.answering.state.query import AnswerType, Query
from bot.answering.work_budget import open_work_budget
from ingest.readers.faq_file import is_row

Score = Callable[[Query, Sequence[Hit]], Relevance]
# From this correctness, what the best passages say is shown as an answer, at least as an unsure one (decision 083).
_LIKELY = 0.4
# In a corpus of up to _SMALL_CORPUS passages also from this confidence, because spoken wording shares few words with
# so few passages (decision 083).
_SMALL_CORPUS = 20
_LIKELY_CONFIDENCE_IN_SMALL_CORPUS = 0.3
# In other languages from this one, which was fitted with the confidence that stands for it (decision 008).
_LIKELY_IN_OTHER_LANGUAGES = 0.59
# An answer is sure from this correctness, where at most one in ten is wrong (decision 098).
_SURE_CORRECTNESS = 0.92
# The correctness is a logistic regression over 1,522 questions, 300 of them in spoken language at double weight
# (decision 083). The weight of the logit of the confidence:
_CONFIDENCE_WEIGHT = 1.09
# The weight of the difference between the logits of the best passage and the next:
_MARGIN_WEIGHT = 0.27
# The intercepts for questions about a figure or day, whose near misses have another one, and for questions that a whole
# passage answers:
_INTERCEPTS = dict.fromkeys((AnswerType.MONEY, AnswerType.DATE, AnswerType.QUANTITY), -0.93) | dict.fromkeys(
    (
        AnswerType.BOOLEAN,
        AnswerType.LIST,
        AnswerType.MANNER,
        AnswerType.REASON,
        AnswerType.CONTACT,
        AnswerType.DEFINITION,
    ),
    -0.13,
)
_OTHER_INTERCEPT = -0.67
# Greater margins are as certain.
_MAX_MARGIN = 4.0
# Keeps logits finite.
_EPSILON = 1e-4


class PassageRanker:
    """The step that ranks the hits of a turn; safe to share between threads.

    `disabled` names the adjustments that an evaluation run switches off; `passage_count` is the size of the corpus.
    """

    def __init__(
        self, catalogue: DocumentCatalogue, score: Score, disabled: Collection[str] = (), passage_count: float = inf
    ) -> None:
        self._catalogue = catalogue
        self._score = score
        self._is_small = passage_count <= _SMALL_CORPUS
        self._disabled = disabled

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with the relevance of its hits, and as its query the wording that documents answer best."""
        hits = turn.hits
        if adjustments.DAY not in self._disabled:
            hits = adjustments.drop_later_documents(hits, turn.parsed_query, self._catalogue.documents)
        by_staff = tuple(hit for hit in hits if is_row(self._catalogue.documents[hit.passage.doc_id]))
        turn, relevance = self._rank_hits(replace(turn, hits=tuple(hit for hit in hits if hit not in by_staff)))
        _, curated = self._rank_hits(replace(turn, hits=by_staff))
        ids = {scored.hit.passage.id for scored in (*relevance.passages, *curated.passages)}
        hits = tuple(hit for hit in hits if hit.passage.id in ids)
        return replace(turn, relevance=relevance, curated=curated, hits=hits)

    def _rank_hits(self, turn: Turn) -> tuple[Turn, Relevance]:
        turn, relevance = self._score_wordings(turn)
        # What a model proposes comes on top: the question itself has been read, so nothing is missing without it.
        with open_work_budget():
            proposed = [self._score(query, turn.hits) for query in turn.proposed_queries]
        return turn, self.rank(raise_by_proposals(relevance, proposed), turn.parsed_query)

    def rank(self, relevance: Relevance, query: Query) -> Relevance:
        """Return the relevance with the latest notices, the passages to show, and how sure an answer from them is."""
        if not relevance.passages:
            return relevance
        ranking = self._adjust(
            adjustments.prefer_latest_notice, Ranking.from_passages(self._catalogue, relevance.passages), query
        )
        relevance = replace(relevance, passages=ranking.passages)
        for rule in adjustments.SELECTION:
            ranking = self._adjust(rule, ranking, query) if ranking.passages else ranking
        relevance = replace(relevance, selected=ranking.passages, correctness=_estimate_correctness(relevance, query))
        return replace(relevance, status=_decide_status(relevance, query, is_small=self._is_small))

    def _adjust(self, rule: Adjustment, ranking: Ranking, query: Query) -> Ranking:
        return ranking if rule.__name__ in self._disabled else rule(ranking, query)

    def _score_wordings(self, turn: Turn) -> tuple[Turn, Relevance]:
        # If the typed names are the documents' usual words, the typed wording is the best, and official names only
        # raise probabilities. Otherwise the wording with the highest confidence is the best, and each passage keeps its
        # highest score (decision 081).
        if not turn.wordings:
            return turn, self._score(turn.parsed_query, turn.hits)
        wordings = turn.wordings_to_search
        relevances = [self._score(query, turn.hits) for query in wordings]
        if turn.searched_names and all(name.use == "usual" for name in turn.searched_names):
            typed, *official = relevances
            return replace(turn, query=wordings[0]), raise_by_proposals(typed, official)
        best = max(range(len(relevances)), key=lambda n: relevances[n].confidence)
        scores: dict[str, ScoredPassage] = {}
        for scored in (scored for relevance in (relevances[best], *relevances) for scored in relevance.passages):
            known = scores.setdefault(scored.hit.passage.id, scored)
            if scored.probability > known.probability:
                scores[scored.hit.passage.id] = scored
        passages = tuple(sorted(scores.values(), key=lambda scored: -scored.probability))
        return replace(turn, query=wordings[best]), replace(relevances[best], passages=passages)


def _estimate_correctness(relevance: Relevance, query: Query) -> float:
    # In another language it is the confidence, because the models do not read the passages (decision 008).
    if query.is_foreign:
        return relevance.confidence
    probabilities = [*(scored.probability for scored in relevance.passages), 0.0]
    margin = min(_logit(probabilities[0]) - _logit(probabilities[1]), _MAX_MARGIN)
    intercept = _INTERCEPTS.get(query.answer_type, _OTHER_INTERCEPT)
    return 1 / (1 + exp(-(_CONFIDENCE_WEIGHT * _logit(relevance.confidence) + _MARGIN_WEIGHT * margin + intercept)))


def _decide_status(relevance: Relevance, query: Query, *, is_small: bool) -> Status:
    correctness = relevance.correctness or 0.0
    is_likely = correctness >= (_LIKELY_IN_OTHER_LANGUAGES if query.is_foreign else _LIKELY)
    if is_small and not query.is_foreign:
        is_likely = is_likely or relevance.confidence >= _LIKELY_CONFIDENCE_IN_SMALL_CORPUS
    if not (relevance.selected and is_likely):
        return Status.NO_ANSWER
    return Status.ANSWERED if correctness >= _SURE_CORRECTNESS else Status.PARTIAL


def _logit(probability: float) -> float:
    clipped = min(max(probability, _EPSILON), 1 - _EPSILON)
    return log(clipped / (1 - clipped))
