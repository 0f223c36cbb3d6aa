"""Finds questions that occur twice over the same documents."""

import re
from collections.abc import Hashable, Iterator, Sequence

from eval.checks.case_problem import LocatedCase, Problem
from eval.dataset.case import Case
from ingest.japanese import nfkc

_MARKS = re.compile(r"[\s。、.,!?・]")


def find_duplicate_questions(placed: Sequence[LocatedCase]) -> Iterator[Problem]:
    """Yield each case that asks what another one before it asks: the same turns, day, style and audience."""
    first: dict[Hashable, LocatedCase] = {}
    for one in placed:
        before = first.setdefault(_question_key(one.case), one)
        if before is not one:
            same = _expectation_key(before.case) == _expectation_key(one.case)
            told = "一方を消してください。" if same else "求める答えが違います。正しい方だけを残してください。"
            yield one.problem("asked_twice", f"{before.place} の「{before.case.id}」と同じ質問です。{told}")


def _question_key(case: Case) -> Hashable:
    turns = tuple(_MARKS.sub("", nfkc(turn)).casefold() for turn in case.turns)
    return turns, case.as_of, case.style, case.audience


def _expectation_key(case: Case) -> Hashable:
    return case.behave, case.must, case.must_not, case.cite
