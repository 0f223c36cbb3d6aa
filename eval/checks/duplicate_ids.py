"""Finds case ids that are used twice."""

from collections.abc import Iterator, Sequence

from eval.checks.case_problem import LocatedCase, Problem


def find_duplicate_ids(placed: Sequence[LocatedCase]) -> Iterator[Problem]:
    """Yield each case whose id another one before it has."""
    first: dict[str, str] = {}
    for one in placed:
        before = first.setdefault(one.case.id, one.place)
        if before != one.place:
            yield one.problem("id", f"id「{one.case.id}」は {before} でも使われています。別の id にしてください。")
