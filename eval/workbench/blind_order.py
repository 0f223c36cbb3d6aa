"""Pseudo-random but stable order in which a scorer sees two runs blind."""

from collections.abc import Iterable
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
