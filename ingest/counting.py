"""The words of passages, counted on all cores: those of the headings, and those of the body by sentence."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.documents import Document, Passage
from ingest.fields import body_words, heading_words, passage_letters
from ingest.parallel import in_processes

# Passages whose words a process counts at once, in half a second.
_TOGETHER = 500


@dataclass(frozen=True, slots=True)
class Counted:
    """The words of each passage: `headings[i]` a list, `sentences[i]` a list a sentence; and its `letters[i]`."""

    headings: Sequence[Sequence[str]]
    sentences: Sequence[Sequence[Sequence[str]]]
    letters: Sequence[str] = ()

    @property
    def bodies(self) -> list[list[str]]:
        """The words of each body in one list."""
        return [[word for sentence in sentences for word in sentence] for sentences in self.sentences]

    def together(self, numbers: NDArray[np.int32]) -> list[list[str]]:
        """Return the words of each group that `numbers` puts passages in; its equal headings count once."""
        groups: list[list[str]] = [[] for _ in range(int(numbers.max(initial=-1)) + 1)]
        said: list[set[tuple[str, ...]]] = [set() for _ in groups]
        for number, heading, body in zip(numbers, self.headings, self.bodies, strict=True):
            if tuple(heading) not in said[number]:
                said[number].add(tuple(heading))
                groups[number] += heading
            groups[number] += body
        return groups


Words = tuple[Sequence[str], Sequence[Sequence[str]], str]
"""What is counted of a passage: its words of the headings, those of the body by sentence, its letters."""


def count_words(
    passages: Sequence[tuple[Document, Passage]], known: Mapping[str, Words], counted: Callable[[int], None]
) -> Counted:
    """Return the words of `passages`, those of `known` ones (by their ids) as they were counted before.

    `counted` is told for how many it is done.
    """
    new = [(document, passage) for document, passage in passages if passage.id not in known]
    words = dict(known)
    done = len(passages) - len(new)
    for part in in_processes(_words, new, _TOGETHER):
        for heading, body, letters in part:
            # One string for each word, however often it stands there.
            interned = [sys.intern(word) for word in heading], [[sys.intern(word) for word in s] for s in body]
            words[new[done - len(passages)][1].id] = *interned, letters
            done += 1
        counted(done)
    if not new:
        counted(done)
    found = [words[passage.id] for _, passage in passages]
    return Counted([heading for heading, _, _ in found], [body for _, body, _ in found], [text for _, _, text in found])


def _words(passages: Sequence[tuple[Document, Passage]]) -> list[Words]:
    return [(heading_words(d, passage), body_words(passage), passage_letters(passage)) for d, passage in passages]
