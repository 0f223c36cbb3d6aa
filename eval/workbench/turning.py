"""Where a scorer is in a list of cases: the one that is up, its neighbours, and how many are done."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from eval.workbench.judged import CaseKey


@dataclass(frozen=True, slots=True)
class Turning:
    """`now` is None where all of `n` are done; `before` and `behind` are None at the ends of the list."""

    now: CaseKey | None
    before: CaseKey | None
    behind: CaseKey | None
    done: int
    n: int


def turning(keys: Sequence[CaseKey], done: Collection[CaseKey], wanted: CaseKey | None) -> Turning:
    """Return where the scorer is: at the case that is `wanted`, else at the first that is not done."""
    finished = sum(key in done for key in keys)
    now = wanted if wanted in keys else next((key for key in keys if key not in done), None)
    if now is None:
        return Turning(None, keys[-1] if keys else None, None, finished, len(keys))
    at = keys.index(now)
    before, behind = keys[at - 1] if at else None, keys[at + 1] if at + 1 < len(keys) else None
    return Turning(now, before, behind, finished, len(keys))
