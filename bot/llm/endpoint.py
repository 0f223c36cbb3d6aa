"""One language model at its server: sends requests and records the outcome."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bot.llm.breaker import CircuitBreaker, Clock
from bot.llm.call_budget import CallBudget
from bot.llm.calls import ModelCall, Outcome, Tokens, estimate_prompt_tokens, estimate_tokens
from bot.llm.capabilities import Capabilities
from bot.llm.configured_model import ConfiguredModel
from bot.llm.failure import CallError
from bot.llm.request import Request
from bot.llm.stream import Stream
from bot.monitoring.tracing import begin_span

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage


class Endpoint:
    """A model that is asked in `loop`. Nothing goes anywhere but to its server: no proxy, no LangSmith."""

    def __init__(self, named: ConfiguredModel, loop: asyncio.AbstractEventLoop, clock: Clock = time.monotonic) -> None:
        from langchain_openai import ChatOpenAI  # noqa: PLC0415 - 0.7 s and 90 MB, only where a model is configured

        from bot.llm.transport import client_arguments, http_client, idle_client  # noqa: PLC0415

        self.named = named
        self.breaker = CircuitBreaker(clock)
        self.capabilities = Capabilities(named)
        self._loop = loop
        self._http = http_client()
        self._model = ChatOpenAI(
            model=named.name,
            base_url=named.base_url,
            **client_arguments(named),
            timeout=None,  # the stream's limit is for the whole answer
            max_retries=0,  # the chat model's, which count against a budget
            stream_chunk_timeout=None,  # a model may think for long before its first word
            stream_usage=False,  # among the parameters, which a server may refuse
            use_responses_api=False,
            openai_proxy="",  # else OPENAI_PROXY of the environment is taken, and clashes with the clients below
            http_client=idle_client(),
            http_async_client=self._http,
        )

    def ask(self, request: Request, account: CallBudget, until: float, end: float) -> Stream:
        """Send the request; the stream's end goes into the account and to the breaker.

        The answer has to begin, or to be whole, by `until`, and to end by `end` (of time.monotonic).
        """
        start = time.monotonic()
        sent: list[BaseMessage] = []
        traced = begin_span("chat", gen_ai__operation__name="chat", gen_ai__request__model=self.named.name)

        def ended(outcome: Outcome, text: str, counted: Tokens | None, error: CallError | None) -> None:
            tokens = counted or _guess(outcome, sent, text)
            cost = self.named.prices.cost(tokens.prompt, tokens.completion) if self.named.prices else None
            took_ms, begun_ms = _ms(time.monotonic() - start), _ms(start - account.opened)
            task, digest = request.prompt.name, request.prompt.digest
            call = ModelCall(task, digest, self.named.name, outcome, took_ms, tokens, cost, begun_ms)
            account.calls.append(call)
            used = {"gen_ai__usage__input_tokens": tokens.prompt, "gen_ai__usage__output_tokens": tokens.completion}
            traced.end(failed="" if error is None else outcome, shirube__task=task, shirube__outcome=outcome, **used)
            if error is None or error.refused:
                self.breaker.record_success()
            else:
                self.breaker.failed(error.rest_s)

        chunks = self._chunks(request, sent, traced.headers())
        stream = Stream(self.named.name, chunks, self._loop, limit_s=until - start, whole_s=end - start, ended=ended)
        account.asker.add_leave_callback(stream.stop)
        return stream

    async def _chunks(
        self, request: Request, sent: list["BaseMessage"], headers: Mapping[str, str]
    ) -> AsyncIterator[Any]:
        """Yield the answer's pieces; a request of which the server refuses a part is sent again without it, at once.

        `sent` is made to hold the messages that were sent last; `headers` go along.
        """
        refused: Any = None
        while True:
            sent[:] = request.messages(self.capabilities.prompt_token_limit)
            parameters = self.capabilities.parameters(request.schema, request.structure)
            if refused and refused[:2] == (parameters, sent):
                raise refused[2]  # there is nothing left to do without
            try:
                async for chunk in self._model.astream(list(sent), extra_body=parameters, extra_headers=dict(headers)):
                    yield chunk
            except Exception as error:
                if not self.capabilities.learn_from_refusal(error, parameters, estimate_prompt_tokens(sent)):
                    raise
                refused = (parameters, list(sent), error)
            else:
                return

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)


def _guess(outcome: Outcome, messages: Sequence["BaseMessage"], text: str) -> Tokens:
    """Return the tokens of a call that the server did not count: none where it refused before it said a word."""
    if outcome == "error" and not text:
        return Tokens(0, 0, estimated=True)
    return Tokens(estimate_prompt_tokens(messages), estimate_tokens(text), estimated=True)
