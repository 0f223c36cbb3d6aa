"""Data models of questions, answers and turns: what the pipeline steps pass on, and the answer of the API."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema

from bot.llm.calls import ModelCall
from ingest.documents import Passage

if TYPE_CHECKING:
    from bot.question.query import Query


Audience = Literal["citizen", "staff"]
Style = Literal["standard", "easy"]
ChosenLanguage = Literal["ja", "en", "zh", "vi", "pt"]
Derivation = Literal["span", "arithmetic", "consolidation"]
Chart = Literal["bar", "line"]


def _pair(of: dict[str, str]) -> WithJsonSchema:
    """Return the schema of a pair; what pydantic writes for a tuple, FastAPI makes into one that is not valid."""
    return WithJsonSchema({"type": "array", "items": of, "minItems": 2, "maxItems": 2})


Days = Annotated[tuple[date, date], _pair({"type": "string", "format": "date"})]
CharSpan = Annotated[tuple[int, int], _pair({"type": "integer"})]


class Status(StrEnum):
    """Every way in which an answer can end."""

    ANSWERED = "answered"
    """The passages answer the question."""
    PARTIAL = "partial"
    """What is shown likely answers, or answers a part of the question; the answer says so."""
    CLARIFY = "clarify"
    """Two or more readings are equally good; the suggestions are choices."""
    NO_ANSWER = "no_answer"
    """The documents do not tell; the answer says what to do next."""
    OUT_OF_SCOPE = "out_of_scope"
    """What is wished for is not for documents to give: to speak with a person."""
    BLOCKED = "blocked"
    """The input is an attack or asks for harm."""
    SMALLTALK = "smalltalk"
    """A greeting or thanks."""


class Frozen(BaseModel):
    """Data that is passed on, never changed."""

    model_config = ConfigDict(frozen=True)


class Question(Frozen):
    """One question as it was asked. `as_of` is the day for which it is asked; None means today.

    `repeated` where a person has asked it before, and it is put once more: of another plan, in other words, to
    understand a conversation. It does not wait for staff a second time. Not `by_model` where nobody reads the answer:
    no language model is paid for it, and it is not counted. `language` is the one that the asker chose to be spoken to
    in; a question in another is answered in its own, one in the documents' words in the chosen one.
    """

    question: str
    conversation_id: str | None = None
    audience: Audience = "citizen"
    style: Style = "standard"
    as_of: date | None = None
    repeated: bool = False
    by_model: bool = True
    language: ChosenLanguage | None = None


class Citation(Frozen):
    """Where a statement stands: `quote` is found letter for letter in the passage; `[n]` in the answer names it.

    `file_url` opens the document's file, a PDF at its page, `page_url` a picture of the page with the passage marked;
    None where the file is not kept. `read_by_ocr` tells that the passage was read from a picture. `within` is the
    heading above `section`, without its mark, where that says too little alone (▽小児科); else it is empty.
    """

    n: int = Field(ge=1)
    passage_id: str
    doc_id: str
    title: str
    section: str
    within: str = ""
    page: int | None = None
    quote: str
    url: str | None = None
    file_url: str | None = None
    page_url: str | None = None
    read_by_ocr: bool = False
    period: Days | None = None
    in_force: bool | None = None
    superseded_by: str | None = None


class TextBlock(Frozen):
    """A piece of the answer's own text, with its `[n]` marks."""

    type: Literal["text"] = "text"
    text: str


class ExcerptBlock(Frozen):
    """Words of citation `n` letter for letter, behind one line that names document and heading.

    `highlight` is where the best part begins and ends in `text`, in characters.
    """

    type: Literal["excerpt"] = "excerpt"
    n: int = Field(ge=1)
    lead: str
    text: str
    highlight: CharSpan


class TableBlock(Frozen):
    """Rows as the document has them, or computed from them; each has a value for each of `columns`.

    `cited` are the citations that the rows stand in.
    """

    type: Literal["table"] = "table"
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    cited: tuple[int, ...]
    unit: str | None = None
    chart: Chart | None = None


Block = Annotated[TextBlock | ExcerptBlock | TableBlock, Field(discriminator="type")]


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
    """A passage that the draft cites, and the words of it (letter for letter) that support the statement.

    `as_of` is the day for which it is cited, where one answer has several.
    """

    passage: Passage
    quote: str
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """Words of the answer itself and the numbers of the sources that support them; `end` follows the numbers."""

    text: str
    cited: tuple[int, ...] = ()
    end: str = ""
    derived: Derivation | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A text of the service itself, by its key in the catalogues (`bot/languages`), with the names put into it."""

    key: str
    arguments: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SourceLine:
    """Names the document and the heading of an excerpt or a table."""

    segments: tuple[Message | Statement, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text of the answer itself: one text block of the API."""

    sentences: tuple[Statement | Message | SourceLine, ...]


