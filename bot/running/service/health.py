"""Checks within two seconds whether questions can be answered and whether the answers are recorded."""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from threading import Lock, Thread
from time import monotonic

from bot.errors import BotError
from ingest.errors import IngestError

_log = logging.getLogger(__name__)
# An orchestrator asks every few seconds and gives up after five.
TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class Health:
    """Whether questions can be answered, the answers are recorded, and the configured judge of sentences is trusted."""

    answers: bool
    records: bool
    judge: bool = True


class TimedCheck:
    """A check that counts as failed after `TIMEOUT_S`; at most one runs at a time, however many callers wait for it."""

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
            return partial(self._wait, self._running, monotonic() + TIMEOUT_S)

    def _run(self, running: Future[None]) -> None:
        try:
            running.set_result(self._check())
        except Exception as error:  # noqa: BLE001 - reported to whoever waits
            running.set_exception(error)

    def _wait(self, running: Future[None], deadline: float) -> bool:
        try:
            running.result(max(0.0, deadline - monotonic()))
        except Exception as error:  # noqa: BLE001 - whatever fails, the check has failed
            if not self._is_failure_logged:
                reason = str(error) or f"{TIMEOUT_S:.0f}秒以内に応答がありません。"
                is_expected = isinstance(error, BotError | IngestError | TimeoutError)
                _log.warning("状態の確認に失敗しました。%s", reason, exc_info=None if is_expected else error)
            self._is_failure_logged = True
            return False
        self._is_failure_logged = False
        return True
