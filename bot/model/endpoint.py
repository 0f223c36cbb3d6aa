"""One language model at its server: how it is asked, and whether it is well."""

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.model.account import Account
from bot.model.breaker import Breaker, Clock
from bot.model.named import NamedModel
from bot.model.stream import Stream
from bot.model.usage import ModelCall, Outcome, Tokens, estimated

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

    from bot.model.prompts import Prompt


class Endpoint:
    """A model that is asked in `loop`. Nothing goes anywhere but to its server: no proxy, no LangSmith."""

    def __init__(self, named: NamedModel, loop: asyncio.AbstractEventLoop, clock: Clock = time.monotonic) -> None:
        from langchain_openai import ChatOpenAI  # noqa: PLC0415 - 0.7 s and 90 MB, only where a model is configured
        from openai import DefaultAsyncHttpxClient, DefaultHttpxClient  # noqa: PLC0415

        self.named = named
        self.breaker = Breaker(clock)
        self._loop = loop
        self._http = DefaultAsyncHttpxClient(trust_env=False)
        self._model = ChatOpenAI(
            model=named.name,
            base_url=named.base_url,
            api_key=named.key or "none",
            timeout=None,  # the stream's limit is for the whole answer
            max_retries=0,  # the chat model's, which count against a budget
            stream_usage=True,
            use_responses_api=False,
            openai_proxy="",  # else OPENAI_PROXY of the environment is taken, and clashes with the clients below
            http_client=DefaultHttpxClient(trust_env=False),
            http_async_client=self._http,
        )

    def ask(
        self, messages: Sequence["BaseMessage"], prompt: "Prompt", account: Account, limit_s: float, whole_s: float
    ) -> Stream:
        """Send the messages; the stream's end goes into the account and to the breaker."""
        start = time.monotonic()

        def ended(outcome: Outcome, text: str, counted: Tokens | None, rest_s: float) -> None:
            tokens = counted or _guess(outcome, messages, text)
            cost = self.named.prices.cost(tokens.prompt, tokens.completion) if self.named.prices else None
            took_ms = round((time.monotonic() - start) * 1000, 2)
            account.calls.append(ModelCall(prompt.name, prompt.digest, self.named.name, outcome, took_ms, tokens, cost))
            if outcome in ("answered", "stopped"):
                self.breaker.succeeded()
            else:
                self.breaker.failed(rest_s)

        chunks: Any = self._model.astream(list(messages), **prompt.options)
        return Stream(self.named.name, chunks, self._loop, limit_s=limit_s, whole_s=whole_s, ended=ended)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def _guess(outcome: Outcome, messages: Sequence["BaseMessage"], text: str) -> Tokens:
    """Return the tokens of a call that the server did not count: none where it refused before it said a word."""
    if outcome == "error" and not text:
        return Tokens(0, 0, estimated=True)
    return Tokens(sum(estimated(str(m.content)) for m in messages), estimated(text), estimated=True)
