"""Agreement, significance, rankings and short answers, against published values."""

from collections.abc import Sequence

import pytest

from eval.metrics.agreement import kappa, quadratic
from eval.metrics.ranking import character_f1, contained, exact_match, ndcg, recall, reciprocal_rank
from eval.metrics.statistics import paired_bootstrap, percentiles, standard_error


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


def test_an_equal_gain_in_each_query_is_certain() -> None:
    output = paired_bootstrap([0.1] * 20, [0.3] * 20)
    assert output.n == 20
    assert (output.difference, output.low, output.high) == pytest.approx((0.2, 0.2, 0.2))
    assert output.p == pytest.approx(1 / 10_001)


def test_no_difference_has_p_1() -> None:
    output = paired_bootstrap([0.0, 1.0, 0.5], [0.0, 1.0, 0.5])
    assert output.difference == 0
    assert output.low == 0
    assert output.high == 0
    assert output.p == 1


def test_interval_and_p_agree_with_the_normal_distribution_for_many_pairs() -> None:
    output = paired_bootstrap([0.0] * 400, [1.1, -0.9] * 200)
    assert (output.low, output.high) == pytest.approx((0.002, 0.198), abs=0.01)
    assert output.p == pytest.approx(0.0455, abs=0.01)


def test_the_bootstrap_resamples_pairs() -> None:
    before = [query / 100 for query in range(100)]
    assert paired_bootstrap(before, [value + 0.001 for value in before]).p < 0.001


def test_the_p_value_is_two_sided() -> None:
    up = paired_bootstrap([0.0, 0.0, 1.0], [1.0, 1.0, 0.5])
    down = paired_bootstrap([1.0, 1.0, 0.5], [0.0, 0.0, 1.0])
    assert (up.p, up.difference, up.low) == pytest.approx((down.p, -down.difference, -down.high))


def test_the_bootstrap_is_reproducible() -> None:
    before = [0.0, 1.0, 0.5, 0.2]
    after = [1.0, 0.0, 0.7, 0.9]
    assert paired_bootstrap(before, after) == paired_bootstrap(before, after)


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


@pytest.mark.parametrize(
    ("answer", "true", "value"),
    [
        ("1992年", ("1991年", "1992年"), 1),
        ("１９９２ 年", ("1992年",), 1),
        ("1992年6月", ("1992年",), 0),
        ("", ("1992年",), 0),
        ("1992年", (), 0),
    ],
)
def test_an_exact_match_equals_a_true_answer(answer: str, true: tuple[str, ...], value: float) -> None:
    assert exact_match(answer, true) == value


@pytest.mark.parametrize(
    ("answer", "true", "value"),
    [
        ("日本共産党", ("日本共産党",), 1),
        ("共産党", ("日本共産党",), 2 * 3 / 8),
        ("共産党", ("社会党", "日本共産党"), 2 * 3 / 8),
        ("ああ", ("あ",), 2 / 3),
        ("ＡＢ ", ("ab",), 0),
        ("港", ("山",), 0),
        ("", ("山",), 0),
        ("山", (), 0),
    ],
)
def test_character_f1_uses_the_most_similar_true_answer(answer: str, true: tuple[str, ...], value: float) -> None:
    assert character_f1(answer, true) == pytest.approx(value)


@pytest.mark.parametrize(
    ("answer", "true", "value"),
    [
        ("渡し船は 1923 年に始まった。", ("１９２３年",), 1),
        ("渡し船は1923年に始まった。", ("1924年", "渡し船"), 1),
        ("渡し船は1923年に始まった。", ("1924年",), 0),
        ("渡し船", ("",), 0),
        ("", ("渡し船",), 0),
        ("渡" * 120, ("渡",), 1),
        ("渡" * 121, ("渡",), 0),
    ],
)
def test_a_short_answer_contains_a_true_one(answer: str, true: tuple[str, ...], value: float) -> None:
    assert contained(answer, true) == value
