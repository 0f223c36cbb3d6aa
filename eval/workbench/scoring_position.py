"""Position of a scorer in a list of cases: current one, neighbours, number done."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from eval.scoring.judgements import CaseKey


@dataclass(frozen=True, slots=True)
class ScoringPosition:
    """`current` is None where all of `n` are done; `previous` and `next` are None at the ends of the list."""

    current: CaseKey | None
    previous: CaseKey | None
    next: CaseKey | None
    done: int
    n: int


def find_position(keys: Sequence[CaseKey], done: Collection[CaseKey], wanted: CaseKey | None) -> ScoringPosition:
    """Return the position at the `wanted` case, else at the first that is not done."""
    finished = sum(key in done for key in keys)
    current = wanted if wanted in keys else next((key for key in keys if key not in done), None)
    if current is None:
        return ScoringPosition(None, keys[-1] if keys else None, None, finished, len(keys))
    index = keys.index(current)
    previous, following = keys[index - 1] if index else None, keys[index + 1] if index + 1 < len(keys) else None
    return ScoringPosition(current, previous, following, finished, len(keys))
