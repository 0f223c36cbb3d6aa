"""Finds related passages, which may answer the question but are not sure to."""

from collections.abc import Sequence

from bot.answers.length_budget import TARGET_EXCERPT_LENGTH, LengthBudget
from bot.answers.snippet import PassageToShow, select_snippet
from bot.answers.source_line import strip_heading_mark
from bot.question.query import Query
from bot.state import ScoredPassage, Source
from ingest.documents import Passage

# The probability from which a passage is related.
_MIN_PROBABILITY = 0.03
# Of 165 short questions the helpful heading is among the first two for .61, among the first five for .78 (decision
# 023).
_MAX_PASSAGES = 3
_BUDGET = LengthBudget(TARGET_EXCERPT_LENGTH, TARGET_EXCERPT_LENGTH)


def find_related_passages(
    passages: Sequence[ScoredPassage], query: Query | None, shown: Sequence[Source] = ()
) -> tuple[Source, ...]:
    """Return the snippets of up to three of `passages`, which come best first, each under another heading.

    Headings of the sources that the answer has `shown` are left out.
    """
    headings = {_heading(source.passage) for source in shown}
    sources = list[Source]()
    for scored in passages:
        passage = scored.hit.passage
        heading = _heading(passage)
        if not scored.units or scored.probability < _MIN_PROBABILITY or heading in headings:
            continue
        headings.add(heading)
        snippet = select_snippet(PassageToShow(passage, scored.units), query, _BUDGET)
        sources.append(Source(passage, passage.text[snippet.start : snippet.end]))
        if len(sources) == _MAX_PASSAGES:
            break
    return tuple(sources)


def _heading(passage: Passage) -> str:
    return strip_heading_mark(passage.path[-1]) if len(passage.path) > 1 else passage.id
