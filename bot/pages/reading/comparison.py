"""Compares two documents: pairs their sections by heading and marks differing words."""

import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from time import thread_time

from bot.rendering.html.text_spans import TextSpan, diff_words
from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.japanese.markers import strip_heading_number

# The share of two headings' pairs of characters that they have in common (Dice), from which on they are alike.
_ALIKE = 0.6
# … and the least pairs of characters of one that lies wholly within the other.
_SHORTEST = 2
# Words are compared up to this many characters a side; a comparison of both may take so long in all,
# in seconds of a processor: what was compared is kept, and who looks again sees more of a long document compared.
_LONGEST, _PATIENCE_S = 6_000, 0.2
# Pairs of the same character, one a side, from which on two texts say the same so often that words cannot be compared.
_MOST_ALIKE = 1_000_000
# Pairs of headings that are held against each other; of more only those that are the same are found.
_MOST_COMPARED = 40_000


@dataclass(frozen=True, slots=True)
class SectionText:
    """A section with the text under its heading; `id` is its first passage."""

    id: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class SectionPair:
    """A section of the one document beside the like of the other; None where there is no such.

    `words` are those of both sides, those that differ told apart; None where they were not compared for their length.
    """

    old: SectionText | None
    new: SectionText | None
    words: tuple[tuple[TextSpan, ...], tuple[TextSpan, ...]] | None = None

    @property
    def same(self) -> bool:
        """Whether both say the same."""
        return bool(self.old and self.new) and self.old.text == self.new.text  # type: ignore[union-attr]


def compare_sections(old: Sequence[Passage], new: Sequence[Passage]) -> tuple[SectionPair, ...]:
    """Return the sections of the new document in order, each beside its like, and those that only the old one has."""
    olds, news = list(_section_texts(old)), list(_section_texts(new))
    pairs = _pair_sections(olds, news)
    until = thread_time() + _PATIENCE_S
    found = [_compare_pair(olds[pairs[n]] if n in pairs else None, part, until) for n, part in enumerate(news)]
    kept = set(pairs.values())
    gone = [SectionPair(part, None) for n, part in enumerate(olds) if n not in kept]
    return (*found, *gone)


def _section_texts(passages: Sequence[Passage]) -> Iterator[SectionText]:
    for path, group in groupby(passages, lambda passage: passage.path):
        held = list(group)
        yield SectionText(held[0].id, path[-1] if path else "", "\n".join(passage.text for passage in held))


def _pair_sections(olds: Sequence[SectionText], news: Sequence[SectionText]) -> dict[int, int]:
    """Return the place of the old section for that of the new: those with the same heading first, then the likest."""
    headings = [_strip_number(part.heading) for part in olds]
    same: dict[str, deque[int]] = {}
    for o, heading in enumerate(headings):
        if heading:
            same.setdefault(heading, deque()).append(o)
    wanted = [_strip_number(part.heading) for part in news]
    pairs = {n: same[heading].popleft() for n, heading in enumerate(wanted) if same.get(heading)}
    paired = set(pairs.values())
    free = dict.fromkeys(o for o in range(len(olds)) if o not in paired)
    left = [n for n in range(len(news)) if n not in pairs]
    if len(free) * len(left) > _MOST_COMPARED:
        return pairs
    grams = {o: _letter_ngrams(headings[o]) for o in free}
    for n in left:
        own = _letter_ngrams(wanted[n])
        likeness = {o: max(_dice_coefficient(own, grams[o]), _containment(own, grams[o])) for o in free}
        best = max(likeness, key=likeness.__getitem__, default=None)
        if best is not None and likeness[best] >= _ALIKE:
            pairs[n] = best
            del free[best]
    return pairs


def _strip_number(heading: str) -> str:
    """Return a heading without its number."""
    return re.sub(r"\s", "", strip_heading_number(nfkc(heading)))


def _letter_ngrams(text: str) -> frozenset[str]:
    return frozenset(text[n : n + 2] for n in range(len(text) - 1))


def _dice_coefficient(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the coefficient of Dice (1945)."""
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 0.0


def _containment(one: frozenset[str], other: frozenset[str]) -> float:
    """Return 1 where one heading says all that the other does and more: 渡し船, 渡し船の運航."""
    return float(min(len(one), len(other)) >= _SHORTEST and (one <= other or other <= one))


def _compare_pair(old: SectionText | None, new: SectionText, until: float) -> SectionPair:
    if old is None or old.text == new.text:
        return SectionPair(old, new)
    if max(len(old.text), len(new.text)) > _LONGEST or thread_time() > until:
        return SectionPair(old, new)
    return SectionPair(old, new, _differing(old.text, new.text))


@lru_cache(maxsize=2048)
def _differing(old: str, new: str) -> tuple[tuple[TextSpan, ...], tuple[TextSpan, ...]] | None:
    """Return the words of both sides, those that differ told apart; None where they repeat themselves too often."""
    counts = Counter(new)
    if sum(many * counts[letter] for letter, many in Counter(old).items()) > _MOST_ALIKE:
        return None
    return diff_words(old, new)
