"""The language models of the settings as one: the next in order is asked when one fails, is too slow, or rests."""

import asyncio
import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from bot.errors import ModelError
from bot.model.account import Account, open_account
from bot.model.breaker import Clock
from bot.model.endpoint import Endpoint
from bot.model.failure import MEND, CallError
from bot.model.named import NamedModel
from bot.model.prompts import Prompt
from bot.model.retries import RetryBudget
from bot.model.stream import Stream

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

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

    def __init__(self, models: Sequence[NamedModel], limit_s: float, clock: Clock = time.monotonic) -> None:
        self._limit_s = limit_s
        self._retries = RetryBudget()
        self._loop = asyncio.new_event_loop()
        self._endpoints = [Endpoint(named, self._loop, clock) for named in models]
        threading.Thread(target=self._loop.run_forever, name="chat-model", daemon=True).start()

    @property
    def names(self) -> frozenset[str]:
        """The models' names."""
        return frozenset(endpoint.named.name for endpoint in self._endpoints)

    def reply(self, messages: Sequence["BaseMessage"], prompt: Prompt) -> Reply:
        """Return the whole text of an answer, with the options of the prompt that the messages were made from.

        Raises ModelError when no model gives one within the time, at once while all of them are left alone.
        """
        return self._first(messages, prompt, lambda stream: Reply(stream.text(), stream.model))

    def stream(self, messages: Sequence["BaseMessage"], prompt: Prompt) -> Stream:
        """Return an answer that has begun; to be iterated, in this thread, or closed.

        Raises ModelError as `reply` does, and CallError, which is one, when the answer breaks off on the way: what
        has been read cannot be taken back, so no other model is asked then.
        """
        return self._first(messages, prompt, Stream.begin)

    def _first(self, messages: Sequence["BaseMessage"], prompt: Prompt, take: Callable[[Stream], T]) -> T:
        """Return what is first taken."""
        account = open_account(self._limit_s)
        end = time.monotonic() + account.left_s * prompt.share
        failed: list[tuple[Endpoint, CallError]] = []
        for endpoint, limit_s in self._order(failed, end):
            try:
                return take(endpoint.ask(messages, prompt, account, limit_s, end - time.monotonic()))
            except CallError as error:
                _log.warning("%s: %s", endpoint.named.name, error)
                failed.append((endpoint, error))
        raise failed[-1][1] if failed else _nobody(account)

    def _order(self, failed: Sequence[tuple[Endpoint, CallError]], end: float) -> Iterator[tuple[Endpoint, float]]:
        """Yield the models that can be asked with the seconds that each may take; last, once more, one that failed.

        Which is it depends on what has failed by then: the one of those that may do better that rests for the least.
        """
        for i, endpoint in enumerate(self._endpoints):
            behind = sum(not later.breaker.wait_s for later in self._endpoints[i + 1 :])
            limit_s = (end - time.monotonic()) / (1 + behind)
            if limit_s > 0 and endpoint.named.ready(limit_s) and endpoint.breaker.admits():
                self._retries.called()
                yield endpoint, min(limit_s, end - time.monotonic())
        better = [endpoint for endpoint, error in failed if error.again]
        if not better:
            return
        endpoint = min(better, key=lambda one: one.breaker.wait_s)
        pause_s = max(endpoint.breaker.wait_s, random.uniform(*_PAUSE_S))  # noqa: S311
        if time.monotonic() + pause_s < end and self._retries.take():
            time.sleep(pause_s)
            if endpoint.breaker.admits():
                yield endpoint, end - time.monotonic()

    def close(self) -> None:
        """Close the connections and end the thread; nothing can be asked afterwards."""
        for endpoint in self._endpoints:
            asyncio.run_coroutine_threadsafe(endpoint.close(), self._loop).result(_CLOSING_S)
        self._loop.call_soon_threadsafe(self._loop.stop)


def _nobody(account: Account) -> ModelError:
    """Return what to tell of a question for which no model could be asked."""
    if account.left_s:
        return ModelError(f"言語モデルの失敗が続いたので、しばらく使わずに答えます。{MEND}")
    return ModelError(f"言語モデルを待つ時間（{account.limit_s:g} 秒）を使い切りました。{MEND}")
