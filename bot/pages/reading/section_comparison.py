"""Compares two documents: pairs their sections by heading and marks differing words."""

import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from time import thread_time

from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.japanese.markers import strip_heading_number
from ingest.japanese.word_differences import TextSpan, diff_words

# Minimum share of character pairs that two similar headings have in common (Dice).
_MIN_HEADING_SIMILARITY = 0.6
# Minimum character pairs of a heading that is contained in another one.
_MIN_CONTAINED_PAIRS = 2
# Longest text of a section, in characters, whose words are compared.
_MAX_COMPARED_CHARS = 6_000
# Processor time for the word comparisons of one page. Results are cached, so that the next visit compares more.
_MAX_COMPARISON_S = 0.2
# Pairs of equal characters, one from each text, above which texts are too repetitive to compare.
_MAX_EQUAL_CHARACTER_PAIRS = 1_000_000
# Pairs of headings that are compared; if there are more, only equal headings are paired.
_MAX_HEADING_PAIRS = 40_000

SideWords = tuple[tuple[TextSpan, ...], tuple[TextSpan, ...]]


@dataclass(frozen=True, slots=True)
class SectionText:
    """A section with the text under its heading; `id` is the id of its first passage."""

    id: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class SectionPair:
    """A section of the old document beside the similar section of the new one; None if there is no such section.

    `words` are the words of both sides with the differing ones marked; None if they were not compared.
    """

    old: SectionText | None
    new: SectionText | None
    words: SideWords | None = None

    @property
    def is_unchanged(self) -> bool:
        """Whether both documents have the section with the same text."""
        return self.old is not None and self.new is not None and self.old.text == self.new.text


def compare_sections(old: Sequence[Passage], new: Sequence[Passage]) -> tuple[SectionPair, ...]:
    """Return the sections of the new document in order, each with its counterpart, then those only the old one has."""
    old_sections = list(_section_texts(old))
    new_sections = list(_section_texts(new))
    counterparts = _pair_sections(old_sections, new_sections)
    deadline = thread_time() + _MAX_COMPARISON_S
    pairs = [
        _compare_pair(old_sections[counterparts[number]] if number in counterparts else None, section, deadline)
        for number, section in enumerate(new_sections)
    ]
    paired = set(counterparts.values())
    removed = [SectionPair(section, None) for number, section in enumerate(old_sections) if number not in paired]
    return (*pairs, *removed)


def _section_texts(passages: Sequence[Passage]) -> Iterator[SectionText]:
    for path, group in groupby(passages, lambda passage: passage.path):
        members = list(group)
        text = "\n".join(passage.text for passage in members)
        yield SectionText(members[0].id, path[-1] if path else "", text)


def _pair_sections(old_sections: Sequence[SectionText], new_sections: Sequence[SectionText]) -> dict[int, int]:
    old_headings = [_normalise_heading(section.heading) for section in old_sections]
    new_headings = [_normalise_heading(section.heading) for section in new_sections]
    by_heading: dict[str, deque[int]] = {}
    for number, heading in enumerate(old_headings):
        if heading:
            by_heading.setdefault(heading, deque()).append(number)
    pairs = {
        number: by_heading[heading].popleft() for number, heading in enumerate(new_headings) if by_heading.get(heading)
    }
    paired = set(pairs.values())
    free = {
        number: _character_pairs(old_headings[number]) for number in range(len(old_headings)) if number not in paired
    }
    unpaired = [number for number in range(len(new_headings)) if number not in pairs]
    if len(free) * len(unpaired) > _MAX_HEADING_PAIRS:
        return pairs
    for number in unpaired:
        new_pairs = _character_pairs(new_headings[number])
        similarity = {
            old_number: max(_dice_coefficient(new_pairs, old_pairs), _containment(new_pairs, old_pairs))
            for old_number, old_pairs in free.items()
        }
        best = max(similarity, key=similarity.__getitem__, default=None)
        if best is not None and similarity[best] >= _MIN_HEADING_SIMILARITY:
            pairs[number] = best
            del free[best]
    return pairs


def _normalise_heading(heading: str) -> str:
    return re.sub(r"\s", "", strip_heading_number(nfkc(heading)))


def _character_pairs(text: str) -> frozenset[str]:
    return frozenset(text[start : start + 2] for start in range(len(text) - 1))


def _dice_coefficient(pairs: frozenset[str], other_pairs: frozenset[str]) -> float:
    total = len(pairs) + len(other_pairs)
    return 2 * len(pairs & other_pairs) / total if total else 0.0


def _containment(pairs: frozenset[str], other_pairs: frozenset[str]) -> float:
    is_long_enough = min(len(pairs), len(other_pairs)) >= _MIN_CONTAINED_PAIRS
    return float(is_long_enough and (pairs <= other_pairs or other_pairs <= pairs))


def _compare_pair(old: SectionText | None, new: SectionText, deadline: float) -> SectionPair:
    if old is None or old.text == new.text:
        return SectionPair(old, new)
    if max(len(old.text), len(new.text)) > _MAX_COMPARED_CHARS or thread_time() > deadline:
        return SectionPair(old, new)
    return SectionPair(old, new, _mark_differences(old.text, new.text))


@lru_cache(maxsize=2048)
def _mark_differences(old: str, new: str) -> SideWords | None:
    new_counts = Counter(new)
    equal_pairs = sum(count * new_counts[character] for character, count in Counter(old).items())
    return None if equal_pairs > _MAX_EQUAL_CHARACTER_PAIRS else diff_words(old, new)
