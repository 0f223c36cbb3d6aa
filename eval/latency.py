"""How long an answer takes: percentiles of times in milliseconds."""

from collections.abc import Sequence

import numpy as np


def percentiles(times_ms: Sequence[float], *wanted: int) -> dict[str, float]:
    """Return `p50_ms` and so on for each percentile `wanted`, interpolated between neighbours; empty without times."""
    return {f"p{p}_ms": float(np.percentile(times_ms, p)) for p in wanted} if times_ms else {}
