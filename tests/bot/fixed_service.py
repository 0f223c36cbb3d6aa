"""A service that answers at once and always the same, for tests of the layers around the answering."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from bot.answering.state import Answer, Citation, Hit, Question, Status
from bot.errors import (
    BadQuestionError,
    BotError,
    QuestionTooLongError,
    UnknownConversationError,
    UnknownDocumentError,
    UnknownFileError,
    UnknownPassageError,
)
from bot.running.office.departments import Department
from bot.running.service.active_pipeline import ActivePipeline
from bot.running.service.document_state import DocumentState, OriginalFile
from bot.running.service.service import AnswerListener, Health, OnTurn, Service
from bot.running.storage.deletion import DeletedCounts
from bot.running.storage.department_records import DepartmentRecords
from bot.running.storage.open_questions import OpenQuestions
from bot.running.storage.record_store import Rating, RecordedTurn
from bot.running.storage.usage_records import RecordedCall, UsageRecords
from ingest.documents import Document, Passage, Period
from tests.bot.draft_rendering import with_content

PERIOD = Period(date(2026, 4, 1), date(2030, 3, 31))
DOCUMENT = Document("plan-2", "計画2.0", "plan-2.md", "plan", "市", "2026-01", PERIOD, ("plan-1",), ("2.0",))
PASSAGE = Passage("plan-2#3", "plan-2", "text", ("第1章", "1.3. 期間"), "期間は令和8年度からです。", (3,), page=4)
CITATION = Citation(
    n=1,
    passage_id=PASSAGE.id,
    doc_id="plan-2",
    title="計画2.0",
    section="1.3. 期間",
    page=4,
    quote="期間は令和8年度から",
    in_force=True,
)
TEXT = "期間は令和8(2026)年度からです[1]。次の計画は「未定。」です[1]。"


class ListedDepartments(DepartmentRecords):
    def __init__(self) -> None:
        self.listed: list[Department] = []

    def all(self) -> list[Department]:
        return self.listed

    def save(self, department: Department, by: str) -> Department:
        self.listed.append(replace(department, by=by, id=department.id or f"d{len(self.listed)}"))
        return department

    def remove(self, department: Department, by: str) -> None:
        del by
        self.listed = [one for one in self.listed if one.id != department.id]


class NoUsage(UsageRecords):
    def __init__(self) -> None:
        pass

    def rows(self) -> list[Any]:
        return []

    def calls(self, _start: datetime, _end: datetime) -> list[RecordedCall]:
        return []


class StandIn(Service):
    """Answers with `TEXT`, of which `told` early; raises `error` before the first stage, or `late_error` after it.

    `provisional` is reported after the stages, as what would be the answer without a language model.
    """

    generation = "g1"
    departments: ListedDepartments
    usage: NoUsage

    def __init__(self, error: Exception | None = None, late_error: Exception | None = None) -> None:
        self.error, self.late_error = error, late_error
        self.told = ""
        self.provisional: Answer | None = None
        self.departments = ListedDepartments()
        self.usage = NoUsage()
        self.asked: list[Question] = []
        self.earlier: tuple[str, ...] = ()
        self.votes: list[tuple[str, str, list[str], str]] = []
        self.voted_by_staff: list[bool] = []
        self.told_in: dict[str, list[RecordedTurn]] = {}
        self.states: list[DocumentState] = []

    @property
    def open_index(self) -> ActivePipeline:  # type: ignore[override]
        raise BotError("記録がありません。")

    @property
    def open_questions(self) -> OpenQuestions:  # type: ignore[override]
        raise BotError("記録がありません。")

    def _ask(
        self, question: Question, listener: AnswerListener, on_turn: OnTurn | None, earlier: Sequence[str]
    ) -> Answer:
        del on_turn
        self.earlier = tuple(earlier)
        if self.error:
            raise self.error
        if not question.question.strip():
            raise BadQuestionError("質問を入力してください。")
        if len(question.question) > 1000:
            raise QuestionTooLongError("質問は1,000文字以内にしてください。")
        self.asked.append(question)
        for stage in ("探しています", "確かめています"):
            if listener.on_stage:
                listener.on_stage(stage)
        if listener.on_provisional and self.provisional:
            listener.on_provisional(self.provisional)
        if listener.on_text and self.told:
            listener.on_text(self.told)
        if self.late_error:
            raise self.late_error
        easy = {"easy_japanese": 1.0} if question.style == "easy" else {}
        answer = with_content(
            Answer(
                answer_id=uuid4().hex,
                conversation_id=question.conversation_id or uuid4().hex,
                status=Status.ANSWERED,
                answer=TEXT,
                citations=(CITATION,),
                question_understood=question.question,
                notices=("機械による回答です。",),
                timings_ms={"retrieve": 2.0, "total": 5.0} | easy,
            )
        )
        self.told_in.setdefault(answer.conversation_id, []).append(
            RecordedTurn(question.question, answer, repeated=question.repeated)
        )
        return answer

    def _search(self, q: str, k: int, as_of: date | None, doc_id: str | None) -> list[Hit]:
        del as_of
        if doc_id not in {None, "plan-2"}:
            raise UnknownDocumentError(doc_id)
        return [Hit(PASSAGE, 2.5, {"keyword": 1.5, "meaning": 1.0})][:k] if q else []

    def passage(self, passage_id: str) -> Passage:
        if passage_id != PASSAGE.id:
            raise UnknownPassageError(f"箇所「{passage_id}」はありません。")
        return PASSAGE

    def original(self, doc_id: str, version: str = "") -> OriginalFile:
        raise UnknownFileError(f"「{doc_id}」の原本{version}は保管されていません。")

    def page_picture(self, doc_id: str, page: int, passage_id: str | None = None, version: str = "") -> bytes:
        raise UnknownFileError(f"「{doc_id}」の{page}ページはありません。{passage_id or ''}{version}")

    def passages(self, doc_id: str) -> list[Passage]:
        if doc_id != DOCUMENT.id:
            raise UnknownDocumentError(doc_id)
        return [PASSAGE]

    def conversation(self, conversation_id: str) -> tuple[RecordedTurn, ...]:
        if conversation_id not in self.told_in:
            raise UnknownConversationError("この会話は見つかりません。")
        return tuple(self.told_in[conversation_id])

    def document(self, doc_id: str, as_of: date | None = None) -> DocumentState:
        for state in self.documents(as_of):
            if state.document.id == doc_id:
                return state
        raise UnknownDocumentError(doc_id)

    def documents(self, as_of: date | None = None) -> list[DocumentState]:
        return self.states or [DocumentState(DOCUMENT, in_force=(as_of or PERIOD.start) in PERIOD)]

    def feedback(
        self, answer_id: str, rating: Rating, reasons: Iterable[str] = (), comment: str = "", *, by_staff: bool = False
    ) -> None:
        if self.error:
            raise self.error
        self.voted_by_staff.append(by_staff)
        self.votes.append((answer_id, rating, list(reasons), comment))
        for turns in self.told_in.values():
            for n, turn in enumerate(turns):
                if turn.answer.answer_id == answer_id:
                    turns[n] = replace(turn, rating=rating)

    def forget(self, conversation_id: str, by: str) -> DeletedCounts:
        raise UnknownConversationError(f"会話「{conversation_id}」はありません（{by}）。")

    def examples(self, limit: int) -> tuple[str, ...]:
        return ("計画2.0の期間はいつからですか",)[:limit]

    def follow(self) -> None:
        """Do nothing."""

    def health(self) -> Health:
        return Health(answers=self.error is None, records=True)
