"""Standard error of a mean."""

from collections.abc import Sequence

import numpy as np


def standard_error(values: Sequence[float]) -> float:
    """Return s / sqrt(n), s the sample standard deviation with n - 1 in it; 0 for fewer than two values.

    Source: Sakai 2018, Laboratory Experiments in Information Retrieval.
    """
    if len(values) < 2:  # noqa: PLR2004 -- one value has no spread
        return 0.0
    return float(np.std(values, ddof=1) / np.sqrt(len(values)))
