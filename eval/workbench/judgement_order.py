"""The order in which a scorer judges cases, and the scorer's position in it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from eval.scoring.judgements import CaseKey, RunPair


def choose_run_a(pair: RunPair, key: CaseKey, scorer: str) -> str:
    """Return the run that is shown as A to this scorer for a case: each run for about half of the cases."""
    return pair.run_1 if _draw_number(pair, key, scorer, "side") % 2 else pair.run_2


def blind_case_order(pair: RunPair, keys: Iterable[CaseKey], scorer: str) -> list[CaseKey]:
    """Return the cases in the order of this scorer, so that no case is the last for everybody."""
    return sorted(keys, key=lambda key: _draw_number(pair, key, scorer, "order"))


def _draw_number(pair: RunPair, key: CaseKey, scorer: str, purpose: str) -> int:
    seed = f"{purpose}\0{scorer}\0{pair.run_1}\0{pair.run_2}\0{key.set}\0{key.case_id}"
    return int.from_bytes(sha256(seed.encode()).digest()[:8])


@dataclass(frozen=True, slots=True)
class ScoringPosition:
    """A position in a list of cases to judge.

    Attributes:
        current: the case to judge, None if all are judged.
        previous: the case before it, None at the beginning.
        next: the case after it, None at the end.
        done: the number of judged cases.
        n: the number of cases.
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
    return ScoringPosition(
        current=current,
        previous=keys[index - 1] if index else None,
        next=keys[index + 1] if index + 1 < len(keys) else None,
        done=done,
        n=len(keys),
    )
