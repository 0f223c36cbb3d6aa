"""Ranks the passages of an index: candidates by words and vectors, scored by weighted features."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bot.errors import RankerError
from bot.retrieval.features import FEATURES, compute_features
from bot.retrieval.query_representation import Array, QueryRepresentation
from bot.state import Hit

# Fitted by `python -m eval fit`; decision 003 says on what.
FITTED = Path(__file__).with_name("ranker.json")
Rows = NDArray[np.int64]
# Candidates by words, and by meaning: 60 and 100 find no more in a city's FAQ (R@10 .803 for .804; decision 003).
_BY_WORDS, _BY_MEANING = 40, 60
# Where only some documents are asked for, up to so many passages of theirs are compared one by one.
_FEW = 3000
_SHOWN = ("words", "context", "encoder", "meaning")


@dataclass(frozen=True, slots=True)
class Ranker:
    """A linear ranker: `weights` by feature; features that it does not name count nothing."""

    weights: Mapping[str, float]

    def scores(self, features: Mapping[str, Array]) -> NDArray[np.float32]:
        """Return the weighted sums of `features`, (m,)."""
        columns = [np.float32(weight) * features[name] for name, weight in self.weights.items()]
        total: NDArray[np.float32] = np.sum(columns, axis=0, dtype=np.float32)
        return total

    @classmethod
    def load(cls, path: Path | None) -> Self:
        """Read the weights of a file, the fitted ones where none is given. Raises RankerError."""
        try:
            return cls(_weights(json.loads((path or FITTED).read_text("utf-8"))))
        except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise RankerError(
                f"検索の重み「{path}」を読めません（{error}）。`python -m eval fit` で作ったファイルを"
                "SHIRUBE_RANKER に指定するか、設定を消して既定に戻してください。"
            ) from error

    def save(self, path: Path, about: Mapping[str, object]) -> None:
        """Write the weights, and `about` how they were made."""
        rounded = {name: round(weight, 4) for name, weight in self.weights.items()}
        path.write_text(json.dumps({**about, "weights": rounded}, ensure_ascii=False, indent=2) + "\n", "utf-8")


def _weights(file: Any) -> dict[str, float]:
    weights = {str(name): float(weight) for name, weight in file["weights"].items()}
    if not weights or not all(map(isfinite, weights.values())):
        raise ValueError(f"weights: {file['weights']}")
    if unknown := weights.keys() - set(FEATURES):
        raise ValueError(f"未知の特徴: {'、'.join(sorted(unknown))}")
    return weights


class CandidateRanking:
    """The passages of the question's index for it; nothing is computed before it is needed, nothing twice."""

    def __init__(self, asked: QueryRepresentation, ranker: Ranker) -> None:
        self._index = asked.index
        self._asked = asked
        self._ranker = ranker
        self._scored: dict[int, tuple[float, dict[str, float]]] = {}

    def best(self, k: int, doc_ids: Collection[str] | None = None) -> list[Hit]:
        """Return up to `k` passages, of these documents if any are given, best first.

        Only such as have a word in common with the question, or are among the nearest in meaning.
        """
        if not len(self._index.passages) or not self._asked.text.strip():
            return []
        return self.scored(self.candidates(k, doc_ids), k)

    def scored(self, rows: Sequence[int], k: int = 1) -> list[Hit]:
        """Return the best `k` of the passages in `rows`, best first."""
        self._score(np.array([row for row in rows if row not in self._scored], np.int64))
        best = sorted(rows, key=lambda row: -self._scored[row][0])[:k]
        return [Hit(self._index.passages[row], *self._scored[row]) for row in best]

    def best_of(self, passage_ids: Iterable[str]) -> Hit:
        """Return the best of these passages, at least one."""
        return self.scored([self._index.passage_row(one) for one in passage_ids])[0]

    def candidates(self, k: int = 0, doc_ids: Collection[str] | None = None) -> list[int]:
        """Return the rows of the passages that are scored to find the best `k`, in order."""
        allowed = self._allowed(doc_ids)
        by_words = _highest(self._asked.keyword_scores, allowed, max(k, _BY_WORDS))
        around = self._asked.context_scores[self._index.contexts]
        by_context = _highest(np.where(self._asked.keyword_scores > 0, around, 0), allowed, max(k, _BY_WORDS) // 2)
        return sorted({*by_words.tolist(), *by_context.tolist(), *self._nearest(k, allowed).tolist()})

    def _allowed(self, doc_ids: Collection[str] | None) -> NDArray[np.bool_] | None:
        if doc_ids is None:
            return self._index.searchable_mask
        allowed = self._index.document_mask(doc_ids)
        return None if allowed.all() else allowed

    def _nearest(self, k: int, allowed: NDArray[np.bool_] | None) -> Rows:
        most = max(k, _BY_MEANING)
        if allowed is not None and allowed.sum() <= _FEW:
            rows = np.flatnonzero(allowed)
            cosines = self._index.cosines(self._asked.encoded, self._asked.pooled, rows)
            return rows[_highest(cosines, None, most)]
        rows, cosines = self._neighbours if most <= _BY_MEANING else self._ask(most)
        rows = rows[cosines > 0]
        return rows if allowed is None else rows[allowed[rows]]

    @cached_property
    def _neighbours(self) -> tuple[Rows, NDArray[np.float32]]:
        return self._ask(_BY_MEANING)

    def _ask(self, k: int) -> tuple[Rows, NDArray[np.float32]]:
        return self._index.nearest_passages(self._asked.encoded, self._asked.pooled, k)

    def _score(self, rows: Rows) -> None:
        if not len(rows):
            return
        found = compute_features(self._asked, rows)
        scores = self._ranker.scores(found)
        for i, row in enumerate(rows.tolist()):
            parts = {name: float(found[name][i]) for name in _SHOWN}
            self._scored[row] = float(scores[i]), parts


def _highest(scores: NDArray[np.float32], allowed: NDArray[np.bool_] | None, k: int) -> Rows:
    """Return the rows of the `k` highest scores above zero, highest first, equal ones in their order."""
    rows = np.flatnonzero(scores > 0 if allowed is None else (scores > 0) & allowed)
    if len(rows) > k:
        least = np.partition(scores[rows], len(rows) - k)[len(rows) - k]
        rows = rows[scores[rows] >= least]
    return rows[np.argsort(-scores[rows], kind="stable")][:k]
