"""Significance of differences between runs, against values computed by hand."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.metrics.statistics import mcnemar
from eval.runs.run_comparison import compare_runs, comparison_json
from eval.scoring.run_record import Run, RunRow, save_run
from tests.eval.examples import make_row, make_run


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
    before = make_run(*(make_row(str(n), passed=True) for n in range(10)))
    after = make_run(*(make_row(str(n), passed=False) for n in range(10)))
    moved = comparison_json(compare_runs(before, after))["metrics"]["answered_right"]
    assert moved["before"] == 1
    assert moved["after"] == 0
    assert moved["difference"] == -1
    assert moved["n"] == 10
    assert moved["low"] == -1
    assert moved["high"] == -1
    assert moved["p"] < 0.01


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


def test_the_comparison_exits_with_0_without_a_gate(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", str(saved / "before"), str(saved / "after")]) == 0
    assert "McNemar" in capsys.readouterr().out
