"""One language model at its server: requests and their structure, outcomes, and detection of truncated prompts."""

import asyncio
import json
import logging
import re
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from statistics import median
from typing import Any, Literal

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
from bot.llm.prompt_files import Message, Prompt, load_prompt
from bot.llm.stream import Stream
from bot.monitoring.tracing import begin_span
from ingest.configuration.language_model import LanguageModel
from ingest.configuration.proxies import choose_proxy

Structure = Literal["json_schema", "tools", "marks"]
"""How the form of an answer is enforced: by a schema, by the arguments of a tool, or by words only."""
_TOOL = "reply"


@dataclass(frozen=True, slots=True)
class Request:
    """A filled-in prompt.

    Attributes:
        messages: returns the messages for a limit of prompt tokens (None: no limit).
        schema: JSON Schema of the answer, if it is an object.
        structure: how `schema` is enforced.
        limit_s: the most seconds that the call may take, whatever time is left for the question.

    """

    prompt: Prompt
    messages: Callable[[int | None], Sequence[Message]]
    schema: Mapping[str, Any] | None = None
    structure: Structure | None = None
    limit_s: float = inf

    def structure_parameters(self) -> dict[str, Any]:
        """Return the parameters of the chat API that enforce the schema."""
        if self.schema and self.structure == "json_schema":
            form = {"name": _TOOL, "schema": self.schema, "strict": True}
            return {"response_format": {"type": "json_schema", "json_schema": form}}
        if self.schema and self.structure == "tools":
            return {"tools": [{"type": "function", "function": {"name": _TOOL, "parameters": self.schema}}]}
        return {}


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


# A form in which no model answers unless the server enforces it.
_TRIAL = object_schema(answer=TEXT)
_ENFORCED: tuple[Structure, ...] = ("json_schema", "tools")
THOUGHTS = re.compile(r"^.*</(?:think|thinking|reasoning)>", re.DOTALL)
"""What a reasoning model may put before its answer."""

SendRequest = Callable[[Request], Stream]
"""Sends a request to one model."""


def detect_structure(endpoint: "Endpoint", ask: SendRequest) -> Structure:
    """Return how the endpoint's server enforces the form of an answer, tried with up to two short questions.

    Raises CallError where the server does not answer at all; nothing is stored then.
    """
    if endpoint.structure is not None:
        return endpoint.structure
    structure: Structure = "marks"
    for candidate in _ENFORCED:
        if _supports_structure(candidate, ask):
            structure = candidate
            break
    endpoint.structure = structure
    return structure


