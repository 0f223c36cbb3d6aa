"""The question as retrieval needs it: words with idf, vectors and letter sequences."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from bot.question.query import rarest
from ingest.embedding import Encoder
from ingest.index.index import Index
from ingest.japanese.tokenise import words
from ingest.terms.flow import Flow, squash_text

Array = NDArray[np.float32]

# Passages that share most of the question's words: 40 are candidates by words alone.
_NEAREST = 40
# A number with the counter or noun behind it, Latin letters, katakana, kanji.
_RUNS = re.compile(r"[0-9]+(?:\.[0-9]+)?[一-龥]?|[a-z][a-z0-9.\-]*|[ァ-ヶー]{2,}|[一-龥々]{2,}")
_KANJI = re.compile("[一-龥]")
_TRIGRAM, _STRETCH = 3, 5
# Runs of one script that are looked for, of a text that has more the first.
_MOST_RUNS = 64
# Letters beyond these (rare kanji, emoji) count as foreign, as do those after the first 255 of a long question.
_LAST = 0xFFFF
_LETTERS = 255
# Questions that are answered at once, each in two wordings.
_AT_ONCE = 4
Found = NDArray[np.bool_]


@dataclass(frozen=True)
class QueryRepresentation:
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
        """The distinct words, in order; of very many the rarest."""
        return rarest(self.words, self.index.keyword.idf)

    @cached_property
    def numbers(self) -> NDArray[np.int32]:
        """Their numbers in the keyword index, (q,), -1 for words that no passage has."""
        numbers = self.index.keyword.term_numbers
        return np.array([numbers.get(word, -1) for word in self.distinct], np.int32)

    @cached_property
    def rarity(self) -> Array:
        """Their idf, (q,), as shares of its sum."""
        idf = np.array([self.index.keyword.idf(word) for word in self.distinct], np.float32)
        return idf / self.max_keyword_score

    @cached_property
    def max_keyword_score(self) -> float:
        """The sum of the idf of the distinct words, which no BM25 score of theirs exceeds."""
        return max(sum(self.index.keyword.idf(word) for word in self.distinct), 1e-6)

    @cached_property
    def keyword_scores(self) -> Array:
        """BM25 of every passage as a share of `highest`, (n,)."""
        scores: Array = self.index.keyword.score_texts(self.distinct) / self.max_keyword_score
        return scores

    @cached_property
    def context_scores(self) -> Array:
        """BM25 of every page as a share of the highest that there could be, (contexts,)."""
        pages = self.index.context
        if pages is self.index.keyword:  # no passage has a page
            return self.keyword_scores
        scores: Array = pages.score_texts(self.distinct) / max(sum(pages.idf(word) for word in self.distinct), 1e-6)
        return scores

    @cached_property
    def letters(self) -> str:
        """Its letters, as passages are spelled in the index."""
        return squash_text(self.text)

    @cached_property
    def nearest(self) -> NDArray[np.int64]:
        """The rows of the passages that share most of its words, at most 40, those with none left out."""
        scores = self.keyword_scores
        most = np.argpartition(-scores, _NEAREST)[:_NEAREST] if len(scores) > _NEAREST else np.arange(len(scores))
        return most[scores[most] > 0]

    @cached_property
    def around(self) -> "LetterMatches":
        """These passages in its letters, which tell how rare a spelling is among them."""
        return LetterMatches(self, self.nearest)

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


class QueryRepresentationCache:
    """The last questions over one index, as search and reader hold passages against them; safe to share."""

    def __init__(self, index: Index, encoder: Encoder) -> None:
        self.index, self.encoder = index, encoder
        self._known = lru_cache(maxsize=_AT_ONCE)(lambda text: QueryRepresentation(text, index, encoder))

    def __call__(self, text: str) -> QueryRepresentation:
        """Return the question `text`, what was worked out of it before included."""
        return self._known(text)


@dataclass(frozen=True)
class LetterMatches:
    """The passages at `rows` of the question's index in its own letters: numbers from 1, 0 for what it has not."""

    asked: QueryRepresentation
    rows: NDArray[np.int64]

    @cached_property
    def _known(self) -> NDArray[np.uint8]:
        known = np.zeros(_LAST + 1, np.uint8)
        alphabet = np.unique(Flow.from_letters([self.asked.letters]).terms)
        alphabet = alphabet[alphabet < _LAST][:_LETTERS]
        known[alphabet] = np.arange(1, len(alphabet) + 1)
        return known

    @cached_property
    def _letters(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """The letters, (m,), and of which of the rows each is, (m,)."""
        codes, places = self.asked.index.letters.gather(self.rows)
        return self._numbered(codes), places

    def _numbered(self, codes: NDArray[np.int32]) -> NDArray[np.uint8]:
        return self._known[np.minimum(codes, _LAST)]

    def _own(self, text: str) -> NDArray[np.uint8]:
        return self._numbered(Flow.from_letters([text]).terms)

    def runs(self, runs: Sequence[str]) -> Found:
        """Return which of `runs` of the question's letters each passage holds, (rows, len(runs))."""
        letters, places = self._letters
        text, held = letters.tobytes(), np.zeros((len(self.rows), len(runs)), bool)
        for i, run in enumerate(runs):
            starts = np.fromiter(_places(self._own(run).tobytes(), text), np.int64)
            held[places[starts[places[starts] == places[starts + len(run) - 1]]], i] = True
        return held

    def cut(self, size: int) -> Found:
        """Return which of the question's distinct runs of `size` letters (1 to 7) each passage holds, (rows, runs)."""
        letters, places = self._letters
        question = self._own(self.asked.letters)
        wanted = np.unique(_numbers(question, size, np.arange(max(0, len(question) - size + 1))))
        held = np.zeros((len(self.rows), len(wanted)), bool)
        starts = self._starts(size)
        if not len(starts) or not len(wanted):
            return held
        found = _numbers(letters, size, starts)
        at = np.minimum(np.searchsorted(wanted, found), len(wanted) - 1)
        hits = wanted[at] == found
        held[places[starts[hits]], at[hits]] = True
        return held

    def _starts(self, size: int) -> NDArray[np.int64]:
        """Return where `size` letters of the question follow each other in one passage."""
        letters, places = self._letters
        own, count = letters > 0, max(0, len(letters) - size + 1)
        inside = places[:count] == places[size - 1 : size - 1 + count]
        for ahead in range(size):
            inside &= own[ahead : ahead + count]
        return np.flatnonzero(inside)


def run_overlap(spelled: LetterMatches, around: LetterMatches) -> Array:
    """Return the share of the question's runs of one script in each passage, (rows,).

    Each weighs by how few of the passages `around`, which share most words, hold it; what is no kanji (names, codes,
    numbers) weighs double. Compounds count as a whole, other than in words: 第20回 is not 20 and 回.
    """
    found = list(dict.fromkeys(_RUNS.findall(spelled.asked.letters)))[:_MOST_RUNS]
    if not found:
        return np.zeros(len(spelled.rows), np.float32)
    frequency = around.runs(found).sum(axis=0)
    weights = np.log1p((len(around.rows) - frequency + 0.5) / (frequency + 0.5))
    weights *= [1 if _KANJI.match(run) else 2 for run in found]
    shares: Array = (spelled.runs(found) @ weights / max(weights.sum(), 1e-6)).astype(np.float32)
    return shares


def trigram_overlap(spelled: LetterMatches) -> Array:
    """Return the share of the question's runs of three letters in each passage, (rows,).

    They hold where Sudachi cuts one word in two ways, and where a letter of a long word is wrong.
    """
    return _shares(spelled.cut(max(1, min(_TRIGRAM, len(spelled.asked.letters)))))


def five_gram_overlap(spelled: LetterMatches, around: LetterMatches) -> Array:
    """Return the share of the question's runs of five letters in each passage, (rows,).

    Counted are only those that some passage holds of those `around`; without any, all have 0.
    """
    seen = around.cut(_STRETCH).any(axis=0)
    return _shares(spelled.cut(_STRETCH)[:, seen])


def _numbers(letters: NDArray[np.uint8], size: int, starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a number for each of the runs of `size` letters at `starts`, (len(starts),)."""
    numbers = np.zeros(len(starts), np.int64)
    for ahead in range(size):
        numbers = numbers << 8 | letters[starts + ahead]
    return numbers


def _places(run: bytes, text: bytes) -> Iterator[int]:
    """Yield where `run` stands in `text`; compiling a pattern would take longer than to look."""
    at = text.find(run)
    while at >= 0:
        yield at
        at = text.find(run, at + 1)


def _shares(held: Found) -> Array:
    shares: Array = held.sum(axis=1, dtype=np.float32) / np.float32(max(1, held.shape[1]))
    return shares
