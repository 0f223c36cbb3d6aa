"""What people judge: the order of the cases, and pairs of answers in which the runs are hidden."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from eval.errors import RunFolderError
from eval.scoring.run_record import CaseKey, RunRow
from eval.workbench.saved_runs import SavedRuns
from eval.workbench.verdicts import PreferenceVerdict, RunPair, current_verdicts, subject_of
from ingest.japanese import normalise_without_spaces


def choose_run_a(pair: RunPair, key: CaseKey, scorer: str) -> str:
    """Return the run that is shown as A to this scorer for a case: each run for about half of the cases."""
    return pair.run_1 if _draw_number(pair, key, scorer, "side") % 2 else pair.run_2


def blind_case_order(pair: RunPair, keys: Iterable[CaseKey], scorer: str) -> list[CaseKey]:
    """Return the cases in the order of this scorer, so that no case is the last for everybody."""
    return sorted(keys, key=lambda key: _draw_number(pair, key, scorer, "order"))


def _draw_number(pair: RunPair, key: CaseKey, scorer: str, purpose: str) -> int:
    seed = "\0".join((purpose, scorer, *pair, *key))
    return int.from_bytes(sha256(seed.encode()).digest()[:8])


@dataclass(frozen=True, slots=True)
class ScoringPosition:
    """A position in a list of `n` cases to judge, of which `done` are judged.

    `current` is the case to judge, None if all are judged; `previous` and `next` are None at the ends.
    """

    current: CaseKey | None
    previous: CaseKey | None
    next: CaseKey | None
    done: int
    n: int


def find_position(
    keys: Sequence[CaseKey], judged: Collection[CaseKey], preferred_key: CaseKey | None
) -> ScoringPosition:
    """Return the position at the `preferred_key` case, else at the first that is not judged."""
    done = sum(key in judged for key in keys)
    current = preferred_key if preferred_key in keys else next((key for key in keys if key not in judged), None)
    if current is None:
        return ScoringPosition(None, keys[-1] if keys else None, None, done, len(keys))
    index = keys.index(current)
    after = keys[index + 1] if index + 1 < len(keys) else None
    return ScoringPosition(current, keys[index - 1] if index else None, after, done, len(keys))


def load_answer_pairs(runs: SavedRuns, pair: RunPair) -> tuple[dict[CaseKey, dict[str, RunRow]], int]:
    """Return the rows of two runs by case and run where the answers differ, and how many cases were answered alike.

    Answers that differ only in spaces and widths of characters are alike. Raises RunFolderError.
    """
    first, second = (runs.rows(run) for run in pair)
    both = {key: dict(zip(pair, (first[key], second[key]), strict=True)) for key in first if key in second}
    texts = {
        key: {normalise_without_spaces(row.answer["answer"]) if row.answer else "" for row in rows.values()}
        for key, rows in both.items()
    }
    different = {key: rows for key, rows in both.items() if len(texts[key]) > 1}
    return different, len(both) - len(different)


def unfinished_pairs(runs: SavedRuns, verdicts: Sequence[PreferenceVerdict], scorer: str) -> frozenset[RunPair]:
    """Return the pairs of runs whose cases a scorer has judged only in part; their sides stay hidden.

    A pair counts as finished if one run has been deleted.
    """
    judged = {subject_of(verdict) for verdict in current_verdicts(verdicts) if verdict.scorer == scorer}
    unfinished = set()
    for pair in {verdict.pair for verdict in verdicts if verdict.scorer == scorer}:
        try:
            keys = load_answer_pairs(runs, pair)[0]
        except RunFolderError:
            continue
        if any((pair, key) not in judged for key in keys):
            unfinished.add(pair)
    return frozenset(unfinished)
