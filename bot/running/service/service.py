"""The service that opens index, models and records, answers questions and stores the answers."""

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from hashlib import sha256
from threading import Lock, Thread
from time import monotonic, perf_counter
from uuid import uuid4

from bot.answering.languages import Language
from bot.answering.llm.model_calls import open_budget
from bot.answering.pipeline import OpenedIndex
from bot.answering.privacy.personal import documented_places, mask_personal_data, searchable, without_placeholders
from bot.answering.question.name_expansion import NameExpansion
from bot.answering.question.text_limits import check_question
from bot.answering.rendering.date_format import format_day
from bot.answering.retrieval.retrieve import search
from bot.answering.screening import EmergencyScreen, Screening, read_situations
from bot.answering.state import Answer, Exchange, HelpLines, Hit, Question, QuestionTexts, RejectedSentence, Turn
from bot.errors import (
    BadQuestionError,
    BotError,
    RecordsError,
    UnknownAnswerError,
    UnknownConversationError,
    UnknownPassageError,
    WithdrawnDocumentError,
)
from bot.running.service.active_pipeline import ActivePipeline
from bot.running.service.document_state import (
    DocumentState,
    OriginalFile,
    PagePictures,
    find_document,
    find_original,
    has_newer_version,
)
from bot.running.service.outgoing_answer import answer_language, build_answer, with_newer_version_notices
from bot.running.storage import deletion
from bot.running.storage.database import database_url
from bot.running.storage.deletion import DeletedCounts
from bot.running.storage.department_records import DepartmentRecords
from bot.running.storage.open_questions import OpenQuestions
from bot.running.storage.record_store import Rating, RecordedTurn, Store
from bot.running.storage.recorder import Recorder
from bot.running.storage.usage_records import UsageRecords
from ingest.configuration.audit import record_event
from ingest.configuration.settings import Settings
from ingest.documents import Passage
from ingest.errors import IngestError, StorageError
from ingest.index.originals import MAX_ARCHIVE_BYTES, earlier_originals, prune_archive
from ingest.japanese import nfkc
from ingest.japanese.today import today
from ingest.metadata.document_states import read_withdrawals

log = logging.getLogger(__name__)
# An orchestrator asks for the health every few seconds and gives up after five.
HEALTH_TIMEOUT_S = 2.0
# Documents that example questions are taken from.
_EXAMPLE_DOCUMENTS = 4
Clock = Callable[[], date]
OnTurn = Callable[[Turn], None]
OnUrgent = Callable[[tuple[HelpLines, ...], Language], None]
# Encoded to check the encoder and the vector store.
_CHECK_QUERY = "計画の期間"
_UNRECORDED = "いまは記録を残せないため、評価を受け取れませんでした。しばらく待ってから、もう一度お試しください。"


@dataclass(frozen=True, slots=True)
class AnswerListener:
    """Callbacks that receive the progress of an answer, in the thread that answers.

    Attributes:
        on_stage: receives the name of each step of the pipeline.
        on_urgent: receives the help for somebody in danger and the language of the answer, before anything else is
            done, also where the question then has to wait or cannot be answered.
        on_text: receives each sentence of a language model once it is verified; together they are the answer. It is
            not called for easy Japanese, which is rewritten afterwards.
        on_provisional: receives what would be the answer without a language model, before one is asked. It has no id
            and is not recorded.
    """

    on_stage: Callable[[str], None] | None = None
    on_text: Callable[[str], None] | None = None
    on_provisional: Callable[[Answer], None] | None = None
    on_urgent: OnUrgent | None = None


class Entrance:
    """Admits and counts the calls of a service: without limits here, as for a command."""

    def question(self, _question: Question) -> AbstractContextManager[object]:
        """Return a context in which a question is answered. Raises an error for who has to wait."""
        return nullcontext()

    def search(self, _text: str) -> AbstractContextManager[object]:
        """Return a context in which a text is searched, as for a question."""
        return nullcontext()

    def count_answer(self, answer: Answer, question: Question) -> None:
        """Count an answer."""


