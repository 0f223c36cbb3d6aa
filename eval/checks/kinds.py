"""Kinds that are none of those known: a slip of the pen makes a kind of its own, with a rate of one case."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from eval.checks.problem import Placed, Problem
from eval.dataset.field_names import named
from eval.dataset.kinds import KINDS


def unknown_kinds(placed: Sequence[Placed]) -> Iterator[Problem]:
    """Yield each case whose kind is not one of `KINDS`."""
    for one in placed:
        if one.case.kind not in KINDS:
            near = get_close_matches(one.case.kind, KINDS, n=1)
            meant = f"「{near[0]}」ではありませんか。" if near else f"次から選んでください: {'、'.join(KINDS)}。"
            new = "新しい種類が要るときは、管理者に伝えてください。"
            yield one.problem("kind", f"{named('kind')}「{one.case.kind}」は知りません。{meant}{new}")
