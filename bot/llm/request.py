"""A request to a language model: the filled-in prompt and the required structure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

    from bot.llm.prompts import Prompt

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

    prompt: "Prompt"
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
