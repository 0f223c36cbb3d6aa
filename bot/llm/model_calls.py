"""Token counts, price, outcome and failure of one call to a language model; texts of failures are safe to log."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from itertools import accumulate
from typing import TYPE_CHECKING, Literal

from bot.errors import ModelError

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

CallOutcome = Literal["answered", "stopped", "timeout", "error"]
"""How a call ended: with its whole text, stopped by us, by the time limit, or by a failure."""

_ASCII_PER_TOKEN = 4
ADVICE = "SHIRUBE_LLM で始まる設定と、言語モデルのサーバーの状態を確かめてください。"
REFUSALS = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY})
"""What a server answers that finds the fault in the request."""
# What the client raises for a page, broken JSON or another program's answer.
_MISSHAPEN = (ValueError, KeyError, TypeError, AttributeError)
_CODE = re.compile(r"[a-z_]{3,40}")


@dataclass(frozen=True, slots=True)
class TokenCounts:
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
    outcome: CallOutcome
    milliseconds: float
    tokens: TokenCounts
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
    """Return the number of the first `parts` that have at most `limit` tokens in total; at least 1 if there are any."""
    totals = accumulate(estimate_tokens(part) for part in parts)
    return max(sum(total <= limit for total in totals), min(1, len(parts)))


class CallError(ModelError):
    """One call of one model failed."""

    def __init__(self, text: str, outcome: CallOutcome = "error") -> None:
        super().__init__(f"{text}{ADVICE}")
        self.outcome: CallOutcome = outcome


def to_call_error(error: Exception) -> CallError:
    """Return a call error for an exception of the client, without its text, which may contain the key or question."""
    status, code = getattr(error, "status_code", None), getattr(error, "code", None)
    reason = "OpenAI の形式の答えではない" if isinstance(error, _MISSHAPEN) else type(error).__name__
    if status is not None:
        reason = f"HTTP {status}、{code}" if isinstance(code, str) and _CODE.fullmatch(code) else f"HTTP {status}"
    return CallError(f"言語モデルから答えを受け取れませんでした（{reason}）。")
