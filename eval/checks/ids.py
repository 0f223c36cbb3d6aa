"""Ids that stand for two cases: no comparison could tell them apart."""

from collections.abc import Iterator, Sequence

from eval.checks.problem import Placed, Problem


def same_ids(placed: Sequence[Placed]) -> Iterator[Problem]:
    """Yield each case whose id another one before it has."""
    first: dict[str, str] = {}
    for one in placed:
        before = first.setdefault(one.case.id, one.place)
        if before != one.place:
            yield one.problem("id", f"id「{one.case.id}」は {before} でも使われています。別の id にしてください。")
