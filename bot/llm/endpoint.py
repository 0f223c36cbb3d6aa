"""One language model at its server: requests, their form and outcomes, rests after failures, truncated prompts."""

import asyncio
import json
import logging
import re
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from statistics import median
from typing import Any, Literal

from circuitbreaker import CircuitBreaker
from pydantic import SecretStr

from bot.llm.model_calls import (
    REFUSALS,
    CallBudget,
    CallError,
    CallOutcome,
    ModelCall,
    TokenCounts,
    digest_request,
    estimate_prompt_tokens,
    estimate_tokens,
)
from bot.llm.prompt_files import Message, Prompt
from bot.llm.stream import Stream
from ingest.configuration.language_model import LanguageModel
from ingest.configuration.proxies import choose_proxy

Structure = Literal["json_schema", "marks"]
"""How the form of an answer is enforced: by a schema, or by words only."""


@dataclass(frozen=True, slots=True)
class Request:
    """A filled-in prompt.

    Attributes:
        messages: returns the messages for a limit of prompt tokens (None: no limit).
        schema: JSON Schema of the answer, if it is an object.
        limit_s: the most seconds that the call may take, whatever time is left for the question.

    """

    prompt: Prompt
    messages: Callable[[int | None], Sequence[Message]]
    schema: Mapping[str, Any] | None = None
    limit_s: float = inf


TEXT: Mapping[str, Any] = {"type": "string"}
"""JSON Schema of a text."""


