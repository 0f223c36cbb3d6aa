"""The question as retrieval needs it: words with idf, vectors and characters."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from bot.retrieval.character_overlap import Array, CharacterMatches
from bot.state.query import select_rarest
from ingest.embedding import Encoder
from ingest.index.index import Index
from ingest.japanese.normal_forms import comparison_key
from ingest.japanese.tokenise import words

_MAX_CLOSEST = 40
# Questions that are answered at the same time, each in up to two wordings and three proposed queries.
_CACHED_QUESTIONS = 10


@dataclass(frozen=True)
class QueryRepresentation:
    """The question `text` over an index of n passages; q is the number of its distinct words."""

    text: str
    index: Index
    encoder: Encoder

    @cached_property
    def words(self) -> tuple[str, ...]:
        """All words, in order."""
        return tuple(words(self.text))

    @cached_property
    def distinct_words(self) -> tuple[str, ...]:
        """The distinct words, in order; of a very long question the rarest."""
        return select_rarest(self.words, self.index.keyword.idf)

    @cached_property
    def word_numbers(self) -> NDArray[np.int32]:
        """The number of each distinct word in the keyword index, (q,), -1 for words that no passage has."""
        numbers = self.index.keyword.term_numbers
        return np.array([numbers.get(word, -1) for word in self.distinct_words], np.int32)

    @cached_property
    def idf_shares(self) -> Array:
        """The idf of each distinct word as a share of their sum, (q,)."""
        idf = np.array([self.index.keyword.idf(word) for word in self.distinct_words], np.float32)
        return idf / self.max_keyword_score

    @cached_property
    def max_keyword_score(self) -> float:
        """The sum of the idf of the distinct words, which is an upper bound of their BM25 score."""
        return max(sum(self.index.keyword.idf(word) for word in self.distinct_words), 1e-6)

    @cached_property
    def keyword_scores(self) -> Array:
        """BM25 of each passage as a share of `max_keyword_score`, (n,)."""
        scores: Array = self.index.keyword.score_texts(self.distinct_words) / self.max_keyword_score
        return scores

    @cached_property
    def context_scores(self) -> Array:
        """BM25 of each page as a share of its upper bound, (pages,)."""
        pages = self.index.page_keyword_index
        if pages is self.index.keyword:  # no passage has a page
            return self.keyword_scores
        max_score = max(sum(pages.idf(word) for word in self.distinct_words), 1e-6)
        scores: Array = pages.score_texts(self.distinct_words) / max_score
        return scores

    @cached_property
    def characters(self) -> str:
        """The text as passages are spelled in the character index."""
        return comparison_key(self.text)

    @cached_property
    def closest(self) -> CharacterMatches:
        """The up to 40 passages with the highest BM25 above 0; they show how rare a spelling is among similar ones."""
        scores = self.keyword_scores
        rows = np.arange(len(scores))
        if len(scores) > _MAX_CLOSEST:
            rows = np.argpartition(-scores, _MAX_CLOSEST)[:_MAX_CLOSEST]
        return self.match_characters(rows[scores[rows] > 0])

    def match_characters(self, rows: NDArray[np.int64]) -> CharacterMatches:
        """Return the passages at `rows` for comparison by characters."""
        return CharacterMatches(self.index, self.characters, rows)

    @cached_property
    def word_vectors(self) -> tuple[Array, Array]:
        """The unit vector of each distinct word, (q, d), and its importance as a share of their sum, (q,)."""
        directions, importance = self.index.lexicon.look_up(self.distinct_words)
        return directions, importance / max(float(importance.sum()), 1e-6)

    @cached_property
    def pooled_vector(self) -> Array:
        """The pooled word vectors, of unit length, (d,)."""
        return self.index.lexicon.pooled(self.words)

    @cached_property
    def encoder_vector(self) -> Array:
        """The encoder's vector of the question, (dimension,)."""
        return self.encoder.encode_query(self.text)


class QueryRepresentationCache:
    """The representations of the latest questions over one index, shared by search and reader; safe to share."""

    def __init__(self, index: Index, encoder: Encoder) -> None:
        self.index = index
        self.encoder = encoder
        self._cached = lru_cache(maxsize=_CACHED_QUESTIONS)(lambda text: QueryRepresentation(text, index, encoder))

    def __call__(self, text: str) -> QueryRepresentation:
        """Return the representation of `text`, with all that was computed of it before."""
        return self._cached(text)
