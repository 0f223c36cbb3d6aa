"""Data that the pipeline steps pass on: turn, hit, reading and draft."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from bot.answer import Block, Question, Status
from ingest.documents import Passage

if TYPE_CHECKING:
    from bot.question.query import Query


@dataclass(frozen=True, slots=True)
class Exchange:
    """One earlier question of the conversation: what was understood, what it was about, how it ended.

    `suggestions` are the questions that its answer offered, `documents` and `passages` the ids of
    those that it cites, `nearest` the headings of the places that it told as near, each with its words.
    """

    understood: str
    topic: str
    answer: str
    status: Status
    suggestions: tuple[str, ...] = ()
    documents: frozenset[str] = frozenset()
    passages: frozenset[str] = frozenset()
    nearest: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with its fused score and the parts the score was made of."""

    passage: Passage
    score: float
    scores: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, an item or a row, `passage.text[start:end]`, and the `probability` (0-1) that it answers."""

    start: int
    end: int
    probability: float


@dataclass(frozen=True, slots=True)
class ScoredPassage:
    """A passage that was read: its `probability` (0-1) of answering, and its units in the order of the text."""

    hit: Hit
    probability: float
    units: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """The passages, best first, and the probability (0-1) that they answer at all.

    Nothing was found: no passages, and a confidence of 0.
    """

    passages: tuple[ScoredPassage, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that the draft cites, and the words of it (letter for letter) that carry the statement.

    `as_of` is the day for which it is cited, where one answer speaks of several.
    """

    passage: Passage
    quote: str
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class RejectedSentence:
    """A sentence of a language model that did not hold, and why; `mended` is what stands in its place, if anything."""

    text: str
    why: str
    mended: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer text with `[n]` marks; `sources[n - 1]` is what `[n]` names. `topic` is what it is about.

    `blocks` are what a page shows; without any, the text. `nearest` are what lies near, where nothing surely answers.
    `stopped` is what a language model said besides, for the records.
    """

    text: str
    sources: tuple[Source, ...] = ()
    status: Status = Status.ANSWERED
    topic: str = ""
    generator: str = "extractive"
    suggestions: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    nearest: tuple[Source, ...] = ()
    stopped: tuple[RejectedSentence, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """A question on its way. A step returns the turn, changed; one that gives it a draft ends the way to an answer.

    `text` is the question in normal form, as documents are searched for it: with the home address and the state of
    health that `question` has masked. Mask it wherever it leaves the pipeline (`bot.privacy.personal.mask`). Where
    something of it was taken from the talk, `typed` is what was typed, else "". `otherwise` is another wording of it,
    or nothing; `query` and `other_query` are what was read of the two.
    `hits` are the passages found, best first; `reading` tells what of them answers. `tell` hears the answer's sentences
    that are certain before the whole of it is there; what it hears stays.
    """

    question: Question
    as_of: date
    history: tuple[Exchange, ...] = ()
    text: str = ""
    typed: str = ""
    otherwise: str = ""
    query: "Query | None" = None
    other_query: "Query | None" = None
    hits: tuple[Hit, ...] = ()
    reading: Reading | None = None
    draft: Draft | None = None
    tell: Callable[[str], None] | None = None

    def finish(self, draft: Draft) -> "Turn":
        """End the way here with `draft`."""
        return replace(self, draft=draft)


Step = Callable[[Turn], Turn]
Answerer = Callable[[Turn], Draft | None]
