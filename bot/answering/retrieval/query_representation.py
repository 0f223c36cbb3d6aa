"""The question as retrieval needs it: words with idf, vectors, and its characters in passages."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answering.state.query import select_rarest
from ingest.embedding import Encoder
from ingest.index.index import Index
from ingest.japanese.characters import ONE_KANJI
from ingest.japanese.normal_forms import comparison_key
from ingest.japanese.tokenise import words
from ingest.terms.flow import Flow

Array = NDArray[np.float32]
Matches = NDArray[np.bool_]

# A number with its counter or noun, Latin letters, katakana, kanji.
_RUN = re.compile(r"[0-9]+(?:\.[0-9]+)?[一-龥]?|[a-z][a-z0-9.\-]*|[ァ-ヶー]{2,}|[一-龥々]{2,}")
_MAX_RUNS = 32
# Characters from this code on (rare kanji, emoji) count as absent from the question.
_MAX_CODE = 0xFFFF
# The characters of a question are numbered in one byte; 0 is any other character.
_MAX_ALPHABET = 255


@dataclass(frozen=True)
class CharacterMatches:
    """`count` texts as numbers of the characters that the question has.

    `codes` (m,) are the code points of all texts in order, `positions` (m,) the text of each; codes and question are
    spelled the same way.
    """

    question: str
    codes: NDArray[Any]
    positions: NDArray[np.int64]
    count: int

    @cached_property
    def _numbers(self) -> NDArray[np.uint8]:
        numbers = np.zeros(_MAX_CODE + 1, np.uint8)
        alphabet = np.unique(Flow.from_letters([self.question]).terms)
        alphabet = alphabet[alphabet < _MAX_CODE][:_MAX_ALPHABET]
        numbers[alphabet] = np.arange(1, len(alphabet) + 1)
        return numbers

    @cached_property
    def _characters(self) -> NDArray[np.uint8]:
        numbers: NDArray[np.uint8] = self._numbers[np.minimum(self.codes, _MAX_CODE)]
        return numbers

    def _numbered_text(self, text: str) -> NDArray[np.uint8]:
        numbers: NDArray[np.uint8] = self._numbers[np.minimum(Flow.from_letters([text]).terms, _MAX_CODE)]
        return numbers

    def match_runs(self, runs: Sequence[str]) -> Matches:
        """Return which of `runs` of the question each text contains, (count, len(runs))."""
        positions = self.positions
        text = self._characters.tobytes()
        contained = np.zeros((self.count, len(runs)), bool)
        for i, run in enumerate(runs):
            starts = np.fromiter(_find_all(self._numbered_text(run).tobytes(), text), np.int64)
            is_in_one_passage = positions[starts] == positions[starts + len(run) - 1]
            contained[positions[starts[is_in_one_passage]], i] = True
        return contained

    def match_ngrams(self, n: int) -> Matches:
        """Return which of the question's distinct n-grams (n from 1 to 7) each text contains, (count, n-grams)."""
        question = self._numbered_text(self.question)
        question_keys = np.unique(_ngram_keys(question, n, np.arange(max(0, len(question) - n + 1))))
        contained = np.zeros((self.count, len(question_keys)), bool)
        starts = self._ngram_starts(n)
        if not len(starts) or not len(question_keys):
            return contained
        keys = _ngram_keys(self._characters, n, starts)
        columns = np.minimum(np.searchsorted(question_keys, keys), len(question_keys) - 1)
        is_match = question_keys[columns] == keys
        contained[self.positions[starts[is_match]], columns[is_match]] = True
        return contained

    def _ngram_starts(self, n: int) -> NDArray[np.int64]:
        positions = self.positions
        is_of_question = self._characters > 0
        count = max(0, len(positions) - n + 1)
        is_start = positions[:count] == positions[n - 1 : n - 1 + count]
        for offset in range(n):
            is_start &= is_of_question[offset : offset + count]
        return np.flatnonzero(is_start)


def run_overlap(matches: CharacterMatches, closest: CharacterMatches) -> Array:
    """Return the weighted share of the question's runs of one script in each passage, (rows,).

    A run weighs more the fewer of the `closest` passages contain it, and names, codes and numbers weigh twice as much
    as kanji. A run is a whole compound, unlike a word of Sudachi: 第20回 is not 20 and 回.
    """
    runs = list(dict.fromkeys(_RUN.findall(matches.question)))[:_MAX_RUNS]
    if not runs:
        return np.zeros(matches.count, np.float32)
    frequency = closest.match_runs(runs).sum(axis=0)
    weights = np.log1p((closest.count - frequency + 0.5) / (frequency + 0.5))
    weights *= [1 if ONE_KANJI.match(run) else 2 for run in runs]
    shares: Array = (matches.match_runs(runs) @ weights / max(weights.sum(), 1e-6)).astype(np.float32)
    return shares


def trigram_overlap(matches: CharacterMatches) -> Array:
    """Return the share of the question's character trigrams in each passage, (rows,).

    It helps if Sudachi splits a word in two ways, or if a letter of a long word is wrong.
    """
    return _row_shares(matches.match_ngrams(max(1, min(3, len(matches.question)))))


def five_gram_overlap(matches: CharacterMatches, closest: CharacterMatches) -> Array:
    """Return the share of the question's character 5-grams in each passage, (rows,).

    Only 5-grams that one of the `closest` passages contains are counted.
    """
    is_known = closest.match_ngrams(5).any(axis=0)
    return _row_shares(matches.match_ngrams(5)[:, is_known])


def _ngram_keys(characters: NDArray[np.uint8], n: int, starts: NDArray[np.int64]) -> NDArray[np.int64]:
    keys = np.zeros(len(starts), np.int64)
    for offset in range(n):
        keys = keys << 8 | characters[starts + offset]
    return keys


def _find_all(run: bytes, text: bytes) -> Iterator[int]:
    # Compiling a pattern would take longer than the search.
    start = text.find(run)
    while start >= 0:
        yield start
        start = text.find(run, start + 1)


def _row_shares(matches: Matches) -> Array:
    shares: Array = matches.sum(axis=1, dtype=np.float32) / np.float32(max(1, matches.shape[1]))
    return shares


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
    def features_by_row(self) -> dict[int, Array]:
        """The ranking features (`bot.answering.retrieval.features`) of the passages that were scored so far."""
        return {}

    @cached_property
    def words(self) -> tuple[str, ...]:
        return tuple(words(self.text))

    @cached_property
    def distinct_words(self) -> tuple[str, ...]:
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
        return CharacterMatches(self.characters, *self.index.character_sequences.gather(rows), len(rows))

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
