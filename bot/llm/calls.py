"""Token counts, prices and outcome of one call to a language model."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

Outcome = Literal["answered", "stopped", "timeout", "error"]
"""How a call ended: with its whole text, stopped by us, by the time limit, or by a failure."""

_ASCII_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a call; `estimated` where the server did not count them.

    `cached` of the prompt's tokens were read from the server's cache.
    """

    prompt: int
    completion: int
    estimated: bool
    cached: int = 0


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One call as it is recorded; `task` is the prompt's name, `cost` is None without a configured price.

    The database does not store `begun_ms`, counted from when the question came in, nor `is_truncated`: whether the
    server read clearly fewer tokens than it was sent; nor `request_digest` (`digest_request`) and `text`, the reply.
    """

    task: str
    prompt_digest: str
    model: str
    outcome: Outcome
    milliseconds: float
    tokens: Tokens
    cost: float | None
    begun_ms: float = 0.0
    is_truncated: bool = False
    request_digest: str = ""
    text: str = ""


def digest_request(contents: Iterable[str]) -> str:
    """Return a digest (SHA-256, hexadecimal) of a request by the contents of its messages, in order."""
    return sha256("\0".join(contents).encode("utf-8", "surrogatepass")).hexdigest()


def estimate_tokens(text: str) -> int:
    """Return an estimate of the tokens of `text`: one for a Japanese character, one for four ASCII ones.

    Four is OpenAI's rule of thumb for English; one is high for a tokenizer that has learned Japanese words.
    """
    ascii_count = sum(character.isascii() for character in text)
    return len(text) - ascii_count + -(-ascii_count // _ASCII_PER_TOKEN)


def estimate_prompt_tokens(messages: Iterable["BaseMessage"]) -> int:
    """Return an estimate of the tokens of all messages."""
    return sum(estimate_tokens(str(message.content)) for message in messages)


def count_fitting_parts(parts: Sequence[str], limit: int) -> int:
    """Return how many of the first `parts` have at most `limit` tokens in total; at least one of any."""
    totals = accumulate(estimate_tokens(part) for part in parts)
    return max(sum(total <= limit for total in totals), min(1, len(parts)))
