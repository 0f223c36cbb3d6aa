"""Ranking metrics, against values computed by hand."""

import pytest

from eval.metrics.ranking import ndcg, recall, reciprocal_rank
from eval.metrics.statistics import percentiles, standard_error

RANKED = ("b", "x", "a", "y", "c")


@pytest.mark.parametrize(
    ("k", "share"),
    [(1, 1 / 4), (2, 1 / 4), (3, 2 / 4), (5, 3 / 4), (10, 3 / 4)],
)
def test_recall_is_the_share_of_relevant_entries_found(k: int, share: float) -> None:
    assert recall(RANKED, {"a": 2, "b": 1, "c": 1, "lost": 3, "x": 0}, k) == share


def test_ndcg_uses_grades_as_gains() -> None:
    assert ndcg(RANKED, {"a": 2, "b": 1, "x": 0}, 10) == pytest.approx(0.76018, abs=1e-5)


def test_ndcg_of_the_best_order_is_1_with_more_than_k_relevant_entries() -> None:
    assert ndcg(("a", "b"), {"a": 2, "b": 1, "c": 1}, 2) == 1


def test_ndcg_ignores_ranks_beyond_k() -> None:
    assert ndcg(RANKED, {"a": 1}, 2) == 0


def test_a_grade_below_0_gains_nothing() -> None:
    assert ndcg(("spam", "a"), {"spam": -2, "a": 1}, 10) == pytest.approx(0.63093, abs=1e-5)


@pytest.mark.parametrize(
    ("grades", "k", "value"),
    [({"a": 1}, 10, 1 / 3), ({"a": 1, "c": 2}, 10, 1 / 3), ({"x": 0, "c": 1}, 10, 1 / 5), ({"c": 1}, 4, 0)],
)
def test_the_reciprocal_rank_is_that_of_the_first_relevant_entry(grades: dict[str, int], k: int, value: float) -> None:
    assert reciprocal_rank(RANKED, grades, k) == value


@pytest.mark.parametrize(
    ("values", "error"), [([0.0, 1.0], 0.5), ([1.0, 2.0, 3.0, 4.0], 0.645497), ([1.0], 0), ([], 0)]
)
def test_the_standard_error_of_a_mean_uses_the_sample_deviation(values: list[float], error: float) -> None:
    assert standard_error(values) == pytest.approx(error, abs=1e-6)


def test_percentiles_have_the_names_of_the_figures() -> None:
    assert percentiles([4.0, 1.0, 3.0, 2.0], 50, 95) == {"p50_ms": 2.5, "p95_ms": pytest.approx(3.85)}
    assert percentiles([], 50) == {}
