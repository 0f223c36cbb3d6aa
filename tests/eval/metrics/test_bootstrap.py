"""The paired bootstrap."""

import pytest

from eval.metrics.statistics import paired_bootstrap


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
