"""What a call to a language model used: tokens as the server counted them, else as estimated here, and their price."""

from dataclasses import dataclass
from typing import Literal

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
    """One call as the records keep it; `task` is the prompt's name, `cost` is None where no price is known."""

    task: str
    prompt_digest: str
    model: str
    outcome: Outcome
    milliseconds: float
    tokens: Tokens
    cost: float | None


def estimated(text: str) -> int:
    """Return about how many tokens `text` has: one for a Japanese letter, one for four Latin ones.

    The second half is OpenAI's rule of thumb for English; the first counts on the high side for a tokenizer that has
    learned Japanese words.
    """
    latin = sum(letter.isascii() for letter in text)
    return len(text) - latin + -(-latin // _LATIN_LETTERS_A_TOKEN)
