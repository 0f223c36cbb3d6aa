"""Reading question and passage together: a reranker puts the best of the ranking in a better order.

Another reranker is a class with `name` and `scores` in a file of its own, and a line in `open_reranker`.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from math import isfinite
from typing import Protocol

from bot.search.cross_encoder import open_cross_encoder
from bot.turn import Hit
from ingest.documents import Passage

_log = logging.getLogger(__name__)

# Hits that are read together with the question. Of what is right in a city's FAQ 69 % stand among the first ten of the
# fused ranking, 81 % among twenty, 85 % among thirty, 89 % among fifty (2026-11-20); each takes the model's time.
RERANKED = 30


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
