"""Runs questions in threads with progress updates, and rejects them when too many wait."""

from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from http import HTTPStatus
from queue import SimpleQueue
from threading import BoundedSemaphore
from typing import TypeVar

from bot.http.problems import RETRY_AFTER_S, ReaderError
from bot.llm.call_budget import Asker, waiting_for
from bot.runtime.service_interface import OnStage, OnText
from bot.state import Answer

# Below Gradio's 40 threads, so that there is always one left to say that all of these are taken.
MOST_AT_ONCE = 32
# An answer from the index takes hundredths of a second: a stage shown for so short a time would only flicker.
PATIENCE_S = 0.3

Shown = TypeVar("Shown")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an answer has come: the stage it is at, and the sentences that are certain."""

    stage: str = ""
    text: str = ""


class WaitingRoom:
    """Runs questions beside the page, so that what becomes of them can be shown while they run."""

    def __init__(self, most: int = MOST_AT_ONCE) -> None:
        self._seats = BoundedSemaphore(most)
        self._threads = ThreadPoolExecutor(most, thread_name_prefix="citizen")
        self._askers: dict[str, Asker] = {}

    def stop(self, at: str) -> None:
        """End what language models are asked for whoever waits `at` a page; the answer comes at once then."""
        if asker := self._askers.get(at):
            asker.leave()

    def answer(
        self, ask: Callable[[OnStage, OnText], Answer], show: Callable[[Progress], Shown], at: str = ""
    ) -> Generator[Shown, None, Answer]:
        """Yield `show(progress)` for each step of a slow answer, first for none, and return the answer.

        A reader who leaves does not stop `ask`: its answer is still recorded, and there when the page is loaded anew.
        `stop` does, by the name of the page that waits, `at`. Raises what `ask` raises, and ReaderError when no seat is
        free.
        """
        if not self._seats.acquire(blocking=False):
            busy = "ただいま混み合っています。少し待ってから、もう一度送ってください。"
            raise ReaderError(HTTPStatus.SERVICE_UNAVAILABLE, busy, {"Retry-After": str(RETRY_AFTER_S)})
        told: SimpleQueue[Progress | None] = SimpleQueue()
        told.put(Progress())
        telling = _ProgressReporter(told)
        asker = self._askers[at] = Asker()

        def leave(_: Future[Answer]) -> None:
            if self._askers.get(at) is asker:
                del self._askers[at]
            self._seats.release()
            told.put(None)

        def answered() -> Answer:
            with waiting_for(asker):
                return ask(telling.stage, telling.text)

        answer = self._threads.submit(answered)
        answer.add_done_callback(leave)
        wait([answer], PATIENCE_S)
        if not answer.done():
            yield from map(show, iter(told.get, None))
        return answer.result()


class _ProgressReporter:
    """Puts together what the service tells in parts, in the thread that answers."""

    def __init__(self, told: "SimpleQueue[Progress | None]") -> None:
        self._told = told
        self._now = Progress()

    def stage(self, stage: str) -> None:
        self._report(Progress(stage, self._now.text))

    def text(self, text: str) -> None:
        self._report(Progress(self._now.stage, self._now.text + text))

    def _report(self, progress: Progress) -> None:
        self._now = progress
        self._told.put(progress)
