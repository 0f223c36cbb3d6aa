"""Latency relative to a fixed piece of work timed with each answer (`eval/storage/reference_work.py`).

On a machine that does other things too, both take longer and their ratio stays: so runs of different hours, and
of machines that are not too unlike, can be held against each other, which milliseconds cannot. What answers in the
process that measures is timed by its thread's own clock, which moves less still: two runs of 362 cases, with three to
six other processes on two cores, gave 12.9 and 9.9 by the wall's clock as p50 (decision 002).
"""

from collections.abc import Iterable

import numpy as np

from eval.scoring.run_record import Row


def latency_in_work(rows: Iterable[Row]) -> dict[str, float]:
    """Return `p50` and `p95` of the time of the last turn over the median time of the work; empty without any time.

    The work's median and not the work beside each answer, because a single sample of some milliseconds says little.
    """
    timed = [row.beside["timing"] for row in rows if "timing" in row.beside]
    if not timed:
        return {}
    clock = "cpu_ms" if all("cpu_ms" in one for one in timed) else "ms"
    work = float(np.median([one[f"work_{clock}"] for one in timed]))
    times = [one[clock] / work for one in timed]
    return {f"p{p}": round(float(np.percentile(times, p)), 3) for p in (50, 95)}
