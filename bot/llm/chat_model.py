"""The configured language models as one: falls back to the next when one fails or is slow."""

import asyncio
import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple, TypeVar

from bot.errors import ModelError
from bot.llm.breaker import Clock
from bot.llm.call_budget import CallBudget, current_budget
from bot.llm.capabilities import Capabilities
from bot.llm.configured_model import ConfiguredModel, Structure
from bot.llm.endpoint import Endpoint
from bot.llm.failure import MEND, CallError
from bot.llm.request import Request
from bot.llm.retries import RetryBudget
from bot.llm.stream import Stream
from bot.llm.structured import Ask, detect_structure, parse_object

_log = logging.getLogger(__name__)
# A server that failed is asked once more, if at all, after all others and this pause: at random, so that questions
# that failed together do not come back together.
_PAUSE_S = (0.1, 0.4)
_CLOSING_S = 5.0
T = TypeVar("T")


class Reply(NamedTuple):
    """A whole answer, and the model that gave it."""

    text: str
    model: str


class ChatModel:
    """The models in order of preference; `limit_s` is the time for a question that has no account open.

    Safe to use from several threads. A model that is not the last in order must begin (and for `reply`, end) within
    its share of the time that is left, so that the next has as much.
    """

    def __init__(self, models: Sequence[ConfiguredModel], limit_s: float, clock: Clock = time.monotonic) -> None:
        self._limit_s = limit_s
        self._retries = RetryBudget()
        self._loop = asyncio.new_event_loop()
        self._endpoints = [Endpoint(named, self._loop, clock) for named in models]
        threading.Thread(target=self._loop.run_forever, name="chat-model", daemon=True).start()

    @property
    def names(self) -> frozenset[str]:
        """The models' names."""
        return frozenset(endpoint.named.name for endpoint in self._endpoints)

    @property
    def capabilities(self) -> tuple[Capabilities, ...]:
        """What is known of each model's server by now, in order."""
        return tuple(endpoint.capabilities for endpoint in self._endpoints)

    def detect_structure(self) -> Structure:
        """Return how the model that is asked first can be held to the form of an answer; found out once.

        Raises ModelError when no model answers.
        """
        return self._first(1.0, lambda endpoint, ask: detect_structure(endpoint.capabilities, ask))

    def reply(self, request: Request) -> Reply:
        """Return the whole text of an answer.

        Raises ModelError when no model gives one within the time, at once while all of them are left alone.
        """

        def whole(endpoint: Endpoint, ask: Ask) -> Reply:
            stream = ask(_constrain_request(request, endpoint, ask))
            return Reply(stream.text(), stream.model)

        return self._first(request.prompt.share, whole)

    def stream(self, request: Request) -> Stream:
        """Return an answer that has begun; to be iterated, in this thread, or closed.

        Raises ModelError as `reply` does, and CallError, which is one, when the answer breaks off on the way: what
        has been read cannot be taken back, so no other model is asked then.
        """
        return self._first(
            request.prompt.share, lambda endpoint, ask: ask(_constrain_request(request, endpoint, ask)).begin()
        )

    def structured(self, request: Request) -> dict[str, Any]:
        """Return an answer that is an object of the request's schema. Raises ModelError as `reply` does."""
        schema = request.schema or {}

        def obeyed(endpoint: Endpoint, ask: Ask) -> dict[str, Any]:
            return parse_object(ask(_constrain_request(request, endpoint, ask)).text(), schema)

        return self._first(request.prompt.share, obeyed)

    def _first(self, share: float, use: Callable[[Endpoint, Ask], T]) -> T:
        """Return what `use` first makes of a model in `share` of the time."""
        account = current_budget(self._limit_s)
        end = time.monotonic() + account.left_s * share
        failed: list[tuple[Endpoint, CallError]] = []
        for endpoint, limit_s in self._order(failed, end):
            if account.asker.has_left:
                break
            until = time.monotonic() + limit_s
            try:
                return use(endpoint, partial(endpoint.ask, account=account, until=until, end=end))
            except CallError as error:
                _log.warning("%s: %s", endpoint.named.name, error)
                failed.append((endpoint, error))
        raise failed[-1][1] if failed else _no_model_error(account)

    def _order(self, failed: Sequence[tuple[Endpoint, CallError]], end: float) -> Iterator[tuple[Endpoint, float]]:
        """Yield the models that can be asked with the seconds that each may take; last, once more, one that failed.

        Which is it depends on what has failed by then: the one of those that may do better that rests for the least.
        """
        for i, endpoint in enumerate(self._endpoints):
            behind = sum(not later.breaker.wait_s for later in self._endpoints[i + 1 :])
            limit_s = (end - time.monotonic()) / (1 + behind)
            if limit_s > 0 and endpoint.named.ready(limit_s) and endpoint.breaker.allows_call():
                self._retries.called()
                yield endpoint, min(limit_s, end - time.monotonic())
        better = [endpoint for endpoint, error in failed if error.again]
        if not better:
            return
        endpoint = min(better, key=lambda one: one.breaker.wait_s)
        pause_s = max(endpoint.breaker.wait_s, random.uniform(*_PAUSE_S))  # noqa: S311
        if time.monotonic() + pause_s < end and self._retries.take():
            time.sleep(pause_s)
            if endpoint.breaker.allows_call():
                yield endpoint, end - time.monotonic()

    def close(self) -> None:
        """Close the connections and end the thread; nothing can be asked afterwards."""
        for endpoint in self._endpoints:
            asyncio.run_coroutine_threadsafe(endpoint.close(), self._loop).result(_CLOSING_S)
        self._loop.call_soon_threadsafe(self._loop.stop)


def _constrain_request(request: Request, endpoint: Endpoint, ask: Ask) -> Request:
    """Return the request as this model's server can be held to it."""
    if request.schema is None:
        return request
    structure = detect_structure(endpoint.capabilities, ask)
    return request.otherwise if request.otherwise and structure == "marks" else replace(request, structure=structure)


def _no_model_error(account: CallBudget) -> ModelError:
    """Return what to tell of a question for which no model could be asked."""
    if account.asker.has_left:
        return ModelError("回答を待つ人がいなくなったので、言語モデルを使いません。")
    if account.left_s:
        return ModelError(f"言語モデルの失敗が続いたので、しばらく使わずに答えます。{MEND}")
    return ModelError(f"言語モデルを待つ時間（{account.limit_s:g} 秒）を使い切りました。{MEND}")
