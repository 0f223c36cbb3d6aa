"""Cost: what an answer used of language models, in tokens and in money.

Summed over all calls for one answer, also those whose text was thrown away; a mean over the answers for which a model
was called at all. Tokens are those that the server counted, else estimated (`bot/model/usage.py`).
"""

from typing import Any

from eval.regression.record import Row


def tokens(row: Row) -> int | None:
    """Return the tokens read and written for the answer; None where no model was called."""
    calls = _calls(row)
    return sum(call["tokens"]["prompt"] + call["tokens"]["completion"] for call in calls) if calls else None


def cost(row: Row) -> float | None:
    """Return what the answer cost, in the currency of the settings; None without a model, or without its price."""
    prices = [call["cost"] for call in _calls(row)]
    return sum(prices) if prices and None not in prices else None


def _calls(row: Row) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = row.beside.get("calls", [])
    return calls
