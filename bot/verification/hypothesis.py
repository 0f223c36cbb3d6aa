"""A statement with the source texts that it cites, as input of the checks."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.verification.source_text import SourceText
from bot.verification.statements import Statement
from ingest.japanese.figures import normalise_text


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A normalised statement, the premises that it cites, and what it stands in.

    `reply` are the other statements of the reply in order, of which the first `place` stand before it; `items` is how
    many items of a list it leads, `formula` how it says that it reckons, `quotes` the words said to carry it.
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
    n: int, said: Sequence[Statement], premises: Sequence[SourceText], question: str = ""
) -> Hypothesis:
    """Return what the n-th of the statements of a reply, which cites some of the premises, infers from them."""
    one, texts = said[n], [statement.text for statement in said]
    cited = tuple(premises[c - 1] for c in dict.fromkeys(one.cited))
    others = (*texts[:n], *texts[n + 1 :])
    quotes = tuple(normalise_text(quoted.words) for quoted in one.quotes)
    return Hypothesis(
        one.text, cited, normalise_text(question), others, n, one.items, normalise_text(one.formula), quotes
    )
