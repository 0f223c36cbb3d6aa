"""The words of passages, counted on all cores: those of the headings, and those of the body by sentence."""

import sys
from collections.abc import Callable, Sequence
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


def count_words(passages: Sequence[tuple[Document, Passage]], counted: Callable[[int], None]) -> Counted:
    """Return the words of `passages`; `counted` is told for how many it is done."""
    headings: list[list[str]] = []
    sentences: list[list[list[str]]] = []
    letters: list[str] = []
    for part in in_processes(_words, passages, _TOGETHER):
        for heading, body, text in part:
            # One string for each word, however often it stands there.
            headings.append([sys.intern(word) for word in heading])
            sentences.append([[sys.intern(word) for word in sentence] for sentence in body])
            letters.append(text)
        counted(len(headings))
    return Counted(headings, sentences, letters)


def _words(passages: Sequence[tuple[Document, Passage]]) -> list[tuple[list[str], list[list[str]], str]]:
    return [(heading_words(d, passage), body_words(passage), passage_letters(passage)) for d, passage in passages]
