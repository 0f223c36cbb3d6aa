"""What an index learns from the words of its passages: where they stand, and what they mean."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from ingest.counting import Counted
from ingest.keyword import KeywordIndex
from ingest.lexicon import Lexicon
from ingest.meaning import Array, meanings
from ingest.words import adapt, shipped, unadapted


@dataclass(frozen=True, slots=True)
class Learned:
    """The words of the passages, their BM25, the vectors of the words, and those of the passages by them, (n, d)."""

    counted: Counted
    keyword: KeywordIndex
    lexicon: Lexicon
    meanings: Array

    @classmethod
    def of(
        cls, counted: Counted, *, adapted: bool, told: Callable[[int, int], None], earlier: Lexicon | None = None
    ) -> Self:
        """Learn from `counted`; the shipped vectors are `adapted` where there is a passage to learn from.

        The words of an `earlier` lexicon keep their vectors, and only others get new ones. `told` hears how much of
        the adapting is done, and of how much.
        """
        texts = [[*heading, *body] for heading, body in zip(counted.headings, counted.bodies, strict=True)]
        keyword = KeywordIndex.build(texts)
        if earlier:
            lexicon = earlier.grown(keyword.numbers, unadapted(shipped(), texts, earlier.numbers))
        else:
            words = shipped()
            if adapted and counted.headings:
                words = adapt(words, counted.headings, counted.bodies, progress=told)
            lexicon = Lexicon.build(keyword.numbers, words)
        return cls(counted, keyword, lexicon, meanings(counted, lexicon))
