"""Tokens, cost and time of language models per answer, and sentences that were rejected.

Summed over all calls for one answer, also those whose text was thrown away; a mean over the answers for which a model
was called at all. Tokens are those that the server counted, else estimated (`bot/llm/calls.py`).
"""

from collections.abc import Iterable
from typing import Any

from eval.metrics.latency import percentiles
from eval.scoring.run_record import Row


def tokens(row: Row) -> int | None:
    """Return the tokens read and written for the answer; None where no model was called."""
    calls = model_calls(row)
    return sum(call["tokens"]["prompt"] + call["tokens"]["completion"] for call in calls) if calls else None


def cost(row: Row) -> float | None:
    """Return what the answer cost, in the currency of the settings; None without a model, or without its price."""
    prices = [call["cost"] for call in model_calls(row)]
    return sum(prices) if prices and None not in prices else None


def rejected_sentence_count(row: Row) -> int | None:
    """Return how many sentences of the model were stopped, mended ones among them; None where no model was called."""
    return len(row.beside.get("stopped", ())) if model_calls(row) else None


def repaired_sentence_count(row: Row) -> int | None:
    """Return how many stopped sentences have another in their place; None where no model was called."""
    return sum(bool(one["mended"]) for one in row.beside.get("stopped", ())) if model_calls(row) else None


def model_ms(row: Row) -> float | None:
    """Return the milliseconds in which a call was under way, those side by side counted once; None without a model."""
    # Runs saved before it was told when a call was begun tell nothing here.
    calls = [call for call in model_calls(row) if "begun_ms" in call]
    spans = sorted((call["begun_ms"], call["begun_ms"] + call["milliseconds"]) for call in calls)
    total = end = 0.0
    for begun, ended in spans:
        total += max(0.0, ended - max(begun, end))
        end = max(end, ended)
    return total if spans else None


def non_model_ms(row: Row) -> float | None:
    """Return the milliseconds of the last turn in which no call was under way; None without a model."""
    waited = model_ms(row)
    return row.beside["timing"]["ms"] - waited if waited is not None else None


def model_times(rows: Iterable[Row]) -> dict[str, float]:
    """Return p50 and p95 of `model_ms` and `own_ms`, as `model_p50_ms` and so on; empty where no model was called."""
    asked = [row for row in rows if model_calls(row)]
    found: dict[str, float] = {}
    for name, time_of in (("model", model_ms), ("own", non_model_ms)):
        times = [ms for ms in map(time_of, asked) if ms is not None]
        found |= {f"{name}_{of}": value for of, value in percentiles(times, 50, 95).items()}
    return found


def model_calls(row: Row) -> list[dict[str, Any]]:
    """Return the calls that were made for the answer, as JSON (`bot/llm/calls.py`); none where that is not told."""
    calls: list[dict[str, Any]] = row.beside.get("calls", [])
    return calls
