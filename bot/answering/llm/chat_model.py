"""Tasks of language models, answered by the first of the configured models that begins in time."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from concurrent.futures import CancelledError
from functools import cache
from math import inf
from queue import SimpleQueue
from ssl import SSLContext
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, SecretStr, ValidationError

from bot.answering.llm import model_calls
from bot.answering.llm.gguf import LocalModel
from bot.answering.llm.model_calls import CallBudget, CallError, CallOutcome, ModelCall, TokenCounts
from bot.answering.llm.prompt_files import Message, load_prompt
from bot.errors import ModelError
from ingest.configuration.language_model import LanguageModel
from ingest.configuration.proxies import choose_proxy

_log = logging.getLogger(__name__)
_CLOSING_S = 5.0
# The share of a context that is left for the answer, and its maximum in tokens.
_ANSWER_SHARE = 0.25
_MAX_ANSWER_TOKENS = 1024
# About three sentences; a small model that repeats itself stops there.
_MAX_LOCAL_ANSWER_TOKENS = 400
# Twenty times the longest answer that anybody reads; a server that never ends must not fill the memory.
_MAX_CHARS = 20_000
# Failures in a row after which a model is not asked for so many seconds.
_MAX_FAILURES = 3
_REST_S = 30.0
# The finish reasons of a whole answer: OpenAI's and Anthropic's behind a gateway.
_COMPLETE_REASONS = frozenset({"stop", "end_turn"})
Schema = TypeVar("Schema", bound=BaseModel)
PromptValue = str | Callable[[int | None], str]
"""What a variable is filled with: a text, or what returns one of at most so many estimated tokens (None: no limit)."""


class Stream(NamedTuple):
    """An answer that has begun: the model that gives it, and its pieces; iterating them may raise CallError."""

    model: str
    pieces: Generator[str]


@cache
def _certificates() -> SSLContext:
    from httpx2 import create_ssl_context  # noqa: PLC0415

    # Read once: that takes as long as the rest of opening a client.
    return create_ssl_context(trust_env=False)


class _Endpoint:
    # What a model is sent goes nowhere else, as to LangSmith.
    def __init__(self, model: LanguageModel, proxy: SecretStr | None, is_ready: Callable[[], bool] | None) -> None:
        from langchain_openai import ChatOpenAI  # noqa: PLC0415 - 0.7 s and 90 MB, only where a model is configured
        from openai import DefaultAsyncHttpxClient, DefaultHttpxClient  # noqa: PLC0415

        self.name = model.model
        self.prompt_tokens = model.context and model.context - min(
            _MAX_ANSWER_TOKENS, int(model.context * _ANSWER_SHARE)
        )
        self._is_ready = is_ready or (lambda: True)
        self._failures = 0
        self._rests_until = 0.0
        self.http = DefaultAsyncHttpxClient(
            trust_env=False, proxy=choose_proxy(proxy, model.base_url) or None, verify=_certificates()
        )
        self._client = ChatOpenAI(
            model=model.model,
            base_url=model.base_url,
            api_key=model.api_key or SecretStr("none"),  # the client requires one
            temperature=0,
            max_tokens=_MAX_LOCAL_ANSWER_TOKENS if is_ready else None,
            timeout=None,  # the whole answer has a limit
            max_retries=1,
            stream_chunk_timeout=None,  # a model may reason for long before its first word
            stream_usage=True,
            use_responses_api=False,
            openai_proxy="",  # else OPENAI_PROXY of the environment is used, which conflicts with the clients below
            http_client=DefaultHttpxClient(trust_env=False, verify=_certificates()),
            http_async_client=self.http,
        )

    @property
    def is_callable(self) -> bool:
        return self._is_ready() and time.monotonic() >= self._rests_until

    def count(self, outcome: CallOutcome) -> None:
        self._failures = self._failures + 1 if outcome in ("error", "timeout") else 0
        if self._failures >= _MAX_FAILURES:
            self._rests_until = time.monotonic() + _REST_S

    async def read(
        self,
        messages: Sequence[Message],
        put: Callable[[str], None],
        *,
        schema: type[BaseModel] | None,
        until: float,
        end: float,
    ) -> TokenCounts | None:
        # The first piece has to come by `until`, the last by `end` (of time.monotonic).
        from langsmith import tracing_context  # noqa: PLC0415

        body: dict[str, Any] = {}
        if schema:
            form = {"name": "reply", "schema": schema.model_json_schema(), "strict": True}
            # As a parameter of its own it would make LangChain wait for the whole object.
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        length = 0
        reason: str | None = None
        tokens: TokenCounts | None = None
        async with asyncio.timeout_at(until) as limit:
            with tracing_context(enabled=False):
                async for message in self._client.astream(
                    [*messages], extra_body=body, stream_options={"include_usage": True}
                ):
                    reason = message.response_metadata.get("finish_reason") or reason
                    # Some servers send zeros for what they do not count.
                    if (usage := message.usage_metadata) and usage["input_tokens"] and usage["output_tokens"]:
                        tokens = TokenCounts(usage["input_tokens"], usage["output_tokens"], estimated=False)
                    # Half of a surrogate pair (\\ud83c) could be neither stored nor sent on.
                    if piece := str(message.text).encode(errors="replace").decode():
                        limit.reschedule(end)
                        length += len(piece)
                        put(piece)
                    if length > _MAX_CHARS:
                        raise CallError(f"言語モデルの答えが終わりません（{_MAX_CHARS:,}文字を超過）。")
        # A connection that ends early looks like the end of an answer: only the finish reason tells them apart.
        if reason not in _COMPLETE_REASONS:
            raise CallError(f"言語モデルの答えが途中で切れています（{reason or '終わりの印なし'}）。")
        if not length:
            raise CallError("言語モデルの答えが空です。")
        return tokens


class ChatModel:
    """The models in order of preference, the local one last. Safe to use from several threads.

    Calls run in an event loop of another thread, because only a task can be ended at a time limit or when the person
    leaves: a server that sends a byte a second never exceeds the time limit of a read. `limit_s` is the time for a call
    outside of a budget. A model that is not the last must begin within its equal share of the remaining time, which
    LangChain's `Runnable.with_fallbacks` cannot say. `proxy` is `SHIRUBE_PROXY`.
    """

    def __init__(
        self,
        models: Sequence[LanguageModel],
        limit_s: float,
        local: LocalModel | None = None,
        proxy: SecretStr | None = None,
    ) -> None:
        self._limit_s = limit_s
        self._loop = asyncio.new_event_loop()
        self._endpoints = [_Endpoint(model, proxy, None) for model in models]
        if local:
            self._endpoints.append(_Endpoint(local.model, None, local.is_loaded.is_set))
        threading.Thread(target=self._loop.run_forever, name="chat-model", daemon=True).start()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(endpoint.name for endpoint in self._endpoints)

    def stream(
        self, task: "Task", variables: Mapping[str, PromptValue], limit_s: float, models: Collection[str] | None
    ) -> Stream:
        """Return an answer that has begun; to be iterated or closed in this thread.

        Raises ModelError when no model begins in time. What has been read cannot be taken back: where the answer breaks
        off, no other model is asked.
        """
        budget = model_calls.current_budget(self._limit_s)
        end = time.monotonic() + min(budget.left_s * task.prompt.share, limit_s)
        failure: CallError | None = None
        endpoints = [one for one in self._endpoints if one.is_callable and one.name in (models or self.names)]
        for place, endpoint in enumerate(endpoints):
            start = time.monotonic()
            if start >= end or budget.asker.has_left:
                break
            sent = task.messages(variables, endpoint.prompt_tokens)
            until = start + (end - start) / (len(endpoints) - place)
            pieces = self._call(endpoint, task, sent, budget, until=until, end=end)
            try:
                first = next(pieces)
            except CallError as error:
                _log.warning("%s: %s", endpoint.name, error)
                failure = error
            else:
                return Stream(endpoint.name, _continue(first, pieces))
        raise failure or ModelError("言語モデルは、いま使えません（準備中か、続けて失敗したか、時間切れです）。")

    def _call(
        self, endpoint: _Endpoint, task: "Task", sent: list[Message], budget: CallBudget, *, until: float, end: float
    ) -> Generator[str]:
        start = time.monotonic()
        text = ""
        outcome: CallOutcome = "stopped"
        counted: TokenCounts | None = None
        is_read = True
        pieces = SimpleQueue[str | None]()
        reading = endpoint.read(sent, pieces.put, schema=task.schema, until=until, end=end)
        job = asyncio.run_coroutine_threadsafe(reading, self._loop)
        job.add_done_callback(lambda _: pieces.put(None))
        budget.asker.add_leave_callback(job.cancel)
        try:
            for piece in iter(pieces.get, None):
                text += piece
                yield piece
            counted = job.result()
            outcome = "answered"
        except CancelledError as error:
            raise CallError("回答を待つ人がいなくなったので、言語モデルを止めました。") from error
        except TimeoutError as error:
            outcome = "timeout"
            raise CallError("言語モデルが時間内に答えませんでした。") from error
        except Exception as error:
            outcome = "error"
            is_read = bool(text)  # a request that failed before any text was probably not read
            raise model_calls.to_call_error(error) from error
        finally:
            job.cancel()
            endpoint.count(outcome)
            prompt = model_calls.estimate_prompt_tokens(sent) if is_read else 0
            tokens = counted or TokenCounts(prompt, model_calls.estimate_tokens(text), estimated=True)
            milliseconds, begun = ((time.monotonic() - start) * 1000, (start - budget.opened) * 1000)
            name, digest = task.prompt.name, task.prompt.digest
            budget.calls.append(
                ModelCall(name, digest, endpoint.name, outcome, round(milliseconds, 2), tokens, round(begun, 2))
            )

    def close(self) -> None:
        """Cancel running calls, close the connections and end the thread; nothing can be asked afterwards."""
        asyncio.run_coroutine_threadsafe(self._finish(), self._loop).result(_CLOSING_S)
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _finish(self) -> None:
        # A task that is not waited for is destroyed with the loop, which Python reports on the terminal.
        running = asyncio.all_tasks() - {asyncio.current_task()}
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for endpoint in self._endpoints:
            await endpoint.http.aclose()
        await self._loop.shutdown_asyncgens()


def _continue(first: str, pieces: Generator[str]) -> Generator[str]:
    try:
        yield first
        yield from pieces
    finally:
        pieces.close()


class Task:
    """The task of `prompts/<name>.md`; safe to use from several threads. Raises PromptError.

    With a `schema` the answer is an object of it, which the server enforces: it forbids other properties and requires
    all of its own.
    """

    def __init__(self, name: str, chat: ChatModel, schema: type[BaseModel] | None = None) -> None:
        self.prompt = load_prompt(name)
        self._chat = chat
        self.schema = schema

    def stream(
        self, limit_s: float = inf, models: Collection[str] | None = None, /, **variables: PromptValue
    ) -> Stream:
        """Return the answer to the filled-in prompt as it comes, within `limit_s` and of `models` alone (None: any).

        Raises ModelError.
        """
        return self._chat.stream(self, variables, limit_s, models)

    def reply(self, limit_s: float = inf, models: Collection[str] | None = None, /, **variables: PromptValue) -> str:
        """Fill in the prompt's variables and return the whole answer within `limit_s`. Raises ModelError."""
        return "".join(self.stream(limit_s, models, **variables).pieces)

    def messages(self, variables: Mapping[str, PromptValue], limit: int | None) -> list[Message]:
        """Return the messages with the variables filled in, of at most `limit` estimated tokens if that is not None."""
        filled = {name: value if isinstance(value, str) else "" for name, value in variables.items()}
        for name, value in variables.items():
            if not isinstance(value, str):
                used = model_calls.estimate_prompt_tokens(self.prompt.fill(**filled))
                filled[name] = value(None if limit is None else limit - used)
        return self.prompt.fill(**filled)


def parse_object(text: str, schema: type[Schema]) -> Schema:
    """Return a whole answer as an object of the schema. Raises CallError where it is none."""
    try:
        return schema.model_validate_json(text)
    except ValidationError as error:
        raise CallError("言語モデルの答えが求めた形（JSON）ではありません。") from error


# Full-width forms read the same but are no tags: no filled-in text can close its frame.
_AS_DATA = str.maketrans({"<": "＜", ">": "＞"})


def escape_prompt_data(text: str) -> str:
    """Return `text` in a form that is safe inside the frames of a prompt."""
    return text.translate(_AS_DATA)
