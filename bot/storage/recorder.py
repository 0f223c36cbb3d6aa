"""Records answers, and keeps answering without records while the database fails.

A full disk, a lost connection or a lock costs the record of an answer and never the answer.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from time import monotonic

from bot.errors import UnknownConversationError
from bot.state import Answer, Exchange, Turn
from bot.storage.store import HISTORY, Store
from ingest.errors import StorageError

log = logging.getLogger(__name__)
# The log tells of failing writes at most this often: a disk that is nearly full lets every other one pass.
_TELL_EVERY_S = 600.0
# While writes fail, it is tried this often whether they work again.
_TRY_EVERY_S = 5.0
# Conversations without a record that are remembered by this process, so that their next question is understood.
_MOST_CONVERSATIONS = 500


class Recorder:
    """Writes what a store keeps of answers; safe to share between threads."""

    def __init__(self, store: Store, clock: Callable[[], float] = monotonic) -> None:
        self._store = store
        self._clock = clock
        self._lock = Lock()
        self._is_failing = False
        self._missing = 0  # answers without a record since writing failed
        self._told_at = self._tried_at = float("-inf")
        # Exchanges without a record by conversation, and which conversations have no row themselves.
        self._unrecorded: OrderedDict[str, tuple[Exchange, ...]] = OrderedDict()
        self._without_row: set[str] = set()

    def can_write(self) -> bool:
        """Return whether records are written; while they are not, it is tried again every few seconds."""
        with self._lock:
            if not self._is_failing:
                return True
            if self._clock() - self._tried_at < _TRY_EVERY_S:
                return False
            self._tried_at = self._clock()
        return self._can_write_again()

    def history(self, conversation_id: str) -> tuple[Exchange, ...]:
        """Return the last exchanges, those without a record last.

        Raises UnknownConversationError, and StorageError where the database cannot be read.
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

    def is_lost(self) -> bool:
        """Return whether an unknown conversation may be one that this or another process could not record."""
        with self._lock:
            is_failing = self._is_failing
        return is_failing or not self._can_write_again()

    def record(self, turn: Turn, answer: Answer, prompt_digest: str | None = None, generation: str = "") -> None:
        """Keep an answer, or go without its record. Raises UnknownConversationError."""
        conversation_id = answer.conversation_id
        with self._lock:
            begins = turn.question.conversation_id is None or conversation_id in self._without_row
        try:
            self._store.record(turn, answer, prompt_digest, generation, begins=begins)
        except StorageError as error:
            self._continue_unrecorded(turn, answer, begins=begins)
            self.failed(error)
            return
        with self._lock:
            self._unrecorded.pop(conversation_id, None)
            self._without_row.discard(conversation_id)
        self._note_success()

    def failed(self, error: StorageError) -> None:
        """Note that a write failed; the log says why, once."""
        with self._lock:
            self._is_failing, self._tried_at = True, self._clock()
            if self._clock() - self._told_at < _TELL_EVERY_S:
                return
            self._told_at = self._clock()
        why = getattr(error.__cause__, "orig", error.__cause__) or error
        log.error(
            "回答を記録できません（%s）。記録なしで答え続け、書けるようになれば自動で再開します。"
            "ディスクの空き容量と、データベースの状態を確かめてください。",
            why,
        )

    def _note_success(self) -> None:
        with self._lock:
            if not self._is_failing:
                return
            self._is_failing, missing, self._missing = False, self._missing, 0
        log.warning("記録を再開しました。記録のない回答は%d件です。", missing)

    def _can_write_again(self) -> bool:
        try:
            self._store.try_writing()
        except StorageError as error:
            self.failed(error)
            return False
        self._note_success()
        return True

    def _continue_unrecorded(self, turn: Turn, answer: Answer, *, begins: bool) -> None:
        exchange = Exchange(
            answer.question_understood,
            turn.draft.subject if turn.draft else "",
            answer.content.parts,
            answer.status,
            tuple(answer.suggestions),
            frozenset(citation.doc_id for citation in answer.citations),
            frozenset(citation.passage_id for citation in answer.citations),
            tuple((citation.section, citation.quote) for citation in answer.nearest),
        )
        with self._lock:
            self._missing += 1
            before = self._unrecorded.pop(answer.conversation_id, ())
            self._unrecorded[answer.conversation_id] = (*before, exchange)[-HISTORY:]
            if begins:
                self._without_row.add(answer.conversation_id)
            while len(self._unrecorded) > _MOST_CONVERSATIONS:
                oldest, _ = self._unrecorded.popitem(last=False)
                self._without_row.discard(oldest)
