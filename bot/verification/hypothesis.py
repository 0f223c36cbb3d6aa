"""A statement with the source texts that it cites, as input of the checks."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.verification.source_text import SourceText
from bot.verification.statements import Statement
from ingest.japanese.figures import normalise_text


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A normalised statement with the source texts that it cites and its context.

    `reply` are the other statements of the reply; the first `place` of them come before this one. `items` is the number
    of list items under it, `formula` its written calculation, `quotes` the quoted words that support it.
    """

    text: str
    cited: tuple[SourceText, ...]
    question: str = ""
    reply: tuple[str, ...] = ()
    place: int = 0
    items: int = 0
    formula: str = ""
    quotes: tuple[str, ...] = ()


def build_hypothesis(
    n: int, statements: Sequence[Statement], sources: Sequence[SourceText], question: str = ""
) -> Hypothesis:
    """Return the n-th statement of a reply with the source texts that it cites."""
    current, texts = statements[n], [statement.text for statement in statements]
    cited = tuple(sources[c - 1] for c in dict.fromkeys(current.cited))
    others = (*texts[:n], *texts[n + 1 :])
    quotes = tuple(normalise_text(quoted.words) for quoted in current.quotes)
    return Hypothesis(
        current.text, cited, normalise_text(question), others, n, current.items, normalise_text(current.formula), quotes
    )
