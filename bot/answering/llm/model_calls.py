"""The calls of a question: time budget, tokens, outcome and failure of each; failures are safe to log."""

import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from threading import Lock
from typing import Literal

from bot.answering.llm.prompt_files import Message
from bot.errors import ModelError

CallOutcome = Literal["answered", "stopped", "timeout", "error"]
"""How a call ended: with its whole text, stopped by us, by the time limit, or by a failure."""

_ASCII_PER_TOKEN = 4
ADVICE = "SHIRUBE_LLM で始まる設定と、言語モデルのサーバーの状態を確かめてください。"
# What the client raises for a page, broken JSON or another program's answer.
_MISSHAPEN = (ValueError, KeyError, TypeError, AttributeError)
_CODE = re.compile(r"[a-z_]{3,40}")


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """The tokens of a call; `estimated` where the server did not count them."""

    prompt: int
    completion: int
    estimated: bool


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One call as it is recorded; `task` is the prompt's name.

    The database does not store `begun_ms`, counted from when the question came in.
    """

    task: str
    prompt_digest: str
    model: str
    outcome: CallOutcome
    milliseconds: float
    tokens: TokenCounts
    begun_ms: float = 0.0


def estimate_tokens(text: str) -> int:
    """Return an estimate of the tokens of `text`: one for a Japanese character or a digit, one for four letters.

    Four is OpenAI's rule of thumb for English; one is high for a tokenizer that has learned Japanese words. Qwen2.5
    counted .77 to 1.00 of it for 31 prompts over two cities' documents (decision 089).
    """
    letters = sum(character.isascii() and not character.isdecimal() for character in text)
    return len(text) - letters + -(-letters // _ASCII_PER_TOKEN)


def estimate_prompt_tokens(messages: Iterable[Message]) -> int:
    """Return an estimate of the tokens of all messages."""
    return sum(estimate_tokens(text) for _, text in messages)


class CallError(ModelError):
    """One call of one model failed; the text says what to check."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text}{ADVICE}")


def to_call_error(error: Exception) -> CallError:
    """Return a call error for an exception of the client, without its text, which may contain the key or question."""
    if isinstance(error, CallError):
        return error
    status, code = getattr(error, "status_code", None), getattr(error, "code", None)
    reason = "OpenAI の形式の答えではない" if isinstance(error, _MISSHAPEN) else type(error).__name__
    if status is not None:
        reason = f"HTTP {status}、{code}" if isinstance(code, str) and _CODE.fullmatch(code) else f"HTTP {status}"
    return CallError(f"言語モデルから答えを受け取れませんでした（{reason}）。")


class Asker:
    """The reader who waits for an answer and may leave before it is there. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._callbacks: list[Callable[[], object]] = []
        self.has_left = False

    def leave(self) -> None:
        """Stop every running call for this answer; none is started any more."""
        with self._lock:
            self.has_left = True
            callbacks, self._callbacks = self._callbacks, []
        for stop in callbacks:
            stop()

    def add_leave_callback(self, stop: Callable[[], object]) -> None:
        """Have `stop` called when the asker leaves, at once if that has happened."""
        with self._lock:
            if not self.has_left:
                self._callbacks.append(stop)
                return
        stop()


class CallBudget:
    """The calls of one question, in order, and the `limit_s` seconds that they share from now on."""

    def __init__(self, limit_s: float, asker: Asker) -> None:
        self.limit_s = limit_s
        self.asker = asker
        self.calls: list[ModelCall] = []
        self.opened = time.monotonic()
        self._end = self.opened + limit_s

    @property
    def left_s(self) -> float:
        """The remaining seconds; 0 once the asker has left."""
        return 0.0 if self.asker.has_left else max(0.0, self._end - time.monotonic())


_open: ContextVar[CallBudget | None] = ContextVar("budget", default=None)
_asker: ContextVar[Asker | None] = ContextVar("asker", default=None)


@contextmanager
def waiting_for(asker: Asker) -> Iterator[None]:
    """Open the budgets of this thread for `asker`, who may leave from any thread."""
    token = _asker.set(asker)
    try:
        yield
    finally:
        _asker.reset(token)


@contextmanager
def open_budget(limit_s: float) -> Iterator[CallBudget]:
    """Open a budget that records the calls of this thread until it is closed."""
    budget = CallBudget(limit_s, _asker.get() or Asker())
    token = _open.set(budget)
    try:
        yield budget
    finally:
        _open.reset(token)


def current_budget(limit_s: float) -> CallBudget:
    """Return the open budget, or a new one of `limit_s` for a call outside of any."""
    return _open.get() or CallBudget(limit_s, _asker.get() or Asker())
