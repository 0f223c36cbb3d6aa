"""What a language model is asked: a prompt filled in, and the form that the answer has to have."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.model.named import Structure

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

    from bot.model.prompts import Prompt


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
