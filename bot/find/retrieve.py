"""Finding passages: exact words and meaning, each standardised per question, added up."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bot.find.rerank import RERANKED, Reranker, rerank
from bot.turn import Hit, Turn
from bot.understand.scope import find_scope
from ingest.documents import Passage
from ingest.encoders import Encoder
from ingest.index import Index
from ingest.tokenise import words

# Weights of the standardised scores. Standardised sums beat rank fusion (.684 against .645 R@10 on a city's FAQ,
# eval/LOG.md, 2026-11-20); headings count about half of the body.
WEIGHTS = {"heading": 0.5, "body": 1.0, "meaning": 1.0}
# Nearest vectors that are asked for; what lies behind them gets the lowest of their scores.
_NEIGHBOURS = 200
# Passages that are read for an answer, and of each document that the question means (eval/LOG.md, 2026-11-20).
READ, _READ_OF_EACH = 24, 12


class Retrieve:
    """Finds the passages to answer from, in the documents that the question is about."""

    def __init__(self, index: Index, encoder: Encoder, reranker: Reranker | None = None) -> None:
        self._index = index
        self._encoder = encoder
        self._reranker = reranker

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with its scope and its hits, best first."""
        if turn.asked is None:
            return turn
        scope = find_scope(turn.asked, self._index.documents, turn.as_of)
        ranking = rank(self._index, self._encoder, turn.text)
        hits = rerank(self._reranker, turn.text, ranking.best(max(READ, RERANKED), scope.allowed))[:READ]
        for wanted in (scope.preferred, *({doc_id} for doc_id in sorted(scope.compared))):
            if wanted != scope.allowed:  # the documents meant must have their say, however the others crowd
                found = {hit.passage.id for hit in hits}
                hits += [hit for hit in ranking.best(_READ_OF_EACH, wanted) if hit.passage.id not in found]
        return replace(turn, scope=scope, hits=tuple(hits))


@dataclass(frozen=True, slots=True)
class Ranking:
    """All passages scored for one question: the parts of each score, their weighted sum, which have any evidence.

    Each array has one number a passage, shape (n,), in the order of the index.
    """

    passages: Sequence[Passage]
    parts: Mapping[str, NDArray[np.float32]]
    total: NDArray[np.float32]
    found: NDArray[np.bool_]

    def best(self, k: int, doc_ids: Collection[str] | None = None) -> list[Hit]:
        """Return up to `k` passages, of these documents if any are given, best first."""
        found = self.found
        if doc_ids is not None:
            found = found & np.array([p.doc_id in doc_ids for p in self.passages], dtype=np.bool_)
        rows = [int(i) for i in np.argsort(-self.total, kind="stable") if found[i]][:k]
        return [self._hit(row) for row in rows]

    def _hit(self, row: int) -> Hit:
        return Hit(self.passages[row], float(self.total[row]), {name: float(v[row]) for name, v in self.parts.items()})


def search(
    index: Index,
    encoder: Encoder,
    text: str,
    k: int = 10,
    *,
    doc_ids: Collection[str] | None = None,
    reranker: Reranker | None = None,
) -> list[Hit]:
    """Return up to `k` passages for `text`, best first, with the parts of each score; none without any evidence."""
    return rerank(reranker, text, rank(index, encoder, text).best(max(k, RERANKED), doc_ids))[:k]


def rank(index: Index, encoder: Encoder, text: str) -> Ranking:
    """Score every passage for `text`.

    There is evidence for a passage that has a word in common with the question or is among the nearest vectors.
    """
    size = len(index.passages)
    if size == 0 or not text.strip():
        return Ranking((), {}, np.zeros(0, dtype=np.float32), np.zeros(0, dtype=np.bool_))
    parts = dict(index.keyword.scores(words(text)))
    rows, cosines = index.nearest(encoder.encode_query(text), min(size, _NEIGHBOURS))
    meaning = np.full(size, float(cosines.min()) if len(cosines) else 0.0, dtype=np.float32)
    meaning[rows] = cosines
    parts["meaning"] = meaning
    found = (parts["heading"] > 0) | (parts["body"] > 0)
    found[rows] = True
    total = np.zeros(size, dtype=np.float32)
    for name, values in parts.items():
        total += WEIGHTS[name] * _standardised(values)
    return Ranking(index.passages, parts, total, found)


def _standardised(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (values - mean) / standard deviation; zeros where all are equal."""
    spread = float(values.std())
    centred: NDArray[np.float32] = values - values.mean()
    return centred / spread if spread > 0 else np.zeros_like(values)
