"""Comparison of two runs."""

from eval.runs.run_comparison import compare_runs, comparison_json
from tests.eval.examples import make_row, make_run


def test_cases_are_sorted_by_their_change() -> None:
    before = make_run(
        make_row("won", passed=False),
        make_row("lost", passed=True),
        make_row("said-anew", passed=True),
        make_row("same", passed=True),
        make_row("gone", passed=True),
    )
    after = make_run(
        make_row("won", passed=True),
        make_row("lost", passed=False),
        make_row("said-anew", passed=True, text="1,500人が目標です[1]。"),
        make_row("same", passed=True),
        make_row("new", passed=False),
    )
    result = comparison_json(compare_runs(before, after))
    assert [change["id"] for change in result["better"]] == ["won"]
    assert [change["id"] for change in result["worse"]] == ["lost"]
    assert [change["id"] for change in result["reworded"]] == ["said-anew"]
    assert result["added"] == ["new"]
    assert result["removed"] == ["gone"]
    assert result["rate"] == {"before": 0.8, "after": 0.6}


def test_a_question_of_two_sets_is_compared_within_each() -> None:
    before = make_run(make_row("a", passed=True, of="first"), make_row("a", passed=False, of="second"))
    after = make_run(make_row("a", passed=False, of="first"), make_row("a", passed=False, of="second"))
    (change,) = comparison_json(compare_runs(before, after))["worse"]
    assert change["set"] == "first"
    assert change["id"] == "a"


def test_a_change_contains_question_answers_and_reasons() -> None:
    before = make_run(make_row("a", passed=True))
    after = make_run(make_row("a", passed=False, text="分かりません。"))
    (change,) = comparison_json(compare_runs(before, after))["worse"]
    assert change["question"] == "目標は何人ですか?"
    assert change["before"]["answer"] == "目標値は1,500人です[1]。"
    assert change["after"] == {"status": "answered", "answer": "分かりません。", "reasons": ["「1,500人」のどれも無い"]}
