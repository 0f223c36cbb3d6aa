"""Latency: percentiles of answer times in milliseconds."""

from collections.abc import Iterable, Sequence

import numpy as np

from eval.scoring.run_record import Row

_RESAMPLES = 1_000
_SEED = 20_261_120


def percentiles(times_ms: Sequence[float], *wanted: int) -> dict[str, float]:
    """Return `p50_ms` and so on for each percentile `wanted`, interpolated between neighbours; empty without times."""
    return {f"p{p}_ms": float(np.percentile(times_ms, p)) for p in wanted} if times_ms else {}


def latency(rows: Iterable[Row]) -> dict[str, float]:
    """Return `p50_ms` and `p95_ms` of the answers' times, each with `_se`, and `latency_n`; empty without any.

    The time is that of the last turn as the asker waited for it, else the one that the answer tells. The error of a
    percentile is its spread over 1,000 resamples of the answers, drawn with a fixed seed. Source: Efron 1979,
    "Bootstrap methods: another look at the jackknife".
    """
    times = [ms for ms in map(_ms, rows) if ms is not None]
    if not times:
        return {}
    drawn = np.random.default_rng(_SEED).choice(np.asarray(times), size=(_RESAMPLES, len(times)))
    spread = {f"p{p}_ms_se": float(np.percentile(drawn, p, axis=1).std(ddof=1)) for p in (50, 95)}
    return percentiles(times, 50, 95) | spread | {"latency_n": len(times)}


def _ms(row: Row) -> float | None:
    waited: float | None = row.beside.get("timing", {}).get("ms")
    told: dict[str, float] = row.answer.get("timings_ms", {}) if row.answer else {}
    return told.get("total") if waited is None else waited
