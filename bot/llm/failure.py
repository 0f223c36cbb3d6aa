"""Converts client exceptions into call errors whose texts are safe to log."""

import re
from http import HTTPStatus

from bot.errors import ModelError
from bot.llm.calls import Outcome

ADVICE = "SHIRUBE_LLM で始まる設定と、言語モデルのサーバーの状態を確かめてください。"
REFUSALS = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY})
"""What a server answers that finds the fault in the request."""
# What the client raises for a page, broken JSON or another program's answer.
_MISSHAPEN = (ValueError, KeyError, TypeError, AttributeError)
_CODE = re.compile(r"[a-z_]{3,40}")


class CallError(ModelError):
    """One call of one model failed."""

    def __init__(self, text: str, outcome: Outcome = "error") -> None:
        super().__init__(f"{text}{ADVICE}")
        self.outcome: Outcome = outcome


def to_call_error(error: Exception) -> CallError:
    """Return a call error for an exception of the client, without its text, which may contain the key or question."""
    status, code = getattr(error, "status_code", None), getattr(error, "code", None)
    reason = "OpenAI の形式の答えではない" if isinstance(error, _MISSHAPEN) else type(error).__name__
    if status is not None:
        reason = f"HTTP {status}、{code}" if isinstance(code, str) and _CODE.fullmatch(code) else f"HTTP {status}"
    return CallError(f"言語モデルから答えを受け取れませんでした（{reason}）。")
