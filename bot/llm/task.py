"""A prompt bound to a model client: fills in the variables and sends it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, Any

from bot.llm.chat_model import ChatModel, ModelReply
from bot.llm.model_calls import count_fitting_parts, estimate_prompt_tokens
from bot.llm.prompt_files import load_prompt
from bot.llm.stream import Stream
from bot.llm.structured import Request

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

# Full-width forms read the same but are no tags: no filled-in text can close its frame.
_AS_DATA = str.maketrans({"<": "＜", ">": "＞"})
_SEPARATOR = "\n\n"

PromptValue = str | Sequence[str]
"""What a variable of a prompt is filled with; of parts the last are dropped where the context is too short."""


class Task:
    """The task of `prompts/<name>.md`; safe to use from several threads. Raises PromptError.

    With a JSON Schema `schema` the answer is an object of it. OpenAI requires that a schema requires every property
    and forbids others; the prompt should describe the object too, for servers that do not enforce it.
    """

    def __init__(self, name: str, chat: ChatModel, schema: Mapping[str, Any] | None = None) -> None:
        self.prompt = load_prompt(name)
        self._template = self.prompt.template()
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

    def _messages(self, variables: Mapping[str, PromptValue], limit: int | None) -> "Sequence[BaseMessage]":
        filled = {name: value if isinstance(value, str) else "" for name, value in variables.items()}
        for name, value in variables.items():
            if not isinstance(value, str):
                parts = value
                if limit is not None:
                    used = estimate_prompt_tokens(self._template.format_messages(**filled))
                    parts = parts[: count_fitting_parts(parts, limit - used)]
                filled[name] = _SEPARATOR.join(parts)
        return self._template.format_messages(**filled)


def escape_prompt_data(text: str) -> str:
    """Return `text` in a form that is safe inside the frames of a prompt."""
    return text.translate(_AS_DATA)
