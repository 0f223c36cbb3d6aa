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

from ingest.embedding.encoder import Vectors
from ingest.errors import IngestError
from ingest.japanese import tokenise

_WEIGHTS = "model.safetensors"
_TOKENIZER = "tokenizer.json"
_TENSOR = "embedding.weight"


def read_folder(folder: Path) -> tuple[list[str], NDArray[Any]]:
    """Return the terms and their memory-mapped vectors, (len(terms), dimension) float16.

    Raises IngestError if `folder`, in the format of SentenceTransformer, is damaged.
    """
    try:
        tokenizer = json.loads((folder / _TOKENIZER).read_text(encoding="utf-8"))
        terms = list(tokenizer["model"]["vocab"])[1:]  # the first is for unknown words
        vectors = _map_tensor(folder / _WEIGHTS)[1:]
        if len(terms) != len(vectors):
            raise ValueError(f"{len(terms)} terms, {len(vectors)} vectors")  # noqa: TRY301 -- reported like the other errors
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IngestError(
            f"単語ベクトルのフォルダー「{folder}」を読めません（{error}）。"
            "パッケージをもう一度インストールしてください。"
        ) from error
    return terms, vectors


def _map_tensor(file: Path) -> NDArray[Any]:
    with file.open("rb") as opened:
        size = int.from_bytes(opened.read(8), "little")
        tensor = json.loads(opened.read(size))[_TENSOR]
    if tensor["dtype"] != "F16":
        raise ValueError(tensor["dtype"])
    start, _ = tensor["data_offsets"]
    shape = tuple(tensor["shape"])
    return np.asarray(np.memmap(file, np.dtype("<f2"), mode="r", offset=8 + size + start, shape=shape))


def vectors_digest(folder: Path) -> str:
    """Return a digest of the vectors in `folder`; "" if there are none."""
    weights = folder / _WEIGHTS
    return sha256(weights.read_bytes()).hexdigest() if weights.is_file() else ""


Ids = NDArray[np.int64]
SHIPPED = Path(__file__).with_name("shirube-words")


@dataclass(frozen=True, slots=True)
class WordVectors:
    """A vector for each term, whose length is the term's importance; read-only and safe to share between threads.

    `vectors` is (len(terms), dimension), float32, or memory-mapped float16 if loaded.
    """

    terms: Mapping[str, int]
    vectors: NDArray[Any]

    @property
    def dimension(self) -> int:
        """The length of each vector."""
        return int(self.vectors.shape[1])

    def ids(self, words: Sequence[str]) -> Ids:
        """Return the rows of the known `words` (`ingest.japanese.tokenise.words`), in order."""
        return np.array([self.terms[word] for word in words if word in self.terms], np.int64)

    def rows(self, ids: Ids) -> Vectors:
        """Return the vectors of `ids`, (len(ids), dimension)."""
        return self.vectors[ids].astype(np.float32)

    def directions(self, ids: Ids) -> Vectors:
        """Return the vectors of `ids` scaled to length 1, (len(ids), dimension)."""
        return _unit(self.rows(ids))

    def pooled(self, texts: Sequence[Sequence[str]]) -> Vectors:
        """Return the unit vector of each text's word sum, (len(texts), dimension); zero if no word is known.

        Repeated words count repeatedly.
        """
        sums = np.zeros((len(texts), self.dimension), np.float32)
        for place, words in enumerate(texts):
            sums[place] = self.rows(self.ids(words)).sum(axis=0)
        return _unit(sums)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open a folder of word vectors; they are memory-mapped. Raises IngestError."""
        terms, vectors = read_folder(folder)
        return cls({term: row for row, term in enumerate(terms)}, vectors)


def _unit(rows: Vectors) -> Vectors:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Vectors = np.divide(rows, length, out=rows, where=length > 0)
    return unit


@cache
def shipped_word_vectors() -> WordVectors:
    """Return the shipped vectors: general Japanese, 256 dimensions (see their README)."""
    return WordVectors.load(SHIPPED)


def shipped_fingerprint() -> str:
    """Return a fingerprint of the shipped vectors that does not depend on their place on the disk."""
    return vectors_digest(SHIPPED)


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
