"""Candidates for the answer proper: the phrases of a text — nouns with what joins them, dates, figures, names."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from bot.find.shape import CLOSING, OPENING, STOPS, after, before, shape
from ingest.normalise import nfkc
from ingest.tokenise import LIGHT_WORDS, Morpheme, morphemes

# Long morphemes in a candidate: 98.7 % of the answers of JaQuAD have no more (fit half, eval/LOG.md).
_LONGEST = 12
_MANY = 4
_JOINING = frozenset("、，,・:：;；/／=＝-－‐~〜～…")
_NO_BEGINNING = frozenset({"助詞", "助動詞", "空白", "動詞", "接続詞", "感動詞", "接尾辞"})
_NO_END = frozenset({"助詞", "助動詞", "空白", "動詞", "接続詞", "感動詞", "連体詞", "接頭辞"})
_BREAKS = frozenset({"動詞", "助動詞", "接続詞"})
_CASES = frozenset("はがを")

Ints = NDArray[np.int64]
Clue = tuple[str, str, str, int]


@dataclass(frozen=True, eq=False)
class Text:
    """A heading and the passage under it, in long morphemes, with the candidates of both.

    Sentence 0 is the heading, always there, maybe empty. `sentences` are ranges of morphemes; `words` the normal forms
    of the content words in each morpheme; `first` and `last` are (candidates,), the morphemes where each begins, ends.
    """

    text: str
    body: int
    morphemes: tuple[Morpheme, ...]
    words: tuple[frozenset[str], ...]
    sentences: tuple[range, ...]
    first: Ints
    last: Ints

    def __len__(self) -> int:
        return len(self.first)

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
    """Return the candidates of a passage under its heading; either may be empty."""
    text = f"{heading}\n{body}"
    ms = tuple(morphemes(text, "C"))
    sentences = tuple(_sentences(ms))
    found = [span for sentence in sentences for span in _candidates(ms, sentence)]
    first, last = np.array(found, dtype=np.int64).reshape(-1, 2).T
    return Text(text, len(heading) + 1, ms, _words(text, ms), sentences, first, last)


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


def _candidates(ms: Sequence[Morpheme], sentence: range) -> Iterator[tuple[int, int]]:
    for first in sentence:
        if not _begins(ms, first):
            continue
        depth = 0
        for last in range(first, min(sentence.stop, first + _LONGEST)):
            depth += (ms[last].surface in OPENING) - (ms[last].surface in CLOSING)
            if depth < 0 or (depth == 0 and _breaks(ms[last])):
                break
            if depth == 0 and _ends(ms, last):
                yield first, last


def _begins(ms: Sequence[Morpheme], i: int) -> bool:
    """Whether a phrase can begin here: not in a numeral, behind a prefix, or with a mark (not even a quotation's)."""
    m, joined = ms[i], i > 0 and (ms[i - 1].pos[0] == "接頭辞" or _is_numeral(ms[i - 1 : i + 1]))
    if joined or m.pos[0] in _NO_BEGINNING or m.normal in LIGHT_WORDS:
        return False
    return not any(m.surface in marks for marks in (OPENING, CLOSING, STOPS, _JOINING))


def _ends(ms: Sequence[Morpheme], i: int) -> bool:
    m = ms[i]
    if m.pos[0] in _NO_END or m.surface in OPENING or m.surface in STOPS or m.surface in _JOINING:
        return False
    return not _is_numeral(ms[i : i + 2])


def _breaks(m: Morpheme) -> bool:
    if m.surface == "な":  # 高圧的な態度 is one phrase
        return False
    return m.pos[0] in _BREAKS or m.surface in STOPS or (m.pos[0] == "助詞" and m.surface in _CASES)


def _is_numeral(ms: Sequence[Morpheme]) -> bool:
    """Whether two morphemes are parts of one numeral."""
    return [m.pos[1] for m in ms] == ["数詞", "数詞"]
