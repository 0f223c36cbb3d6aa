"""A text as it is read for an answer: its sentences, its words, and the candidates in it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from bot.extract.phrase import candidates
from bot.extract.shape import CLOSING, OPENING, STOPS, after, before, shape
from ingest.normalise import nfkc
from ingest.tokenise import LIGHT_WORDS, Morpheme, morphemes

# Morphemes from which on a candidate is long.
_MANY = 4

Ints = NDArray[np.int64]
Clue = tuple[str, str, str, int]


@dataclass(frozen=True, eq=False)
class Text:
    """A heading and the passage under it, in long morphemes, with the candidates of both.

    Sentence 0 is the heading, always there, maybe empty. `sentences` are ranges of morphemes; `words` the normal forms
    of the content words in each morpheme. The candidates are found when they are asked for.
    """

    text: str
    body: int
    morphemes: tuple[Morpheme, ...]
    words: tuple[frozenset[str], ...]
    sentences: tuple[range, ...]

    def __len__(self) -> int:
        return len(self._spans)

    @cached_property
    def _spans(self) -> Ints:
        found = [span for sentence in self.sentences for span in candidates(self.morphemes, sentence)]
        return np.array(found, dtype=np.int64).reshape(-1, 2)

    @property
    def first(self) -> Ints:
        """The morphemes with which the candidates begin, (candidates,)."""
        return self._spans[:, 0]

    @property
    def last(self) -> Ints:
        """The morphemes with which the candidates end, (candidates,)."""
        return self._spans[:, 1]

    @cached_property
    def starts(self) -> Ints:
        """The characters where the candidates begin, (candidates,)."""
        return np.array([self.morphemes[i].start for i in self.first], dtype=np.int64)

    @cached_property
    def ends(self) -> Ints:
        """The characters behind the candidates, (candidates,)."""
        return np.array([self.morphemes[i].end for i in self.last], dtype=np.int64)

    @cached_property
    def in_heading(self) -> NDArray[np.bool_]:
        """Whether each candidate stands in the heading, (candidates,)."""
        return self.ends < self.body

    @cached_property
    def sentence_of(self) -> Ints:
        """The sentence of each morpheme, (morphemes,)."""
        return np.array([n for n, sentence in enumerate(self.sentences) for _ in sentence], dtype=np.int64)

    @cached_property
    def said(self) -> tuple[str, ...]:
        """The sentences as they stand."""
        return tuple(self.text[self.morphemes[s.start].start : self.morphemes[s.stop - 1].end] for s in self.sentences)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The candidates as they are compared: NFKC, without spaces."""
        parts = [key(m.surface) for m in self.morphemes]
        return tuple("".join(parts[a : b + 1]) for a, b in zip(self.first, self.last, strict=True))

    @cached_property
    def clues(self) -> tuple[Clue, ...]:
        """What each candidate is, what stands before and behind it, and of how many morphemes it is, up to _MANY."""
        ms = self.morphemes
        return tuple(
            (shape(ms[a : b + 1]), before(ms, a), after(ms, b), min(int(b - a) + 1, _MANY))
            for a, b in zip(self.first, self.last, strict=True)
        )


def key(text: str) -> str:
    """Return `text` as answers are compared: NFKC, without spaces."""
    return re.sub(r"\s", "", nfkc(text))


@lru_cache(maxsize=200)
def phrases(heading: str, body: str) -> Text:
    """Return a passage under its heading, read for candidates; either may be empty."""
    text = f"{heading}\n{body}"
    ms = tuple(morphemes(text, "C"))
    return Text(text, len(heading) + 1, ms, _words(text, ms), tuple(_sentences(ms)))


def _words(text: str, long: Sequence[Morpheme]) -> tuple[frozenset[str], ...]:
    """Return the normal forms of the short content words in each long morpheme, and of a verb as a whole."""
    words: list[set[str]] = [{m.normal} - LIGHT_WORDS if m.pos[0] == "動詞" else set() for m in long]
    at = 0
    for m in morphemes(text):
        while at < len(long) - 1 and long[at].end <= m.start:
            at += 1
        if m.is_content and m.normal not in LIGHT_WORDS:
            words[at].add(m.normal.lower())
    return tuple(map(frozenset, words))


def _sentences(ms: Sequence[Morpheme]) -> Iterator[range]:
    """Yield the sentences; a full stop inside brackets ends none, a line break always does."""
    start = depth = 0
    for i, m in enumerate(ms):
        depth = max(0, depth + (m.surface in OPENING) - (m.surface in CLOSING))
        if "\n" in m.surface or (m.surface in STOPS and not depth):
            yield range(start, i + 1)
            start, depth = i + 1, 0
    if start < len(ms):
        yield range(start, len(ms))
