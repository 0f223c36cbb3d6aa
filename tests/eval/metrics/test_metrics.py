"""The metrics of ranking, against figures worked out by hand."""

import pytest

from eval.metrics.latency import percentiles
from eval.metrics.ranking import ndcg, recall, reciprocal_rank
from eval.metrics.statistics import standard_error

RANKED = ("b", "x", "a", "y", "c")


@pytest.mark.parametrize(
    ("k", "share"),
    [(1, 1 / 4), (2, 1 / 4), (3, 2 / 4), (5, 3 / 4), (10, 3 / 4)],
)
def test_recall_is_the_share_of_what_is_relevant(k: int, share: float) -> None:
    """Grade 1 and more is relevant whatever the grade, 0 is not, and what was not found counts against it."""
    assert recall(RANKED, {"a": 2, "b": 1, "c": 1, "lost": 3, "x": 0}, k) == share


def test_ndcg_takes_the_grades_as_gains() -> None:
    """Grade 1 at rank 1 and 2 at rank 3 of a best order 2, 1: (1 + 2/2) / (2 + 1/log2(3)) = 0.76018."""
    assert ndcg(RANKED, {"a": 2, "b": 1, "x": 0}, 10) == pytest.approx(0.76018, abs=1e-5)


def test_ndcg_of_the_best_order_is_1_also_where_more_is_relevant_than_is_looked_at() -> None:
    """The ideal is cut at k too."""
    assert ndcg(("a", "b"), {"a": 2, "b": 1, "c": 1}, 2) == 1


def test_ndcg_looks_no_further_than_k() -> None:
    """What stands at rank 3 gains nothing at 2."""
    assert ndcg(RANKED, {"a": 1}, 2) == 0


def test_a_grade_below_0_gains_nothing() -> None:
    """Some sets grade spam -2: it does not take away what the others gained."""
    assert ndcg(("spam", "a"), {"spam": -2, "a": 1}, 10) == pytest.approx(0.63093, abs=1e-5)


@pytest.mark.parametrize(
    ("grades", "k", "value"),
    [({"a": 1}, 10, 1 / 3), ({"a": 1, "c": 2}, 10, 1 / 3), ({"x": 0, "c": 1}, 10, 1 / 5), ({"c": 1}, 4, 0)],
)
def test_the_reciprocal_rank_is_that_of_the_first_relevant(grades: dict[str, int], k: int, value: float) -> None:
    """A later one changes nothing, grade 0 is passed over, and behind k there is nothing."""
    assert reciprocal_rank(RANKED, grades, k) == value


@pytest.mark.parametrize(
    ("values", "error"), [([0.0, 1.0], 0.5), ([1.0, 2.0, 3.0, 4.0], 0.645497), ([1.0], 0), ([], 0)]
)
def test_the_standard_error_of_a_mean(values: list[float], error: float) -> None:
    """The sample's deviation over the root of n; one value has none."""
    assert standard_error(values) == pytest.approx(error, abs=1e-6)


def test_percentiles_of_times() -> None:
    """They are named as the figures name them, and without times there are none."""
    assert percentiles([4.0, 1.0, 3.0, 2.0], 50, 95) == {"p50_ms": 2.5, "p95_ms": pytest.approx(3.85)}
    assert percentiles([], 50) == {}
