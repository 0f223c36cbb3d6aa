"""An answer as server-sent events: stages, verified sentences, then the whole answer."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Literal, NamedTuple

from starlette.concurrency import run_in_threadpool

from bot.llm.call_budget import Asker, waiting_for
from bot.runtime.service_interface import OnStage, OnText
from bot.state import Answer

Ask = Callable[[OnStage, OnText], Answer]
# A sentence keeps its citation marks and the white space behind it; 「…。」 inside a sentence does not end it.
_SENTENCE_END = re.compile(r"[。！？](?![」』）)])(?:\[\d+\])*\s*|\n\s*")


class Event(NamedTuple):
    """One event: the text of a stage or of a sentence, or the answer as a whole."""

    kind: Literal["stage", "delta", "done"]
    value: str | Answer


def split_sentences(text: str) -> Iterator[str]:
    """Cut a text behind its sentences; the pieces joined are the text."""
    start = 0
    for match in _SENTENCE_END.finditer(text):
        yield text[start : match.end()]
        start = match.end()
    if start < len(text):
        yield text[start:]


async def answer_events(ask: Ask) -> AsyncIterator[Event]:
    """Ask in a thread and tell what happens, no word of the answer before its sentence has been checked.

    The deltas joined are the answer's text. When the client disconnects, what language models are asked for it is
    cancelled; what was checked until then becomes the answer, and is recorded. Raises what `ask` raises.
    """
    loop = asyncio.get_running_loop()
    happened: asyncio.Queue[Event | None] = asyncio.Queue()
    asker = Asker()

    def tell(event: Event | None) -> None:
        loop.call_soon_threadsafe(happened.put_nowait, event)

    def run() -> Answer:
        try:
            with waiting_for(asker):
                return ask(lambda stage: tell(Event("stage", stage)), lambda text: tell(Event("delta", text)))
        finally:
            tell(None)

    answering = asyncio.create_task(run_in_threadpool(run))
    told = 0
    try:
        while (event := await happened.get()) is not None:
            told += len(str(event.value)) if event.kind == "delta" else 0
            yield event
        answer = await answering
    finally:
        asker.leave()
    for sentence in split_sentences(answer.answer[told:]):
        yield Event("delta", sentence)
    yield Event("done", answer)


async def wait_for_first_event(stream: AsyncIterator[Event]) -> AsyncIterator[Event]:
    """Wait for the first event, then return the whole stream: an error before it still gets its own HTTP status."""
    first = await anext(stream)

    async def whole() -> AsyncIterator[Event]:
        yield first
        async for event in stream:
            yield event

    return whole()
