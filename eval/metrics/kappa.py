"""Marks of a language model as judge, and Cohen's kappa, its agreement with people beyond chance."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.scoring.judgements import Criterion
from eval.scoring.run_record import RunRow

Label = int | str | bool
Weight = Callable[[int, int, int], float]
"""How far two of `k` labels agree (0-1), given by their places in order."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """`kappa` (1 full agreement, 0 agreement by chance) over `n` items that both judged, and its standard error `se`.

    `observed` is the weighted share of agreement. kappa and se are None where chance alone gives full agreement (one
    label only), or without a pair.
    """

    kappa: float | None
    se: float | None
    observed: float
    n: int


def judge_mark(criterion: Criterion) -> Callable[[RunRow], int | None]:
    """Return the metric of the judge's mark by a criterion, 1 (bad) to 5 (good); None without a verdict.

    Source: Zheng et al. 2023, "Judging LLM-as-a-judge with MT-Bench and Chatbot Arena" (arXiv:2306.05685), single
    answers with a reference (`python -m eval judge`).
    """

    def measure_row(row: RunRow) -> int | None:
        marks = (row.observations.get("verdict") or {}).get("marks")
        return marks[criterion] if marks else None

    return measure_row


def nominal(first: int, second: int, _: int) -> float:
    """Count only the same label as agreement."""
    return float(first == second)


def quadratic(first: int, second: int, labels: int) -> float:
    """Count near labels of an ordered scale as nearly the same: 1 - (i - j)² / (k - 1)² (Fleiss and Cohen 1973)."""
    return 1.0 - (first - second) ** 2 / max(labels - 1, 1) ** 2


def kappa(pairs: Iterable[tuple[Label, Label]], weight: Weight = nominal, labels: Iterable[Label] = ()) -> Agreement:
    """Return the agreement of two judges who gave `pairs` of labels to the same items.

    kappa = (p_o - p_e) / (1 - p_e), p_o the weighted share of agreement, p_e the share for two judges who label at
    random with their frequencies. The standard error, which scikit-learn does not give, holds for large samples.
    `labels` names the scale in order; without it, the labels that occur, sorted. Sources: Cohen 1960 and 1968; Fleiss,
    Cohen and Everitt 1969, "Large sample standard errors of kappa and weighted kappa".
    """
    judged = list(pairs)
    scale = tuple(labels) or tuple(sorted({label for pair in judged for label in pair}, key=str))
    if not judged:
        return Agreement(None, None, 0.0, 0)
    shares = np.zeros((len(scale), len(scale)))
    for first, second in judged:
        shares[scale.index(first), scale.index(second)] += 1 / len(judged)
    places = range(len(scale))
    return _agreement(shares, np.array([[weight(i, j, len(scale)) for j in places] for i in places]), len(judged))


def _agreement(shares: NDArray[np.float64], weights: NDArray[np.float64], n: int) -> Agreement:
    rows = shares.sum(axis=1)
    columns = shares.sum(axis=0)
    observed = float((weights * shares).sum())
    by_chance = float(rows @ weights @ columns)
    if np.isclose(by_chance, 1.0):
        return Agreement(None, None, observed, n)
    value = (observed - by_chance) / (1 - by_chance)
    means = (weights @ columns)[:, None] + (rows @ weights)[None, :]
    spread = float((shares * (weights - means * (1 - value)) ** 2).sum()) - (value - by_chance * (1 - value)) ** 2
    return Agreement(value, float(np.sqrt(max(spread, 0.0) / n)) / (1 - by_chance), observed, n)