def object_schema(**properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of an object with all of these properties and no others, as OpenAI requires it."""
    return {
        "type": "object",
        "properties": properties,
        "required": [*properties],
        "additionalProperties": False,
    }


def array_schema(items: Mapping[str, Any], **limits: int) -> dict[str, Any]:
    """Return the JSON Schema of an array."""
    return {"type": "array", **limits, "items": items}


THOUGHTS = re.compile(r"^.*</(?:think|thinking|reasoning)>", re.DOTALL)
"""What a reasoning model may put before its answer."""


def parse_object(text: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the first object in an answer that the schema allows: bare, in a fence, or between other words.

    Raises CallError where there is none.
    """
    from jsonschema.validators import validator_for  # noqa: PLC0415 - 0.1 s

    validator, decoder = validator_for(schema)(schema), json.JSONDecoder()
    text, end = THOUGHTS.sub("", text), 0
    while (start := text.find("{", end)) >= 0:
        try:
            candidate, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            end = start + 1
            continue
        if validator.is_valid(candidate):
            # An escaped half of a surrogate pair (\\ud83d) could be neither stored nor sent on.
            found: dict[str, Any] = json.loads(json.dumps(candidate, ensure_ascii=False).encode(errors="replace"))
            return found
    raise CallError("言語モデルの答えが求めた形（JSON）ではありません。")


# Below this many estimated tokens the chat template's own tokens weigh too much.
_MIN_TOKENS = 300
# Counted per estimated token, texts of 4,000 characters had .63 to 1.02 with the tokenizer of Qwen2.5 (n 19); one that
# has learned more Japanese words needs fewer.
_MIN_RATIO = 0.35


def is_truncated(estimated: int, counted: int) -> bool:
    """Return whether a prompt of `estimated` tokens was truncated, given how many the server `counted`."""
    return estimated >= _MIN_TOKENS and counted < _MIN_RATIO * estimated


_log = logging.getLogger(__name__)
# The share of the context for an answer whose length is not configured.
_ANSWER_SHARE = 0.25
# The maximum of that share, in tokens.
_MAX_ANSWER_TOKENS = 1024
# The calls that a model's speed is measured over.
_MEASURED_CALLS = 5
# Failures in a row after which a model rests, and the least seconds of its rest.
_MAX_FAILURES = 3
_REST_S = 30.0
# A call that had less time than this, or than its share of the question's time, says nothing about the server.
_MIN_PATIENCE_S = 5.0
_MIN_PATIENCE_SHARE = 0.25
TRUNCATION_ADVICE = (
    "サーバーが読む長さを延ばしてください（Ollama では、環境変数 OLLAMA_CONTEXT_LENGTH を 16384 などにして起動）。"
    "延ばせないときは、読めるトークン数を SHIRUBE_LLM__番号__CONTEXT に設定してください。"
)
"""What to do about a server that silently reads less than it is sent."""


class Endpoint:
    """A model whose calls run in `loop`; nothing is sent elsewhere, as to LangSmith. `proxy` is `SHIRUBE_PROXY`.

    After three failures in a row the model rests for half a minute, or for `limit_s` (the most seconds of a call) if
    that is longer.

    Attributes:
        model: the configured model.
        structure: how the form of an answer is enforced; None until an answer or a refusal has shown it.
        is_minimal: whether its server refuses optional parameters, so that they are no longer sent.
        prompt_tokens: the estimated tokens of the longest prompt that is sent; None while no limit is known.

    """

    def __init__(
        self,
        model: LanguageModel,
        loop: asyncio.AbstractEventLoop,
        *,
        limit_s: float = 0.0,
        retries: int = 0,
        proxy: SecretStr | None = None,
        is_ready: Callable[[], bool] = lambda: True,
    ) -> None:
        from langchain_openai import ChatOpenAI  # noqa: PLC0415 - 0.7 s and 90 MB, only where a model is configured

        from bot.llm.transport import client_arguments, http_client, idle_client  # noqa: PLC0415

        self.model = model
        self.structure: Structure | None = None if model.structure == "auto" else model.structure
        self.is_minimal = False
        self._is_ready = is_ready
        self._latest = deque[tuple[float, int]](maxlen=_MEASURED_CALLS)
        self.prompt_tokens = _prompt_token_limit(model.context, model.max_tokens)
        self._has_warned = False
        self._breaker = CircuitBreaker(_MAX_FAILURES, max(_REST_S, limit_s))
        self._loop = loop
        self._http = http_client(choose_proxy(proxy, model.base_url))
        self._client = ChatOpenAI(
            model=model.model,
            base_url=model.base_url,
            **client_arguments(model),
            timeout=None,  # the stream limits the whole answer
            max_retries=retries,
            stream_chunk_timeout=None,  # a model may reason for long before its first word
            stream_usage=False,  # one of our optional parameters, which a server may refuse
            use_responses_api=False,
            openai_proxy="",  # else OPENAI_PROXY of the environment is used, which conflicts with the clients below
            http_client=idle_client(),
            http_async_client=self._http,
        )

    @property
    def is_resting(self) -> bool:
        """Whether the model is not called because it has failed several times in a row."""
        return bool(self._breaker.opened)

    @property
    def is_callable(self) -> bool:
        """Whether the model is loaded and does not rest."""
        return self._is_ready() and not self.is_resting

    def _count_failure(self, error: CallError) -> None:
        with suppress(CallError), self._breaker:
            raise error

    def expected_s(self, tokens: int) -> float:
        """Return the seconds that a call of so many completion tokens takes, by the latest calls; 0 before them."""
        times = [seconds * min(1.0, tokens / max(1, completion)) for seconds, completion in self._latest]
        return median(times) if times else 0.0

    def ask(self, request: Request, budget: CallBudget, until: float, end: float) -> Stream:
        """Send the request and return its stream; the call is added to the budget when the stream ends.

        The first piece has to come by `until`, the last by `end` (of time.monotonic).
        """
        start = time.monotonic()
        sent: list[Message] = []

        def record(outcome: CallOutcome, text: str, counted: TokenCounts | None, error: CallError | None) -> None:
            # A request that failed before any text was probably not read.
            prompt = 0 if outcome == "error" and not text else estimate_prompt_tokens(sent)
            tokens = counted or TokenCounts(prompt, estimate_tokens(text), estimated=True)
            call = ModelCall(
                task=request.prompt.name,
                prompt_digest=request.prompt.digest,
                model=self.model.model,
                outcome=outcome,
                milliseconds=_to_ms(time.monotonic() - start),
                tokens=tokens,
                cost=self.model.cost(tokens.prompt, tokens.completion),
                begun_ms=_to_ms(start - budget.opened),
                is_truncated=counted is not None and self._check_truncation(sent, counted.prompt),
                request_digest=digest_request(text for _, text in sent),
                text=text,
            )
            budget.calls.append(call)
            if outcome in ("answered", "timeout"):
                self._latest.append((time.monotonic() - start, tokens.completion))
            if outcome == "answered":
                self._breaker.reset()
                self._learn_structure(request, text)
            elif error and not error.is_refusal:
                is_patient = until - start >= min(_MIN_PATIENCE_S, _MIN_PATIENCE_SHARE * budget.limit_s)
                if outcome == "error" or is_patient:
                    self._count_failure(error)

        messages = self._messages(request, sent)
        stream = Stream(
            self.model.model, messages, self._loop, limit_s=until - start, whole_s=end - start, on_end=record
        )
        budget.asker.add_leave_callback(stream.stop)
        return stream

    async def _messages(self, request: Request, sent: list[Message]) -> AsyncIterator[Any]:
        # A refused request is sent again without optional parameters, then without the schema: no reading of error
        # messages tells what a server refuses. What worked is kept.
        sent[:] = request.messages(self.prompt_tokens)
        known = self.is_minimal, self.structure
        while True:
            try:
                async for chunk in self._client.astream(sent, extra_body=self._parameters(request)):
                    yield chunk
            except Exception as error:
                if getattr(error, "status_code", None) not in REFUSALS or not self._simplify(request):
                    self.is_minimal, self.structure = known
                    raise
                _log.warning("%s: 断られたので、任意のパラメーターなしで送り直します。", self.model.model)
            else:
                return

    def _simplify(self, request: Request) -> bool:
        may_enforce = request.schema is not None and self.structure != "marks"
        if self.is_minimal and may_enforce:
            self.structure = "marks"
        may_simplify = may_enforce or not self.is_minimal
        self.is_minimal = True
        return may_simplify

    def _parameters(self, request: Request) -> dict[str, Any]:
        parameters: dict[str, Any] = {}
        if request.schema is not None and self.structure != "marks":
            form = {"name": "reply", "schema": request.schema, "strict": True}
            parameters["response_format"] = {"type": "json_schema", "json_schema": form}
        if not self.is_minimal:
            configured = {"temperature": self.model.temperature, "max_tokens": self.model.max_tokens}
            parameters |= {name: value for name, value in configured.items() if value is not None}
            parameters["stream_options"] = {"include_usage": True}
        return parameters

    def _learn_structure(self, request: Request, text: str) -> None:
        if request.schema and self.structure is None:
            try:
                parse_object(text, request.schema)
                self.structure = "json_schema"
            except CallError:
                self.structure = "marks"

    def _check_truncation(self, sent: Sequence[Message], counted: int) -> bool:
        estimated = estimate_prompt_tokens(sent)
        if not is_truncated(estimated, counted):
            return False
        fitting = _prompt_token_limit(counted, self.model.max_tokens) or counted
        self.prompt_tokens = min(fitting, self.prompt_tokens or fitting)
        if not self._has_warned:
            self._has_warned = True
            _log.warning(
                "%s: 渡した約 %d トークンのうち、サーバーが読んだのは %d トークンです。渡す箇所を減らします。%s",
                self.model.model,
                estimated,
                counted,
                TRUNCATION_ADVICE,
            )
        return True

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def _prompt_token_limit(context: int | None, answer: int | None) -> int | None:
    if context is None:
        return None
    return max(1, context - (answer or min(_MAX_ANSWER_TOKENS, int(context * _ANSWER_SHARE))))


def _to_ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
