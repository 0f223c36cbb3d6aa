"""A prompt bound to a model client: fills in the variables and sends it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bot.llm.calls import count_fitting_parts, estimate_prompt_tokens
from bot.llm.chat_model import ChatModel, Reply
from bot.llm.prompts import load_prompt
from bot.llm.request import Request
from bot.llm.stream import Stream

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

# Full-width forms read the same, but are no tags: nothing that is filled in can close its frame.
_AS_DATA = str.maketrans({"<": "＜", ">": "＞"})
_BETWEEN = "\n\n"

Value = str | Sequence[str]
"""What a prompt's variable is filled with; of parts the last are left out where the model cannot read them all."""


class Task:
    """The task of `prompts/<name>.md`; safe to use from several threads. Raises PromptError.

    With a JSON Schema `schema` the answer is an object of it. OpenAI asks of a schema that it requires every property
    and forbids others; the prompt should describe the object too, for servers that cannot be held to it. `otherwise`
    is the task that these are given in its place.
    """

    def __init__(
        self,
        name: str,
        chat: ChatModel,
        schema: Mapping[str, Any] | None = None,
        otherwise: "Task | None" = None,
    ) -> None:
        self.prompt = load_prompt(name)
        self._template = self.prompt.template()
        self._chat = chat
        self._schema = schema
        self._otherwise = otherwise

    def reply(self, **variables: Value) -> Reply:
        """Fill in the prompt's variables and return the whole answer. Raises ModelError."""
        return self._chat.reply(self.request(variables))

    def stream(self, **variables: Value) -> Stream:
        """Fill in the prompt's variables and return the answer as it comes. Raises ModelError."""
        return self._chat.stream(self.request(variables))

    def structured(self, **variables: Value) -> dict[str, Any]:
        """Fill in the prompt's variables and return an answer that is an object of the schema.

        Raises ModelError, also where the answer is no such object.
        """
        return self._chat.structured(self.request(variables))

    def request(self, variables: Mapping[str, Value]) -> Request:
        """Return what is sent, filled in."""
        otherwise = self._otherwise.request(variables) if self._otherwise else None
        return Request(self.prompt, lambda room: self._messages(variables, room), self._schema, otherwise=otherwise)

    def _messages(self, variables: Mapping[str, Value], room: int | None) -> "Sequence[BaseMessage]":
        """Return the messages with as many parts as there is room for."""
        filled = {name: value if isinstance(value, str) else "" for name, value in variables.items()}
        for name, parts in variables.items():
            if not isinstance(parts, str):
                left = None if room is None else room - estimate_prompt_tokens(self._template.format_messages(**filled))
                filled[name] = _BETWEEN.join(parts if left is None else parts[: count_fitting_parts(parts, left)])
        return self._template.format_messages(**filled)


def escape_prompt_data(text: str) -> str:
    """Return `text` as it may stand inside a prompt's frames."""
    return text.translate(_AS_DATA)
