"""State of one call at the console: its lookups and their passages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.rendering.html.answer_parts import reinterpreted_question
from bot.runtime.document_state import DocumentState
from bot.state import Answer


@dataclass(frozen=True, slots=True)
class ConsoleSource:
    """A passage shown with an answer; `n` is the number of the citation, None if it is not cited.

    `state` is its document's on the as-of date, None if it is no longer in the index. `quote` and `line`, the sentence
    most similar to the question, are verbatim parts of `text`. `row` is the first line of a table row. `file_url` and
    `page_url` open the version that a citation was taken from, `consolidated_url` its document as amended.
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
    file_url: str | None = None
    page_url: str | None = None
    consolidated_url: str | None = None

    @property
    def url(self) -> str | None:
        """The address of the original."""
        return self.state.document.url if self.state else None

    @property
    def period(self) -> tuple[date, date] | None:
        """The first and the last day on which the document is in force."""
        period = self.state.document.period if self.state else None
        return (period.start, period.end) if period else None

    @property
    def in_force(self) -> bool | None:
        """Whether the document is in force on that day; None without a period."""
        return self.state.in_force if self.state else None

    @property
    def superseded_by(self) -> str | None:
        """The id of the document that superseded it by that day."""
        return self.state.superseded_by if self.state else None


@dataclass(frozen=True, slots=True)
class Lookup:
    """A question with its answer and passages; `as_of` None means the day on which it was asked.

    `sources` are the citations, then the related passages, then further search results. `titles` are those of all
    documents by id. `ungoverned` is true if some documents have periods but none is in force on that day.
    """

    question: str
    as_of: date | None
    answer: Answer
    sources: tuple[ConsoleSource, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    reported: bool = False
    ungoverned: bool = False

    @property
    def nearest(self) -> tuple[ConsoleSource, ...]:
        """The related passages of the answer."""
        return self.sources[len(self.answer.citations) :][: len(self.answer.nearest)]

    @property
    def read_as(self) -> str | None:
        """The question as understood, if it differs from what was typed."""
        return reinterpreted_question(self.question, self.answer)

    def is_past(self, today: date) -> bool:
        """Whether the as-of date is before today."""
        return self.as_of is not None and self.as_of < today

    def documents(self) -> list[tuple[DocumentState, list[ConsoleSource]]]:
        """Return the documents of the passages, each with its passages, in the order of the passages."""
        documents: dict[str, tuple[DocumentState, list[ConsoleSource]]] = {}
        for source in self.sources:
            if source.state:
                documents.setdefault(source.state.document.id, (source.state, []))[1].append(source)
        return list(documents.values())


@dataclass(frozen=True, slots=True)
class Call:
    """The questions of a call, oldest first; `at` is the index of the one whose `lookup` is shown."""

    id: str | None = None
    questions: tuple[str, ...] = ()
    at: int = -1
    lookup: Lookup | None = None
