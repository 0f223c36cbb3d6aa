"""A question and its answer as the API has them."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema

from bot.answering.llm.model_calls import ModelCall
from bot.answering.state.parts import AnswerContent

Audience = Literal["citizen", "staff"]
Style = Literal["standard", "easy"]
ChosenLanguage = Literal["ja", "en", "zh", "vi", "pt"]


def _pair_schema(items: dict[str, str]) -> WithJsonSchema:
    # FastAPI turns pydantic's own schema of a tuple into an invalid one.
    return WithJsonSchema({"type": "array", "items": items, "minItems": 2, "maxItems": 2})


Days = Annotated[tuple[date, date], _pair_schema({"type": "string", "format": "date"})]
CharSpan = Annotated[tuple[int, int], _pair_schema({"type": "integer"})]


class Status(StrEnum):
    """Every way in which an answer can end."""

    ANSWERED = "answered"
    """The passages answer the question."""
    PARTIAL = "partial"
    """What is shown likely answers, or answers a part of the question; the answer says so."""
    CLARIFY = "clarify"
    """Two or more readings are equally good; the suggestions are choices."""
    NO_ANSWER = "no_answer"
    """The documents do not answer the question; the answer says what to do next."""
    OUT_OF_SCOPE = "out_of_scope"
    """The request is not one that documents can answer, such as to speak with a person."""
    BLOCKED = "blocked"
    """The input is an attack or asks for harm."""
    SMALLTALK = "smalltalk"
    """A greeting or thanks."""


CITED = frozenset({Status.ANSWERED, Status.PARTIAL})
"""Those whose answers cite passages."""


class Frozen(BaseModel):
    """A model whose fields cannot be assigned."""

    model_config = ConfigDict(frozen=True)


class Question(Frozen):
    """One question as a person typed it.

    Attributes:
        as_of: the day for which it is answered; None means today.
        repeated: the service asks it again, for example of another plan; staff do not get it a second time.
        by_model: whether a language model may answer; False where nobody reads the answer.
        language: the language that the person chose; a question in a foreign language is answered in its own.
        town: the town that the conversation is about from now on; "" for none, None to keep that of the conversation.
        delivery: a key of at least 16 characters; a question that is sent again with its key gets the first answer.
    """

    question: str
    conversation_id: str | None = None
    audience: Audience = "citizen"
    style: Style = "standard"
    as_of: date | None = None
    repeated: bool = False
    by_model: bool = True
    language: ChosenLanguage | None = None
    town: str | None = None
    delivery: str | None = None


class Citation(Frozen):
    """The passage that supports a statement; `[n]` in the answer refers to it.

    Attributes:
        quote: verbatim words of the passage.
        within: the heading above `section` if that alone is not clear (▽小児科), else "".
        version: the version of the document, the beginning of its digest; "" in answers of releases before 0.28.
        file_url: opens this version of the document's file, a PDF at its page; None where the file is not stored.
        page_url: a picture of the page with the passage highlighted; None where the file is not stored.
        read_by_ocr: whether the passage was recognised in a picture.
        superseded_by: the id of the document that replaced this one.
    """

    n: int = Field(ge=1)
    passage_id: str
    doc_id: str
    title: str
    section: str
    within: str = ""
    page: int | None = None
    quote: str
    version: str = ""
    url: str | None = None
    file_url: str | None = None
    page_url: str | None = None
    read_by_ocr: bool = False
    period: Days | None = None
    in_force: bool | None = None
    superseded_by: str | None = None


class TextBlock(Frozen):
    """Text of the answer itself, with its `[n]` marks.

    Attributes:
        derived: the operation that it results from, in answers of earlier releases.
        confirmed: False for a language model's text that its sources neither confirm nor contradict.
    """

    type: Literal["text"] = "text"
    text: str
    derived: Literal["span", "arithmetic"] | None = None
    confirmed: Literal[False] | None = None


class ExcerptBlock(Frozen):
    """Verbatim words of citation `n`; `lead` names the document and heading.

    `highlight` is the start and end of the best part of `text`, in characters.
    """

    type: Literal["excerpt"] = "excerpt"
    n: int = Field(ge=1)
    lead: str
    text: str
    highlight: CharSpan


Block = Annotated[TextBlock | ExcerptBlock, Field(discriminator="type")]


class QuestionStatus(Frozen):
    """One question of several in a message, in the person's words, and how its answer ended."""

    question: str
    status: Status


class UrgentNumber(Frozen):
    """A telephone number: `label` is whom it reaches, `tel` its address for a link.

    `free` is None where it depends on the line.
    """

    label: str
    number: str
    tel: str
    hours: str
    free: bool | None = None


class UrgentHelp(Frozen):
    """Whom to call in a situation of danger that the message tells of, and what to do until then."""

    situation: str
    name: str
    numbers: tuple[UrgentNumber, ...]
    note: str = ""


class Answer(Frozen):
    """The answer to one message.

    Attributes:
        urgent: whom somebody in danger should call, the likeliest situation first; `answer` and `blocks` begin with it.
        as_of: the day for which it is answered: the day of the question or the caller, else the current day.
        answer: the blocks as plain text.
        blocks: what a page shows.
        nearest: up to three related passages, offered unless passages surely answer.
        question_understood: the question as it was searched, completed from the conversation; several questions are
            on separate lines.
        town: the town that further questions without a place are asked of; "" if the person removed it, None if no
            town was named or all documents are of one issuer.
        questions: the questions of a message that was split into several, in order, each with its status; else empty.
        timings_ms: milliseconds that each pipeline step took.
        content: what text, blocks and notices are rendered from, for pages in other languages.
        calls: the language model calls for it, for records and metrics.
    """

    answer_id: str
    conversation_id: str
    status: Status
    answer: str
    urgent: tuple[UrgentHelp, ...] = ()
    blocks: tuple[Block, ...] = ()
    citations: tuple[Citation, ...] = ()
    nearest: tuple[Citation, ...] = ()
    question_understood: str = ""
    questions: tuple[QuestionStatus, ...] = ()
    town: str | None = None
    suggestions: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    as_of: date | None = None
    generator: str = "extractive"
    timings_ms: dict[str, float] = Field(default_factory=dict)
    content: Annotated[AnswerContent, SkipJsonSchema()] = Field(AnswerContent(), exclude=True)
    calls: Annotated[tuple[ModelCall, ...], SkipJsonSchema()] = Field((), exclude=True)
