"""Interface of the answering service, as HTTP, pages and commands use it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import quote

from bot.curation.dictionary.dictionary_desk import DictionaryDesk
from bot.curation.staff_desk import StaffDesk
from bot.office import Departments
from bot.runtime.health import Health
from bot.state import Answer, Hit, Question
from bot.storage.deletion import DeletedCounts
from bot.storage.record_store import RecordedTurn
from bot.storage.usage_records import UsageRecords
from bot.suggestions import SuggestionTopic
from ingest.amendments.consolidation import Consolidation
from ingest.documents import Document, Passage, file_url, is_pdf


@dataclass(frozen=True, slots=True)
class AnswerListener:
    """Callbacks that receive the progress of an answer, in the thread that answers.

    Attributes:
        on_stage: receives the name of each step of the pipeline.
        on_text: receives each sentence of a language model once it is verified; together they are the answer. It is
            not called for easy Japanese, which is rewritten afterwards.
        on_provisional: receives what would be the answer without a language model, before one is asked. It has no id
            and is not recorded.
    """

    on_stage: Callable[[str], None] | None = None
    on_text: Callable[[str], None] | None = None
    on_provisional: Callable[[Answer], None] | None = None


class Feedback(Protocol):
    """A reader's vote on an answer."""

    @property
    def answer_id(self) -> str:
        """The id of the answer."""

    @property
    def rating(self) -> Literal["up", "down"]:
        """Whether the answer helped."""

    @property
    def reasons(self) -> Sequence[str]:
        """The chosen reasons, if any."""

    @property
    def comment(self) -> str:
        """The reader's comment, if any."""


@dataclass(frozen=True, slots=True)
class DocumentState:
    """The state of a document on a day; `in_force` is None without a period, `superseded_by` is an id.

    `has_file` tells whether its original file is stored.
    """

    document: Document
    in_force: bool | None = None
    superseded_by: str | None = None
    has_file: bool = False

    def file_url(self, page: int | None = None, version: str = "") -> str | None:
        """Return the address of its file or that version, of a PDF at `page`; None if the file is not stored."""
        if not self.has_file:
            return None
        return file_url(self.document.id, page if is_pdf(self.document) else None, version)

    def page_url(self, page: int | None, passage_id: str, version: str = "") -> str | None:
        """Return the address of a picture of a page with a passage highlighted; None if it is not a stored PDF."""
        if not (self.has_file and page and is_pdf(self.document)):
            return None
        query = f"passage={quote(passage_id, safe='')}" + (f"&version={version}" if version else "")
        return f"/api/documents/{quote(self.document.id)}/pages/{page}.png?{query}"


def consolidated_url(doc_id: str, day: date) -> str:
    """Return the address of a document's page with its amendments on a day."""
    return f"/documents/{quote(doc_id)}/consolidated?day={day.isoformat()}"


@dataclass(frozen=True, slots=True)
class OriginalFile:
    """A document with the path of its original file; `is_current` is false for an earlier version."""

    document: Document
    path: Path
    is_current: bool = True


class AnswerService(Protocol):
    """An open service; safe to share between threads. `bot/service.py` says which errors each method raises."""

    @property
    def generation(self) -> str | None:
        """The name of the generation in use, or None while there is none."""

    @property
    def desk(self) -> StaffDesk:
        """The staff desk: the queue of open questions and the curated answers."""

    @property
    def dictionary(self) -> DictionaryDesk:
        """The office's words: names that people use, with the official ones."""

    @property
    def departments(self) -> Departments:
        """The departments to contact, as edited by staff."""

    @property
    def usage(self) -> UsageRecords:
        """The recorded questions, for usage statistics."""

    def ask(self, question: Question, listener: AnswerListener | None = None) -> Answer:
        """Answer a question, with its progress reported to the listener."""

    def search(self, q: str, k: int = 10, as_of: date | None = None, doc_id: str | None = None) -> list[Hit]:
        """Return the best `k` passages, best first."""

    def passage(self, passage_id: str) -> Passage:
        """Return one passage."""

    def consolidation(self, doc_id: str) -> Consolidation | None:
        """Return a document with its amendments; None for one that no document amends."""

    def amended_documents(self, doc_id: str) -> Sequence[str]:
        """Return the ids of the documents that a document amends."""

    def original(self, doc_id: str, version: str = "") -> OriginalFile:
        """Return the original file of a document, or of a version of it."""

    def page_picture(self, doc_id: str, page: int, passage_id: str | None = None, version: str = "") -> bytes:
        """Return a page of a document, or of a version of it, as a PNG, with a passage highlighted."""

    def documents(self, as_of: date | None = None) -> list[DocumentState]:
        """Return every document with its state on a day."""

    def passages(self, doc_id: str) -> Sequence[Passage]:
        """Return the passages of a document in order."""

    def conversation(self, conversation_id: str) -> tuple[RecordedTurn, ...]:
        """Return the recorded turns of a conversation, oldest first."""

    def forget(self, conversation_id: str, by: str) -> DeletedCounts:
        """Delete a conversation; `by` is recorded in the audit log."""

    def feedback(self, feedback: Feedback, *, by_staff: bool = False) -> None:
        """Record a vote with personal data masked, except in comments by staff."""

    def examples(self, limit: int) -> tuple[str, ...]:
        """Return up to `limit` example questions that the documents in force answer."""

    def topics(self, limit: int, questions_per_topic: int) -> tuple[SuggestionTopic, ...]:
        """Return up to `limit` top headings of the documents in force, each with some example questions."""

    def follow(self) -> None:
        """Wait until the current generation is in use or has failed to open."""

    def start_health_check(self) -> Callable[[], Health]:
        """Start checking what an answer needs, and return a function that waits at most 2 s for the result."""

    def health(self) -> Health:
        """Return within 2 s whether questions can be answered, and whether the answers are recorded."""
