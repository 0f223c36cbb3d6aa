"""Compares two documents: pairs their sections by heading and marks differing words."""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.japanese.markers import strip_heading_number
from ingest.japanese.word_differences import Spans, diff_words

# Minimum share of character pairs that two similar headings have in common (Dice).
_MIN_HEADING_SIMILARITY = 0.6
# Minimum character pairs of a heading that is contained in another one.
_MIN_CONTAINED_PAIRS = 2
# Characters of changed sections that are compared word by word on one page, the others line by line.
_MAX_COMPARED_CHARS = 20_000
# Pairs of headings that are compared; if there are more, only equal headings are paired.
_MAX_HEADING_PAIRS = 40_000


@dataclass(frozen=True, slots=True)
class SectionText:
    """A section with the text under its heading; `id` is the id of its first passage."""

    id: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class SectionPair:
    """A section of the old document beside the similar section of the new one; None if there is no such section.

    `words` are the texts of both sides with the differing words marked; None if they are equal.
    """

    old: SectionText | None
    new: SectionText | None
    words: tuple[Spans, Spans] | None = None


def compare_sections(old: Sequence[Passage], new: Sequence[Passage]) -> tuple[SectionPair, ...]:
    """Return the sections of the new document in order, each with its counterpart, then those only the old one has."""
    old_sections = list(_section_texts(old))
    new_sections = list(_section_texts(new))
    counterparts = _pair_sections(old_sections, new_sections)
    left = _MAX_COMPARED_CHARS
    pairs = list[SectionPair]()
    for number, section in enumerate(new_sections):
        before = old_sections[counterparts[number]] if number in counterparts else None
        is_changed = before is not None and before.text != section.text
        words = diff_words(before.text, section.text, left) if before and is_changed else None
        left -= len(before.text) + len(section.text) if before and is_changed else 0
        pairs.append(SectionPair(before, section, words))
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
        similarity = {old_number: _heading_similarity(new_pairs, pairs) for old_number, pairs in free.items()}
        best = max(similarity, key=similarity.__getitem__, default=None)
        if best is not None and similarity[best] >= _MIN_HEADING_SIMILARITY:
            pairs[number] = best
            del free[best]
    return pairs


def _normalise_heading(heading: str) -> str:
    return re.sub(r"\s", "", strip_heading_number(nfkc(heading)))


def _character_pairs(text: str) -> frozenset[str]:
    return frozenset(text[start : start + 2] for start in range(len(text) - 1))


def _heading_similarity(pairs: frozenset[str], other_pairs: frozenset[str]) -> float:
    # Dice's coefficient, except for a heading within another one.
    if min(len(pairs), len(other_pairs)) >= _MIN_CONTAINED_PAIRS and (pairs <= other_pairs or other_pairs <= pairs):
        return 1.0
    return 2 * len(pairs & other_pairs) / max(len(pairs) + len(other_pairs), 1)
