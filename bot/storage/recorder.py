"""Records answers; while the database fails, answers are given without a record."""

import logging
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from time import monotonic

from bot.errors import RecordsAwayError, RecordsError, UnknownConversationError
from bot.state import Answer, Exchange, Turn
from bot.storage.record_store import HISTORY, Store, to_exchange
from ingest.errors import StorageError

log = logging.getLogger(__name__)
# Failing writes are logged at most this often; on a nearly full disk they alternate with successful ones.
_LOG_INTERVAL_S = 600.0
# While writes fail, they are retried this often.
_RETRY_INTERVAL_S = 5.0
# Unrecorded conversations that are kept in memory, so that their follow-ups are understood.
_MAX_CONVERSATIONS = 500


class Recorder:
    """Records answers in a store, or keeps their exchanges in memory while it fails; safe to share between threads."""

    def __init__(self, store: Store, clock: Callable[[], float] = monotonic) -> None:
        self._store = store
        self._clock = clock
        self._lock = Lock()
        self._is_failing = False
        self._unrecorded_answers = 0  # since writing failed
        self._logged_at = self._tried_at = float("-inf")
        # Unrecorded exchanges by conversation, and the conversations that have no row at all.
        self._unrecorded: OrderedDict[str, tuple[Exchange, ...]] = OrderedDict()
        self._without_row: set[str] = set()

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
            if not self._is_failing:
                return True
            if self._clock() - self._tried_at < _RETRY_INTERVAL_S:
                return False
            self._tried_at = self._clock()
        return self._can_write_again()

    def history(self, conversation_id: str) -> tuple[Exchange, ...]:
        """Return the last exchanges, recorded and unrecorded, in order.

        Raises UnknownConversationError, and StorageError if the database cannot be read.
        """
        with self._lock:
            unrecorded = self._unrecorded.get(conversation_id, ())
        try:
            recorded = self._store.history(conversation_id)
        except UnknownConversationError:
            if not unrecorded:
                raise
            recorded = ()
        return (*recorded, *unrecorded)[-HISTORY:]

    def may_be_unrecorded(self) -> bool:
        """Whether an unknown conversation may be one that this or another process could not record."""
        with self._lock:
            is_failing = self._is_failing
        return is_failing or not self._can_write_again()

    def record(self, turn: Turn, answer: Answer, prompt_digest: str | None = None, generation: str = "") -> None:
        """Record an answer, or keep its exchange in memory if it cannot be written.

        Raises UnknownConversationError, and RecordsAwayError if the database server is away.
        """
        conversation_id = answer.conversation_id
        with self._lock:
            begins = turn.question.conversation_id is None or conversation_id in self._without_row
        try:
            self._store.record(turn, answer, prompt_digest, generation, begins=begins)
        except RecordsAwayError as error:  # decision 073: answers need the server in any case
            self.note_failure(error)
            raise
        except StorageError as error:
            exchange = to_exchange(answer, turn.draft.subject if turn.draft else "")
            with self._lock:
                self._unrecorded_answers += 1
                previous = self._unrecorded.pop(conversation_id, ())
                self._unrecorded[conversation_id] = (*previous, exchange)[-HISTORY:]
                if begins:
                    self._without_row.add(conversation_id)
                while len(self._unrecorded) > _MAX_CONVERSATIONS:
                    oldest, _ = self._unrecorded.popitem(last=False)
                    self._without_row.discard(oldest)
            self.note_failure(error)
            return
        with self._lock:
            self._unrecorded.pop(conversation_id, None)
            self._without_row.discard(conversation_id)
        self._note_success()

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
            "回答を記録できません（%s）。記録なしで答え続け、書けるようになれば自動で再開します。"
            "ディスクの空き容量と、データベースの状態を確かめてください。",
            cause,
        )

    def _note_success(self) -> None:
        with self._lock:
            if not self._is_failing:
                return
            self._is_failing = False
            unrecorded = self._unrecorded_answers
            self._unrecorded_answers = 0
        log.warning("記録を再開しました。記録のない回答は%d件です。", unrecorded)

    def _can_write_again(self) -> bool:
        try:
            self._store.try_writing()
        except StorageError as error:
            self.note_failure(error)
            return False
        self._note_success()
        return True
