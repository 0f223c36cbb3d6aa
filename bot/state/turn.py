"""One question in the pipeline: its hits, their scores, the draft answer, and the turn that carries them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Literal

from bot.state.answer import Question, Status
from bot.state.parts import Paragraph, Part
from ingest.documents import Passage

if TYPE_CHECKING:
    from bot.question.own_spelling import Respelling
    from bot.question.query import Query


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved passage with its fused score, and the components of that score by feature."""

    passage: Passage
    score: float
    scores: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, list item or row, `passage.text[start:end]`, with the `probability` (0-1) that it answers."""

    start: int
    end: int
    probability: float


@dataclass(frozen=True, slots=True)
class ScoredPassage:
    """A passage with the `probability` (0-1) that it answers, and its units in text order."""

    hit: Hit
    probability: float
    units: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """The scored passages, best first, and the probability (0-1) that any of them answers; 0 without passages.

    `by_model` tells whether the relevance models scored the passages, and `correctness` is the probability that what is
    shown of the best one is right, None where it was not calibrated.
    """

    passages: tuple[ScoredPassage, ...]
    confidence: float
    by_model: bool = False
    correctness: float | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that the draft cites, with the verbatim words that support the statement.

    `as_of` is the day for which it is cited, where one answer covers several days; `is_amended` if it is of a provision
    that amendments change.
    """

    passage: Passage
    quote: str
    as_of: date | None = None
    is_amended: bool = False


@dataclass(frozen=True, slots=True)
class RejectedSentence:
    """A language model's sentence, or whole reply, that is not shown, and why."""

    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer before it is rendered; source number n in its parts is `sources[n - 1]`.

    Attributes:
        subject: the document or heading that it is about, for follow-ups.
        nearest: related passages, where no passage surely answers.
    """

    parts: tuple[Part, ...] = ()
    sources: tuple[Source, ...] = ()
    status: Status = Status.ANSWERED
    subject: str = ""
    generator: str = "extractive"
    suggestions: tuple[str, ...] = ()
    notices: tuple[Paragraph, ...] = ()
    nearest: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """One earlier question of the conversation with its answer.

    Attributes:
        understood: the question as it was searched for.
        subject: the document or heading that the answer was about.
        suggestions: the questions that the answer offered.
        documents, passages: the ids that the answer cites.
        nearest: heading and quote of each related passage that it offered.
        town: the town of the conversation after it; "" where the person removed it, None for none.
    """

    understood: str
    subject: str
    parts: tuple[Part, ...]
    status: Status
    suggestions: tuple[str, ...] = ()
    documents: frozenset[str] = frozenset()
    passages: frozenset[str] = frozenset()
    nearest: tuple[tuple[str, str], ...] = ()
    town: str | None = None


NameUse = Literal["usual", "sometimes", "none"]


@dataclass(frozen=True, slots=True)
class SearchedName:
    """A name in the question as it was typed, with the official names that the office's dictionary has for it.

    `use` tells how the documents use the typed name: as their usual word (in as many passages as an official name),
    sometimes, or not at all. `has_known_official` tells whether they have the words of an official name.
    """

    name: str
    officials: tuple[str, ...]
    use: NameUse = "none"
    has_known_official: bool = True


@dataclass(frozen=True, slots=True)
class Turn:
    """The question being processed; each step returns a changed copy, and a draft ends the steps.

    Attributes:
        text: the question in normal form as it is searched for. It still has the personal details that are masked in
            `question`: mask it wherever it leaves the pipeline (`bot.privacy.personal.mask`).
        own_words: one question of several as the person wrote it, shown above its answer; else "".
        understood: the question completed from the conversation, in the person's own spelling; `text` may have another
            spelling and is not shown.
        respellings: what spelling correction changed in this question and in the conversation.
        town: the town of the conversation after this question; "" where the person removed it, None for none.
        typed: the words of a follow-up as the person typed them, else "".
        alternative_text: another wording of the question, or "".
        proposed_texts: queries in the words of documents that a language model proposed. They are searched with the
            question and kept for the record; no page shows them.
        query, alternative_query, proposed_queries: these texts, parsed.
        searched_names: the names in the question that the office's dictionary has.
        wordings: the question as typed and with the official names in their place, parsed; empty without such names.
            `query` becomes the one that is answered best.
        tried_names: names with official names to use in place of the dictionary's, where an editor tries a change.
        hits: the retrieved passages, best first.
        absent: names that the question asks about and no document has.
        unconfirmed: compound nouns that the question asks about and no document has in these words.
        reading: their scores by the relevance models.
        rejected: what a language model wrote and verification did not let through, for the records.
    """

    question: Question
    as_of: date
    history: tuple[Exchange, ...] = ()
    text: str = ""
    own_words: str = ""
    understood: str = ""
    respellings: "tuple[Respelling, ...]" = ()
    town: str | None = None
    typed: str = ""
    alternative_text: str = ""
    proposed_texts: tuple[str, ...] = ()
    query: "Query | None" = None
    alternative_query: "Query | None" = None
    proposed_queries: tuple["Query", ...] = ()
    searched_names: tuple[SearchedName, ...] = ()
    wordings: tuple["Query", ...] = ()
    tried_names: tuple[tuple[str, str], ...] | None = None
    hits: tuple[Hit, ...] = ()
    absent: tuple[str, ...] = ()
    unconfirmed: tuple[str, ...] = ()
    reading: Reading | None = None
    draft: Draft | None = None
    rejected: tuple[RejectedSentence, ...] = ()

    @property
    def day(self) -> date:
        """The day for which it is answered: that in the question, else `as_of`."""
        return self.query.scope.as_of if self.query else self.as_of

    @property
    def read_wordings(self) -> tuple["Query", ...]:
        """The wordings that are searched and read: without the typed one if the documents lack a typed name.

        The typed words would find passages that share merely the rest of the question.
        """
        lacks_name = any(name.use == "none" for name in self.searched_names)
        return self.wordings[1:] if lacks_name else self.wordings

    def finish(self, draft: Draft) -> "Turn":
        """Return the turn with the draft that answers it."""
        return replace(self, draft=draft)


Step = Callable[[Turn], Turn]
Answerer = Callable[[Turn], Draft | None]
