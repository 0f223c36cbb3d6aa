"""Retrieves passages within the scope of a query."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain, zip_longest
from typing import TypeVar

from bot.answering.retrieval.query_representation import QueryRepresentation, QueryRepresentationCache
from bot.answering.retrieval.ranking import CandidateRanking, Ranker
from bot.answering.state import Hit, Turn
from bot.answering.state.query import Query, Scope
from ingest.embedding import Encoder
from ingest.index.index import Index

_Item = TypeVar("_Item")

MAX_HITS = 24
"""Hits that are scored for an answer (decision 014)."""
# Hits that are added from each preferred or compared group of documents (decision 014).
_MAX_HITS_PER_GROUP = 12
# Of more documents or issuers than this, the others are one group.
_MAX_COMPARED = 6
# Foreign words match no document by keyword; Sudachi even reads What as ホワット.
_ENCODER_ONLY = Ranker({"encoder_cosine": 1.0})


class Retriever:
    """Retrieves the hits of a turn's query."""

    def __init__(self, representations: QueryRepresentationCache, ranker: Ranker | None = None) -> None:
        self._representations = representations
        self._ranker = ranker or default_ranker()
        self._documents_by_issuer: defaultdict[str, set[str]] = defaultdict(set)
        for document in representations.index.documents:
            self._documents_by_issuer[document.issuer].add(document.id)

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with its hits, best first; the hits of wordings and proposed queries are interleaved.

        The proposed queries together have as many places as the question, because some of them are wrong. Of several
        plans with a predecessor, the one that has the best hit for the question is compared with it.
        """
        if turn.parsed_query.scope.lineages:
            turn = self._choose_lineage(turn)
        queries = (*(turn.wordings_to_search or (turn.parsed_query,)), turn.alternative_query)
        wordings = [self._find_hits(query) for query in queries if query]
        proposed = interleave(map(self._find_hits, turn.proposed_queries), _passage_id)[:MAX_HITS]
        return replace(turn, hits=interleave([*wordings, proposed], _passage_id))

    def _choose_lineage(self, turn: Turn) -> Turn:
        query = turn.parsed_query
        lineages = query.scope.lineages
        ranking = CandidateRanking(self._representations(query.topic), self._ranker)
        best = ranking.top_hits(1, frozenset[str]().union(*lineages))
        chosen = next((ids for ids in lineages if best and best[0].passage.doc_id in ids), frozenset[str]())

        def compare(query: Query) -> Query:
            return replace(query, scope=replace(query.scope, required=chosen)) if query.scope.lineages else query

        return replace(turn, query=compare(query), wordings=tuple(map(compare, turn.wordings)))

    # Without samples of forms, unless they are asked for.
    def _find_hits(self, query: Query) -> tuple[Hit, ...]:
        ranker = _ENCODER_ONLY if query.is_foreign else self._ranker
        ranking = CandidateRanking(self._representations(query.topic), ranker)
        hits = ranking.top_hits(MAX_HITS, query.scope.allowed)
        for doc_ids in self._groups(query.scope):
            passage_ids = {hit.passage.id for hit in hits}
            group_hits = ranking.top_hits(_MAX_HITS_PER_GROUP, doc_ids)
            hits += [hit for hit in group_hits if hit.passage.id not in passage_ids]
        hits = [hit for hit in hits if query.asks_for_sample or not hit.passage.is_sample]
        return tuple(sorted(hits, key=lambda hit: -hit.score))

    def _groups(self, scope: Scope) -> list[Collection[str]]:
        # These get hits of their own, however many better hits the others have.
        compared: list[set[str]] = [{doc_id} for doc_id in sorted(scope.required)]
        if len(scope.issuers) > 1:
            compared += [self._documents_by_issuer[issuer] & scope.allowed for issuer in sorted(scope.issuers)]
        others = set[str]().union(*compared[_MAX_COMPARED:])
        groups = [
            scope.preferred,
            scope.allowed - scope.later,
            *compared[:_MAX_COMPARED],
            *([others] if others else []),
        ]
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
    ranker: Ranker | None = None,
) -> list[Hit]:
    """Return up to `k` hits for `text`, best first; the fitted ranker is the default.

    Passages that share no word and are not near by vector are left out.
    """
    ranking = CandidateRanking(QueryRepresentation(text, index, encoder), ranker or default_ranker())
    return ranking.top_hits(k, doc_ids)


@cache
def default_ranker() -> Ranker:
    """Return the fitted ranker of this package."""
    return Ranker.load(None)
