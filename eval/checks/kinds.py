"""Finds cases of an unknown kind, usually a misspelt one."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from eval.checks.case_problem import LocatedCase, Problem
from eval.dataset.field_names import field_label
from eval.dataset.kinds import KINDS


def find_unknown_kinds(placed: Sequence[LocatedCase]) -> Iterator[Problem]:
    """Yield each case whose kind is not one of `KINDS`."""
    for one in placed:
        if one.case.kind not in KINDS:
            near = get_close_matches(one.case.kind, KINDS, n=1)
            meant = f"「{near[0]}」ではありませんか。" if near else f"次から選んでください: {'、'.join(KINDS)}。"
            new = "新しい種類が要るときは、管理者に伝えてください。"
            yield one.problem("kind", f"{field_label('kind')}「{one.case.kind}」は知りません。{meant}{new}")
