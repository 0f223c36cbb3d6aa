"""Latency of answers: percentiles in milliseconds, and relative to a fixed piece of work.

The reference work (`eval/storage/reference_work.py`) is timed with each answer. On a busy machine both take longer and
their ratio stays, so runs of different hours can be compared. Answers from this process are timed by the clock of their
thread, which varies less: two runs of 362 cases, with three to six other processes on two cores, gave 12.9 and 9.9 as
p50 by the wall clock (decision 002).
"""

from collections.abc import Iterable, Sequence

import numpy as np

from eval.scoring.run_record import RunRow

_RESAMPLES = 1_000
_SEED = 20_261_120


def percentiles(times_ms: Sequence[float], *wanted: int) -> dict[str, float]:
    """Return `p50_ms` and so on for each percentile `wanted`, interpolated between neighbours; empty without times."""
    return {f"p{p}_ms": float(np.percentile(times_ms, p)) for p in wanted} if times_ms else {}


def latency(rows: Iterable[RunRow]) -> dict[str, float]:
    """Return `p50_ms` and `p95_ms` of the last turns' times, each with `_se`, and `latency_n`; empty without any.

    The time is the one measured by the asker, else the one in the answer. The error of a percentile is its spread over
    1,000 resamples of the answers with a fixed seed. Source: Efron 1979, "Bootstrap methods: another look at the
    jackknife".
    """
    times = [time_ms for time_ms in map(_total_ms, rows) if time_ms is not None]
    if not times:
        return {}
    resamples = np.random.default_rng(_SEED).choice(np.asarray(times), size=(_RESAMPLES, len(times)))
    errors = {f"p{p}_ms_se": float(np.percentile(resamples, p, axis=1).std(ddof=1)) for p in (50, 95)}
    return percentiles(times, 50, 95) | errors | {"latency_n": len(times)}


def latency_in_work(rows: Iterable[RunRow]) -> dict[str, float]:
    """Return `p50` and `p95` of the last turns' times over the median time of the reference work; empty without any.

    The median, because a single sample of some milliseconds varies too much.
    """
    timed = [row.observations["timing"] for row in rows if "timing" in row.observations]
    if not timed:
        return {}
    clock = "cpu_ms" if all("cpu_ms" in timing for timing in timed) else "ms"
    work = float(np.median([timing[f"work_{clock}"] for timing in timed]))
    times = [timing[clock] / work for timing in timed]
    return {f"p{p}": round(float(np.percentile(times, p)), 3) for p in (50, 95)}


def _total_ms(row: RunRow) -> float | None:
    measured: float | None = row.observations.get("timing", {}).get("ms")
    reported: dict[str, float] = row.answer.get("timings_ms", {}) if row.answer else {}
    return reported.get("total") if measured is None else measured
