"""Ranks the passages of an index: candidates by words and vectors, scored by weighted features."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bot.answering.retrieval.features import FEATURE_KEYS, compute_features
from bot.answering.retrieval.query_representation import Array, QueryRepresentation
from bot.answering.state import Hit
from bot.errors import BotError

# Fitted by `python -m lab train ranker` (decision 003).
FITTED = Path(__file__).with_name("ranker.json")
Rows = NDArray[np.int64]
# Candidates by keyword. 60 of these and 100 by vector do not improve recall in a city's FAQ (R@10 .803 for .804;
# decision 003).
_KEYWORD_CANDIDATES = 40
# Candidates by vector.
_VECTOR_CANDIDATES = 60
# Up to this many passages of an index, exact cosines are faster than a search in the vector store.
_SMALL_INDEX = 1000
# Up to this many allowed passages, they are faster than filtering that search.
_MAX_EXACT_COSINES = 3000
# The features that a hit reports as components of its score.
_REPORTED_FEATURES = ("bm25", "page_bm25", "encoder_cosine", "word_vector_cosine")


@dataclass(frozen=True, slots=True)
class Ranker:
    """A linear ranker with `weights` by feature; features without a weight are ignored."""

    weights: Mapping[str, float]

    def scores(self, features: Mapping[str, Array]) -> NDArray[np.float32]:
        columns = [np.float32(weight) * features[name] for name, weight in self.weights.items()]
        total: NDArray[np.float32] = np.sum(columns, axis=0, dtype=np.float32)
        return total

    @classmethod
    def load(cls, path: Path | None) -> Self:
        """Read the weights of a file, by default the fitted ones. Raises BotError."""
        try:
            return cls(_weights(json.loads((path or FITTED).read_text("utf-8"))))
        except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise BotError(
                f"検索の重み「{path}」を読めません（{error}）。`python -m lab train ranker` で作ったファイルを"
                "SHIRUBE_RANKER に指定するか、設定を消して既定に戻してください。"
            ) from error


def _weights(file: Any) -> dict[str, float]:
    weights = {str(key): float(weight) for key, weight in file["weights"].items()}
    if not weights or not all(map(isfinite, weights.values())):
        raise ValueError(f"weights: {file['weights']}")
    names = {key: name for name, key in FEATURE_KEYS.items()}
    if unknown := weights.keys() - names.keys():
        raise ValueError(f"未知の特徴: {'、'.join(sorted(unknown))}")
    return {names[key]: weight for key, weight in weights.items()}


class CandidateRanking:
    """Ranks the passages of an index for one question."""

    def __init__(self, query: QueryRepresentation, ranker: Ranker) -> None:
        self._index = query.index
        self._query = query
        self._ranker = ranker

    def top_hits(self, k: int, doc_ids: Collection[str] | None = None) -> list[Hit]:
        """Return up to `k` candidates, best first; only of `doc_ids` if given."""
        if not len(self._index.passages) or not self._query.text.strip():
            return []
        rows = np.array(self.candidate_rows(k, doc_ids), np.int64)
        features = compute_features(self._query, rows)
        scores = self._ranker.scores(features)
        hits: list[Hit] = []
        for i in np.argsort(-scores, kind="stable")[:k].tolist():
            components = {FEATURE_KEYS[name]: float(features[name][i]) for name in _REPORTED_FEATURES}
            hits.append(Hit(self._index.passages[int(rows[i])], float(scores[i]), components))
        return hits

    def candidate_rows(self, k: int = 0, doc_ids: Collection[str] | None = None) -> list[int]:
        """Return the rows, in order, of the passages that are scored to find the best `k`.

        They share a word with the question, or are among the nearest by vector.
        """
        allowed = self._allowed(doc_ids)
        keyword_scores = self._query.keyword_scores
        limit = max(k, _KEYWORD_CANDIDATES)
        page_scores = np.where(keyword_scores > 0, self._query.context_scores[self._index.page_of_passage], 0)
        by_keyword = _highest(keyword_scores, allowed, limit)
        by_page = _highest(page_scores, allowed, limit // 2)
        return sorted({*by_keyword.tolist(), *by_page.tolist(), *self._nearest(k, allowed).tolist()})

    def _allowed(self, doc_ids: Collection[str] | None) -> NDArray[np.bool_] | None:
        if doc_ids is None:
            return self._index.searchable_mask
        allowed = self._index.document_mask(doc_ids)
        return None if allowed.all() else allowed

    def _nearest(self, k: int, allowed: NDArray[np.bool_] | None) -> Rows:
        limit = max(k, _VECTOR_CANDIDATES)
        if allowed is None and len(self._index.passages) <= _SMALL_INDEX:
            allowed = np.ones(len(self._index.passages), bool)
        if allowed is not None and allowed.sum() <= _MAX_EXACT_COSINES:
            rows = np.flatnonzero(allowed)
            cosines = self._index.cosines(self._query.encoder_vector, self._query.pooled_vector, rows)
            return rows[_highest(cosines, None, limit)]
        rows, cosines = self._neighbours if limit <= _VECTOR_CANDIDATES else self._search_vectors(limit)
        rows = rows[cosines > 0]
        return rows if allowed is None else rows[allowed[rows]]

    @cached_property
    def _neighbours(self) -> tuple[Rows, NDArray[np.float32]]:
        return self._search_vectors(_VECTOR_CANDIDATES)

    def _search_vectors(self, k: int) -> tuple[Rows, NDArray[np.float32]]:
        return self._index.nearest_passages(self._query.encoder_vector, self._query.pooled_vector, k)


def _highest(scores: NDArray[np.float32], allowed: NDArray[np.bool_] | None, k: int) -> Rows:
    # Above zero; ties keep the order of rows.
    rows = np.flatnonzero(scores > 0 if allowed is None else (scores > 0) & allowed)
    if len(rows) > k:
        lowest = np.partition(scores[rows], len(rows) - k)[len(rows) - k]
        rows = rows[scores[rows] >= lowest]
    return rows[np.argsort(-scores[rows], kind="stable")][:k]
