"""Retrieves passages within the scope of a query, reranks them, and adds repeated content.

A reranker, if there is one, reads the best of them together with the question.
"""

import logging
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from itertools import islice, zip_longest
from math import isfinite
from typing import Protocol, TypeVar

from bot.question.query import Query, Scope
from bot.retrieval.cross_encoder import open_cross_encoder
from bot.retrieval.query_representation import QueryRepresentation, QueryRepresentationCache
from bot.retrieval.ranking import Ranker, Ranking
from bot.retrieval.recurring_notices import RecurringNotices
from bot.state import Hit, Turn
from ingest.documents import Document, Passage
from ingest.embedding import Encoder
from ingest.index.index import Index
from ingest.japanese import nfkc

_log = logging.getLogger(__name__)
T = TypeVar("T")

# Hits that are read together with the question. Of what is right in a city's FAQ 69 % stand among the first ten of the
# fused ranking, 81 % among twenty, 85 % among thirty, 89 % among fifty (decision 014); each takes the model's time.
RERANKED = 30
# Passages that are read for an answer, and of each document that the question means (decision 014).
READ, _READ_OF_EACH = 24, 12
# What another language writes are no words of the documents; Sudachi reads What as ホワット.
_BY_MEANING = Ranker({"encoder": 1.0})
# Shorter lines (a heading, a name in a list, a bare figure) are alike by chance.
_SHORTEST = 15
_END = re.compile(r"(?<=。)|\n")
# How far behind a notice's score that of a later paper may be to stand in its place.
_ABOUT_AS_GOOD = 1.0
# Plans that stay read.
_PLANS = 16


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
    """Finds the passages to answer from, in the documents that the question is about."""

    def __init__(
        self, asked: QueryRepresentationCache, reranker: Reranker | None = None, ranker: Ranker | None = None
    ) -> None:
        self._asked = asked
        self._reranker = reranker
        self._ranker = ranker or default_ranker()
        index = asked.index
        self._said_again = SharedSentences(index.documents, index.document_passages)
        self.repeated = RecurringNotices(index)
        self._of_issuer: defaultdict[str, set[str]] = defaultdict(set)
        for document in index.documents:
            self._of_issuer[document.issuer].add(document.id)

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with its hits, best first; a turn whose question was not read as it is.

        What a question in two wordings finds is taken in turns from both.
        """
        if turn.query is None:
            return turn
        found = self._find_hits(turn.query)
        if turn.alternative_query is None:
            return replace(turn, hits=found)
        return replace(
            turn, hits=interleave([found, self._find_hits(turn.alternative_query)], lambda hit: hit.passage.id)
        )

    def _find_hits(self, query: Query) -> tuple[Hit, ...]:
        scope, topic = query.scope, query.topic
        ranking = Ranking(self._asked(topic), _BY_MEANING if query.is_foreign else self._ranker)
        hits = rerank(self._reranker, topic, ranking.best(max(READ, RERANKED), scope.allowed))[:READ]
        sides = [{doc_id} for doc_id in sorted(scope.compared)]
        if len(scope.issuers) > 1:
            sides += [self._of_issuer[issuer] & scope.allowed for issuer in sorted(scope.issuers)]
        for wanted in (scope.preferred, *sides):
            if wanted != scope.allowed:  # the documents meant must have their say, however the others crowd
                found = {hit.passage.id for hit in hits}
                hits += [hit for hit in ranking.best(_READ_OF_EACH, wanted) if hit.passage.id not in found]
        found = {hit.passage.id for hit in hits}
        # What a plan in force repeats of an older one is its word, though the older has more of the question around.
        again = {
            other.id: replace(hit, passage=other)
            for hit in reversed(hits)
            if hit.passage.doc_id not in scope.preferred
            for other in self._said_again.among(hit.passage, scope.preferred)
        }
        # And of a notice that later papers have again, the latest that is about as good.
        again |= {hit.passage.id: hit for hit in self._latest_notices(hits, scope, ranking)}
        hits += [hit for passage_id, hit in again.items() if passage_id not in found]
        return tuple(sorted(hits, key=lambda hit: -hit.score))

    def _latest_notices(self, hits: Sequence[Hit], scope: Scope, ranking: Ranking) -> Iterator[Hit]:
        for hit in hits:
            later = (ranking.scored([*rows.values()])[0] for rows in self.repeated.later(hit.passage, scope.allowed))
            yield from islice((other for other in later if other.score >= hit.score - _ABOUT_AS_GOOD), 1)


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
    ranking = Ranking(QueryRepresentation(text, index, encoder), ranker or default_ranker())
    return rerank(reranker, text, ranking.best(max(k, RERANKED), doc_ids))[:k]


@cache
def default_ranker() -> Ranker:
    """Return the ranker that comes with this package."""
    return Ranker.load(None)


class SharedSentences:
    """Knows which passages of a plan and of those that it replaces, or that replace it, share a sentence.

    `of_document` gives the passages of a plan, which are read once it is asked for. Safe to share between threads.
    """

    def __init__(self, documents: Sequence[Document], of_document: Callable[[str], Iterable[Passage]]) -> None:
        self._of_document = of_document
        # The plans that replace one another, by the id of each.
        self._family: dict[str, frozenset[str]] = {}
        for document in documents:
            if document.supersedes:
                ids = (document.id, *document.supersedes)
                family = frozenset(ids).union(*(self._family.get(doc_id, ()) for doc_id in ids))
                self._family |= dict.fromkeys(family, family)
        self._saying = lru_cache(maxsize=_PLANS)(self._read)

    def among(self, passage: Passage, doc_ids: Collection[str]) -> tuple[Passage, ...]:
        """Return the passages of `doc_ids` that share a sentence with `passage`; mostly none."""
        others = [doc_id for doc_id in self._family.get(passage.doc_id, ()) if doc_id in doc_ids]
        alike = {
            other.id: other
            for doc_id in sorted(others)
            if doc_id != passage.doc_id
            for sentence in _sentences(passage)
            for other in self._saying(doc_id).get(sentence, ())
        }
        return tuple(alike.values())

    def _read(self, doc_id: str) -> dict[str, list[Passage]]:
        saying: defaultdict[str, list[Passage]] = defaultdict(list)
        for passage in self._of_document(doc_id):
            for sentence in _sentences(passage):
                saying[sentence].append(passage)
        return saying


def _sentences(passage: Passage) -> set[str]:
    lines = (re.sub(r"\s+", "", line) for line in _END.split(nfkc(passage.text)))
    return {line for line in lines if len(line) >= _SHORTEST}
