"""Pairs of answers of two runs to the same case, and which of them people prefer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eval.errors import RunFolderError
from eval.metrics.statistics import mcnemar
from eval.scoring.judgements import CaseKey, PreferenceVerdict, RunPair
from eval.scoring.run_record import RunRow
from eval.workbench.saved_runs import SavedRuns
from eval.workbench.verdict_store import current_verdicts
from ingest.japanese import normalise_without_spaces


@dataclass(frozen=True, slots=True)
class AnswerPair:
    """The rows of one case in two runs, by run."""

    rows: dict[str, RunRow]

    @property
    def is_different(self) -> bool:
        """Whether the texts differ by more than spaces and character widths."""
        first, second = (
            normalise_without_spaces(row.answer["answer"]) if row.answer else "" for row in self.rows.values()
        )
        return bool(first != second)


def load_answer_pairs(runs: SavedRuns, pair: RunPair) -> tuple[dict[CaseKey, AnswerPair], int]:
    """Return the cases that two runs answered differently, and how many they answered alike. Raises RunFolderError."""
    names = (pair.run_1, pair.run_2)
    by_run = {run: {CaseKey(row.set, row.case.id): row for row in runs.load(run).rows} for run in names}
    first, second = (by_run[run] for run in names)
    both = {key: AnswerPair({run: by_run[run][key] for run in names}) for key in first if key in second}
    different = {key: answer_pair for key, answer_pair in both.items() if answer_pair.is_different}
    return different, len(both) - len(different)


def unfinished_pairs(runs: SavedRuns, verdicts: Sequence[PreferenceVerdict], scorer: str) -> frozenset[RunPair]:
    """Return the pairs of runs whose cases a scorer has judged only in part; their sides stay hidden.

    A pair counts as finished if one run has been deleted.
    """
    started_pairs = {verdict.pair for verdict in verdicts if verdict.scorer == scorer}
    judged_cases = {(verdict.pair, verdict.key) for verdict in current_verdicts(verdicts) if verdict.scorer == scorer}
    return frozenset(
        pair for pair in started_pairs if any((pair, key) not in judged_cases for key in _cases(runs, pair))
    )


def _cases(runs: SavedRuns, pair: RunPair) -> set[CaseKey]:
    try:
        return set(load_answer_pairs(runs, pair)[0])
    except RunFolderError:
        return set()


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
    first = better.count(pair.run_1)
    second = better.count(pair.run_2)
    return Preference(pair, first, second, better.count(""), mcnemar(first, second))
