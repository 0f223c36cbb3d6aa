"""The same question twice over the same documents."""

import re
from collections.abc import Hashable, Iterator, Sequence

from eval.checks.problem import Placed, Problem
from eval.dataset.case import Case
from ingest.normalise import nfkc

_MARKS = re.compile(r"[\s。、.,!?・]")


def asked_twice(placed: Sequence[Placed]) -> Iterator[Problem]:
    """Yield each case that asks what another one before it asks: the same turns, day, style and audience."""
    first: dict[Hashable, Placed] = {}
    for one in placed:
        before = first.setdefault(_asked(one.case), one)
        if before is not one:
            same = _expected(before.case) == _expected(one.case)
            told = "一方を消してください。" if same else "求める答えが違います。正しい方だけを残してください。"
            yield one.problem("asked_twice", f"{before.place} の「{before.case.id}」と同じ質問です。{told}")


def _asked(case: Case) -> Hashable:
    turns = tuple(_MARKS.sub("", nfkc(turn)).casefold() for turn in case.turns)
    return turns, case.as_of, case.style, case.audience


def _expected(case: Case) -> Hashable:
    return case.behave, case.must, case.must_not, case.cite
