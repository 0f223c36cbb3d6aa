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
    from langchain_core.messages import AIMessage
    from langchain_core.messages.ai import UsageMetadata

# The finish reasons of a whole answer: OpenAI's, Text Generation Inference's, Anthropic's behind a gateway.
_COMPLETE_REASONS = frozenset({"stop", "eos_token", "end_turn"})
# Twenty times the longest answer that anybody reads; a server that never ends must not fill the memory.
_MAX_CHARS = 20_000

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
        messages: "AsyncIterator[AIMessage]",
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
        self._text = self._first_piece = ""
        self._tokens: TokenCounts | None = None
        self._queue: SimpleQueue[str | CallError | None] = SimpleQueue()
        self._job = asyncio.run_coroutine_threadsafe(self._fill_queue(messages), loop)

    async def _fill_queue(self, messages: "AsyncIterator[AIMessage]") -> None:
        from langsmith import tracing_context  # noqa: PLC0415

        try:
            with tracing_context(enabled=False):
                async for piece in self._read_pieces(messages):
                    self._queue.put(piece)
            self._queue.put(None)
        except asyncio.CancelledError:
            self._queue.put(_stopped_error())
            raise
        except Exception as error:  # noqa: BLE001 - raised where the pieces are read
            self._queue.put(to_call_error(error))

    async def _read_pieces(self, messages: "AsyncIterator[AIMessage]") -> AsyncIterator[str]:
        text, finish_reason = "", None
        async for message in messages:
            finish_reason = message.response_metadata.get("finish_reason") or finish_reason
            # Some servers send zeros for what they do not count.
            if (usage := message.usage_metadata) and usage["input_tokens"] and usage["output_tokens"]:
                self._tokens = _read_usage(usage)
            # Half of a surrogate pair (\\ud83c) could be neither stored nor sent on.
            if piece := str(message.text).encode(errors="replace").decode():
                text += piece
                yield piece
            if len(text) > _MAX_CHARS:
                raise CallError(f"言語モデルの答えが終わりません（{_MAX_CHARS:,}文字を超過）。")
        # A connection that ends early looks like the end of an answer: only the finish reason tells them apart.
        if finish_reason not in _COMPLETE_REASONS:
            raise CallError(f"言語モデルの答えが途中で切れています（{finish_reason or '終わりの印なし'}）。")
        if not text.strip():
            raise CallError("言語モデルの答えが空です。")

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
            received = self._queue.get(timeout=max(0.0, self._start + self._limit_s - time.monotonic()))
        except Empty:
            limit = f"{round(self._limit_s, 1):g} 秒以内"
            received = CallError(f"言語モデルが {limit}に答えませんでした。", "timeout")
        if isinstance(received, CallError):
            self._end(received.outcome, None if received.outcome == "stopped" else received)
            raise received
        if received is None:
            self._end("answered")
            raise StopIteration
        self._text += received
        return received

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
