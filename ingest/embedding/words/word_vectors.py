"""Static word vectors: a text's vector is the normalised sum of its words' vectors."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from ingest.embedding.encoder import Vectors, to_unit_length
from ingest.errors import IngestError
from ingest.japanese import tokenise

_WEIGHTS = "model.safetensors"
_TOKENIZER = "tokenizer.json"
_TENSOR = "embedding.weight"
SHIPPED = Path(__file__).with_name("shirube-words")
Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class WordVectors:
    """A vector for each term, whose length is the term's importance; read-only and safe to share between threads.

    `vectors` is (len(terms), dimension), float32, or float16 if loaded.
    """

    terms: Mapping[str, int]
    vectors: NDArray[Any]

    @property
    def dimension(self) -> int:
        return int(self.vectors.shape[1])

    def ids(self, words: Sequence[str]) -> Ids:
        """Return the rows of the known `words` (`ingest.japanese.tokenise.words`), in order."""
        return np.array([self.terms[word] for word in words if word in self.terms], np.int64)

    def rows(self, ids: Ids) -> Vectors:
        """Return the vectors of `ids`, (len(ids), dimension)."""
        return self.vectors[ids].astype(np.float32)

    def directions(self, ids: Ids) -> Vectors:
        """Return the vectors of `ids` scaled to length 1, (len(ids), dimension)."""
        return to_unit_length(self.rows(ids))

    def pooled(self, texts: Sequence[Sequence[str]]) -> Vectors:
        """Return the unit vector of each text's word sum, (len(texts), dimension); zero if no word is known.

        Repeated words count repeatedly.
        """
        sums = np.zeros((len(texts), self.dimension), np.float32)
        for place, words in enumerate(texts):
            sums[place] = self.rows(self.ids(words)).sum(axis=0)
        return to_unit_length(sums)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open a folder of word vectors in the format of SentenceTransformer. Raises IngestError if it is damaged."""
        try:
            tokenizer = json.loads((folder / _TOKENIZER).read_text(encoding="utf-8"))
            terms = list(tokenizer["model"]["vocab"])[1:]  # the first is for unknown words
            vectors = load_file(folder / _WEIGHTS)[_TENSOR][1:]
            if len(terms) != len(vectors):
                raise ValueError(f"{len(terms)} terms, {len(vectors)} vectors")  # noqa: TRY301 -- reported like the other errors
        except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
            raise IngestError(
                f"単語ベクトルのフォルダー「{folder}」を読めません（{error}）。"
                "パッケージをもう一度インストールしてください。"
            ) from error
        return cls({term: row for row, term in enumerate(terms)}, vectors)


@cache
def shipped_word_vectors() -> WordVectors:
    """Return the shipped vectors: general Japanese, 256 dimensions (see their README)."""
    return WordVectors.load(SHIPPED)


def shipped_fingerprint() -> str:
    """Return a fingerprint of the shipped vectors that does not depend on their place on the disk."""
    return sha256((SHIPPED / _WEIGHTS).read_bytes()).hexdigest()


WORDS_ENCODER = "shirube-words"
"""The name of the light encoder."""


class WordsEncoder:
    """The light encoder: encodes a text as the sum of its word vectors, regardless of word order."""

    name = WORDS_ENCODER

    def __init__(self) -> None:
        self._vectors = shipped_word_vectors()
        self.dimension = self._vectors.dimension

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors, (len(texts), 256)."""
        return self._vectors.pooled([tokenise.words(text) for text in texts])

    def encode_query(self, text: str) -> Vectors:
        """Return the vector, (256,)."""
        vector: Vectors = self.encode_documents([text])[0]
        return vector