@dataclass(frozen=True, slots=True)
class AskedQuestions:
    """The questions that the parts after it answer, where one message has several."""

    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Verbatim words of source `n`. `highlight` is the best part of `text`, in characters.

    `ellipses` are written before and after the text where it is truncated.
    """

    n: int
    source_line: SourceLine
    text: str
    highlight: tuple[int, int]
    ellipses: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class TableRows:
    """Rows of a table, each with a value for each of `columns`, from the sources `cited`.

    `lines` are the rows as text, empty where statements before them say what follows from them.
    """

    source_line: SourceLine
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    cited: tuple[int, ...]
    unit: str | None = None
    chart: Chart | None = None
    lines: tuple[Statement, ...] = ()
    notes: Statement | None = None


Part = Paragraph | AskedQuestions | Excerpt | TableRows


@dataclass(frozen=True, slots=True)
class AnswerContent:
    """What an answer says; text, blocks and pages are renderings of it. `language` is that of the first rendering."""

    parts: tuple[Part, ...] = ()
    notices: tuple[Paragraph, ...] = ()
    language: str = "ja"


@dataclass(frozen=True, slots=True)
class RejectedSentence:
    """A sentence of a language model that failed verification, and why; `mended` is what replaced it, if anything."""

    text: str
    why: str
    mended: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer before it is rendered; number n of its parts is `sources[n - 1]`. `subject` is what it is about.

    `nearest` are related passages, where nothing surely answers. `rejected` are the sentences of a language model that
    failed verification, for the records.
    """

    parts: tuple[Part, ...] = ()
    sources: tuple[Source, ...] = ()
    status: Status = Status.ANSWERED
    subject: str = ""
    generator: str = "extractive"
    suggestions: tuple[str, ...] = ()
    notices: tuple[Paragraph, ...] = ()
    nearest: tuple[Source, ...] = ()
    rejected: tuple[RejectedSentence, ...] = ()


class Answer(Frozen):
    """The result of one question; `timings_ms` are milliseconds a step.

    `blocks` are what a page shows, `answer` the same as plain text; `nearest` are places that lie near to what was
    asked and may not answer it, up to three, told where it is not sure that the documents answer.
    `content` is what text, blocks and notices are rendered from, for pages in other languages.
    `calls` are the calls of language models for it, for records and metrics.
    """

    answer_id: str
    conversation_id: str
    status: Status
    answer: str
    blocks: tuple[Block, ...] = ()
    citations: tuple[Citation, ...] = ()
    nearest: tuple[Citation, ...] = ()
    question_understood: str = ""
    suggestions: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    generator: str = "extractive"
    timings_ms: dict[str, float] = Field(default_factory=dict)
    content: Annotated[AnswerContent, SkipJsonSchema()] = Field(AnswerContent(), exclude=True)
    calls: Annotated[tuple[ModelCall, ...], SkipJsonSchema()] = Field((), exclude=True)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One earlier question of the conversation: what was understood, what it was about, how it ended.

    `suggestions` are the questions that its answer offered, `documents` and `passages` the ids of
    those that it cites, `nearest` the headings of the places that it told as near, each with its words.
    """

    understood: str
    subject: str
    parts: tuple[Part, ...]
    status: Status
    suggestions: tuple[str, ...] = ()
    documents: frozenset[str] = frozenset()
    passages: frozenset[str] = frozenset()
    nearest: tuple[tuple[str, str], ...] = ()


def message(key: str, **arguments: str) -> Message:
    """Return the message with the names put into it."""
    return Message(key, tuple(arguments.items()))


def cited_numbers(part: Part) -> frozenset[int]:
    """Return the numbers of the sources that a part names."""
    if isinstance(part, Excerpt):
        return frozenset({part.n})
    if isinstance(part, TableRows):
        return frozenset(part.cited)
    sentences = part.sentences if isinstance(part, Paragraph) else ()
    return frozenset(n for one in sentences if isinstance(one, Statement) for n in one.cited)


def shift_citations(part: Part, by: int) -> Part:
    """Return the part with each source number increased by `by`."""
    if isinstance(part, Excerpt):
        return replace(part, n=part.n + by)
    if isinstance(part, TableRows):
        lines = tuple(_shift_statement(line, by) for line in part.lines)
        notes = part.notes and _shift_statement(part.notes, by)
        return replace(part, cited=tuple(n + by for n in part.cited), lines=lines, notes=notes)
    if isinstance(part, Paragraph):
        shifted = (_shift_statement(one, by) if isinstance(one, Statement) else one for one in part.sentences)
        return Paragraph(tuple(shifted))
    return part


def _shift_statement(statement: Statement, by: int) -> Statement:
    return replace(statement, cited=tuple(n + by for n in statement.cited))


def paragraph(*sentences: Statement | Message | SourceLine) -> Paragraph:
    """Return a paragraph of the sentences."""
    return Paragraph(sentences)


@dataclass(frozen=True, slots=True)
class Turn:
    """A question on its way. A step returns the turn, changed; one that gives it a draft ends the way to an answer.

    `text` is the question in normal form, as documents are searched for it: with the home address and the state of
    health that `question` has masked. Mask it wherever it leaves the pipeline (`bot.privacy.personal.mask`). Where
    something of it was taken from the conversation, `typed` is what was typed, else "". `alternative_text` is another
    wording of it, or ""; `query` and `alternative_query` are the two, parsed. `hits` are the retrieved passages, best
    first; `reading` has their scores.
    """

    question: Question
    as_of: date
    history: tuple[Exchange, ...] = ()
    text: str = ""
    typed: str = ""
    alternative_text: str = ""
    query: "Query | None" = None
    alternative_query: "Query | None" = None
    hits: tuple[Hit, ...] = ()
    reading: Reading | None = None
    draft: Draft | None = None

    def finish(self, draft: Draft) -> "Turn":
        """End the way here with `draft`."""
        return replace(self, draft=draft)


Step = Callable[[Turn], Turn]
Answerer = Callable[[Turn], Draft | None]
