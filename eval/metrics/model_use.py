"""Tokens, cost and time of language models per answer, and sentences that were rejected.

Summed over all calls for one answer, discarded ones included; a mean over the answers with a call. Tokens are those
that the server counted, else estimated (`bot/llm/model_calls.py`).
"""

from collections.abc import Iterable
from typing import Any

from eval.metrics.latency import percentiles
from eval.scoring.run_record import RunRow


def model_calls(row: RunRow) -> list[dict[str, Any]]:
    """Return the model calls for the answer, as JSON (`bot/llm/model_calls.py`); empty if they were not recorded."""
    calls: list[dict[str, Any]] = row.observations.get("calls", [])
    return calls


def tokens(row: RunRow) -> int | None:
    """Return the tokens read and written for the answer; None if no model was called."""
    calls = model_calls(row)
    return sum(call["tokens"]["prompt"] + call["tokens"]["completion"] for call in calls) if calls else None


def cost(row: RunRow) -> float | None:
    """Return the cost of the answer, in the currency of the settings; None without a model or without its price."""
    prices = [call["cost"] for call in model_calls(row)]
    return sum(prices) if prices and None not in prices else None


def rejected_sentence_count(row: RunRow) -> int | None:
    """Return the number of rejected sentences of the model; None if no model was called."""
    return len(row.observations.get("stopped", ())) if model_calls(row) else None


def model_ms(row: RunRow) -> float | None:
    """Return the milliseconds during which a call was in progress, parallel ones counted once; None without a model."""
    # Early runs did not record when a call began.
    calls = [call for call in model_calls(row) if "begun_ms" in call]
    spans = sorted((call["begun_ms"], call["begun_ms"] + call["milliseconds"]) for call in calls)
    total = end = 0.0
    for start_ms, end_ms in spans:
        total += max(0.0, end_ms - max(start_ms, end))
        end = max(end, end_ms)
    return total if spans else None


def non_model_ms(row: RunRow) -> float | None:
    """Return the milliseconds of the last turn during which no call was in progress; None without a model."""
    waited = model_ms(row)
    return row.observations["timing"]["ms"] - waited if waited is not None else None


def model_times(rows: Iterable[RunRow]) -> dict[str, float]:
    """Return p50 and p95 of `model_ms` and `non_model_ms`, as `model_p50_ms`, `own_p50_ms`; empty without a model."""
    with_model = [row for row in rows if model_calls(row)]
    figures: dict[str, float] = {}
    for prefix, measure in (("model", model_ms), ("own", non_model_ms)):
        times = [time_ms for time_ms in map(measure, with_model) if time_ms is not None]
        figures |= {f"{prefix}_{name}": value for name, value in percentiles(times, 50, 95).items()}
    return figures
