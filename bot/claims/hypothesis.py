"""A statement of a reply as what is inferred from the premises that it cites."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.claims.figures import normal
from bot.claims.premise import Premise
from bot.claims.statements import Quoted, Statement


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A normalised statement, the premises that it cites, the `others` that were offered too, and what it stands in.

    `reply` are the other statements of the reply in order, of which the first `place` stand before it. Where words are
    said to carry it, `quotes` are those that stand in their passage, of all the reply, and `carried` the premises as
    far as it quotes them itself; else `carried` are the premises whole.
    """

    text: str
    cited: tuple[Premise, ...]
    others: tuple[Premise, ...]
    carried: tuple[Premise, ...]
    question: str = ""
    reply: tuple[str, ...] = ()
    place: int = 0
    items: int = 0
    quotes: tuple[str, ...] = ()
    formula: str = ""


def hypothesis(n: int, said: Sequence[Statement], premises: Sequence[Premise], question: str = "") -> Hypothesis:
    """Return what the n-th of the statements of a reply, which cites some of the premises, infers from them."""
    one, texts = said[n], [statement.text for statement in said]
    cited = tuple(premises[c - 1] for c in dict.fromkeys(one.cited))
    return Hypothesis(
        one.text,
        cited,
        tuple(premise for premise in premises if premise not in cited),
        tuple(_carried(one, premises)) if one.quotes else cited,
        normal(question),
        (*texts[:n], *texts[n + 1 :]),
        n,
        one.items,
        tuple(normal(quoted.words) for other in said for quoted in other.quotes if stands(quoted, premises)),
        one.formula,
    )


def stands(quoted: Quoted, premises: Sequence[Premise]) -> bool:
    """Whether the words stand in one of their passages, letter for letter."""
    return any(premises[n - 1].has_letters(quoted.words) for n in quoted.passages if 1 <= n <= len(premises))


def _carried(said: Statement, premises: Sequence[Premise]) -> Iterator[Premise]:
    for n in said.cited:
        if words := [q.words for q in said.quotes if n in q.passages and premises[n - 1].has_letters(q.words)]:
            yield premises[n - 1].quoted(words)
