"""Why one call to one model failed, and whether asking the same server again may help."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from bot.errors import ModelError
from bot.model.usage import Outcome

MEND = "SHIRUBE_LLM_ で始まる設定と、言語モデルのサーバーの状態を確かめてください。"
_PASSING = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
)


class CallError(ModelError):
    """A call failed. `again`: the server may do better the next time, after `rest_s` seconds if it said so."""

    def __init__(self, text: str, outcome: Outcome = "error", *, again: bool = False, rest_s: float = 0.0) -> None:
        super().__init__(text)
        self.outcome: Outcome = outcome
        self.again = again
        self.rest_s = rest_s


def failure(error: Exception) -> CallError:
    """Return what an exception of the client means. What it makes of a broken answer is not limited to a few classes.

    Its text may hold the key or the question, and is not repeated.
    """
    status = getattr(error, "status_code", None)
    told = type(error).__name__ if status is None else f"HTTP {status}"
    # A spent allowance is told as 429 too, and does not come back within seconds.
    spent = getattr(error, "code", None) == "insufficient_quota"
    again = status is None or status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    text = f"言語モデルから答えを受け取れませんでした（{told}）。{MEND}"
    return CallError(text, again=again and not spent, rest_s=_retry_after(error))


def _retry_after(error: Any) -> float:
    """Return the seconds of the answer's Retry-After (RFC 9110, 10.2.3: a number or a date), 0 where it has none."""
    headers = getattr(getattr(error, "response", None), "headers", {})
    said = headers.get("retry-after", "").strip()
    if said.isdecimal():
        return float(said)
    try:
        return max(0.0, (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 0.0
