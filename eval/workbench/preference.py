"""Counts blind preferences between two runs, with a sign test."""

from collections.abc import Iterable
from dataclasses import dataclass

from eval.metrics.statistics import mcnemar
from eval.scoring.judgements import PreferenceVerdict, RunPair
from eval.workbench.verdict_store import current_verdicts


@dataclass(frozen=True, slots=True)
class Preference:
    """How often the answer of each run was preferred, and how often neither.

    `p` is the two-sided p-value of the sign test without ties (Dixon and Mood 1946, The Statistical Sign Test).
    """

    pair: RunPair
    first: int
    second: int
    same: int
    p: float


def count_preferences(pair: RunPair, verdicts: Iterable[PreferenceVerdict]) -> Preference:
    """Count what was preferred of one pair of runs."""
    better = [verdict.better for verdict in current_verdicts(verdicts) if verdict.pair == pair]
    first, second = better.count(pair.run_1), better.count(pair.run_2)
    return Preference(pair, first, second, better.count(""), mcnemar(first, second))
