"""State of one call at the console: its lookups and their passages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.rendering.html.answer_parts import reinterpreted_question
from bot.runtime.service_interface import DocumentState
from bot.state import Answer


@dataclass(frozen=True, slots=True)
class Source:
    """A passage beside an answer: `n` is the citation's number, None for one that is not cited.

    `state` is its document's on the day that was asked for, None where that has left the index; `quote` stands in
    `text` letter for letter, and so does `line`, what comes nearest to the question;
    `row` says of what that stands, where it is a cell of a table.
    """

    n: int | None
    title: str
    section: str
    page: int | None
    text: str
    quote: str
    state: DocumentState | None
    passage_id: str = ""
    read_by_ocr: bool = False
    line: str = ""
    row: str = ""
    doc_id: str = ""

    @property
    def url(self) -> str | None:
        """Where the original can be read."""
        return self.state.document.url if self.state else None

    @property
    def period(self) -> tuple[date, date] | None:
        """The first and the last day on which the document governs."""
        period = self.state.document.period if self.state else None
        return (period.start, period.end) if period else None

    @property
    def in_force(self) -> bool | None:
        """Whether the document governs on that day; None for one without a period."""
        return self.state.in_force if self.state else None

    @property
    def superseded_by(self) -> str | None:
        """The id of the document that has replaced it by that day."""
        return self.state.superseded_by if self.state else None


@dataclass(frozen=True, slots=True)
class Lookup:
    """A question and what was found; `as_of` None means the day on which it was asked.

    The passages that the answer cites come first, then those that it tells as near.
    `titles` are those of the index's documents by their ids; `ungoverned` is a day on which none of them governs
    though some have a period.
    """

    question: str
    as_of: date | None
    answer: Answer
    sources: tuple[Source, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    reported: bool = False
    ungoverned: bool = False

    @property
    def nearest(self) -> tuple[Source, ...]:
        """The passages that the answer tells as near."""
        return self.sources[len(self.answer.citations) :][: len(self.answer.nearest)]

    @property
    def read_as(self) -> str | None:
        """The question as it was looked up, where that is another than was typed."""
        return reinterpreted_question(self.question, self.answer)

    def is_past(self, today: date) -> bool:
        """Whether it was asked for a day before today."""
        return self.as_of is not None and self.as_of < today

    def documents(self) -> list[tuple[DocumentState, list[Source]]]:
        """Return the documents of the passages, each with its passages, in the order in which they come."""
        found: dict[str, tuple[DocumentState, list[Source]]] = {}
        for source in self.sources:
            if source.state:
                found.setdefault(source.state.document.id, (source.state, []))[1].append(source)
        return list(found.values())


@dataclass(frozen=True, slots=True)
class Call:
    """The questions of a call, oldest first; `at` counts from 0 to the one in sight, whose `lookup` is shown."""

    id: str | None = None
    questions: tuple[str, ...] = ()
    at: int = -1
    lookup: Lookup | None = None
