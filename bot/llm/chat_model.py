"""Language model tasks, answered by the first of the configured models that does not fail and is not slow."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from pydantic import SecretStr

from bot.errors import ModelError
from bot.llm.endpoint import Endpoint, Request, parse_object
from bot.llm.model_calls import CallBudget, CallError, current_budget, estimate_prompt_tokens
from bot.llm.prompt_files import Message, load_prompt
from bot.llm.stream import Stream
from ingest.configuration.language_model import LanguageModel

if TYPE_CHECKING:
    from bot.llm.gguf import LocalModel


_log = logging.getLogger(__name__)
_CLOSING_S = 5.0
T = TypeVar("T")


class ModelReply(NamedTuple):
    """A whole answer, and the model that gave it."""

    text: str
    model: str


class ChatModel:
    """The models in order of preference, the local one last. Safe to use from several threads.

    `limit_s` is the time for a call outside of a budget. A model that is not the last must begin (for `reply`: end)
    within its equal share of the remaining time, so that the next has as much. LangChain's `Runnable.with_fallbacks`
    has neither shares of time nor a record of each call. Only the last model is retried, once, by its client. A local
    model that is still being loaded is not waited for, nor one that rests after failures. `proxy` is `SHIRUBE_PROXY`.
    """

    def __init__(
        self,
        models: Sequence[LanguageModel],
        limit_s: float,
        local: "LocalModel | None" = None,
        proxy: SecretStr | None = None,
    ) -> None:
        self._limit_s = limit_s
        self._loop = asyncio.new_event_loop()
        places = range(len(models) - 1, -1, -1)
        self.endpoints = [
            Endpoint(model, self._loop, limit_s=limit_s, retries=0 if local or later else 1, proxy=proxy)
            for model, later in zip(models, places, strict=True)
        ]
        if local:
            self.endpoints.append(Endpoint(local.model, self._loop, limit_s=limit_s, is_ready=local.is_ready))
        threading.Thread(target=self._loop.run_forever, name="chat-model", daemon=True).start()

    @property
    def names(self) -> frozenset[str]:
        """The models' names."""
        return frozenset(endpoint.model.model for endpoint in self.endpoints)

    def expected_s(self, tokens: int) -> float:
        """Return the seconds that the preferred model takes for so many tokens, by its latest calls; 0 before them."""
        return self.endpoints[0].expected_s(tokens)

    def reply(self, request: Request) -> ModelReply:
        """Return a whole answer. Raises ModelError when no model gives one in time."""
        return self._use_first(request, lambda stream: ModelReply(stream.text(), stream.model))

    def stream(self, request: Request) -> Stream:
        """Return an answer that has begun; to be iterated, in this thread, or closed.

        Raises ModelError as `reply` does. Iterating raises CallError where the answer breaks off: what has been read
        cannot be taken back, so that no other model is asked.
        """
        return self._use_first(request, Stream.begin)

    def structured(self, request: Request) -> dict[str, Any]:
        """Return an answer that is an object of the request's schema. Raises ModelError."""
        schema = request.schema or {}
        return self._use_first(request, lambda stream: parse_object(stream.text(), schema))

    def _use_first(self, request: Request, use: Callable[[Stream], T]) -> T:
        budget = current_budget(self._limit_s)
        end = time.monotonic() + min(budget.left_s * request.prompt.share, request.limit_s)
        failure: CallError | None = None
        endpoints = [endpoint for endpoint in self.endpoints if endpoint.is_callable]
        for place, endpoint in enumerate(endpoints):
            start = time.monotonic()
            share_s = (end - start) / (len(endpoints) - place)
            if share_s <= 0 or budget.asker.has_left:
                break
            try:
                return use(endpoint.ask(request, budget, until=start + share_s, end=end))
            except CallError as error:
                _log.warning("%s: %s", endpoint.model.model, error)
                failure = error
        raise failure or self._no_model_error(budget)

    def _no_model_error(self, budget: CallBudget) -> ModelError:
        if budget.asker.has_left:
            return ModelError("回答を待つ人がいなくなったので、言語モデルを使いません。")
        if not budget.left_s:
            return ModelError(f"言語モデルを待つ時間（{budget.limit_s:g} 秒）を使い切りました。")
        if any(endpoint.is_resting for endpoint in self.endpoints):
            return ModelError("言語モデルは、続けて答えなかったので休ませています。")
        return ModelError("言語モデルの準備ができていません。")

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
        for endpoint in self.endpoints:
            await endpoint.close()
        await self._loop.shutdown_asyncgens()


# Full-width forms read the same but are no tags: no filled-in text can close its frame.
_AS_DATA = str.maketrans({"<": "＜", ">": "＞"})

PromptValue = str | Callable[[int | None], str]
"""What a variable is filled with: a text, or what returns one of at most so many estimated tokens (None: no limit)."""


class Task:
    """The task of `prompts/<name>.md`; safe to use from several threads. Raises PromptError.

    With a JSON Schema `schema` the answer is an object of it. OpenAI requires that a schema requires every property
    and forbids others; the prompt should describe the object too, for servers that do not enforce it.
    """

    def __init__(self, name: str, chat: ChatModel, schema: Mapping[str, Any] | None = None) -> None:
        self.prompt = load_prompt(name)
        self._chat = chat
        self._schema = schema

    def reply(self, limit_s: float = inf, /, **variables: PromptValue) -> ModelReply:
        """Fill in the prompt's variables and return the whole answer within `limit_s`. Raises ModelError."""
        return self._chat.reply(replace(self.request(variables), limit_s=limit_s))

    def stream(self, **variables: PromptValue) -> Stream:
        """Fill in the prompt's variables and return the answer as it comes. Raises ModelError."""
        return self._chat.stream(self.request(variables))

    def structured(self, **variables: PromptValue) -> dict[str, Any]:
        """Fill in the prompt's variables and return an answer that is an object of the schema.

        Raises ModelError, also where the answer is no such object.
        """
        return self._chat.structured(self.request(variables))

    def request(self, variables: Mapping[str, PromptValue]) -> Request:
        """Return the filled-in request."""
        return Request(self.prompt, lambda limit: self._messages(variables, limit), self._schema)

    def _messages(self, variables: Mapping[str, PromptValue], limit: int | None) -> list[Message]:
        filled = {name: value if isinstance(value, str) else "" for name, value in variables.items()}
        for name, value in variables.items():
            if not isinstance(value, str):
                used = estimate_prompt_tokens(self.prompt.fill(**filled))
                filled[name] = value(None if limit is None else limit - used)
        return self.prompt.fill(**filled)


def escape_prompt_data(text: str) -> str:
    """Return `text` in a form that is safe inside the frames of a prompt."""
    return text.translate(_AS_DATA)
