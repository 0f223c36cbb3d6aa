"""The parts of an answer as data; text, blocks and pages are renderings of them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, pairwise

Texts = dict[str, str]
"""A text by language; that in Japanese, `ja`, stands for languages without one."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of the answer with the numbers of its sources; `end` is the punctuation after the numbers.

    A sentence of a language model that its sources neither confirm nor contradict is not `is_confirmed`.
    """

    text: str
    cited: tuple[int, ...] = ()
    end: str = ""
    is_confirmed: bool = True


@dataclass(frozen=True, slots=True)
class ServiceMessage:
    """A text of the service itself: a key of `bot/answering/languages` and the values of its placeholders."""

    key: str
    arguments: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SourceLine:
    """Names the document and the heading of an excerpt."""

    segments: tuple[ServiceMessage | Statement, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text of the answer itself; it becomes one text block of the API."""

    sentences: tuple[Statement | ServiceMessage | SourceLine, ...]


@dataclass(frozen=True, slots=True)
class AskedQuestions:
    """The questions of a message with several that the following parts answer, each with its status."""

    questions: tuple[str, ...]
    statuses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Verbatim words of source number `n`.

    Attributes:
        highlight: start and end of the best part of `text` in characters; equal in text that only precedes the excerpt
            before it.
        ellipses: mark a truncated start and end.
        notice: a notice of the answer that pages show beside these words.
    """

    n: int
    source_line: SourceLine
    text: str
    highlight: tuple[int, int]
    ellipses: tuple[str, str] = ("", "")
    notice: Paragraph | None = None

    @property
    def is_preceding(self) -> bool:
        return self.highlight[0] == self.highlight[1]


@dataclass(frozen=True, slots=True)
class HelpNumber:
    """A telephone number: whom it reaches, when, and whether the call is free, None where that is not known."""

    number: str
    name: Texts
    hours: Texts
    free: bool | None = None


@dataclass(frozen=True, slots=True)
class HelpLines:
    """Whom to call in a `situation` (`screening`), before everything else; if brief, on one line of the text."""

    situation: str
    name: Texts
    numbers: tuple[HelpNumber, ...]
    note: Texts
    is_brief: bool = False


Part = Paragraph | AskedQuestions | Excerpt | HelpLines


@dataclass(frozen=True, slots=True)
class AnswerContent:
    """All parts and notices of an answer; `language` is the one it was first rendered in."""

    parts: tuple[Part, ...] = ()
    notices: tuple[Paragraph, ...] = ()
    language: str = "ja"


def service_message(key: str, **arguments: str) -> ServiceMessage:
    """Return a message with the values of its placeholders."""
    return ServiceMessage(key, tuple(arguments.items()))


def with_preceding(parts: Iterable[Part]) -> Iterator[tuple[Part, Excerpt | None]]:
    """Yield each part with the excerpt of what precedes it in its passage, if there is one."""
    every = (*parts, None)
    for i, (part, following) in enumerate(pairwise(every)):
        if part and not (i and isinstance(part, Excerpt) and part.is_preceding):
            yield part, following if isinstance(following, Excerpt) and following.is_preceding else None


def cited_numbers(part: Part) -> frozenset[int]:
    """Return the numbers of the sources that a part cites."""
    if isinstance(part, Excerpt):
        return frozenset({part.n})
    sentences = part.sentences if isinstance(part, Paragraph) else ()
    statements = [sentence for sentence in sentences if isinstance(sentence, Statement)]
    return frozenset(chain.from_iterable(statement.cited for statement in statements))


def renumber_citations(part: Part, renumber: Callable[[int], int]) -> Part:
    """Return the part with the number of each source replaced."""

    def renumber_statement(statement: Statement) -> Statement:
        return replace(statement, cited=tuple(map(renumber, statement.cited)))

    if isinstance(part, Excerpt):
        return replace(part, n=renumber(part.n))
    if isinstance(part, Paragraph):
        return Paragraph(
            tuple(
                renumber_statement(sentence) if isinstance(sentence, Statement) else sentence
                for sentence in part.sentences
            )
        )
    return part


def paragraph(*sentences: Statement | ServiceMessage | SourceLine) -> Paragraph:
    """Return a paragraph of the sentences."""
    return Paragraph(sentences)
