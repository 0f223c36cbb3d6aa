"""A streamed model reply with a hard time limit and a size limit.

LangChain's time limit is one for each read, so a server that sends a byte a second never meets it. Therefore the call
runs in an event loop of another thread, and the reader waits for it no longer than the limit.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from bot.llm.calls import Outcome, Tokens
from bot.llm.failure import MEND, CallError, to_call_error

if TYPE_CHECKING:
    from langchain_core.messages import AIMessageChunk

# How servers tell that an answer is whole: OpenAI's two, Text Generation Inference's, Anthropic's behind a gateway.
_ENDS = frozenset({"stop", "tool_calls", "eos_token", "end_turn"})
# Twenty times the longest answer that anybody reads; a server that never ends must not fill the memory.
_MOST_CHARS = 20_000
# Where so many pieces wait to be read, the next ones are taken slowly: each takes some kilobytes, whatever it says.
_MOST_WAITING, _PAUSE_S = 256, 0.01

Ended = Callable[[Outcome, str, Tokens | None, CallError | None], None]
"""Told once how a call ended: its outcome, the text that came, the tokens if counted, why it failed if it did."""


class Stream(Iterator[str]):
    """The pieces of one answer, said by the model `model`; iterate once, in one thread, and close what is not read out.

    Iterating raises CallError when the server breaks off, sends what cannot be read or nothing, cuts its answer, or
    takes longer than it may: `limit_s` seconds for the first piece and for `text`, `whole_s` in all; and when the
    stream is stopped.
    """

    def __init__(
        self,
        model: str,
        chunks: "AsyncIterator[AIMessageChunk]",
        loop: asyncio.AbstractEventLoop,
        *,
        limit_s: float,
        whole_s: float,
        ended: Ended,
    ) -> None:
        self.model = model
        self._ended: Ended | None = ended
        self._limit_s, self._whole_s = limit_s, whole_s
        self._start = time.monotonic()
        self._deadline = self._start + limit_s
        self._said: list[str] = []
        self._held: list[str] = []
        self._half = ""
        self._chars = 0
        self._finish_reason: str | None = None
        self._tokens: Tokens | None = None
        self._queue: SimpleQueue[AIMessageChunk | Exception | None] = SimpleQueue()
        self._job = asyncio.run_coroutine_threadsafe(self._pump(chunks), loop)

    async def _pump(self, chunks: "AsyncIterator[AIMessageChunk]") -> None:
        from langsmith import tracing_context  # noqa: PLC0415

        try:
            with tracing_context(enabled=False):
                async for chunk in chunks:
                    self._queue.put(chunk)
                    if self._queue.qsize() > _MOST_WAITING:
                        await asyncio.sleep(_PAUSE_S)
        except Exception as error:  # noqa: BLE001 - it is raised where the pieces are read
            self._queue.put(error)
        else:
            self._queue.put(None)

    def begin(self) -> "Stream":
        """Wait for the first piece and return the stream; from then on it has all of `whole_s`. Raises CallError."""
        self._held = [next(self)]
        self._deadline = self._start + self._whole_s
        self._limit_s = self._whole_s
        return self

    def text(self) -> str:
        """Return the whole text. Raises CallError."""
        return "".join(self)

    def __next__(self) -> str:
        """Return the next piece, never an empty one."""
        if self._held:
            return self._held.pop()
        try:
            piece = self._next_piece()
        except CallError as error:
            self._end(error.outcome, None if error.outcome == "stopped" else error)
            raise
        if piece is None:
            self._end("answered")
            raise StopIteration
        self._said.append(piece)
        return piece

    def _next_piece(self) -> str | None:
        if self._ended is None:
            return None
        while (chunk := self._next_chunk()) is not None:
            self._finish_reason = chunk.response_metadata.get("finish_reason") or self._finish_reason
            # Some servers send zeros for what they do not count.
            if (counted := chunk.usage_metadata) and counted["input_tokens"] and counted["output_tokens"]:
                self._tokens = Tokens(counted["input_tokens"], counted["output_tokens"], estimated=False)
            if piece := self._text(chunk):
                return piece
        # A connection that ends early looks like the end of an answer: only the mark of the end tells.
        if self._finish_reason not in _ENDS:
            why = self._finish_reason or "終わりの印なし"
            raise CallError(f"言語モデルの答えが途中で切れています（{why}）。{MEND}", again=self._finish_reason is None)
        if not "".join(self._said).strip():
            raise CallError(f"言語モデルの答えが空です。{MEND}")
        return None

    def _text(self, chunk: "AIMessageChunk") -> str:
        """Return what the chunk says, in words or as arguments of a tool; of a letter in two halves the whole."""
        content = chunk.content if isinstance(chunk.content, str) else ""
        said = self._half + content + "".join(call["args"] or "" for call in chunk.tool_call_chunks)
        self._half = said[-1:] if "\ud800" <= said[-1:] <= "\udbff" else ""
        said = said.removesuffix(self._half)
        self._chars += len(said)
        if self._chars > _MOST_CHARS:
            raise CallError(f"言語モデルの答えが終わりません（{_MOST_CHARS:,}文字を超過）。{MEND}")
        return said.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def _next_chunk(self) -> "AIMessageChunk | None":
        try:
            chunk = self._queue.get(timeout=max(0.0, self._deadline - time.monotonic()))
        except Empty:
            told = f"言語モデルが {round(self._limit_s, 1):g} 秒以内に答えませんでした。{MEND}"
            raise CallError(told, "timeout", again=True) from None
        if isinstance(chunk, CallError):
            raise chunk
        if isinstance(chunk, Exception):
            raise to_call_error(chunk) from chunk
        return chunk

    def stop(self) -> None:
        """End the call at its server, from another thread: who iterates gets a CallError at once."""
        self._job.cancel()
        self._queue.put(CallError("回答を待つ人がいなくなったので、言語モデルを止めました。", "stopped"))

    def close(self) -> None:
        """Let go of the server; nothing more is read."""
        self._held.clear()
        self._end("stopped")

    def _end(self, outcome: Outcome, error: CallError | None = None) -> None:
        """Tell the end, once."""
        ended, self._ended = self._ended, None
        self._job.cancel()
        if ended:
            ended(outcome, "".join(self._said), self._tokens, error)
