"""Counts blind preferences between two runs, with a sign test."""

from collections.abc import Iterable
from dataclasses import dataclass

from eval.metrics.statistics import mcnemar
from eval.scoring.judgements import Pair, PreferenceVerdict
from eval.workbench.verdicts import current_verdicts


@dataclass(frozen=True, slots=True)
class Preference:
    """How often the answer of each run was better, and how often both were alike.

    `p` is the two-sided probability of the sign test (ties left out; 1 where nothing was preferred). Source: Dixon and
    Mood 1946, The Statistical Sign Test.
    """

    pair: Pair
    first: int
    second: int
    same: int
    p: float


def count_preferences(pair: Pair, verdicts: Iterable[PreferenceVerdict]) -> Preference:
    """Count what was preferred of one pair of runs."""
    better = [one.better for one in current_verdicts(verdicts) if one.pair == pair]
    first, second = better.count(pair.run_1), better.count(pair.run_2)
    return Preference(pair, first, second, better.count(""), mcnemar(first, second))