def parse_object(text: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the first object in an answer that the schema allows: bare, in a fence, or between other words.

    Raises CallError where there is none.
    """
    from jsonschema.validators import validator_for  # noqa: PLC0415 - 0.1 s

    validator = validator_for(schema)(schema)
    for candidate in _objects(THOUGHTS.sub("", text)):
        if validator.is_valid(candidate):
            return candidate
    raise CallError("言語モデルの答えが求めた形（JSON）ではありません。")


def _supports_structure(structure: Structure, ask: SendRequest) -> bool:
    prompt = load_prompt("capability")
    messages = prompt.fill()
    try:
        text = ask(Request(prompt, lambda _limit: messages, _TRIAL, structure)).text()
    except CallError:
        # The structure may be what broke the server: if it is well, it answers without.
        ask(Request(prompt, lambda _limit: messages)).text()
        return False
    try:
        parse_object(text, _TRIAL)
    except CallError:
        return False
    return True


def _objects(text: str) -> Iterator[dict[str, Any]]:
    decoder, end = json.JSONDecoder(), 0
    while (start := text.find("{", end)) >= 0:
        try:
            candidate, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            end = start + 1
        else:
            # An escaped half of a surrogate pair (\\ud83d) could be neither stored nor sent on.
            yield json.loads(json.dumps(candidate, ensure_ascii=False).encode(errors="replace"))


# Below this many estimated tokens the chat template's own tokens weigh too much.
_MIN_TOKENS = 300
# Counted per estimated token, texts of 4,000 characters had .63 to 1.02 with the tokenizer of Qwen2.5 (n 19); one that
# has learned more Japanese words needs fewer.
_MIN_RATIO = 0.35
# The share of the highest ratio that a model has reported.
_MIN_SHARE_OF_HIGHEST = 0.55
# Prompts of different lengths for which the server reports the same, highest count.
_MIN_EQUAL = 3


class TruncationDetector:
    """Remembers the counts of one model. The tolerance is wide, because tokens are estimated without its tokenizer.

    A prompt was truncated if the server counted less than .35 of our estimate, less than .55 of the highest ratio that
    it has reported, or the same highest count for three prompts of different lengths.
    """

    def __init__(self) -> None:
        self._highest_ratio = 0.0
        self._ceiling = 0
        self._sizes: set[int] = set()

    def is_truncated(self, estimated: int, counted: int) -> bool:
        """Return whether a prompt of `estimated` tokens was truncated, given how many the server `counted`."""
        if estimated < _MIN_TOKENS:
            return False
        if counted > self._ceiling:
            self._ceiling, self._sizes = counted, set()
        if counted == self._ceiling:
            self._sizes.add(estimated)
            if len(self._sizes) >= _MIN_EQUAL:
                return True
        ratio = counted / estimated
        lowest = max(_MIN_RATIO, _MIN_SHARE_OF_HIGHEST * self._highest_ratio)
        # A server that puts text of its own before a prompt counts more than was sent.
        self._highest_ratio = max(self._highest_ratio, min(1.0, ratio))
        return ratio < lowest


_log = logging.getLogger(__name__)
# The share of the context for an answer whose length is not configured.
_ANSWER_SHARE = 0.25
# The maximum of that share, in tokens.
_MAX_ANSWER_TOKENS = 1024
# The calls that a model's speed is measured over.
_MEASURED_CALLS = 5
_CHOOSE_TOOL = {"tool_choice": {"type": "function", "function": {"name": "reply"}}}
TRUNCATION_ADVICE = (
    "サーバーが読む長さを延ばしてください（Ollama では、環境変数 OLLAMA_CONTEXT_LENGTH を 16384 などにして起動）。"
    "延ばせないときは、読めるトークン数を SHIRUBE_LLM__番号__CONTEXT に設定してください。"
)
"""What to do about a server that silently reads less than it is sent."""


class Endpoint:
    """A model whose calls run in `loop`; nothing is sent elsewhere, as to LangSmith. `proxy` is `SHIRUBE_PROXY`.

    Attributes:
        model: the configured model.
        structure: how its server enforces the form of an answer; None until it was tried.
        is_minimal: whether its server refuses optional parameters, so that they are no longer sent.
        is_ready: returns whether the model can be called now.
        prompt_tokens: the estimated tokens of the longest prompt that is sent; None while no limit is known.

    """

    def __init__(
        self,
        model: LanguageModel,
        loop: asyncio.AbstractEventLoop,
        *,
        retries: int = 0,
        proxy: SecretStr | None = None,
        is_ready: Callable[[], bool] = lambda: True,
    ) -> None:
        from langchain_openai import ChatOpenAI  # noqa: PLC0415 - 0.7 s and 90 MB, only where a model is configured

        from bot.llm.transport import client_arguments, http_client, idle_client  # noqa: PLC0415

        self.model = model
        self.structure: Structure | None = None if model.structure == "auto" else model.structure
        self.is_minimal = False
        self.is_ready = is_ready
        self._latest = deque[tuple[float, int]](maxlen=_MEASURED_CALLS)
        self.prompt_tokens = _prompt_token_limit(model.context, model.max_tokens)
        self._truncation = TruncationDetector()
        self._has_warned = False
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
        span = begin_span("chat", gen_ai__operation__name="chat", gen_ai__request__model=self.model.model)

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
            usage = {"gen_ai__usage__input_tokens": tokens.prompt, "gen_ai__usage__output_tokens": tokens.completion}
            failure = "" if error is None else outcome
            span.end(failed=failure, shirube__task=call.task, shirube__outcome=outcome, **usage)

        chunks = self._chunks(request, sent, span.headers())
        stream = Stream(self.model.model, chunks, self._loop, limit_s=until - start, whole_s=end - start, on_end=record)
        budget.asker.add_leave_callback(stream.stop)
        return stream

    async def _chunks(self, request: Request, sent: list[Message], headers: Mapping[str, str]) -> AsyncIterator[Any]:
        # A refused request is sent again without optional parameters, with fewer passages, and with neither: no reading
        # of error messages tells which of them a server refuses. What worked is kept for later requests.
        attempts = self._attempts(request)
        first = attempt = next(attempts)
        while True:
            is_minimal, messages = attempt
            sent[:] = messages
            parameters = request.structure_parameters() | ({} if is_minimal else self._optional_parameters(request))
            try:
                async for chunk in self._client.astream(list(sent), extra_body=parameters, extra_headers=dict(headers)):
                    yield chunk
            except Exception as error:
                following = next(attempts, None) if getattr(error, "status_code", None) in REFUSALS else None
                if following is None:
                    raise
                attempt = following
            else:
                self._remember(first, attempt)
                return

    def _attempts(self, request: Request) -> Iterator[tuple[bool, Sequence[Message]]]:
        tokens = 0
        previous: Sequence[Message] = ()
        for share in (1, 2, 4):
            messages = request.messages(tokens // share if tokens else self.prompt_tokens)
            if messages == previous:
                return
            if not self.is_minimal:
                yield False, messages
            yield True, messages
            tokens = tokens or estimate_prompt_tokens(messages)
            previous = messages

    def _remember(self, first: tuple[bool, Sequence[Message]], accepted: tuple[bool, Sequence[Message]]) -> None:
        if accepted[0] and not self.is_minimal:
            self.is_minimal = True
            _log.warning(
                "%s: 任意のパラメーター（temperature、max_tokens など）が断られたので、送りません。", self.model.model
            )
        if len(str(accepted[1])) < len(str(first[1])):
            self.prompt_tokens = estimate_prompt_tokens(accepted[1])
            _log.warning(
                "%s: 長い質問が断られたので、渡す箇所を減らします（context を設定できます）。", self.model.model
            )

    def _check_truncation(self, sent: Sequence[Message], counted: int) -> bool:
        estimated = estimate_prompt_tokens(sent)
        if not self._truncation.is_truncated(estimated, counted):
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

    def _optional_parameters(self, request: Request) -> dict[str, Any]:
        configured = {"temperature": self.model.temperature, "max_tokens": self.model.max_tokens}
        parameters: dict[str, Any] = {name: value for name, value in configured.items() if value is not None}
        parameters |= _CHOOSE_TOOL if "tools" in request.structure_parameters() else {}
        return parameters | {"stream_options": {"include_usage": True}}

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def _prompt_token_limit(context: int | None, answer: int | None) -> int | None:
    if context is None:
        return None
    return max(1, context - (answer or min(_MAX_ANSWER_TOKENS, int(context * _ANSWER_SHARE))))


def _to_ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
