"""The figures of a run."""

import pytest

from eval.metrics.run_metrics import run_figures
from eval.metrics.statistics import compute_pass_rate
from eval.scoring.run_record import RunRow
from eval.scoring.score import score_answer
from tests.eval.examples import CITE, make_answer, make_case, make_row


def test_cases_are_counted_overall_and_by_kind() -> None:
    rows = [make_row("a", passed=True), make_row("b", passed=False), make_row("c", passed=True, kind="list")]
    result = run_figures(rows)
    assert result["n"] == 3
    assert result["passed"] == 2
    assert result["rate"] == pytest.approx(2 / 3)
    assert result["by_kind"] == {"table": {"n": 2, "passed": 1}, "list": {"n": 1, "passed": 1}}
    assert result["by_behave"] == {"answer": {"n": 3, "passed": 2}}


def test_the_standard_error_is_that_of_a_proportion() -> None:
    assert compute_pass_rate((str(i), i < 80) for i in range(100)).se == pytest.approx(0.04)


def test_a_question_over_two_corpora_counts_once_for_the_standard_error() -> None:
    assert compute_pass_rate((str(i), i < 80) for i in [*range(100), *range(100)]).se == pytest.approx(0.04)


def test_without_cases_rate_and_error_are_zero() -> None:
    nothing = compute_pass_rate([])
    assert nothing.rate == 0
    assert nothing.se == 0


def test_each_set_has_figures_of_its_own() -> None:
    rows = [make_row("a", passed=True, of="first"), make_row("a", passed=False, of="second")]
    result = run_figures(rows)
    assert result["n"] == 2
    assert result["rate"] == 0.5
    assert {name: (of["n"], of["rate"]) for name, of in result["by_set"].items()} == {"first": (1, 1), "second": (1, 0)}
    assert result["by_set"]["second"]["by_kind"] == {"table": {"n": 1, "passed": 0}}


def rows_of(*answers: RunRow) -> dict[str, object]:
    """Return each rate of the rows with the number of rows that it is of."""
    result = run_figures(answers)
    return {name: (result[name], result[f"{name}_n"]) for name in result if f"{name}_n" in result}


def answered(
    case_id: str, *, status: str = "answered", due: bool = True, cite: str = CITE, force: bool = True
) -> RunRow:
    """Return the scored row of a question that is (not) to be answered, with an answer that cites `cite`."""
    case = make_case(id=case_id, cite=[CITE]) if due else make_case(id=case_id, behave="abstain")
    answer = make_answer(status=status, cite=cite)
    for citation in answer["citations"]:
        citation["in_force"] = force
    return RunRow(case, answer, score_answer(case, answer), "own")


def test_right_and_wrong_declining_are_counted_separately() -> None:
    rates = rows_of(
        answered("right"),
        answered("lost", status="no_answer"),
        answered("asked-back", status="clarify"),
        answered("declined", status="out_of_scope", due=False),
        answered("made-up", due=False),
    )
    assert rates["answered_right"] == (pytest.approx(1 / 3), 3)
    assert rates["wrongly_declined"] == (pytest.approx(1 / 3), 3)
    assert rates["declined_where_due"] == (0.5, 2)


def test_a_citation_of_an_accepted_section_is_right() -> None:
    rates = rows_of(answered("right"), answered("wrong", cite="other#節"), answered("none", status="no_answer"))
    assert rates["citations_right"] == (0.5, 2)


def test_an_answer_from_a_superseded_plan_counts_if_the_case_accepts_another() -> None:
    rates = rows_of(
        answered("old", cite="old-plan#期間", force=False),
        answered("asked-for", force=False),
        answered("elsewhere", cite="other#節"),
        answered("declined", status="no_answer"),
    )
    assert rates["from_superseded"] == (pytest.approx(1 / 3), 3)
