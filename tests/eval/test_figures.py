"""The figures of a run."""

import pytest

from eval.figures import figures
from eval.pass_rate import PassRate
from tests.eval.examples import make_row


def test_cases_are_counted_in_all_and_by_kind() -> None:
    """The sums are those of the rows."""
    rows = [make_row("a", passed=True), make_row("b", passed=False), make_row("c", passed=True, kind="list")]
    result = figures(rows)
    assert (result["n"], result["passed"]) == (3, 2)
    assert result["rate"] == pytest.approx(2 / 3)
    assert result["by_kind"] == {"table": {"n": 2, "passed": 1}, "list": {"n": 1, "passed": 1}}
    assert result["by_behave"] == {"answer": {"n": 3, "passed": 2}}


def test_the_standard_error_is_that_of_a_proportion() -> None:
    """80 of 100: sqrt(0.8 * 0.2 / 100)."""
    assert PassRate(80, 100).se == pytest.approx(0.04)


def test_without_cases_rate_and_error_are_nought() -> None:
    """No division by nothing."""
    assert (PassRate(0, 0).rate, PassRate(0, 0).se) == (0, 0)
