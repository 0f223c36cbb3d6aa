"""Comparison of two runs, its significance, and their figures."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.metrics.run_metrics import run_figures
from eval.metrics.statistics import compute_pass_rate, mcnemar
from eval.runs.run_comparison import compare_runs, comparison_json
from eval.scoring.run_record import Run, RunRow, save_run
from eval.scoring.score import score_answer
from tests.eval.examples import CITE, make_answer, make_case, make_row, make_run


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


def test_a_change_contains_question_answers_and_reasons_of_its_set() -> None:
    before = make_run(make_row("a", passed=True, of="first"), make_row("a", passed=False, of="second"))
    worse = make_row("a", passed=False, of="first", text="分かりません。")
    after = make_run(worse, make_row("a", passed=False, of="second"))
    (change,) = comparison_json(compare_runs(before, after))["worse"]
    assert (change["set"], change["id"], change["question"]) == ("first", "a", "目標は何人ですか?")
    assert change["before"]["answer"] == "目標値は1,500人です[1]。"
    assert change["after"] == {"status": "answered", "answer": "分かりません。", "reasons": ["「1,500人」のどれも無い"]}


@pytest.mark.parametrize(("gained", "lost", "p"), [(0, 0, 1), (1, 1, 1), (0, 1, 1), (0, 6, 2 / 64), (2, 8, 112 / 1024)])
def test_mcnemar_is_the_exact_binomial_test(gained: int, lost: int, p: float) -> None:
    assert mcnemar(gained, lost) == pytest.approx(p)


def tagged(row: RunRow, *tags: str) -> RunRow:
    """Return the row of a case with tags."""
    return replace(row, case=row.case.model_copy(update={"tags": tags}))


def test_gained_and_lost_cases_are_counted_by_kind_set_and_tag() -> None:
    before = make_run(
        make_row("won", passed=False, kind="list"),
        tagged(make_row("lost", passed=True), "x", "y"),
        make_row("gone", passed=True),
    )
    after = make_run(make_row("won", passed=True, kind="list"), tagged(make_row("lost", passed=False), "x", "y"))
    found = comparison_json(compare_runs(before, after))
    assert found["moved"] == {"n": 2, "before": 1, "after": 1, "gained": 1, "lost": 1, "p": 1.0}
    assert {name: (of["gained"], of["lost"]) for name, of in found["by_kind"].items()} == {
        "list": (1, 0),
        "table": (0, 1),
    }
    assert found["by_set"]["own"]["n"] == 2
    assert set(found["by_tag"]) == {"x", "y"}


def test_a_changed_metric_has_a_difference_with_interval() -> None:
    before, after = (make_run(*(make_row(str(n), passed=passed) for n in range(10))) for passed in (True, False))
    moved = comparison_json(compare_runs(before, after))["metrics"]["answered_right"]
    assert moved.pop("p") < 0.01
    assert moved == {"before": 1, "after": 0, "difference": -1, "n": 10, "low": -1, "high": -1}


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """Return a folder with a run, and one that lost a case of priority 1 and one of priority 3."""

    def run(*, passed: bool) -> Run:
        urgent = make_row("urgent", passed=passed)
        other = make_row("other", passed=passed)
        rows = (
            replace(urgent, case=urgent.case.model_copy(update={"priority": 1})),
            replace(other, case=other.case.model_copy(update={"priority": 3})),
            make_row("same", passed=True),
        )
        return make_run(*rows)

    save_run(tmp_path / "before", run(passed=True))
    save_run(tmp_path / "after", run(passed=False))
    return tmp_path


def test_the_comparison_exits_with_1_below_the_gate(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gate = saved / "gate.toml"
    gate.write_text("may_fall = 1.0\n[lost]\npriority_3 = 1\n", "utf-8")
    command = ["compare", str(saved / "before"), str(saved / "after"), "--gate", str(gate), "--json"]
    assert main(command) == 1
    (reason,) = json.loads(capsys.readouterr().out)["shortfalls"]
    assert reason.startswith("own: urgent: ")
    gate.write_text("may_fall = 1.0\n[lost]\npriority_3 = 1\npriority_1 = 1\n", "utf-8")
    assert main(command) == 0
    capsys.readouterr()
    assert main(command[:3]) == 0
    assert "McNemar" in capsys.readouterr().out


def test_cases_are_counted_overall_and_by_kind() -> None:
    rows = [make_row("a", passed=True), make_row("b", passed=False), make_row("c", passed=True, kind="list")]
    result = run_figures(rows)
    assert result["n"] == 3
    assert result["passed"] == 2
    assert result["rate"] == pytest.approx(2 / 3)
    assert result["by_kind"] == {"table": {"n": 2, "passed": 1}, "list": {"n": 1, "passed": 1}}
    assert result["by_behave"] == {"answer": {"n": 3, "passed": 2}}


@pytest.mark.parametrize(("verdicts", "se"), [([*range(100)], 0.04), ([*range(100), *range(100)], 0.04), ([], 0)])
def test_a_question_over_two_corpora_counts_once_for_the_standard_error(verdicts: list[int], se: float) -> None:
    assert compute_pass_rate((str(i), i < 80) for i in verdicts).se == pytest.approx(se)


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
