"""The weights by which the features of a passage become its score."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bot.errors import RankerError
from bot.search.asked_words import Array
from bot.search.features import FEATURES

# Fitted by `python -m eval fit`; eval/LOG.md tells on what.
FITTED = Path(__file__).with_name("ranker.json")


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
