"""Learns from refusals which parameters, structures and context size a server supports.

A refusal is told with a status; a parameter that is not known may also be ignored without a word. Of two names for one
thing the older is therefore tried first: who has given it up says so (OpenAI's max_tokens), who never knew the newer
one may answer without a limit.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from bot.llm.configured_model import ConfiguredModel, Structure
from bot.llm.failure import REFUSALS

# How servers name a parameter where they refuse it: in `param`, or somewhere in the message. The order is that in which
# they are given up where several are named: a server that lacks tools may complain of the choice among them.
_NAMED = {
    "stream_options": re.compile(r"stream[ _]options|include_usage"),
    "temperature": re.compile(r"temperature"),
    "max_tokens": re.compile(r"max_tokens"),
    "max_completion_tokens": re.compile(r"max_completion_tokens"),
    "response_format": re.compile(r"response[ _]format|json[ _]schema|structured output|grammar"),
    "tool_choice": re.compile(r"tool[ _]?choice"),
    "tools": re.compile(r"\btools?\b|\bfunctions?\b"),
}
_CONTEXT = re.compile(r"context[ _-]?(?:length|window|size)|exceed_context_size|input is too long|prompt is too long")
_TOLD_CONTEXT = re.compile(r"context[ _-]?(?:length|window|size)\D{0,30}(\d[\d,]{2,})")
# Of the context, for the answer where its length is not set: a quarter, but no more than an answer takes.
_ANSWER_SHARE, _ANSWER_TOKENS = 0.25, 1024
# Tokens are estimated here (usage.py): a prompt that was refused is sent again with this much of it.
_SHORTER = 0.75
_TOOL = "reply"
PARAMETER: Mapping[Structure, str] = MappingProxyType({"json_schema": "response_format", "tools": "tools"})
"""What asks a server for each structure; marks are asked for in words only."""


class Capabilities:
    """What is known of one server; to be used in one thread, read in all.

    `structure` is how it can be held to a form, None as long as that is not known. `left_out` are the parameters that
    it refused, `context` the tokens that it reads at once, None where no limit is known.
    """

    def __init__(self, named: ConfiguredModel) -> None:
        self.structure: Structure | None = named.structure
        self.context = named.context
        self.left_out: tuple[str, ...] = ()
        self._limit = named.max_tokens
        self._always: dict[str, Any] = {"stream_options": {"include_usage": True}}
        if named.temperature is not None:
            self._always["temperature"] = named.temperature
        self._refused_room: int | None = None

    @property
    def prompt_token_limit(self) -> int | None:
        """The tokens that a prompt may have, as estimated here; None where no limit is known."""
        rooms = [] if self._refused_room is None else [self._refused_room]
        if self.context:
            answer = self._limit or min(_ANSWER_TOKENS, int(self.context * _ANSWER_SHARE))
            rooms.append(max(1, self.context - answer))
        return min(rooms, default=None)

    def parameters(self, schema: Mapping[str, Any] | None, structure: Structure | None) -> dict[str, Any]:
        """Return what stands in a request besides its messages; `schema` is the answer's, held to as `structure`."""
        asked = dict(self._always)
        if self._limit:
            asked["max_completion_tokens" if "max_tokens" in self.left_out else "max_tokens"] = self._limit
        if schema and structure == "json_schema":
            form = {"name": _TOOL, "schema": schema, "strict": True}
            asked["response_format"] = {"type": "json_schema", "json_schema": form}
        if schema and structure == "tools":
            asked["tools"] = [{"type": "function", "function": {"name": _TOOL, "parameters": schema}}]
            asked["tool_choice"] = {"type": "function", "function": {"name": _TOOL}}
        return {name: value for name, value in asked.items() if name not in self.left_out}

    def learn_from_refusal(self, error: Exception, parameters: Mapping[str, Any], prompt_tokens: int) -> bool:
        """Take from a refusal what the server does not take; whether there was something to learn.

        `parameters` and `prompt_tokens` (estimated) are those of the request that was refused.
        """
        if getattr(error, "status_code", None) not in REFUSALS:
            return False
        body = getattr(error, "body", None)
        told = body if isinstance(body, dict) else {}
        text = f"{told.get('code') or ''} {told.get('type') or ''} {told.get('message') or body or error}".lower()
        if _CONTEXT.search(text):
            self._learn_context(text, told, prompt_tokens)
            return True
        return self._learn_parameter(text, str(told.get("param") or ""), parameters)

    def _learn_parameter(self, text: str, param: str, parameters: Mapping[str, Any]) -> bool:
        sent = {name: pattern for name, pattern in _NAMED.items() if name in parameters}
        refused = [name for name in sent if name == re.split(r"[.\[]", param)[0]]
        refused = refused or [name for name, pattern in sent.items() if pattern.search(text)]
        if refused:
            self._leave_out(refused[0])
        return bool(refused)

    def _leave_out(self, name: str) -> None:
        if name not in self.left_out:  # else another question has found it out meanwhile
            self.left_out = (*self.left_out, name)
        if self.structure and PARAMETER.get(self.structure) == name:
            self.structure = None

    def _learn_context(self, text: str, told: Mapping[str, Any], prompt_tokens: int) -> None:
        match = _TOLD_CONTEXT.search(text)
        tokens = told.get("n_ctx") or (match and int(match[1].replace(",", "")))  # the first is llama.cpp's
        if isinstance(tokens, int):
            self.context = min(tokens, self.context or tokens)
        if self._limit and self.context and self._limit > self.context * _ANSWER_SHARE:
            self._limit = None  # it is what leaves the prompt no room
            self._leave_out("max_tokens")
        else:
            self._refused_room = int(min(prompt_tokens, self._refused_room or prompt_tokens) * _SHORTER)
