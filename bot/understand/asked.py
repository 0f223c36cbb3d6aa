"""The nouns of understanding: Kind, Term, Asked. Frozen data, nothing else."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from ingest.normalise import DateMention


class Kind(StrEnum):
    """The answer that a question expects."""

    WHEN = "when"
    """A date."""
    PERIOD = "period"
    """A span of time, its beginning, its end, or its length."""
    QUANTITY = "quantity"
    """A figure with its unit."""
    MONEY = "money"
    """A sum of money."""
    WHO = "who"
    """A person, a role, or a body."""
    WHERE = "where"
    """A place, or the body that does something."""
    WHY = "why"
    """A reason or purpose."""
    HOW = "how"
    """A way of doing, or a state of affairs."""
    LIST = "list"
    """All members of something."""
    DEFINITION = "definition"
    """What something is or means."""
    CONTACT = "contact"
    """A telephone number or an address."""
    YESNO = "yesno"
    """Yes or no."""
    WHAT = "what"
    """Anything else."""


Aspect = Literal["target", "result"]
Age = Literal["current", "previous", "next"]


@dataclass(frozen=True, slots=True)
class Term:
    """A content word of the question in its normal form; `weight` 0–1 says how much it must be covered.

    A proper name or the member of a series (視点1) is `proper`: nothing can stand in for it. `asked` is what the
    question asks about (予算額 in Xの予算額は). `meanings` are what documents may write for it,
    each with all its words.
    """

    text: str
    weight: float
    proper: bool = False
    asked: bool = False
    meanings: frozenset[frozenset[str]] = field(default=frozenset(), compare=False)

    @property
    def is_strong(self) -> bool:
        """Whether it says more than an affix does."""
        return self.weight > _AFFIX


# The weight of suffixes and prefixes (bot/understand/terms.py).
_AFFIX = 0.25


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, understood. `unit` is the counter asked for (何件 -> 件); `count` the members named (2つの, 5分野).

    `hints` are words of the asking (期間, 目標, 理由): a passage that has them is likelier, without is no worse.
    `compounds` are runs of nouns as they stand (推進本部), `quoted` what the question quotes.
    `told` is the answer that more than which is wanted, `excepted` what the answer is to leave out (X以外に).
    `lacks` is what no document tells of it (理由), `within` the ids of the documents that the talk is of,
    `beside` those of the passages of which simply more is wanted (もっと詳しく). It is `located`
    where the question is where something is written.
    """

    text: str
    kind: Kind
    terms: tuple[Term, ...] = ()
    dates: tuple[DateMention, ...] = ()
    unit: str = ""
    count: int | None = None
    aspects: tuple[Aspect, ...] = ()
    ages: frozenset[Age] = frozenset()
    yesno: bool = False
    compares: bool = False
    quoted: tuple[str, ...] = ()
    compounds: tuple[str, ...] = ()
    hints: frozenset[str] = frozenset()
    told: str = ""
    excepted: tuple[str, ...] = ()
    lacks: str = ""
    within: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()
    located: bool = False


def meant_words(asked: Asked, besides: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return the single words that documents may write for the terms of a question, for those `besides` none."""
    others = [t for t in asked.terms if t.text not in besides]
    return frozenset(word for t in others for meaning in t.meanings if len(meaning) == 1 for word in meaning)
