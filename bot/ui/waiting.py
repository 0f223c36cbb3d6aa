"""Waiting for an answer: told stage by stage where it takes long, and turned away at once where too many wait."""

from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from http import HTTPStatus
from queue import SimpleQueue
from threading import BoundedSemaphore
from typing import TypeVar

from bot.answer import Answer
from bot.answering import OnStage
from bot.web.problems import ReaderError

# Below Gradio's 40 threads, so that there is always one left to say that all of these are taken.
MOST_AT_ONCE = 32
# An answer from the index takes hundredths of a second: a stage shown for so short a time would only flicker.
PATIENCE_S = 0.3

Shown = TypeVar("Shown")


class WaitingRoom:
    """Runs questions beside the page, so that their stages can be shown while they run."""

    def __init__(self, most: int = MOST_AT_ONCE) -> None:
        self._seats = BoundedSemaphore(most)
        self._threads = ThreadPoolExecutor(most, thread_name_prefix="citizen")

    def answer(self, ask: Callable[[OnStage], Answer], show: Callable[[str], Shown]) -> Generator[Shown, None, Answer]:
        """Yield `show(stage)` for each stage of a slow answer, first for "", and return the answer.

        A reader who leaves does not stop `ask`: its answer is still recorded. Raises what `ask` raises, and
        ReaderError when no seat is free.
        """
        if not self._seats.acquire(blocking=False):
            busy = "ただいま混み合っています。少し待ってから、もう一度送ってください。"
            raise ReaderError(HTTPStatus.SERVICE_UNAVAILABLE, busy)
        told: SimpleQueue[str | None] = SimpleQueue()
        told.put("")

        def leave(_: Future[Answer]) -> None:
            self._seats.release()
            told.put(None)

        answer = self._threads.submit(ask, told.put)
        answer.add_done_callback(leave)
        wait([answer], PATIENCE_S)
        if not answer.done():
            yield from map(show, iter(told.get, None))
        return answer.result()
