"""Static word vectors: a text's vector is the normalised sum of its words' vectors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ingest.embedding.words.vector_folder import read_folder, vectors_digest, write_folder

Vectors = NDArray[np.float32]
Ids = NDArray[np.int64]
SHIPPED = Path(__file__).with_name("shirube-words")


@dataclass(frozen=True, slots=True)
class WordVectors:
    """A row for each term, as long as the word is important; read-only and safe to share between threads.

    `vectors` is (len(terms), dimension), float32, or float16 on disk where it was loaded.
    """

    terms: Mapping[str, int]
    vectors: NDArray[Any]

    @property
    def dimension(self) -> int:
        """The length of each vector."""
        return int(self.vectors.shape[1])

    def ids(self, words: Sequence[str]) -> Ids:
        """Return the rows of those of `words` (of `ingest.japanese.tokenise.words`) that are known, in their order."""
        return np.array([self.terms[word] for word in words if word in self.terms], np.int64)

    def rows(self, ids: Ids) -> Vectors:
        """Return the vectors of `ids`, (len(ids), dimension)."""
        return self.vectors[ids].astype(np.float32)

    def directions(self, ids: Ids) -> Vectors:
        """Return the vectors of `ids` scaled to length 1, (len(ids), dimension)."""
        return _unit(self.rows(ids))

    def pooled(self, texts: Sequence[Sequence[str]]) -> Vectors:
        """Return (len(texts), dimension): of each text the unit vector of its words' sum, zero where none is known.

        A word given twice counts twice.
        """
        sums = np.zeros((len(texts), self.dimension), np.float32)
        for place, words in enumerate(texts):
            sums[place] = self.rows(self.ids(words)).sum(axis=0)
        return _unit(sums)

    def save(self, folder: Path) -> None:
        """Write them as the folder of a SentenceTransformer, which is made; its texts are words between spaces."""
        write_folder(folder, list(self.terms), self.vectors)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open what `save` wrote; the vectors stay on disk. Raises IngestError where the folder holds no such."""
        terms, vectors = read_folder(folder)
        return cls({term: row for row, term in enumerate(terms)}, vectors)


def _unit(rows: Vectors) -> Vectors:
    """Scale the rows to length 1, in place; zero stays zero."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Vectors = np.divide(rows, length, out=rows, where=length > 0)
    return unit


@cache
def shipped_word_vectors() -> WordVectors:
    """Return the vectors that come with this package: general Japanese, 256 dimensions. Its README tells the rest."""
    return WordVectors.load(SHIPPED)


def shipped_fingerprint() -> str:
    """Return what tells two states of the shipped vectors apart, wherever and whenever they were installed."""
    return vectors_digest(SHIPPED)
