"""The gate and its baseline."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from eval.errors import RunFolderError
from eval.runs.release_gate import (
    GATE,
    GateRequirements,
    LostCases,
    ReleaseGate,
    find_shortfalls,
    load_baseline,
    load_gate,
    make_baseline,
    save_baseline,
)
from eval.scoring.run_record import Run, RunRow
from tests.eval.examples import make_row, make_run


def held_by(run: Run) -> ReleaseGate:
    """Return the gate that nothing of `run` is lost."""
    return ReleaseGate(GateRequirements(), make_baseline(run))


def test_a_run_meets_the_baseline_made_from_it() -> None:
    run = make_run(make_row("a", passed=True), make_row("b", passed=False))
    assert find_shortfalls(run, held_by(run)) == ()


def of_priority(row: RunRow, priority: Literal[1, 2, 3]) -> RunRow:
    """Return the row of a case of that priority."""
    return replace(row, case=row.case.model_copy(update={"priority": priority}))


def test_a_lost_case_of_priority_1_is_reported_even_at_the_same_rate() -> None:
    before = make_run(of_priority(make_row("a", passed=True), 1), make_row("b", passed=False))
    after = make_run(of_priority(make_row("a", passed=False), 1), make_row("b", passed=True))
    (reason,) = find_shortfalls(after, held_by(before))
    assert reason.startswith("own: a: 基準では合格、今回は不合格")
    assert "1,500人" in reason


def test_other_lost_cases_count_by_rate_unless_the_gate_limits_them() -> None:
    before = make_run(make_row("a", passed=True), make_row("b", passed=False))
    after = make_run(make_row("a", passed=False), make_row("b", passed=True))
    assert find_shortfalls(after, held_by(before)) == ()
    counted = ReleaseGate(GateRequirements(lost=LostCases(priority_2=0)), make_baseline(before))
    assert [reason.partition(":")[2][:3] for reason in find_shortfalls(after, counted)] == [" a:"]


def test_a_rate_may_fall_by_the_gate_s_number_of_standard_errors() -> None:
    def passing(n: int) -> Run:
        return make_run(*(make_row(f"c{i}", passed=i < n) for i in range(10)))

    baseline = make_baseline(passing(8))
    assert find_shortfalls(passing(6), ReleaseGate(GateRequirements(may_fall_se=2.0), baseline)) == ()
    assert find_shortfalls(passing(5), ReleaseGate(GateRequirements(may_fall_se=2.0), baseline))
    assert find_shortfalls(passing(7), ReleaseGate(GateRequirements(may_fall_se=0.5), baseline))
    assert find_shortfalls(passing(7), ReleaseGate(GateRequirements(), baseline))


def test_one_lost_case_of_few_is_within_the_error() -> None:
    def passing(n: int) -> Run:
        return make_run(*(make_row(f"c{i}", passed=i < n) for i in range(3)))

    gate = ReleaseGate(GateRequirements(may_fall_se=2.0), make_baseline(passing(3)))
    assert find_shortfalls(passing(2), gate) == ()
    assert find_shortfalls(passing(1), gate)


def test_a_case_that_was_not_run_is_reported() -> None:
    before = make_run(make_row("a", passed=True), make_row("b", passed=True))
    after = make_run(make_row("a", passed=True))
    assert find_shortfalls(after, held_by(before)) == ("own: b: 基準で合格した問いが実行されていません",)


def test_a_lower_rate_is_reported_overall_and_by_kind() -> None:
    before = make_run(make_row("a", passed=True), make_row("b", passed=True, kind="list"))
    after = make_run(*before.rows, make_row("c", passed=False, kind="list"))
    assert find_shortfalls(after, held_by(before)) == (
        "own: 全体: 合格 2/3 が基準 2/2 を下回りました",
        "own: list: 合格 1/2 が基準 1/1 を下回りました",
    )


def test_a_missing_kind_is_reported() -> None:
    before = make_run(make_row("a", passed=True), make_row("b", passed=False, kind="list"))
    after = make_run(make_row("a", passed=True))
    assert find_shortfalls(after, held_by(before)) == ("own: list: 問いが1つも実行されていません(基準 0/1)",)


def test_each_set_has_a_separate_baseline() -> None:
    before = make_run(make_row("a", passed=True, of="first"), make_row("a", passed=False, of="second"))
    after = make_run(make_row("a", passed=False, of="first"), make_row("a", passed=True, of="second"))
    assert {reason.partition(":")[0] for reason in find_shortfalls(after, held_by(before))} == {"first"}


def test_a_set_that_was_not_run_is_reported_unless_it_was_skipped() -> None:
    both = make_run(make_row("a", passed=True, of="first"), make_row("b", passed=True, of="second"))
    after = make_run(make_row("a", passed=True, of="first"))
    assert find_shortfalls(after, held_by(both)) == ("second: 評価されていません",)
    assert find_shortfalls(replace(after, config={"skipped": ["second"], "door": "process"}), held_by(both)) == ()


def test_a_better_run_passes() -> None:
    before = make_run(make_row("a", passed=True), make_row("b", passed=False))
    after = make_run(make_row("a", passed=True), make_row("b", passed=True))
    assert find_shortfalls(after, held_by(before)) == ()


def test_a_baseline_is_loaded_as_it_was_saved(tmp_path: Path) -> None:
    baseline = make_baseline(make_run(make_row("a", passed=True), make_row("b", passed=False, kind="list")))
    save_baseline(tmp_path / "baseline.json", baseline)
    assert load_baseline(tmp_path / "baseline.json") == baseline


@pytest.mark.parametrize(
    "content", [None, "{", '{"n": 3}', '{"sets": {"own": {"n": -1, "passed": 0, "by_kind": {}, "passing": []}}}']
)
def test_the_error_for_a_missing_baseline_says_how_to_create_one(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "baseline.json"
    if content is not None:
        file.write_text(content, "utf-8")
    with pytest.raises(RunFolderError, match=r"baseline\.json.*python -m eval accept"):
        load_baseline(file)


def wanted(tmp_path: Path, text: str) -> ReleaseGate:
    """Return the gate that a TOML file asks for."""
    file = tmp_path / "gate.toml"
    file.write_text(text, "utf-8")
    return load_gate(file)


def test_a_metric_outside_its_bounds_is_reported_overall_and_by_set(tmp_path: Path) -> None:
    run = make_run(make_row("a", passed=True, of="first"), make_row("b", passed=False, of="second"))
    gate = wanted(tmp_path, "[overall]\nrate = {at_least = 0.6}\n[sets.second]\nanswered_right = {at_least = 0.1}\n")
    assert find_shortfalls(run, gate) == (
        "全体: 合格(rate)が 0.500 で、0.6 に届きません",
        "second: 正答(answered_right)が 0.000 で、0.1 に届きません",
    )
    at_most = wanted(tmp_path, "[overall]\nwrongly_declined = {at_most = 0.0}\n[sets.first]\nrate = {at_least = 1.0}\n")
    assert find_shortfalls(run, at_most) == ()


def test_slower_answers_than_in_the_baseline_are_reported(tmp_path: Path) -> None:
    def timed(ms: float, work_ms: float) -> Run:
        row = make_row("a", passed=True)
        return make_run(replace(row, observations={"timing": {"ms": ms, "work_ms": work_ms}}))

    before = make_baseline(timed(40, 4))
    gate = ReleaseGate(wanted(tmp_path, "[times_baseline]\np50 = 1.5\n").requirements, before)
    assert find_shortfalls(timed(80, 8), gate) == ()
    (reason,) = find_shortfalls(timed(80, 4), gate)
    assert "2.00 倍" in reason


def test_a_newly_unsupported_statement_is_reported() -> None:
    def stating(*wrong: str) -> Run:
        row = make_row("a", passed=True)
        return make_run(replace(row, observations={"statements": [{"text": "文", "wrong": list(wrong)}]}))

    assert find_shortfalls(stating("「68%」は出典にありません"), held_by(stating())) == (
        "own: a: 出典に支えられない文がある(「68%」は出典にありません)",
    )
    assert find_shortfalls(stating("x"), held_by(stating("y"))) == ()


@pytest.mark.parametrize(
    ("text", "named"),
    [("[overall]\nspeed = {at_least = 1}", "speed"), ("[lost]\npriority_9 = 1", "priority_9"), ("x", "gate")],
)
def test_the_error_for_an_invalid_gate_says_what_is_wrong(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(RunFolderError, match=named):
        wanted(tmp_path, text)


def test_the_committed_gate_is_valid() -> None:
    assert load_gate(GATE).baseline
