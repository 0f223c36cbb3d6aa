"""Requests and structured output: detects what a server supports and parses JSON replies."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any, Literal

from bot.llm.model_calls import CallError
from bot.llm.prompt_files import Prompt, load_prompt
from bot.llm.stream import Stream

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

    from bot.llm.endpoint import Endpoint

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
    messages: Callable[[int | None], Sequence["BaseMessage"]]
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
    messages = prompt.template().format_messages()
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
