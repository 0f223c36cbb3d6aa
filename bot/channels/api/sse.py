"""An answer as server-sent events: stages, verified sentences, then the whole answer."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Literal, NamedTuple

from starlette.concurrency import run_in_threadpool

from bot.answering.llm.model_calls import Asker, waiting_for
from bot.answering.rendering.answer_text import render_text
from bot.answering.rendering.help_lines import urgent_help
from bot.answering.state import Answer, HelpLines, UrgentHelp
from bot.running.service.service import AnswerListener

Ask = Callable[[AnswerListener], Answer]


class Event(NamedTuple):
    """The help for somebody in danger, the name of a stage, verified sentences, or the complete answer."""

    kind: Literal["urgent", "stage", "delta", "done"]
    value: str | Answer | tuple[UrgentHelp, ...]


def event_message(kind: str, data: Mapping[str, Any]) -> dict[str, str]:
    """Return an event as sse-starlette sends it, with `data` as JSON."""
    return {"event": kind, "data": json.dumps(data, ensure_ascii=False)}


async def answer_events(ask: Ask) -> AsyncIterator[Event]:
    """Ask in a thread and yield its stages and verified sentences, then the answer.

    The deltas joined are the answer's text. If the client disconnects, running model calls are cancelled, and the
    sentences verified so far are recorded as the answer. Raises what `ask` raises.
    """
    loop = asyncio.get_running_loop()
    events: asyncio.Queue[Event | None] = asyncio.Queue()
    asker = Asker()

    def put(event: Event | None) -> None:
        loop.call_soon_threadsafe(events.put_nowait, event)

    # A blank line parts the help, and what follows, from the text before.
    gap = ""

    def put_text(text: str) -> None:
        nonlocal gap
        put(Event("delta", gap + text))
        gap = ""

    def put_urgent(parts: tuple[HelpLines, ...], language: str) -> None:
        nonlocal gap
        put(Event("urgent", tuple(urgent_help(part, language) for part in parts)))
        put_text(render_text(parts, language))
        gap = "\n\n"

    listener = AnswerListener(on_stage=lambda stage: put(Event("stage", stage)), on_urgent=put_urgent, on_text=put_text)

    def run() -> Answer:
        try:
            with waiting_for(asker):
                return ask(listener)
        finally:
            put(None)

    answering = asyncio.create_task(run_in_threadpool(run))
    sent_chars = 0
    try:
        while (event := await events.get()) is not None:
            sent_chars += len(str(event.value)) if event.kind == "delta" else 0
            yield event
        answer = await answering
    finally:
        asker.leave()
    if rest := answer.answer[sent_chars:]:
        yield Event("delta", rest)
    yield Event("done", answer)


async def wait_for_first_event(stream: AsyncIterator[Event]) -> AsyncIterator[Event]:
    """Wait for the first event and return the whole stream, so that an earlier error gets its own HTTP status."""
    first = await anext(stream)

    async def all_events() -> AsyncIterator[Event]:
        yield first
        async for event in stream:
            yield event

    return all_events()
