"""The answers of two runs to the same cases, and which of these comparisons somebody has begun and not finished."""

from collections.abc import Sequence
from dataclasses import dataclass

from eval.errors import RunFolderError
from eval.scoring.judgements import CaseKey, Pair, PreferenceVerdict
from eval.scoring.run_record import Row
from eval.workbench.saved_runs import SavedRuns
from eval.workbench.verdicts import current_verdicts
from ingest.japanese import nfkc


@dataclass(frozen=True, slots=True)
class Both:
    """A case in both runs, with the answers by run."""

    rows: dict[str, Row]

    @property
    def differ(self) -> bool:
        """Whether the runs said different things; the same text, or one with other spaces, needs no judge."""
        one, other = ("".join(nfkc(row.answer["answer"]).split()) if row.answer else "" for row in self.rows.values())
        return bool(one != other)


def paired(runs: SavedRuns, pair: Pair) -> tuple[dict[CaseKey, Both], int]:
    """Return the cases that both runs answered differently, and how many they answered alike. Raises RunFolderError."""
    names = (pair.run_1, pair.run_2)
    by_run = {run: {CaseKey(row.set, row.case.id): row for row in runs.load(run).rows} for run in names}
    first, second = (by_run[run] for run in names)
    both = {key: Both({run: by_run[run][key] for run in names}) for key in first if key in second}
    different = {key: one for key, one in both.items() if one.differ}
    return different, len(both) - len(different)


def under_comparison(runs: SavedRuns, verdicts: Sequence[PreferenceVerdict], scorer: str) -> frozenset[Pair]:
    """Return the pairs of which this scorer has judged some cases and not all: whose answers stood where stays hidden.

    A run that is gone is compared no further.
    """
    begun = {one.pair for one in verdicts if one.scorer == scorer}
    done = {(one.pair, one.key) for one in current_verdicts(verdicts) if one.scorer == scorer}
    return frozenset(pair for pair in begun if any((pair, key) not in done for key in _cases(runs, pair)))


def _cases(runs: SavedRuns, pair: Pair) -> set[CaseKey]:
    try:
        return set(paired(runs, pair)[0])
    except RunFolderError:
        return set()
