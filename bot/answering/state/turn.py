"""One question in the pipeline: its hits, their scores, the draft answer, and the turn that carries them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from bot.answering.privacy.personal import UnmaskedText
from bot.answering.state.answer import Question, Status
from bot.answering.state.parts import HelpLines, Paragraph, Part
from bot.answering.state.query import AskedName, Query
from ingest.documents import Passage

EXTRACTIVE = "extractive"
"""The generator of answers that quote the documents; answers of a language model have its name."""
CURATED = "curated"
"""The generator of answers of staff."""


class StepOrderError(RuntimeError):
    """A step runs before the step whose result it needs, because the pipeline lists them in a wrong order."""


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
class Relevance:
    """What the relevance models found, best passage first.

    Attributes:
        confidence: the probability (0-1) that any of them answers; 0 without passages.
        selected: the passages to show, best first.
        correctness: the probability that what is shown of the best one is right, None before the ranking.
        status: how an answer from `selected` ends: ANSWERED, PARTIAL or NO_ANSWER.
    """

    passages: tuple[ScoredPassage, ...]
    confidence: float
    selected: tuple[ScoredPassage, ...] = ()
    correctness: float | None = None
    status: Status = Status.NO_ANSWER


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that the draft cites, with the verbatim words that support the statement.

    Attributes:
        as_of: the day for which it is cited, if one answer covers several days.
    """

    passage: Passage
    quote: str
    as_of: date | None = None


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
        nearest: related passages, if no passage surely answers.
    """

    parts: tuple[Part, ...] = ()
    sources: tuple[Source, ...] = ()
    status: Status = Status.ANSWERED
    subject: str = ""
    generator: str = EXTRACTIVE
    suggestions: tuple[str, ...] = ()
    notices: tuple[Paragraph, ...] = ()
    nearest: tuple[Source, ...] = ()

    @property
    def is_extractive(self) -> bool:
        """Whether the draft quotes the documents: neither a language model nor staff wrote it."""
        return self.generator == EXTRACTIVE

    @property
    def is_curated(self) -> bool:
        return self.generator == CURATED


@dataclass(frozen=True, slots=True)
class Exchange:
    """One earlier question of the conversation with its answer.

    Attributes:
        understood: the question as it was searched for.
        subject: the document or heading that the answer was about.
        documents: the ids that the answer cites.
        town: the town of the conversation after it; "" if the person removed it, None for none.
        related: the words of the related passages shown in place of an answer, each with its document and heading.
    """

    understood: UnmaskedText
    subject: str
    parts: tuple[Part, ...]
    status: Status
    suggestions: tuple[str, ...] = ()
    documents: frozenset[str] = frozenset()
    town: str | None = None
    related: tuple[str, ...] = ()


NameUse = Literal["usual", "sometimes", "none"]


@dataclass(frozen=True, slots=True)
class SearchedName:
    """A name in the question as it was typed, with the official names that the office's dictionary has for it.

    Attributes:
        use: how the documents use the typed name: as their usual word (in as many passages as an official name),
            sometimes, or not at all.
        has_known_official: whether the documents have the words of an official name.
    """

    name: str
    officials: tuple[str, ...]
    use: NameUse = "none"
    has_known_official: bool = True


_NO_TEXT = UnmaskedText()


@dataclass(frozen=True, slots=True)
class QuestionTexts:
    """The wordings of one question.

    | field             | set by                        | searched | shown |
    |-------------------|-------------------------------|----------|-------|
    | `searched`        | every step before `retrieve`  | yes      | no    |
    | `as_written`      | splitting of a message        | no       | yes   |
    | `understood`      | splitting, `query` (the town) | no       | yes   |
    | `typed_follow_up` | `follow_up`                   | if alone | no    |
    | `alternative`     | `follow_up` with a model      | yes      | no    |
    | `proposed`        | `follow_up` with a model      | yes      | no    |

    Attributes:
        searched: the question in normal form, completed from the conversation.
        as_written: a question of a message with several as the person wrote it, shown above its answer; else "".
        understood: `searched` as it is shown and recorded.
        typed_follow_up: the words of a follow-up as the person typed them; "" for a question that stands alone.
        alternative: another wording of the question, or "".
        proposed: queries in the words of documents that a language model proposed, kept for the record.
    """

    searched: UnmaskedText = _NO_TEXT
    as_written: UnmaskedText = _NO_TEXT
    understood: UnmaskedText = _NO_TEXT
    typed_follow_up: UnmaskedText = _NO_TEXT
    alternative: UnmaskedText = _NO_TEXT
    proposed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """The question being processed; each step returns a copy with its result, and a draft ends the steps.

    Attributes:
        question: the question of the request, with personal details masked.
        requested_day: the day of the request; the question may name another one.
        history: the earlier questions of the conversation, oldest first.
        urgent: the help for somebody in danger, shown before the draft.
        is_certain_danger: whether only sure answers are shown with it.
        is_bereavement: whether the message says that somebody has died.
        town: the town of the conversation after this question; "" if the person removed it, None for none.
        query, alternative_query, proposed_queries: the texts `searched`, `alternative` and `proposed`, parsed.
        searched_names: the names in the question that the office's dictionary has.
        wordings: the question as typed, in the documents' spelling and with official names, parsed; empty if there is
            only one. `query` becomes the one that is answered best.
        absent: names that the question asks about and no document has.
        unconfirmed: compound nouns that the question asks about and no document has in these words.
        apart: names that the question asks about and whose words no document has together.
        relevance: what the relevance models found in the documents.
        curated: what they found in answers of staff, which are offered by their questions and never quoted.
        rejected: what a language model wrote and verification did not let through, for the records.
        questions: the turns of a message with several questions; `question_turns` has that of a single one, too.
        is_masked: whether personal details in the message were masked.
        is_model_loading: whether a language model would answer, but is not ready.
        is_partly_searched: whether the work for the message exceeded its budget.
    """

    question: Question
    requested_day: date
    history: tuple[Exchange, ...] = ()
    texts: QuestionTexts = QuestionTexts()
    urgent: tuple[HelpLines, ...] = ()
    is_certain_danger: bool = False
    is_bereavement: bool = False
    town: str | None = None
    query: Query | None = None
    alternative_query: Query | None = None
    proposed_queries: tuple[Query, ...] = ()
    searched_names: tuple[SearchedName, ...] = ()
    wordings: tuple[Query, ...] = ()
    hits: tuple[Hit, ...] = ()
    absent: tuple[str, ...] = ()
    unconfirmed: tuple[str, ...] = ()
    apart: tuple[AskedName, ...] = ()
    relevance: Relevance | None = None
    curated: Relevance = Relevance((), 0.0)
    draft: Draft | None = None
    rejected: tuple[RejectedSentence, ...] = ()
    questions: tuple["Turn", ...] = ()
    is_masked: bool = False
    is_model_loading: bool = False
    is_partly_searched: bool = False

    @property
    def question_turns(self) -> tuple["Turn", ...]:
        return self.questions or (self,)

    @property
    def parsed_query(self) -> Query:
        """The query, for steps that follow the parser. Raises StepOrderError before it."""
        if self.query is None:
            raise StepOrderError("the question has not been parsed: the step `query` comes first")
        return self.query

    @property
    def scored_relevance(self) -> Relevance:
        """The relevance, for answerers. Raises StepOrderError before the step `relevance`."""
        if self.relevance is None:
            raise StepOrderError("the hits have not been scored: the step `relevance` comes first")
        return self.relevance

    @property
    def effective_day(self) -> date:
        """The day for which the question is answered: the day that it names, else the requested one."""
        return self.query.scope.as_of if self.query else self.requested_day

    @property
    def wordings_to_search(self) -> tuple[Query, ...]:
        """The wordings that are searched and read.

        Skips the typed wording if no document contains a name in it: the other words would find passages that share
        merely the rest of the question.
        """
        lacks_name = any(name.use == "none" for name in self.searched_names)
        return self.wordings[1:] if lacks_name else self.wordings

    def with_draft(self, draft: Draft) -> "Turn":
        return replace(self, draft=draft)

    def with_searched_text(self, text: str) -> "Turn":
        return replace(self, texts=replace(self.texts, searched=self.texts.searched.with_text(text)))

    def with_completed_text(self, searched: str, *, typed: str, alternative: str = "") -> "Turn":
        """Return the turn of a follow-up with its text completed; `typed` is the text that the person typed."""
        wording = self.texts.searched.with_text
        return replace(
            self,
            texts=replace(
                self.texts,
                searched=wording(searched),
                typed_follow_up=wording(typed),
                alternative=wording(alternative),
            ),
        )


Step = Callable[[Turn], Turn]
Answerer = Callable[[Turn], Draft | None]
