"""Loads pretrained vectors of a spaCy vocabulary, such as chiVe in ja_ginza.

chiVe: Manabe et al. 2019, 「複数粒度の分割結果に基づく日本語単語分散表現」 (Works Applications,
Apache License 2.0). Its words are Sudachi's normalised forms, as `ingest.japanese.tokenise.words` gives them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.errors import IngestError
from ingest.japanese.tokenise import words

# Only frequent words; many rarer ones share the vector of a neighbour.
_FREQUENT = 30_000


@dataclass(frozen=True, slots=True)
class Pretrained:
    """Words with their rows in `vectors`, (rows, dimension); the first `frequent` ones are index terms."""

    rows: Mapping[str, int]
    frequent: int
    vectors: NDArray[np.float32]


def read_pretrained(folder: Path, dimension: int) -> Pretrained:
    """Return the vectors of the spaCy vocabulary in `folder`, reduced to `dimension`.

    Raises IngestError if spaCy is missing, or the folder has no vocabulary with such long vectors.
    """
    try:
        from spacy.vocab import Vocab  # noqa: PLC0415 -- the extra `train`, which nothing else needs
    except ImportError as error:
        raise IngestError(
            "spaCy がありません。`pip install 'shirube-rag[train]'` で入れてから、もう一度実行してください。"
        ) from error
    try:
        vocabulary = Vocab()
        vocabulary.from_disk(folder)
        keys = [(vocabulary.strings[key], row) for key, row in vocabulary.vectors.key2row.items() if row >= 0]
        vectors = _reduced(np.asarray(vocabulary.vectors.data, np.float32), dimension)
    except (OSError, ValueError, KeyError) as error:
        raise IngestError(
            f"{folder}: {dimension} 次元以上のベクトルのある spaCy の語彙として読めません（{error}）。"
            "--vectors には、ja_ginza の中の vocab フォルダーを指定してください。"
        ) from error
    rows: dict[str, int] = {}
    for word, row in keys:  # the most frequent first
        rows.setdefault(word.lower(), row)
    frequent = _terms(rows)
    return Pretrained(frequent | rows, len(frequent), vectors)


def _terms(rows: Mapping[str, int]) -> dict[str, int]:
    terms: dict[str, int] = {}
    for word in islice(rows, _FREQUENT):
        spelt = words(word)
        # The vector file separates words by spaces.
        if len(spelt) == 1 and spelt[0].split() == spelt:
            terms.setdefault(spelt[0], rows[word])
    return terms


def _reduced(vectors: NDArray[np.float32], dimension: int) -> NDArray[np.float32]:
    if vectors.ndim != 2 or min(vectors.shape) < dimension:
        raise ValueError(str(vectors.shape))
    unit = vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9)
    unit -= unit.mean(axis=0)
    _, directions = np.linalg.eigh(unit.T @ unit)
    reduced: NDArray[np.float32] = unit @ directions[:, ::-1][:, :dimension]
    return reduced
