"""Agreement between two judges, against tables in textbooks."""

from collections.abc import Sequence

import pytest

from eval.metrics.agreement import kappa, quadratic


def pairs(table: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """Return the judgements that a table counts, the first judge's label by row, the second's by column."""
    cells = [(i, j) for i, row in enumerate(table) for j, _ in enumerate(row)]
    return [cell for cell in cells for _ in range(table[cell[0]][cell[1]])]


def test_kappa_and_its_error_match_fleiss_s_table() -> None:
    agreed = kappa(pairs([[75, 1, 4], [5, 4, 1], [0, 0, 10]]))
    assert agreed.n == 100
    assert agreed.observed == pytest.approx(0.89)
    assert agreed.kappa == pytest.approx(0.676, abs=5e-4)
    assert agreed.se == pytest.approx(0.0877, abs=5e-5)


def test_chance_agreement_is_subtracted() -> None:
    assert kappa(pairs([[20, 5], [10, 15]])).kappa == pytest.approx(0.4)


def test_quadratic_weights_give_partial_credit() -> None:
    near = [(1, 1), (3, 3), (5, 4), (2, 2)]
    far = [(1, 1), (3, 3), (5, 1), (2, 2)]
    weighted = [kappa(judged, quadratic, range(1, 6)).kappa or 0 for judged in (near, far)]
    assert weighted[0] > 0.8 > weighted[1]
    assert kappa(near).kappa == pytest.approx(0.6923, abs=1e-4)


@pytest.mark.parametrize("judged", [[], [(1, 1), (1, 1)]])
def test_kappa_is_undefined_with_a_single_label(judged: list[tuple[int, int]]) -> None:
    agreed = kappa(judged)
    assert agreed.kappa is None
    assert agreed.se is None
    assert agreed.n == len(judged)
