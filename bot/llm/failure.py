"""Converts client exceptions into call errors and tells whether a retry may help."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from bot.errors import ModelError
from bot.llm.breaker import REST_S
from bot.llm.calls import Outcome

MEND = "SHIRUBE_LLM_ で始まる設定と、言語モデルのサーバーの状態を確かめてください。"
_PASSING = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
)
# What a server answers that has read the request and finds the fault in it: the server itself is well.
REFUSALS = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY})
# What comes of a page, broken JSON or another program's answer where the client wants its own.
_MISSHAPEN = (ValueError, KeyError, TypeError, AttributeError)
_CODE = re.compile(r"[a-z_]{3,40}")


class CallError(ModelError):
    """A call failed. `again`: the server may do better the next time, after `rest_s` seconds if it said so.

    `refused`: the server is well, and would not have this request.
    """

    def __init__(
        self,
        text: str,
        outcome: Outcome = "error",
        *,
        again: bool = False,
        rest_s: float = 0.0,
        refused: bool = False,
    ) -> None:
        super().__init__(text)
        self.outcome: Outcome = outcome
        self.again = again
        self.rest_s = rest_s
        self.refused = refused


def to_call_error(error: Exception) -> CallError:
    """Return what an exception of the client means. What it makes of a broken answer is not limited to a few classes.

    Its text may hold the key or the question, and is not repeated.
    """
    status, code = getattr(error, "status_code", None), getattr(error, "code", None)
    told = "OpenAI の形式の答えではない" if isinstance(error, _MISSHAPEN) else type(error).__name__
    if status is not None:
        told = f"HTTP {status}、{code}" if isinstance(code, str) and _CODE.fullmatch(code) else f"HTTP {status}"
    # A spent allowance is told as 429 too, and does not come back within seconds.
    spent = code == "insufficient_quota"
    again = status is None or status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    text = f"言語モデルから答えを受け取れませんでした（{told}）。{MEND}"
    return CallError(text, again=again and not spent, rest_s=_rest(error), refused=status in REFUSALS)


def _rest(error: Any) -> float:
    """Return for how many seconds the server asks to be left alone.

    A page stands in for the model's server: a proxy's in front of it, during its maintenance or restart. Its
    Retry-After is a constant of somebody's configuration, often an hour; half a minute is what any failure costs.
    """
    headers = getattr(getattr(error, "response", None), "headers", {})
    rest_s = _retry_after(headers.get("retry-after", "").strip())
    return min(rest_s, REST_S) if headers.get("content-type", "").startswith("text/html") else rest_s


def _retry_after(said: str) -> float:
    """Return the seconds of a Retry-After (RFC 9110, 10.2.3: a number or a date), 0 where there is none."""
    if said.isdecimal():
        return float(said)
    try:
        return max(0.0, (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 0.0
