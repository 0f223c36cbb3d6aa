"""A streamed model reply with a hard time limit and a size limit.

LangChain limits the time of each read, which a server that sends a byte a second never exceeds. Therefore the call
runs in an event loop of another thread, and the reader waits for it no longer than the limit.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from bot.llm.model_calls import CallError, CallOutcome, TokenCounts, to_call_error

if TYPE_CHECKING:
    from langchain_core.messages import AIMessageChunk
    from langchain_core.messages.ai import UsageMetadata

# The finish reasons of a whole answer: OpenAI's two, Text Generation Inference's, Anthropic's behind a gateway.
_COMPLETE_REASONS = frozenset({"stop", "tool_calls", "eos_token", "end_turn"})
# Twenty times the longest answer that anybody reads; a server that never ends must not fill the memory.
_MAX_CHARS = 20_000
# With more unread chunks, the next ones are read slowly, because each takes some kilobytes.
_MAX_WAITING = 256
# Seconds between two chunks that are read slowly.
_PAUSE_S = 0.01

OnEnd = Callable[[CallOutcome, str, TokenCounts | None, CallError | None], None]
"""Called once when a call ends, with its outcome, the text so far, the tokens if counted, and the error if any."""


class Stream(Iterator[str]):
    """The pieces of one answer of `model`; iterate once, in one thread, and close what is not read to its end.

    Iterating raises CallError when the server breaks off, sends what cannot be read or nothing, truncates its answer,
    exceeds the time limit (`limit_s` for the first piece and for `text`, `whole_s` in all), or the stream is stopped.
    """

    def __init__(
        self,
        model: str,
        chunks: "AsyncIterator[AIMessageChunk]",
        loop: asyncio.AbstractEventLoop,
        *,
        limit_s: float,
        whole_s: float,
        on_end: OnEnd,
    ) -> None:
        self.model = model
        self._on_end: OnEnd | None = on_end
        self._limit_s, self._whole_s = limit_s, whole_s
        self._start = time.monotonic()
        self._text = ""
        self._first_piece = ""
        self._surrogate = ""
        self._chars = 0
        self._finish_reason: str | None = None
        self._tokens: TokenCounts | None = None
        self._queue: SimpleQueue[AIMessageChunk | Exception | None] = SimpleQueue()
        self._job = asyncio.run_coroutine_threadsafe(self._fill_queue(chunks), loop)

    async def _fill_queue(self, chunks: "AsyncIterator[AIMessageChunk]") -> None:
        from langsmith import tracing_context  # noqa: PLC0415

        try:
            with tracing_context(enabled=False):
                async for chunk in chunks:
                    self._queue.put(chunk)
                    if self._queue.qsize() > _MAX_WAITING:
                        await asyncio.sleep(_PAUSE_S)
        except asyncio.CancelledError:
            self._queue.put(_stopped_error())
            raise
        except Exception as error:  # noqa: BLE001 - raised where the pieces are read
            self._queue.put(error)
        else:
            self._queue.put(None)

    def begin(self) -> "Stream":
        """Wait for the first piece and return the stream; from then on it has all of `whole_s`. Raises CallError."""
        self._first_piece = next(self)
        self._limit_s = self._whole_s
        return self

    def text(self) -> str:
        """Return the whole text. Raises CallError."""
        return "".join(self)

    def __next__(self) -> str:
        """Return the next piece, never an empty one."""
        if self._first_piece:
            piece, self._first_piece = self._first_piece, ""
            return piece
        if self._on_end is None:
            raise StopIteration
        try:
            piece = self._read_piece()
        except CallError as error:
            self._end(error.outcome, None if error.outcome == "stopped" else error)
            raise
        if not piece:
            self._end("answered")
            raise StopIteration
        self._text += piece
        return piece

    def _read_piece(self) -> str:
        while (chunk := self._next_chunk()) is not None:
            self._finish_reason = chunk.response_metadata.get("finish_reason") or self._finish_reason
            # Some servers send zeros for what they do not count.
            if (usage := chunk.usage_metadata) and usage["input_tokens"] and usage["output_tokens"]:
                self._tokens = _read_usage(usage)
            if piece := self._decode(chunk):
                return piece
        # A connection that ends early looks like the end of an answer: only the finish reason tells them apart.
        if self._finish_reason not in _COMPLETE_REASONS:
            reason = self._finish_reason or "終わりの印なし"
            raise CallError(f"言語モデルの答えが途中で切れています（{reason}）。")
        if not self._text.strip():
            raise CallError("言語モデルの答えが空です。")
        return ""

    def _decode(self, chunk: "AIMessageChunk") -> str:
        content = chunk.content if isinstance(chunk.content, str) else ""
        text = self._surrogate + content + "".join(call["args"] or "" for call in chunk.tool_call_chunks)
        self._surrogate = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        text = text.removesuffix(self._surrogate)
        self._chars += len(text)
        if self._chars > _MAX_CHARS:
            raise CallError(f"言語モデルの答えが終わりません（{_MAX_CHARS:,}文字を超過）。")
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def _next_chunk(self) -> "AIMessageChunk | None":
        remaining_s = self._start + self._limit_s - time.monotonic()
        try:
            chunk = self._queue.get(timeout=max(0.0, remaining_s))
        except Empty:
            message = f"言語モデルが {round(self._limit_s, 1):g} 秒以内に答えませんでした。"
            raise CallError(message, "timeout") from None
        if isinstance(chunk, CallError):
            raise chunk
        if isinstance(chunk, Exception):
            raise to_call_error(chunk) from chunk
        return chunk

    def stop(self) -> None:
        """Cancel the call, from another thread: the reader gets a CallError at once."""
        self._queue.put(_stopped_error())
        self._job.cancel()

    def close(self) -> None:
        """Cancel the call; nothing more is read."""
        self._first_piece = ""
        self._end("stopped")

    def _end(self, outcome: CallOutcome, error: CallError | None = None) -> None:
        on_end, self._on_end = self._on_end, None
        self._job.cancel()
        if on_end:
            on_end(outcome, self._text, self._tokens, error)


def _stopped_error() -> CallError:
    return CallError("回答を待つ人がいなくなったので、言語モデルを止めました。", "stopped")


def _read_usage(usage: "UsageMetadata") -> TokenCounts:
    prompt, cached = usage["input_tokens"], usage.get("input_token_details", {}).get("cache_read") or 0
    return TokenCounts(
        prompt + (cached if cached > prompt else 0), usage["output_tokens"], estimated=False, cached=cached
    )
