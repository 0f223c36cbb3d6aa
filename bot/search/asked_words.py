"""A question as passages are held against it: its words with their rarity, its vectors, its letters."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ingest.encoders import Encoder
from ingest.fields import letters
from ingest.index import Index
from ingest.tokenise import words

Array = NDArray[np.float32]

# Passages that share most of the question's words: 40 are candidates by words alone.
_NEAREST = 40


@dataclass(frozen=True)
class AskedWords:
    """The question `text` over one index; what has a row a word has one for each of its q distinct words."""

    text: str
    index: Index
    encoder: Encoder

    @cached_property
    def words(self) -> tuple[str, ...]:
        """All words of the question, in order."""
        return tuple(words(self.text))

    @cached_property
    def distinct(self) -> tuple[str, ...]:
        """The distinct words, in order."""
        return tuple(dict.fromkeys(self.words))

    @cached_property
    def numbers(self) -> NDArray[np.int32]:
        """Their numbers in the keyword index, (q,), -1 for words that no passage has."""
        numbers = self.index.keyword.numbers
        return np.array([numbers.get(word, -1) for word in self.distinct], np.int32)

    @cached_property
    def rarity(self) -> Array:
        """Their idf, (q,), as shares of its sum."""
        idf = np.array([self.index.keyword.idf(word) for word in self.distinct], np.float32)
        return idf / self.highest

    @cached_property
    def highest(self) -> float:
        """The sum of the idf of the distinct words, which no BM25 score of theirs exceeds."""
        return max(sum(self.index.keyword.idf(word) for word in self.distinct), 1e-6)

    @cached_property
    def keyword_scores(self) -> Array:
        """BM25 of every passage as a share of `highest`, (n,)."""
        scores: Array = self.index.keyword.scores(self.distinct) / self.highest
        return scores

    @cached_property
    def context_scores(self) -> Array:
        """BM25 of every page as a share of the highest that there could be, (contexts,)."""
        pages = self.index.context
        if pages is self.index.keyword:  # no passage has a page
            return self.keyword_scores
        scores: Array = pages.scores(self.distinct) / max(sum(pages.idf(word) for word in self.distinct), 1e-6)
        return scores

    @cached_property
    def letters(self) -> str:
        """Its letters, as passages are spelled in the index."""
        return letters(self.text)

    @cached_property
    def nearest(self) -> NDArray[np.int64]:
        """The rows of the passages that share most of its words, at most 40, those with none left out."""
        scores = self.keyword_scores
        most = np.argpartition(-scores, _NEAREST)[:_NEAREST] if len(scores) > _NEAREST else np.arange(len(scores))
        return most[scores[most] > 0]

    @cached_property
    def vectors(self) -> tuple[Array, Array]:
        """The directions of the words, (q, d), of unit length, and their importance, (q,), as shares of its sum."""
        directions, importance = self.index.lexicon.look_up(self.distinct)
        return directions, importance / max(float(importance.sum()), 1e-6)

    @cached_property
    def pooled(self) -> Array:
        """The question's own vector in the space of its words, (d,), of unit length."""
        return self.index.lexicon.pooled(self.words)

    @cached_property
    def encoded(self) -> Array:
        """The encoder's vector of the question, (dimension,)."""
        return self.encoder.encode_query(self.text)