@dataclass(frozen=True, slots=True)
class Health:
    """Whether questions can be answered, the answers are recorded, and the configured judge of sentences is trusted."""

    answers: bool
    records: bool
    judge: bool = True


class TimedCheck:
    """A check that counts as failed after two seconds; at most one runs at a time, however many callers wait for it."""

    def __init__(self, check: Callable[[], None]) -> None:
        self._check = check
        self._lock = Lock()
        self._running: Future[None] | None = None
        self._is_failure_logged = False

    def start(self) -> Callable[[], bool]:
        """Start the check unless it is running, and return a function that waits and returns whether it succeeded."""
        with self._lock:
            if self._running is None or self._running.done():
                self._running = Future()
                Thread(target=self._run, args=(self._running,), name="health", daemon=True).start()
            return partial(self._wait, self._running, monotonic() + HEALTH_TIMEOUT_S)

    def _run(self, running: Future[None]) -> None:
        try:
            running.set_result(self._check())
        except Exception as error:  # noqa: BLE001 - reported to whoever waits
            running.set_exception(error)

    def _wait(self, running: Future[None], deadline: float) -> bool:
        try:
            running.result(max(0.0, deadline - monotonic()))
        except Exception as error:  # whatever fails, the check has failed
            if not self._is_failure_logged:
                reason = str(error) or f"{HEALTH_TIMEOUT_S:.0f}秒以内に応答がありません。"
                is_expected = isinstance(error, BotError | IngestError | TimeoutError)
                log.warning("状態の確認に失敗しました。%s", reason, exc_info=None if is_expected else error)
            self._is_failure_logged = True
            return False
        self._is_failure_logged = False
        return True


