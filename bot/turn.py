"""What the steps of the pipeline hand to each other."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from bot.answer import Question, Status
from bot.understand.asked import Asked
from ingest.documents import Passage

if TYPE_CHECKING:
    from bot.find.weigh import Weighed
    from bot.understand.scope import Scope


@dataclass(frozen=True, slots=True)
class Exchange:
    """One earlier question of the conversation: what was understood, what it was about, how it ended.

    `suggestions` are the questions that its answer offered, `documents` and `passages` the ids of
    those that it cites.
    """

    understood: str
    topic: str
    answer: str
    status: Status
    suggestions: tuple[str, ...] = ()
    documents: frozenset[str] = frozenset()
    passages: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with its fused score and the parts the score was made of."""

    passage: Passage
    score: float
    scores: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that the draft cites, and the words of it (letter for letter) that carry the statement."""

    passage: Passage
    quote: str


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer text with `[n]` marks; `sources[n - 1]` is what `[n]` names. `topic` is what it is about.

    `verified` where each sentence was held against its sources as it was written, and may have been told already.
    """

    text: str
    sources: tuple[Source, ...] = ()
    status: Status = Status.ANSWERED
    topic: str = ""
    generator: str = "extractive"
    suggestions: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """A question on its way. A step returns the turn, changed; a turn with `finished` skips to the record.

    `tell` hears the answer's sentences that are certain before the whole of it is there; what it hears stays.
    `confidence` is the probability (0-1) that the pieces found answer, where it was asked of them.
    """

    question: Question
    as_of: date
    history: tuple[Exchange, ...] = ()
    text: str = ""
    asked: Asked | None = None
    scope: "Scope | None" = None
    weighed: "tuple[Weighed, ...]" = ()
    hits: tuple[Hit, ...] = ()
    confidence: float | None = None
    draft: Draft | None = None
    finished: bool = False
    tell: Callable[[str], None] | None = None

    def finish(self, draft: Draft) -> "Turn":
        """End the way here with `draft`."""
        return replace(self, draft=draft, finished=True)


Step = Callable[[Turn], Turn]
