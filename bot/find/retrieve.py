"""Finding passages: exact words and meaning, each standardised per question, added up."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bot.turn import Hit, Turn
from bot.understand.scope import find_scope
from ingest.documents import Passage
from ingest.embed import Encoder
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

    def __init__(self, index: Index, encoder: Encoder) -> None:
        self._index = index
        self._encoder = encoder

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with its scope and its hits, best first."""
        if turn.asked is None:
            return turn
        scope = find_scope(turn.asked, self._index.documents, turn.as_of)
        hits = search(self._index, self._encoder, turn.text, READ, doc_ids=scope.allowed)
        for wanted in (scope.preferred, *({doc_id} for doc_id in sorted(scope.compared))):
            if wanted != scope.allowed:  # the documents meant must have their say, however the others crowd
                found = {hit.passage.id for hit in hits}
                more = search(self._index, self._encoder, turn.text, _READ_OF_EACH, doc_ids=wanted)
                hits += [hit for hit in more if hit.passage.id not in found]
        return replace(turn, scope=scope, hits=tuple(hits))


def search(
    index: Index, encoder: Encoder, text: str, k: int = 10, *, doc_ids: Collection[str] | None = None
) -> list[Hit]:
    """Return up to `k` passages for `text`, best first, with the parts of each score; none without any evidence.

    A passage needs a word in common with the question or a place among the nearest vectors.
    """
    size = len(index.passages)
    if size == 0 or not text.strip():
        return []
    parts = dict(index.keyword.scores(words(text)))
    rows, cosines = index.nearest(encoder.encode_query(text), min(size, _NEIGHBOURS))
    meaning = np.full(size, float(cosines.min()) if len(cosines) else 0.0, dtype=np.float32)
    meaning[rows] = cosines
    parts["meaning"] = meaning
    found = (parts["heading"] > 0) | (parts["body"] > 0)
    found[rows] = True
    if doc_ids is not None:
        found &= np.array([p.doc_id in doc_ids for p in index.passages])
    total = sum(WEIGHTS[name] * _standardised(values) for name, values in parts.items())
    ranked = [int(i) for i in np.argsort(-np.asarray(total), kind="stable") if found[i]][:k]
    return [_hit(index.passages[i], i, np.asarray(total), parts) for i in ranked]


def _standardised(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (values - mean) / standard deviation; zeros where all are equal."""
    spread = float(values.std())
    centred: NDArray[np.float32] = values - values.mean()
    return centred / spread if spread > 0 else np.zeros_like(values)


def _hit(passage: Passage, row: int, total: NDArray[np.float32], parts: dict[str, NDArray[np.float32]]) -> Hit:
    return Hit(passage, float(total[row]), {name: float(values[row]) for name, values in parts.items()})
