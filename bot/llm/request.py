"""A request to a language model: the filled-in prompt and the required structure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.llm.configured_model import Structure

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

    from bot.llm.prompts import Prompt


@dataclass(frozen=True, slots=True)
class Request:
    """`messages` fills the prompt in for a model whose prompts may have so many tokens (None: any number).

    With a `schema` (JSON Schema) the answer is an object of it, and the server is held to that as `structure` says.
    `otherwise` is asked in its place of a server that cannot be held to a form.
    """

    prompt: "Prompt"
    messages: Callable[[int | None], Sequence["BaseMessage"]]
    schema: Mapping[str, Any] | None = None
    structure: Structure | None = None
    otherwise: "Request | None" = None
