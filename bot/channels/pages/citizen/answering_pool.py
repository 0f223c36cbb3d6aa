"""Runs questions in threads, with progress updates."""

from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from queue import SimpleQueue
from typing import Any, TypeVar

from bot.answering.llm.model_calls import Asker, waiting_for
from bot.answering.state import Answer, HelpLines
from bot.running.service.service import AnswerListener

# More than are admitted or wait by the largest settings: `bot/running/http/admission.py` sends away the others.
_MAX_THREADS = 1024
# An answer from the index takes hundredths of a second: a stage shown for so short a time would only flicker.
_STAGE_DELAY_S = 0.3

Ask = Callable[[AnswerListener], Answer]
Shown = TypeVar("Shown")


@dataclass(frozen=True, slots=True)
class AnswerProgress:
    """How far an answer has come: the help for somebody in danger, its stage, and the sentences already verified.

    `provisional` is what would be the answer without a language model, while one is at work.
    """

    stage: str = ""
    text: str = ""
    provisional: Answer | None = None
    urgent: tuple[HelpLines, ...] = ()
    language: str = "ja"


class AnsweringPool:
    """Answers questions in threads of its own, so that a page can show progress meanwhile."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_MAX_THREADS, thread_name_prefix="citizen")
        self._askers: dict[str, Asker] = {}

    def stop(self, session: str) -> None:
        """End the calls to language models for the question of a page's session; its answer then comes at once."""
        if asker := self._askers.get(session):
            asker.leave()

    def answer(
        self, ask: Ask, show: Callable[[AnswerProgress], Shown], session: str = ""
    ) -> Generator[Shown, None, Answer]:
        """Yield `show(progress)` for each step of a slow answer, at first without a stage, and return the answer.

        Closing the generator does not end `ask`: the answer is recorded, and shown when the page is loaded again.
        Raises what `ask` raises.
        """
        updates: SimpleQueue[AnswerProgress | None] = SimpleQueue()
        progress = AnswerProgress()
        updates.put(progress)
        asker = self._askers[session] = Asker()

        def report(**changes: Any) -> None:
            nonlocal progress
            progress = replace(progress, **changes)
            updates.put(progress)

        listener = AnswerListener(
            on_stage=lambda stage: report(stage=stage),
            on_urgent=lambda urgent, language: report(urgent=urgent, language=language),
            on_text=lambda text: report(text=progress.text + text),
            on_provisional=lambda answer: report(provisional=answer),
        )

        def release(_: Future[Answer]) -> None:
            if self._askers.get(session) is asker:
                del self._askers[session]
            updates.put(None)

        def run() -> Answer:
            with waiting_for(asker):
                return ask(listener)

        answer = self._threads.submit(run)
        answer.add_done_callback(release)
        wait([answer], _STAGE_DELAY_S)
        if not answer.done():
            yield from map(show, iter(updates.get, None))
        return answer.result()
