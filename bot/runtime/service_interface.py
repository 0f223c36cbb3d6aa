"""Interface of the answering service, as HTTP, pages and commands use it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import quote

from bot.curation.desk_interface import Desk
from bot.office import Departments
from bot.state import Answer, Hit, Question
from bot.storage.recorded_turns import DeletedCounts, RecordedTurn
from bot.storage.recorded_usage import Usage
from bot.suggestions import Topic
from ingest.documents import Document, Passage, file_url, is_pdf

OnStage = Callable[[str], None]
OnText = Callable[[str], None]


class Feedback(Protocol):
    """What a reader thought of an answer."""

    @property
    def answer_id(self) -> str:
        """The answer that is meant."""

    @property
    def rating(self) -> Literal["up", "down"]:
        """Whether it helped."""

    @property
    def reasons(self) -> Sequence[str]:
        """The reasons that were chosen; may be none."""

    @property
    def comment(self) -> str:
        """The reader's own words; may be empty."""


@dataclass(frozen=True, slots=True)
class DocumentState:
    """A document on a day: `in_force` is None for one without a period; `superseded_by` is an id.

    `has_file` tells whether its file is kept and can be opened.
    """

    document: Document
    in_force: bool | None = None
    superseded_by: str | None = None
    has_file: bool = False

    def file_url(self, page: int | None = None) -> str | None:
        """Return where its file can be opened, a PDF at `page`; None where it is not kept."""
        return file_url(self.document.id, page if is_pdf(self.document) else None) if self.has_file else None

    def page_url(self, page: int | None, passage_id: str) -> str | None:
        """Return where a picture of a page with a passage marked is; None where there are no pages to draw."""
        if not (self.has_file and page and is_pdf(self.document)):
            return None
        return f"/api/documents/{quote(self.document.id)}/pages/{page}.png?passage={quote(passage_id, safe='')}"


@dataclass(frozen=True, slots=True)
class OriginalFile:
    """A document with its file as it was handed in."""

    document: Document
    path: Path


class AnswerService(Protocol):
    """An open service, safe to share between threads. Its methods raise BotError and IngestError."""

    @property
    def generation(self) -> str | None:
        """The name of the index in service."""

    @property
    def desk(self) -> Desk:
        """The staff's desk: what stayed unanswered, and the answers that staff write to it."""

    @property
    def departments(self) -> Departments:
        """Whom to call about what, as staff keep it."""

    @property
    def usage(self) -> Usage:
        """What was asked, to be counted."""

    def ask(self, question: Question, on_stage: OnStage | None = None, on_text: OnText | None = None) -> Answer:
        """Answer, telling each stage of the work, and the sentences with which the answer is certain to begin."""

    def search(self, q: str, k: int = 10, as_of: date | None = None, doc_id: str | None = None) -> list[Hit]:
        """Return the best `k` passages, best first."""

    def passage(self, passage_id: str) -> Passage:
        """Return one passage, whole."""

    def original(self, doc_id: str) -> OriginalFile:
        """Return a document's file."""

    def page_picture(self, doc_id: str, page: int, passage_id: str | None = None) -> bytes:
        """Return a page of a document as a PNG, a passage of it marked."""

    def documents(self, as_of: date | None = None) -> list[DocumentState]:
        """Return every document in its state on a day."""

    def passages(self, doc_id: str) -> Sequence[Passage]:
        """Return the passages of a document, in order."""

    def conversation(self, conversation_id: str) -> tuple[RecordedTurn, ...]:
        """Return what was asked and told in a conversation, oldest first."""

    def forget(self, conversation_id: str, by: str) -> DeletedCounts:
        """Delete a conversation for good."""

    def feedback(self, feedback: Feedback, *, by_staff: bool = False) -> None:
        """Record a reader's vote, personal data masked; a comment `by_staff` as it is."""

    def examples(self, limit: int) -> tuple[str, ...]:
        """Return questions to begin with, which the documents in force are known to answer."""

    def topics(self, limit: int, each: int) -> tuple[Topic, ...]:
        """Return up to `limit` subjects of the documents in force, each with up to `each` questions to begin with."""

    def follow(self) -> None:
        """Return when the index that was put in service answers, or could not be opened."""

    def ready(self) -> bool:
        """Tell whether index and records can be used."""

    def keeps_records(self) -> bool:
        """Tell whether answers are recorded; they are given either way."""
