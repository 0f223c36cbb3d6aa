"""Finds related passages: close to the question, but not sure to answer it."""

from collections.abc import Iterator, Sequence

from bot.answers.snippet import LONGEST, Place, select_snippet
from bot.answers.source_line import strip_heading_mark
from bot.question.query import Query
from bot.state import ScoredPassage, Source
from ingest.documents import Passage

# The probability of answering from which on a passage is told as near, and how many places
# are: of 165 short questions the heading that helps is among the first two for .61, among the first five for .78
# (decision 023).
_NEAR, _MOST = 0.03, 3


def find_related_passages(
    passages: Sequence[ScoredPassage], query: Query | None, beside: Sequence[Source] = ()
) -> tuple[Source, ...]:
    """Return the best stretch of up to three of `passages`, which come best first, one a heading; there may be none.

    What is told `beside` them is left out, and so is a heading that a paper has again.
    """
    told = {_place(source.passage) for source in beside}
    return tuple(_sources(passages, query, told))[:_MOST]


def _sources(passages: Sequence[ScoredPassage], query: Query | None, told: set[str]) -> Iterator[Source]:
    for read in passages:
        passage = read.hit.passage
        if read.units and read.probability >= _NEAR and (place := _place(passage)) not in told:
            told.add(place)
            shown = select_snippet(Place(passage, read.units), query, LONGEST, LONGEST)
            yield Source(passage, passage.text[shown.start : shown.end])


def _place(passage: Passage) -> str:
    """Return the innermost heading without its mark; the passage itself where there is but the document's title."""
    return strip_heading_mark(passage.path[-1]) if len(passage.path) > 1 else passage.id
