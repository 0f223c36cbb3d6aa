"""Retrieves passages within the scope of a query and reranks the best with an optional cross-encoder."""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain, zip_longest
from math import isfinite
from typing import Protocol, TypeVar

from bot.retrieval.cross_encoder import open_cross_encoder
from bot.retrieval.query_representation import QueryRepresentation, QueryRepresentationCache
from bot.retrieval.ranking import CandidateRanking, Ranker
from bot.state import Hit, Turn
from bot.state.query import Query, Scope
from bot.work_budget import SEARCH_TERMS, charge_work
from ingest.documents import Passage
from ingest.embedding import Encoder
from ingest.index.index import Index

_log = logging.getLogger(__name__)
_Item = TypeVar("_Item")

# The reranker takes time for each hit. Of the correct passages in a city's FAQ 69 % are among the first 10 of the fused
# ranking, 81 % among 20, 85 % among 30, 89 % among 50 (decision 014).
MAX_RERANKED = 30
MAX_HITS = 24
"""Hits that are scored for an answer (decision 014)."""
# Hits that are added from each preferred or compared group of documents (decision 014).
_MAX_HITS_PER_GROUP = 12
# Foreign words match no document by keyword; Sudachi even reads What as ホワット.
_ENCODER_ONLY = Ranker({"encoder_cosine": 1.0})


class Reranker(Protocol):
    """Scores question and passage together; safe to share between threads."""

    @property
    def name(self) -> str:
        """The value of `SHIRUBE_RERANKER`."""

    def scores(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """Return a score for each text, on any scale; a higher one means a better answer."""


def open_reranker(name: str | None) -> Reranker | None:
    """Return the cross-encoder in the folder `name`, None for no name. Raises RerankerError."""
    return open_cross_encoder(name) if name else None


def rerank(reranker: Reranker | None, question: str, hits: Sequence[Hit]) -> list[Hit]:
    """Return `hits` with the first 30 in the reranker's order, and its score among their `scores`.

    A moved hit takes the fused score of its new position, so that scores still fall from first to last. Ties keep their
    order. Without a reranker, or if it fails, the hits are returned unchanged.
    """
    first = hits[:MAX_RERANKED]
    if reranker is None or not first:
        return list(hits)
    try:
        scores = _scores(reranker, question, first)
    except Exception:  # noqa: BLE001 -- a question is answered without a failing reranker
        _log.exception("The reranker %s failed; the fused order is kept.", reranker.name)
        return list(hits)
    order = sorted(range(len(first)), key=lambda i: -scores[i])
    reranked = [
        replace(first[i], score=previous.score, scores={**first[i].scores, "reranker": scores[i]})
        for previous, i in zip(first, order, strict=True)
    ]
    return [*reranked, *hits[MAX_RERANKED:]]


def _scores(reranker: Reranker, question: str, hits: Sequence[Hit]) -> list[float]:
    scores = [float(score) for score in reranker.scores(question, [_with_headings(hit.passage) for hit in hits])]
    if len(scores) != len(hits) or not all(map(isfinite, scores)):
        raise ValueError(f"expected one finite score for each of {len(hits)} passages, got {scores}")
    return scores


def _with_headings(passage: Passage) -> str:
    return "\n".join(filter(None, (" > ".join(passage.path), passage.text)))


class Retriever:
    """Retrieves the hits of a turn's query."""

    def __init__(
        self,
        representations: QueryRepresentationCache,
        reranker: Reranker | None = None,
        ranker: Ranker | None = None,
    ) -> None:
        self._representations = representations
        self._reranker = reranker
        self._ranker = ranker or default_ranker()
        self._documents_by_issuer: defaultdict[str, set[str]] = defaultdict(set)
        for document in representations.index.documents:
            self._documents_by_issuer[document.issuer].add(document.id)

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with its hits, best first; the hits of wordings and proposed queries are interleaved.

        The proposed queries together have as many places as the question, because some of them are wrong.
        """
        queries = (*(turn.wordings_to_search or (turn.parsed_query,)), turn.alternative_query)
        wordings = [self._find_hits(query) for query in queries if query]
        proposed = interleave(map(self._find_hits, turn.proposed_queries), _passage_id)[:MAX_HITS]
        return replace(turn, hits=interleave([*wordings, proposed], _passage_id))

    def _find_hits(self, query: Query) -> tuple[Hit, ...]:
        ranker = _ENCODER_ONLY if query.is_foreign else self._ranker
        ranking = CandidateRanking(self._representations(query.topic), ranker)
        candidates = ranking.top_hits(max(MAX_HITS, MAX_RERANKED), query.scope.allowed)
        hits = rerank(self._reranker, query.topic, candidates)[:MAX_HITS]
        for doc_ids in self._groups(query.scope):
            passage_ids = {hit.passage.id for hit in hits}
            group_hits = ranking.top_hits(_MAX_HITS_PER_GROUP, doc_ids)
            hits += [hit for hit in group_hits if hit.passage.id not in passage_ids]
        return tuple(sorted(hits, key=lambda hit: -hit.score))

    def _groups(self, scope: Scope) -> list[Collection[str]]:
        """Return the documents that get hits of their own, however many better hits the others have.

        They are the preferred ones, those of the day in question, and each of those compared.
        """
        groups: list[Collection[str]] = [scope.preferred, scope.allowed - scope.later]
        groups += [{doc_id} for doc_id in sorted(scope.required)]
        if len(scope.issuers) > 1:
            groups += [self._documents_by_issuer[issuer] & scope.allowed for issuer in sorted(scope.issuers)]
        return [doc_ids for doc_ids in groups if doc_ids != scope.allowed]


def _passage_id(hit: Hit) -> str:
    return hit.passage.id


def interleave(sequences: Iterable[Sequence[_Item]], key: Callable[[_Item], str]) -> tuple[_Item, ...]:
    """Return the items of several sequences in turn, without those whose `key` is a duplicate."""
    items = chain.from_iterable(zip_longest(*sequences))
    unique = {key(item): item for item in items if item is not None}
    return tuple(unique.values())


def search(
    index: Index,
    encoder: Encoder,
    text: str,
    k: int = 10,
    *,
    doc_ids: Collection[str] | None = None,
    reranker: Reranker | None = None,
    ranker: Ranker | None = None,
) -> list[Hit]:
    """Return up to `k` hits for `text`, best first; the fitted ranker is the default.

    Passages that share no word and are not near by vector are left out. Raises WorkExceededError after several searches
    of one request.
    """
    charge_work("terms", SEARCH_TERMS)
    ranking = CandidateRanking(QueryRepresentation(text, index, encoder), ranker or default_ranker())
    return rerank(reranker, text, ranking.top_hits(max(k, MAX_RERANKED), doc_ids))[:k]


@cache
def default_ranker() -> Ranker:
    """Return the fitted ranker of this package."""
    return Ranker.load(None)
