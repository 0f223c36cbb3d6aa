"""Token counts, prices and outcome of one call to a language model."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

Outcome = Literal["answered", "stopped", "timeout", "error"]
"""How a call ended: with its whole text, by us (the rest was not wanted), by the time limit, or by a failure."""

_MILLION = 1_000_000
_LATIN_LETTERS_A_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Prices:
    """What a million tokens cost, in whatever currency the operator counts in."""

    prompt: float
    completion: float

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float:
        """Return what these tokens cost."""
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / _MILLION


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a call; `estimated` where the server did not count them."""

    prompt: int
    completion: int
    estimated: bool


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One call as the records keep it; `task` is the prompt's name, `cost` is None where no price is known.

    `begun_ms` is when it was begun, from when the question came in; the database does not keep it.
    """

    task: str
    prompt_digest: str
    model: str
    outcome: Outcome
    milliseconds: float
    tokens: Tokens
    cost: float | None
    begun_ms: float = 0.0


def estimate_tokens(text: str) -> int:
    """Return about how many tokens `text` has: one for a Japanese letter, one for four Latin ones.

    The second half is OpenAI's rule of thumb for English; the first counts on the high side for a tokenizer that has
    learned Japanese words.
    """
    latin = sum(letter.isascii() for letter in text)
    return len(text) - latin + -(-latin // _LATIN_LETTERS_A_TOKEN)


def estimate_prompt_tokens(messages: Iterable["BaseMessage"]) -> int:
    """Return about how many tokens the messages have together."""
    return sum(estimate_tokens(str(message.content)) for message in messages)


def count_fitting_parts(parts: Sequence[str], room: int) -> int:
    """Return how many of the `parts`, from the first, have about `room` tokens together; one where there is any."""
    together = accumulate(estimate_tokens(part) for part in parts)
    return max(sum(tokens <= room for tokens in together), min(1, len(parts)))