class Service:
    """Answers questions from the current index generation, records the answers, and switches to newer generations.

    Safe to share between threads. What reads the index raises NoIndexError. `entrance` admits and counts questions and
    searches; a server sets its own. `screen` finds the help for somebody in danger, `clock` the day for questions
    without one.
    """

    entrance = Entrance()
    screen: Callable[[str], Screening] = staticmethod(lambda _: Screening())

    def __init__(self, settings: Settings, clock: Clock, disabled_adjustments: Collection[str] = ()) -> None:
        self.settings = settings
        self.screen = EmergencyScreen(read_situations(settings).help_lines)
        self.clock = clock
        self._pages = PagePictures()
        self._store = Store(database_url(settings))
        self._recorder = Recorder(self._store)
        engine = self._store.engine
        self.open_index = ActivePipeline(settings, clock, disabled_adjustments)
        self.open_questions = OpenQuestions(engine)
        self.departments = DepartmentRecords(
            engine, lambda by, change: record_event(settings, by, "office", (), change)
        )
        self.usage = UsageRecords(engine)
        self._generator = self.open_index.generator
        self._answers_check = TimedCheck(self._check_answers)
        self._records_check = TimedCheck(self._recorder.check)

    @property
    def generation(self) -> str | None:
        return self.open_index.generation

    @property
    def names(self) -> NameExpansion:
        return self.open_index().names

    def ask(
        self,
        question: Question,
        listener: AnswerListener | None = None,
        on_turn: OnTurn | None = None,
        earlier: Sequence[str] = (),
    ) -> Answer:
        """Answer a question and record it, with personal numbers masked.

        A second delivery of a question gets the first answer. Raises BadQuestionError, QuestionTooLongError,
        UnknownConversationError, NoIndexError, and what the entrance raises.

        `on_turn` receives the completed turn. `earlier` are messages that the question may continue; they are neither
        answered nor recorded.
        """
        listener = listener or AnswerListener()
        if listener.on_urgent and (urgent := self.screen(question.question).urgent):
            listener.on_urgent(urgent, answer_language(question, None, nfkc(question.question)))
        with self.entrance.question(question):
            answer = self._ask(question, listener, on_turn, earlier)
        self.entrance.count_answer(answer, question)
        return answer

    def _ask(
        self, unmasked: Question, listener: AnswerListener, on_turn: OnTurn | None, earlier: Sequence[str]
    ) -> Answer:
        start = perf_counter()
        check_question(unmasked.question)
        opened = self.open_index()
        places = documented_places(unmasked.question, opened.index)
        question = unmasked.model_copy(update={"question": mask_personal_data(unmasked.question, places)})
        answer_id = uuid4().hex
        if question.delivery:
            delivered = question.model_dump_json(exclude={"conversation_id"})
            answer_id = sha256(delivered.encode()).hexdigest()[:32]
            if first_answer := self._recorder.answer(answer_id):
                return first_answer
        question, history = self._load_history(question)
        texts = QuestionTexts(searchable(unmasked.question, places))
        screening = self.screen(unmasked.question)
        turn = Turn(
            question,
            question.as_of or self.clock(),
            history,
            texts,
            urgent=screening.urgent,
            is_certain_danger=screening.is_certain,
            is_bereavement=screening.is_bereavement,
            is_masked=question.question != unmasked.question,
            # The model may finish loading while the question is answered without it.
            is_model_loading=question.by_model and self._generator is not None and self._generator.is_loading,
        )
        for text in earlier:
            with suppress(BadQuestionError):  # was refused when it was sent as the last one
                turn = replace(turn, history=(*turn.history, self._read_earlier(text, turn, opened)))
        build = partial(
            build_answer,
            publications=opened.index.publications,
            originals=opened.index.originals,
            # The id gives access to the conversation, so it must not be guessable.
            conversation_id=question.conversation_id or uuid4().hex,
        )

        def send_provisional(turn: Turn) -> None:
            if listener.on_provisional:
                listener.on_provisional(build(turn, answer_id="", timings_ms={}))

        with open_budget(self.settings.llm_timeout_s) as budget:
            turn, timings = opened.pipeline.answer(
                turn,
                on_stage=listener.on_stage,
                on_text=listener.on_text,
                on_provisional=send_provisional if listener.on_provisional else None,
            )
        mask = mask_personal_data
        turn = replace(turn, rejected=tuple(RejectedSentence(mask(one.text), mask(one.why)) for one in turn.rejected))
        timings["total"] = round((perf_counter() - start) * 1000, 2)
        answer = build(turn, answer_id=answer_id, timings_ms=timings).model_copy(update={"calls": tuple(budget.calls)})
        task = self._generator.answer.prompt if self._generator else None
        is_generated = any(task and (call.task, call.model) == (task.name, answer.generator) for call in answer.calls)
        digest = task.digest if task and is_generated else None
        try:
            self._recorder.record(turn, answer, prompt_digest=digest, generation=opened.index.name)
        except UnknownConversationError:
            # Another delivery, which was faster, has been answered and reported with its own turn.
            if question.delivery and (first_answer := self._recorder.answer(answer_id)):
                return first_answer
            raise
        if on_turn:
            on_turn(turn)
        return answer

    @staticmethod
    def _read_earlier(text: str, turn: Turn, opened: OpenedIndex) -> Exchange:
        check_question(text)
        texts = QuestionTexts(searchable(text, documented_places(text, opened.index)))
        question = turn.question.model_copy(update={"by_model": False})
        return opened.pipeline.read_exchange(Turn(question, turn.requested_day, turn.history, texts))

    def _load_history(self, question: Question) -> tuple[Question, tuple[Exchange, ...]]:
        if not question.conversation_id:
            return question, ()
        try:
            recorded = self._recorder.history(question.conversation_id)
        except UnknownConversationError:
            if not self._recorder.may_be_unrecorded():
                raise
            return question.model_copy(update={"conversation_id": None}), ()
        # A follow-up is completed from it and searched.
        return question, tuple(
            replace(exchange, understood=exchange.understood.with_text(without_placeholders(exchange.understood.text)))
            for exchange in recorded
        )

    def conversation(self, conversation_id: str) -> tuple[RecordedTurn, ...]:
        """Return the recorded turns of a conversation, oldest first, with notices of documents that changed since.

        Raises UnknownConversationError.
        """
        turns = self._store.recorded_turns(conversation_id)
        with suppress(IngestError):
            has_newer = partial(has_newer_version, self.open_index().index)
            return tuple(replace(turn, answer=with_newer_version_notices(turn.answer, has_newer)) for turn in turns)
        return turns

    def feedback(
        self, answer_id: str, rating: Rating, reasons: Iterable[str] = (), comment: str = "", *, by_staff: bool = False
    ) -> None:
        """Record a reader's vote with personal data masked, except in comments by staff.

        Raises UnknownAnswerError, and StorageError if it cannot be stored.
        """
        comment = comment if by_staff else mask_personal_data(comment)
        try:
            self._store.feedback(answer_id, rating, list(map(mask_personal_data, reasons)), comment)
        except StorageError as error:
            self._recorder.note_failure(error)
            raise
        except UnknownAnswerError as error:
            if self._recorder.can_write():
                raise
            raise RecordsError(_UNRECORDED) from error  # most likely the answer itself was not recorded

    def forget(self, conversation_id: str, by: str) -> DeletedCounts:
        """Delete a conversation and write the deletion to the audit log. Raises UnknownConversationError."""
        self._recorder.write_waiting()  # what is written later would not be deleted
        deleted = deletion.delete_conversation(self._store.engine, conversation_id)
        return self._audit_deletion(deleted, by, "求めにより")

    def forget_old(self, days: int, by: str) -> DeletedCounts:
        """Delete the conversations without a question for `days` and write the deletion to the audit log."""
        deleted = deletion.delete_conversations_before(self._store.engine, datetime.now(UTC) - timedelta(days=days))
        return self._audit_deletion(deleted, by, f"{days}日を過ぎて") if deleted.conversations else deleted

    def prune_originals(self, by: str) -> None:
        """Remove earlier versions of files that neither an answer nor a case of the office cites, or above the quota.

        Those above the quota are cited, so their removal is written to the audit log.
        """
        if not earlier_originals(self.settings):
            return
        versions = deletion.cited_versions(self._store.engine)
        cases = deletion.cited_in_cases(self.settings)
        removed = prune_archive(
            self.settings, lambda original: (original.doc_id, original.version) in versions or original.doc_id in cases
        )
        for original in removed:
            detail = f"前の版 {original.version}、保管の上限 {MAX_ARCHIVE_BYTES // 1_000_000:,} MB"
            record_event(self.settings, by, "purge", [original.doc_id], detail)

    def _audit_deletion(self, deleted: DeletedCounts, by: str, why: str) -> DeletedCounts:
        counts = f"会話{deleted.conversations:,}件（回答{deleted.answers:,}件、評価{deleted.votes:,}件）"
        record_event(self.settings, by, "forget", (), f"{why}、{counts}を消しました。")
        return deleted

    def search(self, q: str, k: int = 10, as_of: date | None = None, doc_id: str | None = None) -> list[Hit]:
        """Return the best `k` passages of the documents published by `as_of` for `q` in either spelling, best first.

        Raises BadQuestionError, QuestionTooLongError, UnknownDocumentError, and what the entrance raises.
        """
        with self.entrance.search(q):
            return self._search(q, k, as_of, doc_id)

    def _search(self, q: str, k: int, as_of: date | None, doc_id: str | None) -> list[Hit]:
        check_question(q)
        opened = self.open_index()
        index, ranker = opened.index, self.open_index.ranker
        doc_ids = {document.id for document in index.publications.published_by(as_of or self.clock())}
        if doc_id is not None:
            find_document(index, doc_id)
            doc_ids &= {doc_id}
        hits: dict[str, Hit] = {}
        for text in dict.fromkeys((nfkc(q), opened.spelling(nfkc(q)))):
            for hit in search(index, opened.encoder, text, k, doc_ids=doc_ids, ranker=ranker):
                hits[hit.passage.id] = max(hit, hits.get(hit.passage.id, hit), key=lambda candidate: candidate.score)
        return sorted(hits.values(), key=lambda hit: -hit.score)[:k]

    def passage(self, passage_id: str) -> Passage:
        index = self.open_index().index
        with suppress(KeyError):
            passage = index.passages[index.passage_row(passage_id)]
            if index.document(passage.doc_id):
                return passage
        raise UnknownPassageError(f"箇所「{passage_id}」は今の文書にはありません。もう一度質問してください。")

    def passages(self, doc_id: str) -> list[Passage]:
        index = self.open_index().index
        find_document(index, doc_id)
        return list(index.all_passages(doc_id))

    def original(self, doc_id: str, version: str = "") -> OriginalFile:
        return find_original(self.open_index().index, doc_id, version)

    def page_picture(self, doc_id: str, page: int, passage_id: str | None = None, version: str = "") -> bytes:
        """Return a page as a PNG, with the passage highlighted if it belongs to this document.

        Raises UnknownDocumentError, UnknownFileError, BusyError.
        """
        original = self.original(doc_id, version)
        passage = None
        with suppress(UnknownPassageError):
            passage = self.passage(passage_id) if passage_id else None
        return self._pages.render_page(original, page, passage.text if passage and passage.doc_id == doc_id else "")

    def documents(self, as_of: date | None = None) -> list[DocumentState]:
        index, day = self.open_index().index, as_of or self.clock()
        return [DocumentState.on_day(one, day, index.publications, index.originals) for one in index.documents]

    def document(self, doc_id: str, as_of: date | None = None) -> DocumentState:
        """Return a document with its state on a day. Raises UnknownDocumentError, WithdrawnDocumentError."""
        index = self.open_index().index
        if index.document(doc_id) is None and (row := read_withdrawals(self.settings).get(doc_id)):
            raise WithdrawnDocumentError(row.title, format_day(row.at.date()), row.reason)
        return DocumentState.on_day(
            find_document(index, doc_id), as_of or self.clock(), index.publications, index.originals
        )

    def examples(self, limit: int) -> tuple[str, ...]:
        """Return up to `limit` example questions from the newest documents in force."""
        states = sorted(
            self.documents(), key=lambda state: (bool(state.in_force), state.document.published), reverse=True
        )
        newest = [state.document.id for state in states[:_EXAMPLE_DOCUMENTS]]
        return self.open_index().suggestions.examples(newest, limit)

    def health(self) -> Health:
        answers, records = self._answers_check.start(), self._records_check.start()
        judge = self._generator.judge if self._generator else None
        return Health(answers(), records(), judge is None or judge.is_trusted)

    def _check_answers(self) -> None:
        opened = self.open_index()
        opened.index.check_vector_store(opened.encoder.encode_query(_CHECK_QUERY))

    def follow(self) -> None:
        """Wait until the current generation is in use or has failed to open. Raises NoIndexError."""
        self.open_index.follow()

    def wait_for_model(self) -> None:
        """Wait until a language model on this machine is loaded and the judge is tested; questions wait for neither."""
        if self._generator:
            self._generator.wait_until_ready()

    def warm(self) -> None:
        """Load the data that every question needs. Raises NoIndexError and its subclasses."""
        self.open_index().pipeline.warm(self.clock())

    def close(self) -> None:
        self.open_index.close()
        with suppress(StorageError):
            self._recorder.write_waiting()
        self._store.close()


def open_service(
    settings: Settings, clock: Clock = today, disabled_adjustments: Collection[str] = ()
) -> closing[Service]:
    """Open the service; the index opens with the first question, so that a server can start without one."""
    return closing(Service(settings, clock, disabled_adjustments))
