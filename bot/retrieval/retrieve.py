"""Retrieves passages within the scope of a query, and reranks the best with a cross-encoder, if there is one."""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from functools import cache
from itertools import zip_longest
from math import isfinite
from typing import Protocol, TypeVar

from bot.question.query import Query
from bot.retrieval.cross_encoder import open_cross_encoder
from bot.retrieval.query_representation import QueryRepresentation, QueryRepresentationCache
from bot.retrieval.ranking import CandidateRanking, Ranker
from bot.state import Hit, Turn
from ingest.documents import Passage
from ingest.embedding import Encoder
from ingest.index.index import Index

_log = logging.getLogger(__name__)
T = TypeVar("T")

# Hits that are read together with the question. Of what is right in a city's FAQ 69 % stand among the first ten of the
# fused ranking, 81 % among twenty, 85 % among thirty, 89 % among fifty (decision 014); each takes the model's time.
RERANKED = 30
# Passages that are read for an answer, and of each document that the question means (decision 014).
READ, _READ_OF_EACH = 24, 12
# What another language writes are no words of the documents; Sudachi reads What as ホワット.
_BY_MEANING = Ranker({"encoder": 1.0})
Expand = Callable[[Sequence[Hit], CandidateRanking, Query], Sequence[Hit]]
"""Adds to the hits of a query; `bot.relevance.adjustments` does."""


class Reranker(Protocol):
    """What re-ordering needs; safe to share between threads."""

    @property
    def name(self) -> str:
        """What `SHIRUBE_RERANKER` says."""

    def scores(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """Return (len(texts),), the higher the better `texts[i]` answers; on any scale."""


def open_reranker(name: str | None) -> Reranker | None:
    """Return the cross-encoder of the folder `name`; None where no name is given. Raises RerankerError."""
    return open_cross_encoder(name) if name else None


def rerank(reranker: Reranker | None, question: str, hits: Sequence[Hit]) -> list[Hit]:
    """Return `hits` with the first `RERANKED` of them in the reranker's order, and its score among their `scores`.

    Each takes the fused score of the place it comes to, so that these still fall from first to last. Equal scores keep
    the order of before; without a reranker, or where it fails, so do all.
    """
    read, behind = hits[:RERANKED], hits[RERANKED:]
    if reranker is None or not read:
        return list(hits)
    try:
        scores = _scores(reranker, question, read)
    except Exception:  # noqa: BLE001 -- whatever breaks in a model, the question is answered without it
        _log.exception("The reranker %s failed; the fused order stands.", reranker.name)
        return list(hits)
    order = sorted(range(len(read)), key=lambda i: -scores[i])
    moved = [
        replace(read[i], score=place.score, scores={**read[i].scores, "reranker": scores[i]})
        for place, i in zip(read, order, strict=True)
    ]
    return [*moved, *behind]


def _scores(reranker: Reranker, question: str, hits: Sequence[Hit]) -> list[float]:
    scores = [float(score) for score in reranker.scores(question, [_text(hit.passage) for hit in hits])]
    if len(scores) != len(hits) or not all(map(isfinite, scores)):
        raise ValueError(f"not a score for each of {len(hits)} passages: {scores}")
    return scores


def _text(passage: Passage) -> str:
    """Return the headings from outer to inner, and below them the passage."""
    return "\n".join(filter(None, (" > ".join(passage.path), passage.text)))


class Retriever:
    """Finds the passages to answer from, in the documents that the question is about.

    `expand` adds to the hits what belongs to them, before they are sorted by score.
    """

    def __init__(
        self,
        representations: QueryRepresentationCache,
        expand: Expand,
        reranker: Reranker | None = None,
        ranker: Ranker | None = None,
    ) -> None:
        self._representations = representations
        self._expand = expand
        self._reranker = reranker
        self._ranker = ranker or default_ranker()
        self._of_issuer: defaultdict[str, set[str]] = defaultdict(set)
        for document in representations.index.documents:
            self._of_issuer[document.issuer].add(document.id)

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with its hits, best first; a turn without a query as it is.

        The hits of a question in two wordings are interleaved.
        """
        if turn.query is None:
            return turn
        hits = self._find_hits(turn.query)
        if turn.alternative_query is None:
            return replace(turn, hits=hits)
        return replace(
            turn, hits=interleave([hits, self._find_hits(turn.alternative_query)], lambda hit: hit.passage.id)
        )

    def _find_hits(self, query: Query) -> tuple[Hit, ...]:
        scope, topic = query.scope, query.topic
        ranking = CandidateRanking(self._representations(topic), _BY_MEANING if query.is_foreign else self._ranker)
        hits = rerank(self._reranker, topic, ranking.best(max(READ, RERANKED), scope.allowed))[:READ]
        sides = [{doc_id} for doc_id in sorted(scope.compared)]
        if len(scope.issuers) > 1:
            sides += [self._of_issuer[issuer] & scope.allowed for issuer in sorted(scope.issuers)]
        # The documents that are meant get hits of their own, however many better ones the others have.
        for doc_ids in (scope.preferred, *sides):
            if doc_ids != scope.allowed:
                known = {hit.passage.id for hit in hits}
                hits += [hit for hit in ranking.best(_READ_OF_EACH, doc_ids) if hit.passage.id not in known]
        return tuple(sorted(self._expand(hits, ranking, query), key=lambda hit: -hit.score))


def interleave(found: Iterable[Sequence[T]], key: Callable[[T], str]) -> tuple[T, ...]:
    """Return what several rows hold, taken in turns from all of them; what has one `key` once."""
    best = {key(one): one for each in zip_longest(*found) for one in each if one is not None}
    return tuple(best.values())


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
    """Return up to `k` passages for `text`, best first, with parts of what each score is made of.

    None without any evidence. Without a `ranker` the fitted one ranks.
    """
    ranking = CandidateRanking(QueryRepresentation(text, index, encoder), ranker or default_ranker())
    return rerank(reranker, text, ranking.best(max(k, RERANKED), doc_ids))[:k]


@cache
def default_ranker() -> Ranker:
    """Return the ranker that comes with this package."""
    return Ranker.load(None)
