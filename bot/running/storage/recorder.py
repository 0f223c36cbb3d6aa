"""Records answers; while the database fails, they wait in memory to be recorded."""

import logging
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from threading import Lock
from time import monotonic
from typing import NamedTuple

from bot.answering.state import Answer, Exchange, Turn
from bot.errors import ConflictingRecordError, RecordsAwayError, RecordsError, UnknownConversationError
from bot.running.storage.record_store import HISTORY, Store, to_exchange
from ingest.errors import StorageError

log = logging.getLogger(__name__)
# Failing writes are logged at most this often; on a nearly full disk they alternate with successful ones.
_LOG_INTERVAL_S = 600.0
# While writes fail, they are retried this often.
_RETRY_INTERVAL_S = 2.0
# Answers that are kept in memory while they cannot be recorded, some megabytes; of more the oldest are lost.
_MAX_WAITING = 500


class _Waiting(NamedTuple):
    turn: Turn
    answer: Answer
    prompt_digest: str | None
    generation: str
    created: datetime


class Recorder:
    """Records answers in a store, or keeps them in memory while it fails; safe to share between threads."""

    def __init__(self, store: Store, clock: Callable[[], float] = monotonic) -> None:
        self._store = store
        self._clock = clock
        self._lock = Lock()
        self._is_failing = False
        self._logged_at = self._tried_at = float("-inf")
        self._waiting: OrderedDict[str, _Waiting] = OrderedDict()  # by the ids of the answers
        self._writing = Lock()

    def check(self) -> None:
        """Raise StorageError while the database does not answer or records cannot be written."""
        try:
            self._store.ping()
        except StorageError as error:
            self.note_failure(error)
            raise
        if not self.can_write():
            raise RecordsError("記録に書き込めません。")

    def can_write(self) -> bool:
        """Whether records could be written the last time; while they cannot, retries every few seconds."""
        with self._lock:
            if not (self._is_failing or self._waiting):
                return True
            if self._clock() - self._tried_at < _RETRY_INTERVAL_S:
                return False
            self._tried_at = self._clock()
        return self._can_write_again()

    def answer(self, answer_id: str) -> Answer | None:
        """Return an answer by its id; while the database server is away, only one that waits to be recorded."""
        with self._lock:
            waiting = self._waiting.get(answer_id)
        with suppress(RecordsAwayError):
            return waiting.answer if waiting else self._store.answer(answer_id)
        return None

    def history(self, conversation_id: str) -> tuple[Exchange, ...]:
        """Return the last exchanges, recorded and waiting, in order.

        Raises UnknownConversationError, and StorageError if there are some that cannot be read.
        """
        with self._lock:
            waiting = [one for one in self._waiting.values() if one.answer.conversation_id == conversation_id]
        unrecorded = [to_exchange(one.answer, one.turn.draft.subject if one.turn.draft else "") for one in waiting]
        if waiting and waiting[0].turn.question.conversation_id is None:  # it began since the database failed
            return tuple(unrecorded[-HISTORY:])
        return (*self._store.history(conversation_id), *unrecorded)[-HISTORY:]

    def may_be_unrecorded(self) -> bool:
        """Whether an unknown conversation may be one that this or another process could not record."""
        with self._lock:
            is_failing = self._is_failing
        return is_failing or not self._can_write_again()

    def record(self, turn: Turn, answer: Answer, prompt_digest: str | None = None, generation: str = "") -> None:
        """Record an answer, or keep it until it can be written. Raises UnknownConversationError."""
        new = _Waiting(turn, answer, prompt_digest, generation, datetime.now(UTC))
        if self.can_write():
            try:
                self._store.record(*new)
            except StorageError as error:
                self.note_failure(error)
            else:
                return self._note_success()
        with self._lock:
            self._waiting[answer.answer_id] = new
            if len(self._waiting) > _MAX_WAITING:
                self._waiting.popitem(last=False)
        return None

    def write_waiting(self) -> None:
        """Record the answers that wait, in order. Raises StorageError."""
        with self._writing:
            while self._waiting:
                with self._lock:
                    answer_id, oldest = next(iter(self._waiting.items()))
                # Deleted meanwhile, answered by another process, too, or written in spite of the failure.
                with suppress(UnknownConversationError, ConflictingRecordError):
                    self._store.record(*oldest)
                with self._lock:
                    self._waiting.pop(answer_id, None)

    def note_failure(self, error: StorageError) -> None:
        """Note that a write failed, and log the cause unless that was done recently."""
        with self._lock:
            self._is_failing = True
            self._tried_at = self._clock()
            if self._clock() - self._logged_at < _LOG_INTERVAL_S:
                return
            self._logged_at = self._clock()
        cause = getattr(error.__cause__, "orig", error.__cause__) or error
        log.error(
            "回答を記録できません（%s）。答え続け、書けるようになれば、待たせた回答（%d件まで）から記録します。"
            "ディスクの空き容量と、データベースの状態を確かめてください。",
            cause,
            _MAX_WAITING,
        )

    def _note_success(self) -> None:
        with self._lock:
            if not self._is_failing:
                return
            self._is_failing = False
        log.warning("記録を再開しました。")

    def _can_write_again(self) -> bool:
        try:
            self._store.try_writing()
            self.write_waiting()
        except StorageError as error:
            self.note_failure(error)
            return False
        self._note_success()
        return True
