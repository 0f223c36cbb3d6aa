"""The fitting and judging halves of a set."""

from argparse import Namespace

import pytest

from eval.benchmarks.ranked import MeasuredQuery, half_for_id, ranked_measurement


@pytest.mark.parametrize(("query_id", "half"), [("1", "judge"), ("2", "fit"), ("市民-3", "judge")])
def test_the_half_of_a_question_depends_only_on_its_id(query_id: str, half: str) -> None:
    assert half_for_id(query_id) == half


def test_both_halves_are_about_equal() -> None:
    assert 450 < sum(half_for_id(str(number)) == "fit" for number in range(1000)) < 550


def test_each_half_has_separate_figures() -> None:
    rows = [MeasuredQuery("1", "?", {"hit@1": 1.0}), MeasuredQuery("2", "?", {"hit@1": 0.0})]
    halves = ranked_measurement(Namespace(half="all"), rows, {}).figures["halves"]
    assert {half: figures["hit@1"] for half, figures in halves.items()} == {"judge": 1.0, "fit": 0.0}
